//! Several files as one tape. In: a folder. Out: the messages of its files: one file after the other by name, and snapshots
//! that are in files of their own at their time.

use std::cmp::Ordering;
use std::iter::Peekable;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::super::recorder;
use super::message::Message;
use super::{Bad, Error, Messages};
use crate::fs;

/// Folders of the host's files, of snapshots and of updates. It reads the first one that is there.
const SNAPSHOTS: [&str; 2] = ["order_books", "books"];
const UPDATES: [&str; 2] = ["depth", "depth_updates"];

/// What Binance calls its files of snapshots, as in `BTCUSDT_T_DEPTH_2022-11-01_depth_snap.csv`.
const BINANCE_SNAPSHOTS: &str = "_depth_snap";

/// Whether a file of the host's is one of updates, by the folder that it is in.
pub(super) fn are_updates(path: &Path) -> bool {
    let mut folders = path.ancestors().skip(1).filter_map(Path::file_name);
    folders.any(|name| UPDATES.iter().any(|updates| name == *updates))
}

/// The messages of all files of a folder, and the files.
///
/// # Errors
/// It cannot be read, or has no files of order books.
pub(super) fn messages(dir: &Path) -> Result<(Messages, Vec<PathBuf>), Error> {
    let of_host = |names: [&str; 2]| {
        let folder = names.into_iter().find(|name| {
            fs::is_there(&dir.join(name)) || dir.file_name().is_some_and(|dir| dir == *name)
        });
        folder.map_or(Ok(Vec::new()), |name| recorder::files(dir, name))
    };
    let (snapshots, updates) = (of_host(SNAPSHOTS)?, of_host(UPDATES)?);
    let (snapshots, updates, are_hosts) = if snapshots.is_empty() && updates.is_empty() {
        let (snapshots, others) = plain_files(dir)?;
        (snapshots, others, false)
    } else {
        (snapshots, updates, true)
    };
    if snapshots.is_empty() && updates.is_empty() {
        return Err(Error::NoOrderBook { path: dir.to_owned(), left_out: 0 });
    }
    let files = [&snapshots[..], &updates].concat();
    let messages = Merged {
        snapshots: chained(snapshots, false).peekable(),
        updates: chained(updates, are_hosts).peekable(),
    };
    Ok((Box::new(messages), files))
}

/// The files in a folder: Binance's snapshots, and all others.
fn plain_files(dir: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>), Error> {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let files = recorder::plain_files(dir)?;
    let is_snapshots =
        |path: &PathBuf| name(path).is_some_and(|name| name.contains(BINANCE_SNAPSHOTS));
    Ok(files.into_iter().partition(is_snapshots))
}

/// One file after the other.
fn chained(files: Vec<PathBuf>, are_updates: bool) -> Messages {
    Box::new(files.into_iter().flat_map(move |file| -> Messages {
        let path: Rc<Path> = file.as_path().into();
        match super::messages(&file, are_updates, false) {
            Ok((messages, _)) => Box::new(messages.map(move |(line, message)| {
                let there =
                    message.map(|message| Message { path: Some(Rc::clone(&path)), ..message });
                (line, there.map_err(|bad| Bad { path: Some(path.to_path_buf()), ..bad }))
            })),
            Err(error) => Box::new(std::iter::once((0, Err(Bad::unopened(error))))),
        }
    }))
}

/// Two files at once, by time.
struct Merged {
    snapshots: Peekable<Messages>,
    updates: Peekable<Messages>,
}

impl Iterator for Merged {
    type Item = (u64, Result<Message, Bad>);

    fn next(&mut self) -> Option<Self::Item> {
        let order = match (self.snapshots.peek(), self.updates.peek()) {
            (Some((_, Ok(snapshot))), Some((_, Ok(update)))) => {
                snapshot.time_ms.cmp(&update.time_ms)
            }
            // A row that cannot be read comes first.
            (_, Some((_, Err(_)))) | (None, _) => Ordering::Greater,
            (Some(_), _) => Ordering::Less,
        };
        // A snapshot has the updates of its own time, or else their numbers say so.
        if order == Ordering::Greater { self.updates.next() } else { self.snapshots.next() }
    }
}

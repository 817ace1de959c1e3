//! Archives and folders of several files.

use super::*;

fn row(time_ms: i64) -> String {
    format!("39432.48,0.000263,{time_ms},true")
}

/// A zip archive, with and without compression.
fn zip(files: &[(&str, String)]) -> Vec<u8> {
    use ::zip::write::SimpleFileOptions;
    use ::zip::{CompressionMethod, ZipWriter};
    let mut archive = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (index, (name, text)) in files.iter().enumerate() {
        let methods = [CompressionMethod::Deflated, CompressionMethod::Stored];
        let options = SimpleFileOptions::default().compression_method(methods[index % 2]);
        archive.start_file(*name, options).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

const HEADER: &str = "price,qty,time,is_buyer_maker\n";

#[test]
fn files_of_an_archive_are_read_one_after_the_other_by_name() {
    // The first one does not end its last line.
    let files = [
        ("2024-01-02.csv", format!("{HEADER}{}\n", row(MS + 2_000))),
        ("2024-01-01.csv", format!("{HEADER}{}\n{}", row(MS), row(MS + 1))),
        ("__MACOSX/._2024-01-01.csv", "x".to_owned()),
        ("2024-01-03.csv", format!("{HEADER}{}", row(MS + 3_000))),
    ];
    let times = [MS, MS + 1, MS + 2_000, MS + 3_000];
    assert_eq!(read(&zip(&files)).unwrap(), times.map(|time_ms| Event::Trade(trade(time_ms))));
    let mut damaged = zip(&files);
    damaged[45] ^= 1;
    assert!(read(&damaged).unwrap_err().starts_with("cannot read `the tape`: "));
}

#[test]
fn an_archive_of_several_kinds_of_files_is_named() {
    let said = read(&zip(&[("a.csv", row(MS)), ("readme.txt", "x".to_owned())])).unwrap_err();
    assert_eq!(said, "`the tape` holds `a.csv`, `readme.txt`, which are not all of one kind");
    assert_eq!(read(&zip(&[])).unwrap_err(), "`the tape` holds no file");
}

#[test]
fn a_folder_of_tables_is_read_by_name_and_each_file_has_its_own_layout() {
    let dir = fs::scratch_dir().unwrap();
    // As Binance changed its unit.
    let files = [
        ("b.csv", format!("1,39432.48,0.000263,10.37,{}000,True\n", MS + 5)),
        ("a.csv", format!("1,39432.48,0.000263,10.37,{MS},True\n")),
        (".hidden", "x".to_owned()),
    ];
    for (name, text) in &files {
        fs::write_new(&dir.path().join(name), text.as_bytes()).unwrap();
    }
    let events: Result<Vec<_>, _> =
        Tape::open(dir.path(), &TapeOptions::default()).unwrap().collect();
    assert_eq!(events.unwrap(), [MS, MS + 5].map(|time_ms| Event::Trade(trade(time_ms))));
    fs::write_new(&dir.path().join("c"), b"not a tape\n").unwrap();
    let mut tape = Tape::open(dir.path(), &TapeOptions::default()).unwrap();
    let said = tape.find_map(Result::err).unwrap().to_string();
    assert!(
        said.starts_with(&format!("`{}` has no column `price`", dir.path().join("c").display())),
        "{said}"
    );
}

#[test]
fn a_pipe_may_bring_the_first_bytes_one_by_one() {
    /// One byte at a time.
    struct Slow<R>(R);
    impl<R: std::io::Read> std::io::Read for Slow<R> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let most = buffer.len().min(1);
            self.0.read(&mut buffer[..most])
        }
    }
    let text = format!("{HEADER}{}\n", row(MS));
    let (start, _) = unpack::peek(Slow(text.as_bytes())).unwrap();
    assert_eq!(start, text.as_bytes());
}

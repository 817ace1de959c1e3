//! The archive: `.tar.gz`, and `.zip` for Windows. It has neither times nor users, so that the same files give the same bytes.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use flate2::Compression;
use flate2::write::GzEncoder;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A file of the archive: its path below the archive's folder, with slashes.
pub struct Entry {
    pub path: String,
    pub bytes: Vec<u8>,
    pub is_program: bool,
}

pub fn extension(target: &str) -> &'static str {
    if target.contains("windows") { "zip" } else { "tar.gz" }
}

/// Writes all entries into a folder of this name.
pub fn write(path: &Path, folder: &str, entries: &[Entry]) -> anyhow::Result<()> {
    let file = File::create(path).with_context(|| path.display().to_string())?;
    if path.extension().is_some_and(|extension| extension == "zip") {
        return zip(file, folder, entries);
    }
    let mut archive = tar::Builder::new(GzEncoder::new(file, Compression::best()));
    for entry in entries {
        let mut header = tar::Header::new_gnu();
        header.set_size(entry.bytes.len() as u64);
        header.set_mode(if entry.is_program { 0o755 } else { 0o644 });
        archive.append_data(
            &mut header,
            format!("{folder}/{}", entry.path),
            entry.bytes.as_slice(),
        )?;
    }
    Ok(archive.into_inner()?.finish()?.sync_all()?)
}

fn zip(file: File, folder: &str, entries: &[Entry]) -> anyhow::Result<()> {
    let mut archive = ZipWriter::new(file);
    for entry in entries {
        let mode = if entry.is_program { 0o755 } else { 0o644 };
        let options = SimpleFileOptions::default()
            .last_modified_time(zip::DateTime::default())
            .unix_permissions(mode);
        archive.start_file(format!("{folder}/{}", entry.path), options)?;
        archive.write_all(&entry.bytes)?;
    }
    Ok(archive.finish()?.sync_all()?)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Read as _;

    use super::*;

    fn entries() -> [Entry; 2] {
        let entry =
            |path: &str, is_program| Entry { path: path.into(), bytes: b"text".into(), is_program };
        [entry("cargo-tesser", true), entry("man/cargo-tesser.1", false)]
    }

    #[test]
    fn the_same_files_give_the_same_bytes_and_the_program_can_be_run() {
        let dir = std::env::temp_dir().join(format!("xtask-archive-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let (one, two) = (dir.join("one.tar.gz"), dir.join("two.tar.gz"));
        for path in [&one, &two] {
            write(path, "tool-1.0", &entries()).unwrap();
        }
        assert_eq!(fs::read(&one).unwrap(), fs::read(&two).unwrap());
        let mut archive =
            tar::Archive::new(flate2::read::GzDecoder::new(File::open(&one).unwrap()));
        let modes: Vec<_> = archive
            .entries()
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                (entry.path().unwrap().display().to_string(), entry.header().mode().unwrap())
            })
            .collect();
        let expected = [
            ("tool-1.0/cargo-tesser".into(), 0o755),
            ("tool-1.0/man/cargo-tesser.1".into(), 0o644),
        ];
        assert_eq!(modes, expected);
        let file = dir.join("tool.zip");
        write(&file, "tool-1.0", &entries()).unwrap();
        let mut zip = zip::ZipArchive::new(File::open(file).unwrap()).unwrap();
        let mut text = String::new();
        zip.by_name("tool-1.0/cargo-tesser").unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "text");
        fs::remove_dir_all(dir).unwrap();
    }
}

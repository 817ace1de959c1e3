//! Patterns of file names, such as `2024-*.csv`. In: a folder and a pattern. Out: the paths that match.

use std::path::{Path, PathBuf};

use glob::{Pattern, PatternError};

/// Whether a name has characters that a pattern gives a meaning to.
pub fn is_pattern(name: &str) -> bool {
    name.contains(['*', '?', '['])
}

/// The paths that match a pattern below a folder, sorted. What may not be read does not match.
///
/// # Errors
/// It is not a pattern.
pub fn matching(dir: &Path, pattern: &str) -> Result<Vec<PathBuf>, PatternError> {
    let below = |path: PathBuf| match path.strip_prefix(dir) {
        Ok(below) => dir.join(below),
        Err(_) => dir.join(path),
    };
    let whole = Path::new(&Pattern::escape(&dir.to_string_lossy())).join(pattern);
    let mut found: Vec<_> = glob::glob(&whole.to_string_lossy())?.flatten().map(below).collect();
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_finds_files_below_a_folder_whatever_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("[a]*");
        std::fs::create_dir_all(dir.join("deep")).unwrap();
        for name in ["10.csv", "2.csv", "other.txt", "deep/3.csv"] {
            std::fs::write(dir.join(name), "").unwrap();
        }
        let found = |pattern: &str| matching(&dir, pattern).unwrap();
        assert_eq!(found("*.csv"), ["10.csv", "2.csv"].map(|name| dir.join(name)));
        assert_eq!(found("**/*.csv"), ["10.csv", "2.csv", "deep/3.csv"].map(|name| dir.join(name)));
        assert!(found("*.parquet").is_empty());
        matching(&dir, "[").unwrap_err();
    }
}

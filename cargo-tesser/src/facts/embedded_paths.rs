//! Paths of the build machine in a file's data.

use std::sync::LazyLock;

use memchr::memmem::Finder;

/// Maximum number of paths to report; one is enough to act on.
const MOST: usize = 3;
/// Prefixes of paths of users' folders. A build maps such paths to `/workspace`, `/deps/<name>`, ...
/// Created once: a file can have millions of segments to search.
static ROOTS: LazyLock<[Finder<'static>; 4]> = LazyLock::new(|| {
    let [home, users, root] = ["home", "Users", "root"].map(|folder| format!("/{folder}/"));
    [home, users, root, ":\\Users\\".into()].map(|start| Finder::new(&start).into_owned())
});

/// Adds the paths in `data` that are not in `paths` yet.
pub(super) fn find(data: &[u8], paths: &mut Vec<String>) {
    for root in &*ROOTS {
        for start in root.find_iter(data) {
            if paths.len() == MOST {
                return;
            }
            let Some(path) = path_at(data, start, root.needle().len()) else { continue };
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
    }
}

/// Returns the path that starts here: a root, a name, a separator and more. Texts in data have no terminators, so the
/// reported path ends with the name of the user.
fn path_at(data: &[u8], start: usize, root: usize) -> Option<String> {
    /// Maximum length of a user's name.
    const LONGEST: usize = 40;
    let named = |byte: &u8| byte.is_ascii_alphanumeric() || b"._- ".contains(byte);
    let name = data.get(start + root..)?;
    let length = name.iter().take(LONGEST).take_while(|byte| named(byte)).count();
    let separator = name.get(length)?;
    if length == 0 || !matches!(separator, b'/' | b'\\') {
        return None;
    }
    // A drive letter comes before the colon.
    let start = if data[start] == b':' { start.checked_sub(1)? } else { start };
    let end = data.len() - name.len() + length;
    Some(String::from_utf8_lossy(&data[start..=end]).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(data: &[u8]) -> Vec<String> {
        let mut paths = Vec::new();
        find(data, &mut paths);
        paths
    }

    #[test]
    fn paths_of_people_are_found_and_mapped_ones_are_not() {
        assert_eq!(found(b"invalid/home/ann/desk/src/lib.rs"), ["/home/ann/"]);
        assert_eq!(found(b"\0C:\\Users\\Ann Lee\\desk"), ["C:\\Users\\Ann Lee\\"]);
        assert_eq!(found(b"/Users/ann/x/Users/ann/y"), ["/Users/ann/"]);
        assert!(
            found(b"/cargo/registry /workspace/src /deps/serde /rustc/1.90 /target").is_empty()
        );
        assert!(found(b"/home/").is_empty());
        assert!(found(b"see /home/ for more").is_empty());
    }
}

//! How all modules call git.

use crate::process::Cmd;

/// Variables that make git work on another repository than the one given; git sets them in its hooks.
pub const REPOSITORY: [&str; 8] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
];

/// Returns a git command without these variables.
pub fn git() -> Cmd {
    REPOSITORY.iter().fold(Cmd::new("git"), Cmd::env_remove)
}

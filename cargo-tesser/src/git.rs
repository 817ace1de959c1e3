//! git, as all that ask it call it.

use crate::process::Cmd;

/// Variables with which git would work on another repository than it is told to; they are set in git's own hooks.
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

/// git with no repository of its own yet.
pub fn git() -> Cmd {
    REPOSITORY.iter().fold(Cmd::new("git"), Cmd::env_remove)
}

//! WASI calls -> explanations for users who do not know that their code makes them.

/// Returns what a preview1 function provides, which Rust code calls it, and what to use instead.
pub(super) fn describe(import: &str) -> (&'static str, &'static str) {
    match import {
        "random_get" => (
            "random numbers",
            "`HashMap` and `HashSet` (use `BTreeMap`, `BTreeSet`), `Uuid::new_v4` or `rand` (derive ids from the signal's id)",
        ),
        "clock_time_get" | "clock_res_get" => (
            "the clock",
            "`Instant::now` or `SystemTime::now` (use the `timestamp_ms` of ticks and fills)",
        ),
        "poll_oneoff" => (
            "waiting",
            "`std::thread::sleep` (it would stop the host's trading loop; count calls of `on_timer` instead)",
        ),
        name if name.starts_with("sock_") => ("the network", "`std::net` or a crate built on it"),
        name if name.starts_with("path_") || name.starts_with("fd_") => {
            ("files", "`std::fs` (get settings from `ctx.params`, keep state in `snapshot`)")
        }
        _ => ("the operating system", "a crate that calls it directly"),
    }
}

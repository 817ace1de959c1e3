//! A sweep that is killed, stopped, or has no space left: what is there is whole, and it goes on from there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{WORDS, folder, sweep, tables};
use crate::support::{Sandbox, names, tool};

/// Parts in a folder.
fn parts(dir: &Path) -> usize {
    let entries = fs::read_dir(dir.join("parts")).into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_name().to_string_lossy().starts_with('0')).count()
}

/// Runs the sweep until there are so many parts, and sends it a signal. Returns its exit code.
pub(super) fn stop(sandbox: &Sandbox, at: usize, signal: &str) -> Option<i32> {
    let out = sandbox.path("out");
    let mut child = tool()
        .arg("tesser")
        .args(WORDS)
        .args(["--out", "out", "--jobs", "2"])
        .current_dir(sandbox.path(""))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while parts(&out) < at && child.try_wait().unwrap().is_none() {
        assert!(start.elapsed() < Duration::from_secs(60), "no part was made");
        std::thread::sleep(Duration::from_millis(1));
    }
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(sent.unwrap().success(), "the sweep was over too soon");
    child.wait().unwrap().code()
}

#[test]
fn a_sweep_that_is_killed_again_and_again_goes_on_from_its_whole_parts() {
    let sandbox = folder();
    sweep(&sandbox, &["--out", "one"], 0);
    let out = sandbox.path("out");
    for at in [3, 20, 45, 70] {
        let before = parts(&out);
        assert_eq!(stop(&sandbox, at, "-KILL"), None);
        let there = parts(&out);
        assert!(there >= at && there < 80, "{there} parts");
        let status = sandbox.tesser("", &["sweep", "status", "out"]).expect(1).stdout;
        assert!(status.contains(&format!("; {there} are there\n")), "{status}");
        assert!(!status.contains("damaged") && there >= before, "{status}");
    }
    let there = parts(&out);
    let rest = sweep(&sandbox, &["--out", "out"], 0);
    assert!(rest.stderr.contains(&format!("Fresh {there} of 80 parts")), "{}", rest.stderr);
    assert!(tables(&out) == tables(&sandbox.path("one")));
    assert_eq!(names(&out).len(), 4, "the parts are put together");
}

#[test]
fn ctrl_c_ends_a_sweep_between_two_runs_and_leaves_only_whole_parts() {
    let sandbox = folder();
    assert_eq!(stop(&sandbox, 5, "-INT"), Some(130));
    let left = names(&sandbox.path("out/parts"));
    assert!(left.iter().all(|name| name.starts_with('0') || name == "sweep.json"), "{left:?}");
    assert_eq!(names(&sandbox.path("out")), ["parts"]);
    let status = sandbox.tesser("", &["sweep", "status", "out"]).expect(1).stdout;
    assert!(!status.contains("damaged"), "{status}");
    sweep(&sandbox, &["--out", "out"], 0);
}

/// A file system of its own, gone with the value.
struct Disk(PathBuf);

impl Disk {
    /// `None` where only root may mount, which is said.
    fn mount(at: PathBuf, size: &str) -> Option<Self> {
        fs::create_dir_all(&at).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "none"]).arg(&at);
        if mount.output().is_ok_and(|output| output.status.success()) {
            return Some(Self(at));
        }
        eprintln!("SKIPPED: mounting a small disk needs root");
        None
    }

    fn resize(&self, size: &str) {
        let options = format!("remount,size={size}");
        let status = Command::new("mount").args(["-o", &options]).arg(&self.0).status().unwrap();
        assert!(status.success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_ends_a_sweep_with_its_parts_and_one_with_space_goes_on() {
    let sandbox = folder();
    sweep(&sandbox, &["--out", "one"], 0);
    let Some(disk) = Disk::mount(sandbox.path("out"), "1m") else { return };
    let full = sweep(&sandbox, &["--out", "out"], 101);
    let error = full.error();
    assert!(error.starts_with("error: cannot "), "{error}");
    assert!(error.contains("No space left on device"), "{error}");
    assert!(error.ends_with("hint: free some space on that disk"), "{error}");
    let left = names(&sandbox.path("out/parts"));
    assert!(left.len() > 5 && left.iter().all(|name| !name.starts_with('.')), "{left:?}");
    let status = sandbox.tesser("", &["sweep", "status", "out"]).expect(1).stdout;
    assert!(!status.contains("damaged"), "{status}");
    disk.resize("20m");
    sweep(&sandbox, &["--out", "out", "--shard", "1/1"], 0);
    // The tables have no room, and nothing is lost by that.
    let _ = fs::write(sandbox.path("out/fill"), vec![1; 20 << 20]);
    let merged = sandbox.tesser("", &["sweep", "merge", "out"]).expect(101);
    let error = merged.error();
    assert!(error.ends_with("hint: free some space on that disk"), "{error}");
    assert_eq!(names(&sandbox.path("out")), ["fill", "parts"]);
    fs::remove_file(sandbox.path("out/fill")).unwrap();
    sandbox.tesser("", &["sweep", "merge", "out"]).expect(0);
    assert!(tables(&sandbox.path("out")) == tables(&sandbox.path("one")));
}

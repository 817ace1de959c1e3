//! Installing: a reader sees the old plugin or the new one, whatever happens to the disk.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::{installed, plugin, source};
use crate::support::{Sandbox, chase, names};

#[test]
fn a_reader_never_sees_a_part_during_a_thousand_installs() {
    let sandbox = Sandbox::new();
    let place = sandbox.path("plugin.wasm");
    let first = std::fs::read(chase()).unwrap();
    let second = [&first[..], b"\0\x03\x01xy"].concat();
    cargo_tesser::fs::write_atomic(&place, &first).unwrap();
    let (done, reads) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                let bytes = std::fs::read(&place).unwrap();
                wasmparser::Validator::new().validate_all(&bytes).unwrap();
                assert!(bytes == first || bytes == second);
                reads.fetch_add(1, Ordering::SeqCst);
            }
        });
        let mut before = std::fs::metadata(&place).unwrap().modified().unwrap();
        // And until the reader has had its turns, on a machine that is busy with other things.
        let is_enough = || reads.load(Ordering::SeqCst) > 100 || reader.is_finished();
        for round in (0..).take_while(|round| *round < 1_000 || !is_enough()) {
            let bytes = if round % 2 == 0 { &second } else { &first };
            cargo_tesser::fs::write_atomic(&place, bytes).unwrap();
            let now = std::fs::metadata(&place).unwrap().modified().unwrap();
            assert!(now > before, "the host would not reload it");
            before = now;
        }
        done.store(true, Ordering::SeqCst);
    });
    assert!(reads.into_inner() > 100);
    assert_eq!(names(&sandbox.path("")), ["plugin.wasm"]);
}

/// A file system of its own, gone with the value.
#[cfg(target_os = "linux")]
struct Disk(PathBuf);

#[cfg(target_os = "linux")]
impl Disk {
    /// `None` where only root may mount, which is said.
    fn mount(at: PathBuf, size: &str) -> Option<Self> {
        std::fs::create_dir_all(&at).unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "none"])
            .arg(&at)
            .output();
        if mount.is_ok_and(|output| output.status.success()) {
            return Some(Self(at));
        }
        eprintln!("SKIPPED: mounting a small disk needs root");
        None
    }

    fn remount(&self, options: &str) {
        let options = format!("remount,{options}");
        let status = Command::new("mount").args(["-o", &options]).arg(&self.0).status().unwrap();
        assert!(status.success());
    }
}

#[cfg(target_os = "linux")]
impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_full_or_read_only_keeps_the_old_plugin() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-disk", &source(""));
    let Some(disk) = Disk::mount(sandbox.path("it-disk/out"), "400k") else { return };
    let place = disk.0.join("it_disk.wasm");
    std::fs::write(&place, "old").unwrap();
    std::fs::write(disk.0.join("fill"), vec![1; 390 << 10]).unwrap();
    let words = ["build", "--no-opt", "--out-dir", "out"];
    let run = sandbox.tesser("it-disk", &words).expect(101);
    let error = run.error();
    assert!(error.starts_with("error: cannot write `[DIR]/it-disk/out/.tesser-"), "{error}");
    assert!(error.contains("No space left on device"), "{error}");
    assert!(error.contains("hint: free some space on that disk"), "{error}");
    assert_eq!(std::fs::read(&place).unwrap(), b"old");
    assert_eq!(names(&disk.0), ["fill", "it_disk.wasm"]);

    disk.remount("ro");
    let run = sandbox.tesser("it-disk", &words).expect(101);
    let error = run.error();
    assert!(error.starts_with("error: cannot create a file in `out`"), "{error}");
    assert!(error.contains("Read-only file system"), "{error}");
    assert!(error.contains("hint: check its owner and whether you may write there"), "{error}");
    assert_eq!(std::fs::read(&place).unwrap(), b"old");

    // With room again, and through a link from another disk.
    disk.remount("rw,size=4m");
    let link = sandbox.path("it-disk/linked/it_disk.wasm");
    std::fs::create_dir_all(link.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(&place, &link).unwrap();
    sandbox.tesser("it-disk", &["build", "--no-opt", "--out-dir", "linked"]).expect(0);
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    let built = std::fs::read(installed("debug", "it_disk.wasm")).unwrap();
    assert!(std::fs::read(&place).unwrap() == built);
    assert_eq!(names(&disk.0), ["fill", "it_disk.wasm"]);
}

/// wasm-opt does not look at whether its output was written.
#[cfg(target_os = "linux")]
#[test]
fn a_full_folder_for_temporary_files_is_named() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-cramped", &source(""));
    let run = sandbox.tesser("it-cramped", &["build", "--message-format", "json"]).expect(0);
    let line: serde_json::Value = serde_json::from_str(run.stdout.lines().last().unwrap()).unwrap();
    let module = line["core_size"].as_u64().unwrap().div_ceil(4096) * 4;
    let Some(disk) = Disk::mount(sandbox.path("tmp"), "4m") else { return };
    let vars = [("TMPDIR", disk.0.to_str().unwrap())];
    // Room for nothing, for a part of what goes in, for that and nothing or a part of what comes out.
    for room in [0, 8, module, module + 4, module + 32] {
        disk.remount(&format!("size={}k", room + 4));
        std::fs::write(disk.0.join("fill"), "").unwrap();
        std::fs::remove_file(installed("debug", "it_cramped.wasm")).ok();
        let run = sandbox.tesser_with("it-cramped", &["build"], &vars).expect(101);
        assert!(run.error().contains("`[DIR]/tmp"), "{room}: {}", run.stderr);
        assert!(run.error().contains("hint: free some space"), "{room}: {}", run.stderr);
        assert!(!installed("debug", "it_cramped.wasm").exists());
    }
    disk.remount("size=8m");
    sandbox.tesser_with("it-cramped", &["build"], &vars).expect(0);
}

#[test]
fn of_several_plugins_all_are_installed_or_none() {
    let sandbox = Sandbox::new();
    let members = ["it-all-a", "it-all-b", "it-all-c"];
    sandbox.write("Cargo.toml", format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n"));
    for member in members {
        plugin(&sandbox, member, &source(""));
    }
    let build = |words: &[&str]| sandbox.tesser("", &[&["build", "--no-opt"], words].concat());
    sandbox.write("out/it_all_b.wasm/mine", "");
    let run = build(&["--out-dir", "out"]).expect(101);
    assert!(run.error().starts_with("error: cannot write `out/it_all_b.wasm`"), "{}", run.stderr);
    assert_eq!(names(&sandbox.path("out")), ["it_all_b.wasm"]);
    // Nor those that would take the place of others, of which none is dropped.
    sandbox.write("out/it_all_a.wasm", "old");
    build(&["--out-dir", "out", "--keep", "1"]).expect(101);
    assert_eq!(names(&sandbox.path("out")), ["it_all_a.wasm", "it_all_b.wasm"]);
    assert_eq!(std::fs::read(sandbox.path("out/it_all_a.wasm")).unwrap(), b"old");
    std::fs::remove_dir_all(sandbox.path("out/it_all_b.wasm")).unwrap();
    build(&["--out-dir", "out"]).expect(0);
    assert_eq!(names(&sandbox.path("out")), ["it_all_a.wasm", "it_all_b.wasm", "it_all_c.wasm"]);
}

#[test]
fn a_folder_in_the_plugins_place_is_named_and_stays() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-occupied", &source(""));
    sandbox.write("it-occupied/out/it_occupied.wasm/file", "mine");
    let words = ["build", "--no-opt", "--out-dir", "out"];
    let run = sandbox.tesser("it-occupied", &words).expect(101);
    assert!(
        run.error().starts_with("error: cannot write `out/it_occupied.wasm`"),
        "{}",
        run.stderr
    );
    assert!(run.error().contains("hint: a folder is where the file is needed"), "{}", run.stderr);
    assert!(Path::new(&sandbox.path("it-occupied/out/it_occupied.wasm/file")).exists());
}

#[test]
fn an_end_at_any_step_leaves_the_old_plugin_or_the_new_one() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-failpoint", &source(""));
    let words = ["build", "--no-opt", "--out-dir", "out"];
    let place = sandbox.path("it-failpoint/out/it_failpoint.wasm");
    sandbox.tesser("it-failpoint", &words).expect(0);
    let new = std::fs::read(&place).unwrap();
    for (step, replaced) in [
        ("staged", false),
        ("written", false),
        ("dated", false),
        ("flushed", false),
        ("replaced", true),
    ] {
        for old in [Some(&b"old"[..]), None] {
            let _ = std::fs::remove_file(&place);
            if let Some(old) = old {
                std::fs::write(&place, old).unwrap();
            }
            let failpoint = format!("{step} out/it_failpoint.wasm");
            let vars = [("TESSER_FAILPOINT", failpoint.as_str())];
            let run = sandbox.tesser_with("it-failpoint", &words, &vars);
            assert_eq!(run.code, None, "{step}: it ends by a signal");
            let expected = if replaced { Some(new.as_slice()) } else { old };
            assert!(std::fs::read(&place).ok().as_deref() == expected, "{step}, {old:?}");
            // What is left beside it has no name that a host loads.
            let mut left = names(place.parent().unwrap());
            left.retain(|name| !name.starts_with(".tesser-"));
            let plugins = if expected.is_some() { vec!["it_failpoint.wasm"] } else { vec![] };
            assert_eq!(left, plugins, "{step}, {old:?}");
            sandbox.tesser("it-failpoint", &words).expect(0);
            assert!(std::fs::read(&place).unwrap() == new, "{step}, {old:?}: the next build");
        }
    }
}

#[test]
#[ignore = "takes a minute"]
fn twenty_builds_at_once_all_succeed() {
    let sandbox = Sandbox::new();
    let crates = ["it-crowd-a", "it-crowd-b", "it-crowd-c", "it-crowd-d"];
    for name in crates {
        plugin(&sandbox, name, &source(""));
    }
    std::thread::scope(|scope| {
        for index in 0..20 {
            let name = crates[index % crates.len()];
            let sandbox = &sandbox;
            scope.spawn(move || {
                sandbox.tesser(name, &["build", "--no-opt", "--out-dir", "../out"]).expect(0);
            });
        }
    });
    let files = crates.map(|name| format!("{}.wasm", name.replace('-', "_")));
    assert_eq!(names(&sandbox.path("out")), files);
    for file in files {
        let bytes = std::fs::read(sandbox.path("out").join(file)).unwrap();
        wasmparser::Validator::new().validate_all(&bytes).unwrap();
    }
}

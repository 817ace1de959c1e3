//! Where a crate can be, and what its repository is.

use snapbox::{assert_data_eq, str};

use crate::support::{Sandbox, names};

#[test]
fn spaces_and_quotes_are_no_matter_and_the_next_commands_can_be_pasted() {
    let sandbox = Sandbox::new();
    for (path, cd) in
        [("a b/it's", r"cd 'a b/it'\''s'"), ("-dash", "cd ./-dash"), ("q\"$(x)", "cd 'q\"$(x)'")]
    {
        let words = ["new", "--name", "mine", "--template", "blank", "--", path];
        let run = sandbox.tesser("", &words).expect(0);
        assert!(run.stderr.contains(&format!("\n  {cd}\n")), "{}", run.stderr);
        assert!(names(&sandbox.path(path)).contains(&"Cargo.toml".to_owned()));
    }
}

#[test]
fn the_folder_to_change_to_is_one_that_is_there() {
    let sandbox = Sandbox::new();
    let run = sandbox.tesser("", &["new", "no/../mine", "--template", "blank"]).expect(0);
    assert!(run.stderr.contains("\n  cd [DIR]/mine\n"), "{}", run.stderr);
    assert_eq!(names(&sandbox.path("")), ["mine"]);
}

#[test]
fn three_commands_come_next_in_the_folder_itself_too() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("here")).unwrap();
    let run = sandbox.tesser("here", &["new", ".", "--template", "blank"]).expect(0);
    assert_data_eq!(
        run.stderr,
        str![[r#"
     Created plugin `here` from template `blank`
       Using tesser-wasm at `[ROOT]/tesser-wasm` (of the checkout that this tool was built from)

Next:
  cargo test
  cargo tesser build --release
  cargo tesser validate target/tesser/release

"#]]
    );
}

#[cfg(unix)]
#[test]
fn a_path_in_which_cargo_cannot_work_is_refused_with_the_reason() {
    use std::os::unix::ffi::OsStrExt as _;
    let sandbox = Sandbox::new();
    let run = sandbox.tesser("", &["new", "a:b/mine"]).expect(2);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: no plugin can be built in `[DIR]/a:b/mine`: cargo cannot run tests in a path that contains the separator of `PATH`
hint: choose another path, for example one below your home folder

"#]]
    );
    let command = crate::support::scrubbed(env!("CARGO_BIN_EXE_cargo-tesser"))
        .args(["tesser", "new", "--name", "mine"])
        .arg(std::ffi::OsStr::from_bytes(b"n\xff"))
        .current_dir(sandbox.path(""));
    let run = sandbox.run(command).expect(2);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: no plugin can be built in `[DIR]/n/xFF`: cargo does not support a path that is not UTF-8
hint: choose another path, for example one below your home folder

"#]]
    );
    assert!(names(&sandbox.path("")).is_empty());
}

#[test]
fn a_name_in_another_script_is_refused_with_one_that_will_do() {
    let sandbox = Sandbox::new();
    let hint = |name| {
        let run = sandbox.tesser("", &["new", name]).expect(2);
        run.stderr.lines().last().unwrap().to_owned()
    };
    assert_eq!(hint("größe"), "hint: try `--name groesse`");
    assert_eq!(hint("取引"), "hint: try `--name my-plugin`");
    assert_eq!(hint("Desk Chase"), "hint: try `--name desk-chase`");
    assert!(names(&sandbox.path("")).is_empty());
}

/// `..` behind a link leads elsewhere than the text says.
#[cfg(unix)]
#[test]
fn a_path_through_a_link_leads_where_the_system_says() {
    let sandbox = Sandbox::new();
    std::fs::create_dir_all(sandbox.path("real/deep")).unwrap();
    std::os::unix::fs::symlink(sandbox.path("real/deep"), sandbox.path("link")).unwrap();
    sandbox.tesser("", &["new", "link/../mine", "--template", "blank"]).expect(0);
    assert!(sandbox.path("real/mine/Cargo.toml").is_file());
    assert_eq!(names(&sandbox.path("")), ["link", "real"]);
}

#[test]
fn a_repository_around_that_ignores_the_path_does_not_count() {
    let sandbox = Sandbox::new();
    let git = crate::support::scrubbed("git").args(["init", "--quiet"]);
    sandbox.run(git.current_dir(sandbox.path(""))).expect(0);
    sandbox.write(".gitignore", "/scratch\n");
    sandbox.tesser("", &["new", "scratch/mine", "--template", "blank"]).expect(0);
    assert!(sandbox.path("scratch/mine/.git").is_dir());
    sandbox.tesser("", &["new", "mine", "--template", "blank"]).expect(0);
    assert!(!sandbox.path("mine/.git").exists());
}

/// git sets such variables for its hooks; they would lead it to another repository.
#[test]
fn the_repository_is_made_in_the_crate_whatever_the_environment_says() {
    let sandbox = Sandbox::new();
    let other = sandbox.path("other");
    let vars = [("GIT_DIR", other.to_str().unwrap()), ("GIT_WORK_TREE", "/")];
    sandbox.tesser_with("", &["new", "mine", "--template", "blank"], &vars).expect(0);
    assert!(sandbox.path("mine/.git").is_dir());
    assert_eq!(names(&sandbox.path("")), ["mine"]);
}

#[test]
fn without_git_the_crate_is_made_and_a_note_says_so() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("bin")).unwrap();
    let path = sandbox.path("bin").display().to_string();
    let words = ["new", "mine", "--template", "blank"];
    let run = sandbox.tesser_with("", &words, &[("PATH", &path)]).expect(0);
    assert!(run.stderr.contains("note: no repository was created: "), "{}", run.stderr);
    assert!(sandbox.path("mine/Cargo.toml").is_file());
    let words = ["new", "other", "--template", "blank", "--vcs", "git"];
    sandbox.tesser_with("", &words, &[("PATH", &path)]).expect(101);
    assert!(!sandbox.path("other").exists());
}

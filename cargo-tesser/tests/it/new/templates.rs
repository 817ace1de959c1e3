//! Templates of the user's own: folders, repositories, names of their own.

use snapbox::{assert_data_eq, str};

use super::variables::{template, values};
use crate::support::{Sandbox, names, scrubbed, tool};

fn git(sandbox: &Sandbox, dir: &str, words: &[&str]) -> String {
    let identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"];
    let command = scrubbed("git").args(identity).args(words).current_dir(sandbox.path(dir));
    sandbox.run(command).expect(0).stdout.trim().to_owned()
}

/// A repository with the template in a folder: 1 at the tag `v1` and on a branch, 2 on the default branch.
fn repository(sandbox: &Sandbox) -> String {
    template(sandbox);
    std::fs::create_dir(sandbox.path("repo")).unwrap();
    std::fs::rename(sandbox.path("desk"), sandbox.path("repo/desk")).unwrap();
    git(sandbox, "repo", &["init", "--quiet", "-b", "main"]);
    // What git runs in a repository of the user's is not run in a copy of it.
    sandbox.write("repo/desk/values.txt.tera", "one");
    git(sandbox, "repo", &["add", "."]);
    git(sandbox, "repo", &["commit", "--quiet", "-m", "one"]);
    git(sandbox, "repo", &["tag", "v1"]);
    git(sandbox, "repo", &["branch", "old"]);
    let commit = git(sandbox, "repo", &["rev-parse", "HEAD"]);
    sandbox.write("repo/desk/values.txt.tera", "two");
    git(sandbox, "repo", &["commit", "--quiet", "-am", "two"]);
    commit
}

fn new(sandbox: &Sandbox, name: &str, template: &str, more: &[&str], code: i32) -> String {
    let words = ["new", name, "--template", template, "--set", "venue=lit", "--vcs", "none"];
    sandbox.tesser("", &[&words[..], more].concat()).expect(code).stderr
}

#[test]
fn a_repository_is_used_at_a_branch_a_tag_or_a_commit() {
    let sandbox = Sandbox::new();
    let commit = repository(&sandbox);
    let url = format!("git:{}", sandbox.path("repo").display());
    let cases = [("", "two"), ("#main", "two"), ("#v1", "one"), ("#old", "one")];
    for (at, (reference, expected)) in cases.into_iter().enumerate() {
        let name = format!("mine{at}");
        let said = new(&sandbox, &name, &format!("{url}{reference}"), &["--subfolder", "desk"], 0);
        assert!(said.contains("Fetched `"), "{said}");
        assert_eq!(values(&sandbox, &name), expected);
    }
    for (name, length) in [("whole", 40), ("short", 9)] {
        let url = format!("{url}#{}", &commit[..length]);
        let said = new(&sandbox, name, &url, &["--subfolder", "desk"], 0);
        assert!(said.contains(&format!("at commit {}", &commit[..12])), "{said}");
        assert_eq!(values(&sandbox, name), "one");
    }
    assert!(!sandbox.path("whole/.git").exists());
}

#[test]
fn what_cannot_be_fetched_is_an_error_with_what_git_said() {
    let sandbox = Sandbox::new();
    repository(&sandbox);
    let url = format!("git:{}", sandbox.path("repo").display());
    let desk = ["--subfolder", "desk"];
    let said = new(&sandbox, "mine", &format!("{url}#v2"), &desk, 101);
    assert!(said.contains("Remote branch v2 not found"), "{said}");
    assert!(said.contains("hint: check the URL, the branch, tag or commit after `#`"), "{said}");
    let said = new(&sandbox, "mine", "git:./nowhere", &[], 101);
    assert!(said.contains("does not exist"), "{said}");
    for (given, expected) in [
        ("git:", "the URL or the reference after `#` is empty"),
        ("git:x#", "the URL or the reference after `#` is empty"),
        (
            "git:x#--upload-pack=touch pwned",
            "the reference after `#` is not a branch, tag or commit",
        ),
    ] {
        let said = new(&sandbox, "mine", given, &[], 101);
        assert!(said.contains(expected), "{said}");
    }
    for given in ["git:--upload-pack=touch pwned", "git:ext::touch pwned"] {
        new(&sandbox, "mine", given, &[], 101);
    }
    assert_eq!(names(&sandbox.path("")), ["repo"]);
}

#[test]
fn a_subfolder_cannot_lead_out_and_a_missing_manifest_is_looked_for_below() {
    let sandbox = Sandbox::new();
    repository(&sandbox);
    let said = new(&sandbox, "mine", "./repo", &[], 101);
    assert_data_eq!(
        said,
        str![[r#"
error: `./repo` is not a template: it has no `tesser-template.toml`; its subfolders `desk` have one: choose with `--subfolder`
hint: see docs/templates.md of cargo-tesser for what a template needs

"#]]
    );
    for subfolder in ["..", "/", "desk/../.."] {
        let said = new(&sandbox, "mine", "./repo", &["--subfolder", subfolder], 101);
        assert!(said.contains("is outside of it"), "{said}");
    }
    let said = new(&sandbox, "mine", "./repo", &["--subfolder", "none"], 101);
    assert!(said.contains("is not a template: there is no folder `"), "{said}");
    let said = new(&sandbox, "mine", "chase", &["--subfolder", "x"], 101);
    assert!(said.contains("a built-in template has no subfolders"), "{said}");
    assert!(!sandbox.path("mine").exists());
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_in_a_template_is_refused_wherever_it_leads() {
    let sandbox = Sandbox::new();
    template(&sandbox);
    sandbox.write("secret", "mine alone");
    let link = sandbox.path("desk/src");
    for target in [sandbox.path("secret"), "values.txt.tera".into(), "/".into(), "none".into()] {
        std::os::unix::fs::symlink(target, &link).unwrap();
        let said = new(&sandbox, "mine", "./desk", &[], 101);
        assert!(said.contains("its file `src` is a symbolic link"), "{said}");
        std::fs::remove_file(&link).unwrap();
    }
    std::os::unix::fs::symlink(sandbox.path("desk"), sandbox.path("desk/sub")).unwrap();
    let said = new(&sandbox, "mine", "./desk", &["--subfolder", "sub"], 101);
    assert!(said.contains("its subfolder `sub` is a symbolic link"), "{said}");
    assert!(!sandbox.path("mine").exists());
}

/// git itself hands over such files; on a disk some cannot be made.
#[cfg(unix)]
#[test]
fn a_file_that_would_lie_outside_or_be_a_hook_is_refused() {
    let sandbox = Sandbox::new();
    for (file, expected) in [
        ("...tera", "its file `..` has a name that is not valid on every system"),
        ("a\\..\\b", "not valid on every system"),
        ("sub/.git/hooks/post-checkout", "git repository's own files"),
        (".GIT/config", "git repository's own files"),
    ] {
        template(&sandbox);
        sandbox.write(&format!("desk/{file}"), "x");
        let said = new(&sandbox, "mine", "./desk", &[], 101);
        assert!(said.contains(expected), "{file}: {said}");
        std::fs::remove_dir_all(sandbox.path("desk")).unwrap();
    }
    assert!(names(&sandbox.path("")).is_empty());
}

#[test]
fn nothing_is_run_and_a_manifest_that_asks_for_it_is_refused() {
    let sandbox = Sandbox::new();
    template(&sandbox);
    sandbox.edit("desk/tesser-template.toml", "[files.when]", "[hooks]\npre = \"x\"\n[files.when]");
    let said = new(&sandbox, "mine", "./desk", &[], 101);
    assert!(said.contains("its `tesser-template.toml`: there is no key `hooks`"), "{said}");
    assert!(!sandbox.path("mine").exists());
}

#[test]
fn a_template_that_does_not_render_to_a_crate_leaves_nothing() {
    let sandbox = Sandbox::new();
    for (file, text, expected) in [
        ("values.txt.tera", "{{ size }}", "the template's file `values.txt` cannot be rendered"),
        (
            "Cargo.toml.tera",
            "name = {{ name }}",
            "the template's file `Cargo.toml` cannot be rendered",
        ),
        ("Cargo.toml.tera", "[lib]", "it has no `package.name`"),
        ("values.txt.tera", "{% include \"/etc/hosts\" %}", "cannot be rendered"),
    ] {
        template(&sandbox);
        sandbox.write(&format!("desk/{file}"), text);
        let said = new(&sandbox, "mine", "./desk", &[], 101);
        assert!(said.contains(expected), "{text}: {said}");
    }
    assert_eq!(names(&sandbox.path("")), ["desk"]);
}

#[cfg(unix)]
#[test]
fn what_can_be_run_can_be_run_in_the_new_crate() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::new();
    template(&sandbox);
    let script = sandbox.write("desk/check", "#!/bin/sh\n");
    std::fs::set_permissions(script, std::fs::Permissions::from_mode(0o755)).unwrap();
    new(&sandbox, "mine", "./desk", &[], 0);
    let mode = |file| std::fs::metadata(sandbox.path(file)).unwrap().permissions().mode() & 0o777;
    assert_eq!([mode("mine/check") & 0o100, mode("mine/values.txt") & 0o111], [0o100, 0]);
}

/// The folder of the user's configuration can be chosen by a variable there.
#[cfg(target_os = "linux")]
#[test]
fn user_templates_are_listed_and_used_by_name() {
    let sandbox = Sandbox::new();
    repository(&sandbox);
    let url = sandbox.path("repo").display().to_string();
    sandbox.write(
        "config/cargo-tesser/templates.toml",
        format!(
            r#"[templates.desk]
path = "../../repo/desk"
description = "ours"

[templates.shared-desk]
git = "{url}"
ref = "v1"
subfolder = "desk"
"#
        ),
    );
    let config = sandbox.path("config").display().to_string();
    let vars = [("XDG_CONFIG_HOME", config.as_str())];
    let list = sandbox.tesser_with("", &["new", "--list"], &vars).expect(0).stdout;
    assert_data_eq!(
        list.lines().rev().take(3).collect::<Vec<_>>().join("\n"),
        str![[r#"
shared-desk     ([DIR]/repo#v1)
desk           ours ([DIR]/config/cargo-tesser/../../repo/desk)
blank          smallest plugin without the execution kit; counts its fills and survives a restart
"#]]
    );
    for (name, expected) in [("desk", "two"), ("shared-desk", "one")] {
        let words = ["new", name, "--template", name, "--set", "venue=lit"];
        sandbox.tesser_with("", &words, &vars).expect(0);
        assert_eq!(values(&sandbox, name), expected);
    }
    let run = sandbox.tesser_with("", &["new", "x", "--template", "dark"], &vars).expect(2);
    assert!(run.stderr.contains("blank, desk, shared-desk; a folder is"), "{}", run.stderr);
    sandbox.write("config/cargo-tesser/templates.toml", "[templates.chase]\npath = \"x\"\n");
    let run = sandbox.tesser_with("", &["new", "--list"], &vars).expect(101);
    assert!(run.stderr.contains("`chase` is a built-in name"), "{}", run.stderr);
    // What is built in does not depend on it.
    sandbox.tesser_with("", &["new", "mine", "--template", "blank"], &vars).expect(0);
}

#[test]
fn a_secret_in_a_url_is_not_shown() {
    let sandbox = Sandbox::new();
    let url = "https://me:hunter2@localhost:1/templates.git#v1";
    let said = new(&sandbox, "mine", url, &["-v"], 101);
    assert!(!said.contains("hunter2"), "{said}");
    assert!(said.contains("https://***@localhost:1/templates.git"), "{said}");
    let config = sandbox.path("config").display().to_string();
    let named = format!("[templates.ours]\ngit = \"{}\"\n", url.replace("#v1", ""));
    sandbox.write("config/cargo-tesser/templates.toml", named);
    let vars = [("XDG_CONFIG_HOME", config.as_str())];
    let listed = sandbox.tesser_with("", &["new", "--list"], &vars).expect(0).stdout;
    assert!(listed.contains("https://***@localhost:1/templates.git"), "{listed}");
}

#[test]
fn a_file_can_be_named_by_a_variable() {
    let sandbox = Sandbox::new();
    template(&sandbox);
    sandbox.write("desk/src/{{ crate_name }}.rs", "");
    sandbox.write("desk/{{ venue }}.txt", "");
    new(&sandbox, "my-one", "path:desk", &[], 0);
    assert!(sandbox.path("my-one/src/my_one.rs").exists());
    assert!(sandbox.path("my-one/lit.txt").exists());
    sandbox.write("desk/{{ name }}.txt", "");
    sandbox.write("desk/lit.txt.tera", "");
    let said = new(&sandbox, "my-two", "path:desk", &[], 101);
    assert!(said.contains("another file would also become `lit.txt`"), "{said}");
    assert!(!sandbox.path("my-two").exists());
}

#[cfg(unix)]
#[test]
fn a_signal_to_the_tool_alone_ends_git() {
    use std::time::{Duration, Instant};
    let sandbox = Sandbox::new();
    let git = sandbox.write("bin/git", "#!/bin/sh\necho started > ../started\nexec sleep 60\n");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&git, mode).unwrap();
    let path = format!("{}:{}", sandbox.path("bin").display(), std::env::var("PATH").unwrap());
    std::fs::create_dir(sandbox.path("here")).unwrap();
    let mut tool = tool();
    tool.args(["tesser", "new", "mine", "--template", "https://localhost:1/a.git", "--defaults"]);
    let mut tool = tool.current_dir(sandbox.path("here")).env("PATH", path).spawn().unwrap();
    let start = Instant::now();
    while !sandbox.path("started").exists() {
        assert!(start.elapsed() < Duration::from_secs(30), "git was not started");
        std::thread::sleep(Duration::from_millis(10));
    }
    let pid = rustix::process::Pid::from_child(&tool);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert_eq!(tool.wait().unwrap().code(), Some(130));
    assert!(start.elapsed() < Duration::from_secs(40), "it waited for git");
    assert!(names(&sandbox.path("here")).is_empty());
}

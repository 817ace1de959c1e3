//! Values of a template's variables: where they come from, and what is refused.

use std::process::Stdio;
use std::time::{Duration, Instant};

use snapbox::{assert_data_eq, str};

use crate::support::{Sandbox, names, tool};

const MANIFEST: &str = r#"description = "a desk's own"

[variables.clip]
type = "decimal"
default = "0.25"
description = "size of one clip, in base currency"

[variables.venue]
choices = ["lit", "dark"]
description = "where it trades"

[variables.desk]
pattern = "[A-Z]{2,4}"
default = "FX"

[variables.retries]
type = "integer"
default = 3

[variables.ci]
type = "boolean"
default = false

[files.when]
"ci.yml" = "ci"
"#;

/// A template that prints its variables, in the sandbox's folder `desk`.
pub(super) fn template(sandbox: &Sandbox) {
    sandbox.write("desk/tesser-template.toml", MANIFEST);
    sandbox.write("desk/Cargo.toml.tera", "[package]\nname = {{ name | quoted }}\n");
    sandbox.write(
        "desk/values.txt.tera",
        "{{ clip }} {{ venue }} {{ desk }} {{ retries + 1 }} {{ ci }}\n",
    );
    sandbox.write("desk/ci.yml", "run: ${{ matrix.os }} {% raw %}\n");
}

pub(super) fn values(sandbox: &Sandbox, path: &str) -> String {
    std::fs::read_to_string(sandbox.path(path).join("values.txt")).unwrap()
}

#[test]
fn values_come_from_the_command_line_a_file_and_the_environment_in_this_order() {
    let sandbox = Sandbox::new();
    template(&sandbox);
    sandbox.write("values.toml", "clip = 1.50\nvenue = \"dark\"\n");
    let new = ["new", "mine", "--template", "./desk", "--vcs", "none", "--values", "values.toml"];
    let words = [&new[..], &["--set", "clip=2", "--set", "ci=true"]].concat();
    let environment =
        [("TESSER_VAR_CLIP", "9"), ("TESSER_VAR_DESK", "EQ"), ("TESSER_VAR_OTHER", "x")];
    sandbox.tesser_with("", &words, &environment).expect(0);
    assert_eq!(values(&sandbox, "mine"), "2 dark EQ 4 true\n");
    assert_eq!(names(&sandbox.path("mine")), ["Cargo.toml", "ci.yml", "values.txt"]);
}

#[test]
fn what_is_copied_keeps_what_looks_like_a_variable_and_conditions_leave_files_out() {
    let sandbox = Sandbox::new();
    template(&sandbox);
    let new = |name, ci| {
        let set = ["--set", "venue=lit", "--set", ci, "--vcs", "none"];
        sandbox.tesser("", &[&["new", name, "--template", "./desk"], &set[..]].concat()).expect(0);
        names(&sandbox.path(name))
    };
    assert_eq!(new("without", "ci=false"), ["Cargo.toml", "values.txt"]);
    assert_eq!(new("with", "ci=true"), ["Cargo.toml", "ci.yml", "values.txt"]);
    let ci = std::fs::read_to_string(sandbox.path("with/ci.yml")).unwrap();
    assert_eq!(ci, "run: ${{ matrix.os }} {% raw %}\n");
}

#[test]
fn everything_that_is_wrong_is_said_at_once_with_the_list() {
    let sandbox = Sandbox::new();
    template(&sandbox);
    sandbox.write("values.toml", "retries = \"many\"\nsize = 1\n");
    let set = ["--set", "clip=x", "--set", "desk=fx", "--values", "values.toml"];
    let words = [&["new", "mine", "--template", "./desk"], &set[..]].concat();
    let run = sandbox.tesser_with("", &words, &[("TESSER_VAR_CI", "yes")]).expect(2);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: the template `./desk` cannot be filled in:
  there is no variable `size` (from `--values`)
  `clip` is `x`, not a decimal number (from `--set`)
  `desk` is `fx`, which does not match the pattern `[A-Z]{2,4}` (from `--set`)
  `retries` is `many`, not a whole number (from `--values`)
  `ci` is `yes`, not `true` or `false` (from `TESSER_VAR_CI`)
  `venue` has no value
hint: give values with `--set NAME=VALUE`, `--values FILE` or `TESSER_VAR_NAME`; the variables are:
  clip: a decimal number, default `0.25`: size of one clip, in base currency
  venue: one of `lit`, `dark`: where it trades
  desk: a line of text like `[A-Z]{2,4}`, default `FX`
  retries: a whole number, default `3`
  ci: `true` or `false`, default `false`

"#]]
    );
    assert!(!sandbox.path("mine").exists());
}

#[test]
fn a_file_of_values_that_is_no_toml_and_a_word_that_is_no_value_are_refused() {
    let sandbox = Sandbox::new();
    sandbox.write("values.toml", "clip: 1\n");
    let run = sandbox.tesser("", &["new", "mine", "--values", "values.toml"]).expect(2);
    assert!(run.stderr.starts_with("error: cannot parse `values.toml`: "), "{}", run.stderr);
    assert!(run.stderr.contains("hint: write TOML with one line `name = value`"), "{}", run.stderr);
    let run = sandbox.tesser("", &["new", "mine", "--set", "clip"]).expect(2);
    assert!(run.stderr.contains("it must have the form NAME=VALUE"), "{}", run.stderr);
    let run = sandbox.tesser("", &["new", "mine", "--values", "none.toml"]).expect(101);
    assert!(run.stderr.starts_with("error: cannot read `none.toml`"), "{}", run.stderr);
    assert!(!sandbox.path("mine").exists());
}

#[test]
fn the_variables_of_a_template_are_listed() {
    let sandbox = Sandbox::new();
    template(&sandbox);
    let run = sandbox.tesser("", &["new", "--list", "--template", "./desk"]).expect(0);
    assert!(run.stdout.starts_with("a desk's own\n  clip: a decimal number"), "{}", run.stdout);
}

/// stdin is a pipe that stays open, as in many CI systems.
#[test]
fn without_a_terminal_nothing_is_asked_and_nothing_waits() {
    let sandbox = Sandbox::new();
    template(&sandbox);
    let start = Instant::now();
    let mut child = tool()
        .args(["new", "mine", "--template", "./desk"])
        .current_dir(sandbox.path(""))
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let stdin = child.stdin.take();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > Duration::from_secs(30) {
            child.kill().unwrap();
            panic!("it waits for an answer");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(2));
}

//! `cargo tesser completions`: what a TAB completes, asked as the scripts ask, and the scripts in real shells.

use snapbox::{assert_data_eq, str};

use crate::build::{plugin, source};
use crate::support::{Run, Sandbox, scrubbed};

/// The candidates for the last word, without their descriptions.
fn candidates(sandbox: &Sandbox, dir: &str, words: &[&str]) -> Vec<String> {
    let command = scrubbed(env!("CARGO_BIN_EXE_cargo-tesser")).arg("--").args(words);
    let command = command.env("CARGO_TESSER_COMPLETE", "fish").current_dir(sandbox.path(dir));
    let run = sandbox.run(command).expect(0);
    run.stdout.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect()
}

#[test]
fn commands_flags_and_values_complete() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-complete", &source(""));
    let complete = |words: &[&str]| candidates(&sandbox, "it-complete", words);
    assert_eq!(complete(&["cargo", "tesser", "val"]), ["validate"]);
    assert_eq!(complete(&["cargo", "+nightly", "tesser", "val"]), ["validate"]);
    assert_eq!(complete(&["cargo-tesser", "tesser", "val"]), ["validate"]);
    assert_eq!(complete(&["cargo-tesser", "val"]), ["validate"]);
    assert_eq!(complete(&["cargo", "tesser", "new", "--temp"]), ["--template"]);
    assert_eq!(complete(&["cargo", "tesser", "new", "x", "--template", "tw"]), ["twap"]);
    assert_eq!(complete(&["cargo", "tesser", "new", "x", "--template=tw"]), ["--template=twap"]);
    assert_eq!(complete(&["cargo", "tesser", "validate", "--host", ""]), ["tesser@0.9"]);
    assert_eq!(complete(&["cargo", "tesser", "explain", "core-"]), ["core-module"]);
    assert_eq!(complete(&["cargo", "tesser", "validate", "--deny", "untr"]), ["untried-start"]);
    assert_eq!(complete(&["cargo", "tesser", "test", "live/no"]), ["live/no-ticks"]);
    assert_eq!(complete(&["cargo", "tesser", "build", "-p", "it"]), ["it-complete"]);
    assert_eq!(complete(&["cargo", "tesser", "build", "--profile", "re"]), ["release"]);
    assert_eq!(complete(&["cargo", "tesser", "validate", "Cargo"]), ["Cargo.toml"]);
    // cargo's own words are not ours.
    assert_eq!(complete(&["cargo", "build", "--rel"]), [""; 0]);
    // Commands that `--help` does not show are not shown here.
    assert!(!complete(&["cargo", "tesser", ""]).contains(&"conformance".to_owned()));
}

#[test]
fn a_shell_that_is_not_known_is_refused() {
    let sandbox = Sandbox::new();
    let run = sandbox.tesser("", &["completions", "tcsh"]).expect(2);
    assert!(
        run.stderr.contains("[possible values: bash, zsh, fish, powershell]"),
        "{}",
        run.stderr
    );
    let command = scrubbed(env!("CARGO_BIN_EXE_cargo-tesser")).args(["--", "cargo", "tesser", ""]);
    sandbox.run(command.env("CARGO_TESSER_COMPLETE", "tcsh")).expect(2);
}

#[test]
fn powershell_gets_one_script_for_both_programs() {
    let script = Sandbox::new().tesser("", &["completions", "powershell"]).expect(0).stdout;
    let first = script.lines().find(|line| !line.is_empty()).unwrap();
    assert_data_eq!(
        first,
        str!["Register-ArgumentCompleter -Native -CommandName cargo,cargo-tesser -ScriptBlock {"]
    );
}

/// A script for a real shell, with the tool on `PATH`; `None` if there is no such shell.
fn in_shell(shell: &[&str], script: &str) -> Option<Run> {
    let exists = std::process::Command::new(shell[0]).arg("--version").output();
    if exists.is_err() {
        eprintln!("SKIPPED: there is no `{}`", shell[0]);
        return None;
    }
    let sandbox = Sandbox::new();
    let dir = std::path::Path::new(env!("CARGO_BIN_EXE_cargo-tesser")).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::iter::once(dir.to_owned()).chain(std::env::split_paths(&path));
    let command = scrubbed(shell[0]).args(&shell[1..]).arg(script);
    let command = command.env("PATH", std::env::join_paths(path).unwrap());
    Some(sandbox.run(command.current_dir(sandbox.path(""))).expect(0))
}

#[test]
fn bash_completes_our_words_and_leaves_cargos_to_the_completion_before() {
    let script = "\
        _of_cargo() { COMPREPLY=(build); }\n\
        complete -F _of_cargo cargo\n\
        for again in 1 2; do source <(cargo-tesser tesser completions bash); done\n\
        try() { COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); ${function} \"$1\" \"${!#}\" x; echo \"${COMPREPLY[*]}\"; }\n\
        function=$(complete -p cargo); function=${function##*-F }; function=${function% *}\n\
        try cargo tesser expl\n\
        try cargo +nightly tesser new --template tw\n\
        try cargo bui\n\
        try cargo te\n\
        function=$(complete -p cargo-tesser); function=${function##*-F }; function=${function% *}\n\
        try cargo-tesser tesser expl\n";
    if let Some(run) = in_shell(&["bash", "--norc", "-c"], script) {
        assert_data_eq!(run.stdout, "explain\ntwap\nbuild\nbuild tesser\nexplain\n");
    }
}

#[test]
fn zsh_loads_the_script_after_compinit() {
    let script = "autoload -U compinit; compinit -u -D\n\
        _of_cargo() { true }\n\
        compdef _of_cargo cargo\n\
        source <(cargo-tesser tesser completions zsh)\n\
        source <(cargo-tesser tesser completions zsh)\n\
        print $_comps[cargo] $_cargo_tesser_cargo $_comps[cargo-tesser]\n";
    if let Some(run) = in_shell(&["zsh", "-f", "-c"], script) {
        let wanted = "_cargo_tesser_or_cargo _of_cargo _clap_dynamic_completer_cargo_tesser\n";
        assert_data_eq!(run.stdout, wanted);
    }
}

#[test]
fn fish_completes_our_words_beside_cargos() {
    let script = "cargo-tesser tesser completions fish | source\n\
        complete --do-complete 'cargo tesser expl'\n\
        complete --do-complete 'cargo tesser new x --template tw'\n\
        complete --do-complete 'cargo tess'\n\
        complete --do-complete 'cargo-tesser tesser expl'\n";
    if let Some(run) = in_shell(&["fish", "--no-config", "-c"], script) {
        let words: Vec<_> =
            run.stdout.lines().map(|line| line.split('\t').next().unwrap()).collect();
        assert_eq!(words, ["explain", "twap", "tesser", "explain"]);
    }
}

#[test]
fn a_manual_page_is_written_for_each_command() {
    let sandbox = Sandbox::new();
    sandbox.tesser("", &["man", "--out", "man"]).expect(0);
    let pages = crate::support::names(&sandbox.path("man"));
    assert!(pages.contains(&"cargo-tesser.1".to_owned()), "{pages:?}");
    assert!(!pages.contains(&"cargo-tesser-conformance.1".to_owned()), "{pages:?}");
    let page = std::fs::read_to_string(sandbox.path("man/cargo-tesser-doctor.1")).unwrap();
    assert!(page.contains("cargo\\-tesser\\-doctor \\- Check this machine"), "{page}");
    assert!(page.contains("cargo tesser doctor \\-\\-fix"), "its examples: {page}");
}

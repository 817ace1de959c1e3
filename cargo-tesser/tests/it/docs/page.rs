//! A page of the documentation as its reader follows it: commands run, edits are made, files are written, and what the page says a
//! command prints is compared with what it prints.
//!
//! | block | does |
//! | --- | --- |
//! | `console` | runs each line after `$ `; with `exit=1` the last command must exit with 1 |
//! | `text` after it | each line is in the output of the last command, in this order; `[..]` is any text, `...` any lines |
//! | `diff FILE` | replaces lines of a file, which must have them once; only `+` lines are appended |
//! | `LANGUAGE FILE` | writes a file |

use std::path::PathBuf;

use crate::support::{Run, Sandbox, plugin_target, root, scrubbed};

/// A fenced block: the words after the fence, and the text.
pub struct Block {
    pub words: Vec<String>,
    pub text: String,
}

/// Returns the fenced blocks of a page, by its path below the checkout's root.
pub fn blocks(path: &str) -> Vec<Block> {
    let page = std::fs::read_to_string(root().join(path)).unwrap();
    let mut blocks: Vec<Block> = Vec::new();
    let mut is_inside = false;
    for line in page.lines() {
        match line.strip_prefix("```") {
            Some(words) => {
                is_inside = !is_inside;
                if is_inside {
                    let words = words.split_whitespace().map(str::to_owned).collect();
                    blocks.push(Block { words, text: String::new() });
                }
            }
            None if is_inside => {
                let text = &mut blocks.last_mut().unwrap().text;
                text.push_str(line);
                text.push('\n');
            }
            None => {}
        }
    }
    assert!(!is_inside, "{path}: a fence is not closed");
    blocks
}

impl Block {
    pub fn language(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// The commands of a `console` block.
    pub fn commands(&self) -> impl Iterator<Item = &str> {
        self.text.lines().map(|line| line.strip_prefix("$ ").unwrap_or_else(|| panic!("{line}")))
    }

    fn exit_code(&self) -> i32 {
        let code = self.words.iter().find_map(|word| word.strip_prefix("exit="));
        code.map_or(0, |code| code.parse().unwrap())
    }
}

/// Splits a command line as a shell does, with quotes but without anything else.
pub fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in command.chars() {
        match (c, quote) {
            ('\'' | '"', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            (' ', None) => words.push(String::new()),
            (c, _) => words.last_mut().unwrap().push(c),
        }
    }
    words
}

/// The reader of a page, in an empty folder.
pub struct Reader {
    sandbox: Sandbox,
    dir: PathBuf,
    last: Option<Run>,
}

impl Reader {
    /// Follows a page to its end.
    pub fn follow(path: &str) -> Self {
        let mut reader = Self { sandbox: Sandbox::new(), dir: PathBuf::new(), last: None };
        let mut commands = 0;
        for block in blocks(path) {
            match (block.language(), block.words.get(1)) {
                ("console", _) => commands += reader.run(&block),
                ("text", None) => reader.compare(&block.text),
                ("diff", Some(file)) => reader.edit(file, &block.text),
                (_, Some(file)) => drop(reader.sandbox.write(&reader.below(file), &block.text)),
                _ => {}
            }
        }
        assert!(commands > 0, "{path} has no commands");
        reader
    }

    /// A path in the reader's current folder.
    pub fn path(&self, file: &str) -> PathBuf {
        self.sandbox.path(&self.below(file))
    }

    fn below(&self, file: &str) -> String {
        self.dir.join(file).to_str().unwrap().to_owned()
    }

    fn run(&mut self, block: &Block) -> usize {
        let commands: Vec<_> = block.commands().collect();
        for (at, command) in commands.iter().enumerate() {
            match command.strip_prefix("cd ") {
                Some("..") => assert!(self.dir.pop()),
                Some(folder) => self.dir.push(folder),
                None => {
                    let code = if at + 1 == commands.len() { block.exit_code() } else { 0 };
                    self.last = Some(self.command(command).expect(code));
                }
            }
        }
        commands.len()
    }

    /// Runs a command, with one target folder for all pages instead of the crate's own.
    fn command(&self, line: &str) -> Run {
        let target = format!("{}/tesser/", plugin_target().display());
        let words: Vec<_> =
            words(line).into_iter().map(|word| word.replace("target/tesser/", &target)).collect();
        let variables = words.iter().take_while(|word| word.contains('=')).count();
        let (variables, words) = words.split_at(variables);
        let mut command = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["cargo", "tesser", ..] => {
                scrubbed(env!("CARGO_BIN_EXE_cargo-tesser")).args(&words[1..])
            }
            ["cargo", ..] => scrubbed("cargo").args(&words[1..]),
            ["git", ..] => {
                let who = ["-c", "user.name=reader", "-c", "user.email=reader@localhost"];
                scrubbed("git").args(who).args(&words[1..])
            }
            _ => panic!("`{line}` is not a command that this test knows"),
        };
        for variable in variables {
            let (name, value) = variable.split_once('=').unwrap();
            command = command.env(name, value);
        }
        self.sandbox.run(command.current_dir(self.sandbox.path(self.dir.to_str().unwrap())))
    }

    fn compare(&self, expected: &str) {
        let run = self.last.as_ref().unwrap();
        let output = format!("{}\n{}", run.stderr, run.stdout).replace("[TARGET]", "target");
        let mut lines = output.lines();
        for line in expected.lines().filter(|line| *line != "...") {
            assert!(lines.any(|said| is_like(said, line)), "`{line}` is not in:\n{output}");
        }
    }

    fn edit(&self, file: &str, diff: &str) {
        let lines = |without: char| {
            let kept = diff.lines().filter(|line| !line.starts_with(without));
            kept.fold(String::new(), |text, line| text + line.get(1..).unwrap_or_default() + "\n")
        };
        let (old, new) = (lines('+'), lines('-'));
        let file = self.below(file);
        let text = std::fs::read_to_string(self.sandbox.path(&file)).unwrap();
        if old.is_empty() {
            self.sandbox.write(&file, text + &new);
            return;
        }
        assert_eq!(text.matches(&old).count(), 1, "in {file}:\n{text}\nthe lines:\n{old}");
        self.sandbox.write(&file, text.replace(&old, &new));
    }
}

/// Whether a line is the expected one, in which `[..]` is any text. Spaces around it do not matter.
fn is_like(line: &str, expected: &str) -> bool {
    let (mut rest, expected) = (line.trim(), expected.trim());
    for (at, part) in expected.split("[..]").enumerate() {
        match rest.find(part) {
            Some(start) if at > 0 || start == 0 => rest = &rest[start + part.len()..],
            _ => return false,
        }
    }
    rest.is_empty() || expected.ends_with("[..]")
}

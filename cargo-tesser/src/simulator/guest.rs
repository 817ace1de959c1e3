//! What the host calls: an instance of a component, or a stand-in with recorded results.
//!
//! In: an export and its argument. Out: text, or how the call failed, with the host's message and our own.

use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use crate::engine::{self, Compiled, Plugin, Tick, Usage};

/// The functions that a host calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Export {
    Init,
    OnTick,
    OnFill,
    OnTimer,
    Snapshot,
    Restore,
}

impl Export {
    /// Its name in the ABI.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::OnTick => "on-tick",
            Self::OnFill => "on-fill",
            Self::OnTimer => "on-timer",
            Self::Snapshot => "snapshot",
            Self::Restore => "restore",
        }
    }
}

/// The argument of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Argument<'a> {
    None,
    Text(&'a str),
    Tick(&'a Arc<Tick>),
}

impl<'a> Argument<'a> {
    /// Its text; empty for other arguments.
    pub(crate) fn text(self) -> &'a str {
        match self {
            Self::Text(text) => text,
            Self::None | Self::Tick(_) => "",
        }
    }
}

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// `init` returned its error case.
    Refused(String),
    /// The instance trapped.
    Trap(Lost),
    /// The instance had trapped before: it cannot be called any more.
    Poisoned,
    /// The call did not return: the real host would wait for ever.
    Endless(Lost),
}

/// How an instance was lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lost {
    /// Description with the call.
    pub(crate) text: String,
    /// Where in the plugin, a line for each frame.
    pub(crate) frames: Vec<String>,
}

impl From<String> for Lost {
    fn from(text: String) -> Self {
        Self { text, frames: Vec::new() }
    }
}

impl Failure {
    /// The host's log line, which has only the beginning of the error.
    pub(crate) fn host_words(&self, export: Export) -> String {
        match self {
            Self::Refused(text) => text.clone(),
            _ => format!("plugin {} failed", export.name().replace('-', "_")),
        }
    }

    /// The host's error with its causes.
    pub(crate) fn host_error(&self, export: Export) -> String {
        let words = self.host_words(export);
        match self {
            Self::Refused(_) => words,
            Self::Poisoned => format!("{words}: wasm trap: cannot enter component instance"),
            Self::Trap(_) | Self::Endless(_) => format!("{words}: wasm trap"),
        }
    }

    /// The details, for people; the host does not log them.
    pub(crate) fn detail(&self) -> &str {
        match self {
            Self::Refused(text) => text,
            Self::Trap(lost) | Self::Endless(lost) => &lost.text,
            Self::Poisoned => "the instance has trapped before",
        }
    }

    /// Where in the plugin it happened.
    pub(crate) fn frames(&self) -> &[String] {
        match self {
            Self::Trap(lost) | Self::Endless(lost) => &lost.frames,
            Self::Refused(_) | Self::Poisoned => &[],
        }
    }
}

impl From<engine::Error> for Failure {
    fn from(error: engine::Error) -> Self {
        let text = error.to_string();
        match error {
            engine::Error::Endless { frames, .. } => Self::Endless(Lost { text, frames }),
            engine::Error::Trap { report, .. } => Self::Trap(Lost { text, frames: report.frames }),
            _ => Self::Trap(Lost { text, frames: Vec::new() }),
        }
    }
}

/// One instance.
pub(crate) trait Instance {
    /// Calls an export, and puts what it returns into `answer`; for `restore`, that is an empty text.
    ///
    /// # Errors
    /// `answer` is then of no meaning.
    fn call(
        &mut self,
        export: Export,
        argument: Argument<'_>,
        answer: &mut String,
    ) -> Result<(), Failure>;

    /// Resources that the last call used.
    fn usage(&self) -> Usage {
        Usage::default()
    }
}

impl Instance for Plugin {
    fn call(
        &mut self,
        export: Export,
        argument: Argument<'_>,
        answer: &mut String,
    ) -> Result<(), Failure> {
        let text = argument.text();
        match (export, argument) {
            (Export::Init, _) => *answer = self.init(text)?.map_err(Failure::Refused)?,
            (Export::OnTick, Argument::Tick(tick)) => self.on_tick_into(tick, answer)?,
            (Export::OnFill, _) => self.on_fill_into(text, answer)?,
            (Export::OnTick | Export::OnTimer, _) => self.on_timer_into(answer)?,
            (Export::Snapshot, _) => self.snapshot_into(answer)?,
            (Export::Restore, _) => {
                self.restore(text)?;
                answer.clear();
            }
        }
        Ok(())
    }

    fn usage(&self) -> Usage {
        Self::usage(self)
    }
}

/// A file of the plugins folder, loaded.
pub(crate) trait Program {
    /// Creates an instance.
    ///
    /// # Errors
    /// The engine's message.
    fn instantiate(&self) -> Result<Box<dyn Instance>, String>;
}

impl Program for Arc<Compiled> {
    fn instantiate(&self) -> Result<Box<dyn Instance>, String> {
        let plugin = Compiled::instantiate(self).map_err(|error| error.to_string())?;
        Ok(Box::new(plugin))
    }
}

/// The file that the host looks for: it appends `.wasm` only to a name without an extension.
pub(crate) fn file_name(plugin: &str) -> String {
    match Path::new(plugin).extension() {
        Some(_) => plugin.to_owned(),
        None => format!("{plugin}.wasm"),
    }
}

/// The plugins folder of the host, with a cache of loaded files.
#[derive(Default)]
pub(crate) struct PluginsFolder {
    files: Vec<PluginFile>,
    clock: u64,
}

struct PluginFile {
    name: String,
    /// The engine's message for a file that does not load.
    program: Result<Rc<dyn Program>, String>,
    modified: u64,
    loaded: Option<(u64, Rc<dyn Program>)>,
    is_there: bool,
}

impl PluginsFolder {
    /// Installs a file, replacing one of the same name. `same_time` keeps the modification time.
    pub(crate) fn install(
        &mut self,
        name: &str,
        program: Result<Rc<dyn Program>, String>,
        same_time: bool,
    ) {
        self.clock += 1;
        let modified = self.clock;
        match self.files.iter_mut().find(|file| file.name == name) {
            Some(file) => {
                file.program = program;
                file.is_there = true;
                if !same_time {
                    file.modified = modified;
                }
            }
            None => self.files.push(PluginFile {
                name: name.to_owned(),
                program,
                modified,
                loaded: None,
                is_there: true,
            }),
        }
    }

    /// Removes a file.
    pub(crate) fn remove(&mut self, name: &str) {
        if let Some(file) = self.files.iter_mut().find(|file| file.name == name) {
            file.is_there = false;
        }
    }

    /// Creates an instance, as for a signal: a loaded file is reused until its modification time is later.
    ///
    /// # Errors
    /// The host's message, without and with its causes.
    pub(crate) fn instantiate(
        &mut self,
        name: &str,
    ) -> Result<Box<dyn Instance>, (String, String)> {
        let wanted = file_name(name);
        let path = format!("<plugins>/{wanted}");
        let is_meant = |file: &&mut PluginFile| file.is_there && file_name(&file.name) == wanted;
        let file = self.files.iter_mut().find(is_meant);
        let Some(file) = file else {
            let words = format!("plugin '{name}' not found in {path}");
            let all = format!("{words}: No such file or directory (os error 2)");
            return Err((words, all));
        };
        let stale = file.loaded.as_ref().is_none_or(|(time, _)| file.modified > *time);
        if stale {
            let program = file.program.as_ref().map_err(|error| {
                let words = format!("failed to load component {path}");
                (words.clone(), format!("{words}: {error}"))
            })?;
            file.loaded = Some((file.modified, Rc::clone(program)));
        }
        let program = file.loaded.as_ref().map(|(_, program)| Rc::clone(program));
        let instance = program.map(|program| program.instantiate()).transpose();
        match instance {
            Ok(Some(instance)) => Ok(instance),
            Ok(None) => Err((path.clone(), path)),
            Err(error) => {
                let words = format!("failed to instantiate plugin {name}");
                Err((words.clone(), format!("{words}: {error}")))
            }
        }
    }

    /// Clears the cache, as a restart of the host does.
    pub(crate) fn forget_loaded(&mut self) {
        self.files.iter_mut().for_each(|file| file.loaded = None);
    }
}

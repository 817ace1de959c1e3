//! Bytes of the sealed chase plugin: a limit, a baseline, and where the bytes are.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, ensure};
use toml_edit::DocumentMut;
use wasmparser::{KnownCustom, Name, Parser, Payload};

use super::fixtures;
use crate::run;

/// Most bytes that the plugin may have.
const LIMIT: usize = 102_400;
const BASELINE: &str = "xtask/src/bench/size-baseline.toml";

#[derive(clap::Args)]
pub struct Options {
    /// Write the size that was measured into the baseline
    #[arg(long)]
    bless: bool,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let tool = run::build_tool()?;
    let crate_dir = fixtures::chase(&tool)?;
    let plugin = fs::read(fixtures::build(&tool, &crate_dir)?)?;
    let named = fs::read(fixtures::build_named(&tool, &crate_dir)?)?;
    print_rows("section", &sections(&plugin)?);
    print_rows("crate, of the code before wasm-opt", &crates(&named)?);
    println!("{} bytes, the limit is {LIMIT}", plugin.len());
    check_paths(&plugin, &crate_dir)?;

    let path = run::root().join(BASELINE);
    if options.bless {
        let text = format!(
            "# Written by `cargo xtask bench size --bless`. More than 2 % above it fails.\nbytes = {}\n",
            plugin.len()
        );
        return fs::write(&path, text).context(BASELINE);
    }
    let text = fs::read_to_string(&path).context(BASELINE)?;
    let baseline = text.parse::<DocumentMut>()?["bytes"].as_integer().context("`bytes`")?;
    let baseline = usize::try_from(baseline)?;
    println!("the baseline is {baseline}");
    ensure!(
        plugin.len() * 100 <= baseline * 102,
        "more than 2 % above the baseline; `--bless` accepts it"
    );
    ensure!(plugin.len() <= LIMIT, "above the limit");
    Ok(())
}

fn print_rows(title: &str, rows: &BTreeMap<String, u64>) {
    let mut rows: Vec<_> = rows.iter().collect();
    rows.sort_by_key(|(_, bytes)| std::cmp::Reverse(**bytes));
    println!("  bytes  {title}");
    for (name, bytes) in rows.into_iter().take(20) {
        println!("{bytes:7}  {name}");
    }
}

/// Bytes of each section, those of the modules inside of the component included.
fn sections(component: &[u8]) -> anyhow::Result<BTreeMap<String, u64>> {
    let mut rows = BTreeMap::new();
    for payload in Parser::new(0).parse_all(component) {
        let (name, bytes) = match payload? {
            Payload::CodeSectionStart { size, .. } => ("code".to_owned(), u64::from(size)),
            Payload::DataSection(section) => ("data".into(), length(section.range())),
            Payload::CustomSection(section) => {
                (format!("custom {}", section.name()), section.data().len() as u64)
            }
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => continue,
            other => match other.as_section() {
                Some((_, range)) => ("types, tables and the like".into(), length(range)),
                None => continue,
            },
        };
        *rows.entry(name).or_default() += bytes;
    }
    Ok(rows)
}

fn length(range: std::ops::Range<u64>) -> u64 {
    range.end - range.start
}

/// Bytes of code by the crate whose name a function bears. A generic function counts for its own crate,
/// inlined code for the function that it went into.
fn crates(component: &[u8]) -> anyhow::Result<BTreeMap<String, u64>> {
    let (mut imports, mut sizes) = (0, Vec::new());
    let mut rows = BTreeMap::new();
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::Version { .. } => (imports, sizes) = (0, Vec::new()),
            Payload::ImportSection(section) => {
                let imported = section.into_imports().filter_map(Result::ok);
                imports = imported
                    .filter(|import| matches!(import.ty, wasmparser::TypeRef::Func(_)))
                    .count();
            }
            Payload::CodeSectionEntry(body) => sizes.push(body.as_bytes().len() as u64),
            Payload::CustomSection(section) => {
                let KnownCustom::Name(names) = section.as_known() else { continue };
                for name in names {
                    let Name::Function(functions) = name? else { continue };
                    for function in functions {
                        let function = function?;
                        let index = usize::try_from(function.index)?;
                        let size = index.checked_sub(imports).and_then(|index| sizes.get(index));
                        *rows.entry(owner(function.name)).or_default() += size.unwrap_or(&0);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(rows)
}

fn owner(symbol: &str) -> String {
    let name = format!("{:#}", rustc_demangle::demangle(symbol));
    let path = name.trim_start_matches(['<', '&', '*']).trim_start_matches("mut ");
    match path.split_once("::") {
        Some((owner, _)) => owner.to_owned(),
        None => "exports, libc and other plain names".into(),
    }
}

/// A plugin must not tell on which machine it was built.
fn check_paths(plugin: &[u8], crate_dir: &Path) -> anyhow::Result<()> {
    let mut paths = vec![crate_dir.to_owned(), run::root().to_owned(), run::target_dir()?];
    paths.extend(["CARGO_HOME", "HOME"].iter().filter_map(std::env::var_os).map(Into::into));
    for path in paths {
        let path = path.display().to_string();
        // A home of one or two letters says nothing.
        let found = plugin.windows(path.len()).any(|bytes| bytes == path.as_bytes());
        ensure!(path.len() < 4 || !found, "the plugin contains the path `{path}`");
    }
    Ok(())
}

//! Loads components as Tesser 0.9 does, with the engine that is in it.
//!
//! In: paths. Out: one line for each, in order: path, verdict and the engine's words, separated by tabs.
//! The verdicts are `loads`, `refused`, `endless` (the start did not come to an end) and `panics`. A crash
//! ends the process, and the last path has no line then.

use std::io::Write as _;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{mpsc, Arc};
use std::time::Duration;

use wasmtime::component::{Component, ComponentType, Linker, Lower};
use wasmtime::{Config, Engine, Store, Trap};
use wasmtime_wasi::preview2::command::sync::add_to_linker;
use wasmtime_wasi::preview2::{ResourceTable, WasiCtx, WasiCtxBuilder, WasiView};

/// Time that one file may take with everything.
const LONGEST: Duration = Duration::from_secs(20);
/// Steps of a tenth of a second that a start may take.
const STEPS: u64 = 30;

struct Host {
    table: ResourceTable,
    wasi: WasiCtx,
}

impl WasiView for Host {
    fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }
    fn ctx(&mut self) -> &mut WasiCtx {
        &mut self.wasi
    }
}

#[derive(ComponentType, Lower)]
#[component(record)]
struct Tick {
    symbol: String,
    price: DecimalValue,
    size: DecimalValue,
    side: Side,
    #[component(name = "timestamp-ms")]
    timestamp_ms: i64,
}

#[derive(ComponentType, Lower)]
#[component(record)]
struct DecimalValue {
    value: String,
}

#[derive(ComponentType, Lower)]
#[component(enum)]
#[expect(dead_code, reason = "only the type matters")]
enum Side {
    #[component(name = "buy")]
    Buy,
    #[component(name = "sell")]
    Sell,
}

fn main() -> anyhow::Result<()> {
    let mut config = Config::new();
    config.wasm_component_model(true).epoch_interruption(true);
    let engine = Engine::new(&config)?;
    let ticker = engine.clone();
    std::thread::spawn(move || loop {
        std::thread::sleep(Duration::from_millis(100));
        ticker.increment_epoch();
    });
    let mut linker = Linker::new(&engine);
    add_to_linker(&mut linker)?;
    // The answer is the line; the message on stderr would only be in the way.
    std::panic::set_hook(Box::new(|_| {}));
    let linker = Arc::new(linker);
    for path in std::env::args().skip(1) {
        let (sender, answer) = mpsc::channel();
        let (engine, linker, file) = (engine.clone(), linker.clone(), path.clone());
        // What waits for another thread is not interrupted by epochs, so its own is left behind.
        std::thread::spawn(move || {
            let _ = sender.send(verdict(|| load(&engine, &linker, &file)));
        });
        let (verdict, words) =
            answer.recv_timeout(LONGEST).unwrap_or_else(|_| ("endless", "waits".into()));
        let words: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        writeln!(std::io::stdout(), "{path}\t{verdict}\t{words}")?;
    }
    std::process::exit(0)
}

fn verdict(load: impl FnOnce() -> anyhow::Result<()>) -> (&'static str, String) {
    match catch_unwind(AssertUnwindSafe(load)) {
        Ok(Ok(())) => ("loads", String::new()),
        Ok(Err(error)) => match error.downcast_ref::<Trap>() {
            Some(Trap::Interrupt) => ("endless", String::new()),
            _ => ("refused", format!("{error:#}")),
        },
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
            ("panics", text.unwrap_or_default())
        }
    }
}

fn load(engine: &Engine, linker: &Linker<Host>, path: &str) -> anyhow::Result<()> {
    let component = Component::from_file(engine, path)?;
    let wasi = WasiCtxBuilder::new().build();
    let mut store = Store::new(engine, Host { table: ResourceTable::new(), wasi });
    store.set_epoch_deadline(STEPS);
    let instance = linker.instantiate(&mut store, &component)?;
    let mut exports = instance.exports(&mut store);
    let mut root = exports.root();
    root.typed_func::<(&str,), (Result<String, String>,)>("init")?;
    root.typed_func::<(&Tick,), (String,)>("on-tick")?;
    root.typed_func::<(&str,), (String,)>("on-fill")?;
    root.typed_func::<(), (String,)>("on-timer")?;
    root.typed_func::<(), (String,)>("snapshot")?;
    root.typed_func::<(&str,), ()>("restore")?;
    Ok(())
}

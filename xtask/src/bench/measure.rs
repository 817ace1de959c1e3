//! Measures components. In: plugins. Out: times, fuel and memory. The guests alternate in rounds, so that noise affects all
//! equally, and the median of the rounds counts. As in the host, there is no fuel and no epochs.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, ensure};
use wasmtime::component::{Component, ComponentType, Linker, Lower, TypedFunc};
use wasmtime::{Config, Engine, ResourceLimiter, Store};

/// Limit of on-tick and snapshot of the chase plugin, as a multiple of the null guest's time.
const LIMIT: f64 = 1.4;
const ROUNDS: usize = 50;
/// Calls in a round: 50 of 20,000 are the million ticks in which memory must not grow.
const CALLS: usize = 20_000;
/// Number of different ticks that are sent in turn.
const TICKS: u32 = 64;

#[derive(Clone, Debug, ComponentType, Lower)]
#[component(record)]
struct Tick {
    symbol: String,
    price: DecimalValue,
    size: DecimalValue,
    side: Side,
    #[component(name = "timestamp-ms")]
    timestamp_ms: i64,
}

#[derive(Clone, Debug, ComponentType, Lower)]
#[component(record)]
struct DecimalValue {
    value: String,
}

#[derive(Clone, Copy, Debug, ComponentType, Lower)]
#[component(enum)]
#[repr(u8)]
enum Side {
    #[component(name = "buy")]
    Buy,
    #[component(name = "sell")]
    Sell,
}

/// Records the size of the linear memory.
#[derive(Default)]
struct Memory {
    bytes: usize,
}

impl ResourceLimiter for Memory {
    fn memory_growing(&mut self, _: usize, new: usize, _: Option<usize>) -> anyhow::Result<bool> {
        self.bytes = new;
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> anyhow::Result<bool> {
        Ok(true)
    }
}

struct Guest {
    name: String,
    store: Store<Memory>,
    on_tick: TypedFunc<(&'static Tick,), (String,)>,
    snapshot: TypedFunc<(), (String,)>,
    /// Nanoseconds of each round.
    tick_ns: Vec<f64>,
    snapshot_ns: Vec<f64>,
}

/// Measures the null guest, and the others with their parameters.
pub fn run<'a>(
    null: &'a Path,
    others: impl Iterator<Item = (&'a PathBuf, &'a String)>,
) -> anyhow::Result<()> {
    let none = "null".to_owned();
    let all = std::iter::once((null, none.as_str()));
    let plugins: Vec<_> =
        all.chain(others.map(|(path, params)| (path.as_path(), params.as_str()))).collect();
    let ticks: &'static [Tick] = (0..TICKS).map(tick).collect::<Vec<_>>().leak();
    let engine = Engine::new(Config::new().wasm_component_model(true))?;
    let mut guests = Vec::new();
    for (path, params) in &plugins {
        let guest = Guest::start(&engine, path, params);
        guests.push(guest.with_context(|| path.display().to_string())?);
    }
    // Warms up caches and the allocator; not measured.
    for guest in &mut guests {
        guest.round(ticks)?;
        guest.tick_ns.clear();
        guest.snapshot_ns.clear();
    }
    let before: Vec<_> = guests.iter().map(|guest| guest.store.data().bytes).collect();
    for _ in 0..ROUNDS {
        for guest in &mut guests {
            guest.round(ticks)?;
        }
    }
    let mut fuels = Vec::new();
    for (path, params) in &plugins {
        fuels.push(fuel(path, params, &ticks[0])?);
    }
    report(&mut guests, &before, &fuels)
}

fn report(guests: &mut [Guest], before: &[usize], fuels: &[[u64; 2]]) -> anyhow::Result<()> {
    println!("guest           on-tick  snapshot       sum   ratio            fuel   memory");
    let mut floor = None;
    let mut chase = 0.0;
    for ((guest, before), fuel) in guests.iter_mut().zip(before).zip(fuels) {
        let (tick, snapshot) = (median(&mut guest.tick_ns), median(&mut guest.snapshot_ns));
        let sum = tick + snapshot;
        let ratio = sum / *floor.get_or_insert(sum);
        let (pages, after) = (before >> 16, guest.store.data().bytes >> 16);
        println!(
            "{:15}{tick:5.0} ns {snapshot:6.0} ns {sum:6.0} ns {ratio:7.2} {:6} + {:6} {pages:4} -> {after} pages",
            guest.name, fuel[0], fuel[1]
        );
        ensure!(pages == after, "the memory of `{}` grew", guest.name);
        if guest.name == "chase" {
            chase = ratio;
        }
    }
    println!("medians of {ROUNDS} rounds of {CALLS} calls; the limit for chase is {LIMIT:.2}");
    ensure!(chase <= LIMIT, "chase takes {chase:.2} times what the null guest takes");
    Ok(())
}

impl Guest {
    /// An instance in the middle of its work: four orders open, the first one partly filled.
    fn start(engine: &Engine, path: &Path, params: &str) -> anyhow::Result<Self> {
        let component = Component::from_file(engine, path)?;
        let mut store = Store::new(engine, Memory::default());
        store.limiter(|memory| memory);
        // The engine of the timed runs does not count fuel.
        let _ = store.set_fuel(u64::MAX);
        let instance = Linker::new(engine).instantiate(&mut store, &component)?;
        let init =
            instance.get_typed_func::<(&str,), (Result<String, String>,)>(&mut store, "init")?;
        let (answer,) = init.call(&mut store, (&context(params)?,))?;
        init.post_return(&mut store)?;
        answer.map_err(anyhow::Error::msg)?;
        let on_timer = instance.get_typed_func::<(), (String,)>(&mut store, "on-timer")?;
        for _ in 0..4 {
            on_timer.call(&mut store, ())?;
            on_timer.post_return(&mut store)?;
        }
        let on_fill = instance.get_typed_func::<(&str,), (String,)>(&mut store, "on-fill")?;
        on_fill.call(&mut store, (include_str!("fixtures/fill.json"),))?;
        on_fill.post_return(&mut store)?;
        Ok(Self {
            name: path.file_stem().unwrap_or_default().to_string_lossy().replace("bench_", ""),
            on_tick: instance.get_typed_func(&mut store, "on-tick")?,
            snapshot: instance.get_typed_func(&mut store, "snapshot")?,
            store,
            tick_ns: Vec::new(),
            snapshot_ns: Vec::new(),
        })
    }

    fn tick(&mut self, tick: &'static Tick) -> anyhow::Result<String> {
        let (answer,) = self.on_tick.call(&mut self.store, (tick,))?;
        self.on_tick.post_return(&mut self.store)?;
        Ok(answer)
    }

    fn state(&mut self) -> anyhow::Result<String> {
        let (answer,) = self.snapshot.call(&mut self.store, ())?;
        self.snapshot.post_return(&mut self.store)?;
        Ok(answer)
    }

    /// Ticks and snapshots alternate, as on the host; each is timed in a separate run, since reading a clock around every
    /// call would cost as much as the call.
    fn round(&mut self, ticks: &'static [Tick]) -> anyhow::Result<()> {
        let start = Instant::now();
        for tick in ticks.iter().cycle().take(CALLS) {
            std::hint::black_box(self.tick(tick)?);
        }
        self.tick_ns.push(per_call(start));
        let start = Instant::now();
        for _ in 0..CALLS {
            std::hint::black_box(self.state()?);
        }
        self.snapshot_ns.push(per_call(start));
        Ok(())
    }
}

/// Fuel of one tick and of one snapshot: a count that does not depend on the machine.
fn fuel(path: &Path, params: &str, tick: &'static Tick) -> anyhow::Result<[u64; 2]> {
    let engine = Engine::new(Config::new().wasm_component_model(true).consume_fuel(true))?;
    let mut guest = Guest::start(&engine, path, params)?;
    let answer = guest.tick(tick)?;
    let state = guest.state()?;
    eprintln!("{}: {answer}\n  {state}", guest.name);
    let before = guest.store.get_fuel()?;
    guest.tick(tick)?;
    let between = guest.store.get_fuel()?;
    guest.state()?;
    Ok([before - between, between - guest.store.get_fuel()?])
}

/// The signal, with a plugin's own parameters.
fn context(params: &str) -> anyhow::Result<String> {
    let mut context: serde_json::Value =
        serde_json::from_str(include_str!("fixtures/context.json"))?;
    context["params"] = serde_json::from_str(params)?;
    Ok(context.to_string())
}

#[expect(clippy::cast_precision_loss, reason = "a measured time")]
fn per_call(start: Instant) -> f64 {
    start.elapsed().as_nanos() as f64 / CALLS as f64
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn tick(index: u32) -> Tick {
    let decimal = |value| DecimalValue { value };
    Tick {
        symbol: "BTCUSDT".into(),
        price: decimal(format!("{}.{:02}", 39_400 + index * 7 % 60, index * 37 % 100)),
        size: decimal(format!("0.{:05}", 1 + index * 1_237 % 90_000)),
        side: if index.is_multiple_of(3) { Side::Sell } else { Side::Buy },
        timestamp_ms: 1_700_000_000_000 + i64::from(index),
    }
}

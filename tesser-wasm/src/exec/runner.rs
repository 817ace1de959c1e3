//! An [`Algorithm`] as an [`ExecutionPlugin`]: the host's callbacks in, orders and state out.

use std::fmt;

use serde_json::Value;

use super::params::{Params, check_names, read_struct};
use super::policy::{Common, OrderPolicy, own_specs};
use super::start::{Start, said};
use super::state::{Parts, State, StateError, StateWriter};
use super::{Algorithm, MarketRules, ParentOrder};
use crate::guest::ExecutionPlugin;
use crate::json::{self, Json};
use crate::order::bare_code;
use crate::{
    ParamError, PluginError, PluginFill, PluginInitContext, PluginResult, PluginSide, PluginTick,
    decimal,
};

/// Version of the state. A newer kit reads all versions from 1 on.
const STATE_VERSION: u64 = 1;

/// Runs an [`Algorithm`] as a plugin. [`export_algorithm!`](crate::export_algorithm) exports one; in native tests,
/// [`PluginRuntime`](crate::guest::PluginRuntime) calls it.
pub struct Runner<A: Algorithm> {
    running: Option<Running<A>>,
    /// Length of the last state; the next one is about as long.
    room: usize,
}

struct Running<A: Algorithm> {
    algorithm: A,
    state: A::State,
    parent: ParentOrder,
}

impl<A: Algorithm> Default for Runner<A> {
    fn default() -> Self {
        Self { running: None, room: 256 }
    }
}

impl<A: Algorithm> fmt::Debug for Runner<A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parent = self.running.as_ref().map(|running| &running.parent);
        formatter.debug_struct("Runner").field("parent", &parent).finish_non_exhaustive()
    }
}

impl<A: Algorithm> ExecutionPlugin for Runner<A> {
    fn init(&mut self, ctx: PluginInitContext) -> Result<PluginResult, PluginError> {
        self.start(&ctx.into())
    }

    fn init_json(&mut self, context_json: &str) -> Result<PluginResult, PluginError> {
        self.start(&Start::read(context_json)?)
    }

    fn on_tick(&mut self, tick: PluginTick) -> Result<PluginResult, PluginError> {
        let Some(Running { algorithm, state, parent }) = &mut self.running else {
            return Ok(PluginResult::new());
        };
        let is_ours = tick.symbol == parent.code || bare_code(&tick.symbol) == parent.code;
        if !is_ours || !parent.take_tick(&tick) || parent.gave_up {
            return Ok(PluginResult::new());
        }
        algorithm.on_trade(state, parent, &tick);
        if parent.actions.is_empty() && parent.logs.is_empty() {
            return Ok(PluginResult::new());
        }
        Ok(parent.result())
    }

    fn on_fill(&mut self, fill: PluginFill) -> Result<PluginResult, PluginError> {
        let Some(Running { algorithm, state, parent }) = &mut self.running else {
            return Ok(PluginResult::new());
        };
        let is_over = is_over(algorithm, parent);
        if parent.take_fill(&fill) && !is_over && !parent.gave_up {
            algorithm.on_fill(state, parent, &fill);
        }
        Ok(parent.result())
    }

    fn on_timer(&mut self) -> Result<PluginResult, PluginError> {
        let Some(Running { algorithm, state, parent }) = &mut self.running else {
            return Ok(PluginResult::new());
        };
        parent.take_timer();
        if parent.gave_up || parent.is_done() {
            return Ok(parent.result());
        }
        if is_over(algorithm, parent) {
            parent.end();
        } else {
            algorithm.on_timer(state, parent);
        }
        Ok(parent.result())
    }

    fn snapshot_json(&mut self) -> Result<String, PluginError> {
        let Some(Running { state, parent, .. }) = &mut self.running else {
            return Ok("null".to_owned());
        };
        let mut out = StateWriter::with_capacity(self.room);
        write_parent(parent, &mut out);
        state.write(&mut out);
        out.close(b'}');
        let json = out.finish();
        self.room = json.len();
        Ok(json)
    }

    fn snapshot(&mut self) -> Result<Value, PluginError> {
        Ok(json::from_str(&self.snapshot_json()?)?)
    }

    fn restore(&mut self, saved: Value) -> Result<(), PluginError> {
        self.restore_json(&saved.to_string())
    }

    fn restore_json(&mut self, state_json: &str) -> Result<(), PluginError> {
        let saved = Json::new(state_json).map_err(|error| said(error.of_what("state")))?;
        let Some(running) = self.running.as_mut() else {
            return Err(said("restore: `init` was not called".to_owned()));
        };
        check_version(saved)?;
        running.restore(saved).map_err(|error| said(["malformed state: ", error.text()].concat()))
    }
}

#[inline(never)]
fn check_version(saved: Json<'_>) -> Result<(), PluginError> {
    let version = saved.fields().and_then(|fields| fields.get("version")?.as_u64());
    match version {
        Some(STATE_VERSION) => Ok(()),
        Some(version) => {
            let [version, own] = [version, STATE_VERSION].map(|it| decimal::to_string(it.into()));
            Err(said(
                ["the state has version ", &version, "; this plugin's SDK reads version ", &own]
                    .concat(),
            ))
        }
        None => Err(said(
            "the state has no version: a plugin made without this execution kit saved it. \
                    Let its orders end, and send the signal again"
                .to_owned(),
        )),
    }
}

#[cold]
#[inline(never)]
#[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
fn refused(error: ParamError) -> PluginError {
    said(error.text())
}

impl<A: Algorithm> Runner<A> {
    fn start(&mut self, start: &Start) -> Result<PluginResult, PluginError> {
        let Some(given) = start.params() else {
            return Err(said("params: must be an object".to_owned()));
        };
        let own = own_specs::<A>();
        let tables = [MarketRules::SPECS, Common::SPECS, A::Params::SPECS, &own];
        check_names(&given, &tables).map_err(refused)?;
        let rules = read_struct::<MarketRules>(&given).and_then(|it| it.checked(start.last_price));
        let rules = rules.map_err(refused)?;
        let policy = OrderPolicy::read::<A>(&given, &rules).map_err(refused)?;
        let params = read_struct(&given).map_err(refused)?;
        let parent = ParentOrder::new(start, rules, policy).map_err(said)?;
        let algorithm = A::new(params, &parent).map_err(refused)?;
        let state = algorithm.initial_state(&parent);
        self.running = Some(Running { algorithm, state, parent });
        Ok(PluginResult::new())
    }
}

fn is_over<A: Algorithm>(algorithm: &A, parent: &ParentOrder) -> bool {
    algorithm.end_secs().is_some_and(|end| parent.elapsed_secs() >= end)
}

impl<A: Algorithm> Running<A> {
    fn restore(&mut self, saved: Json<'_>) -> Result<(), StateError> {
        let state = restore_parent(&mut self.parent, saved)?;
        self.state = State::read(state)?;
        self.algorithm.check_state(&self.state).map_err(|error| StateError::new(&error))
    }
}

/// Reads the kit's part of the state and returns the algorithm's part.
#[inline(never)]
fn restore_parent<'a>(parent: &mut ParentOrder, saved: Json<'a>) -> Result<Json<'a>, StateError> {
    const NAMES: [&str; 5] = ["version", "clock", "prices", "work", "algorithm"];
    let mut parts = Parts::fields(saved, &NAMES);
    parts.next();
    parent.clock = parts.read();
    parent.prices.restore(&parts.read());
    let (work, state) = (parts.next(), parts.next());
    parts.end()?;
    read_work(parent, work)?;
    Ok(state)
}

/// Writes the kit's part of the state, which comes before the algorithm's part.
#[inline(never)]
fn write_parent(parent: &mut ParentOrder, out: &mut StateWriter) {
    if parent.work_json.is_empty() {
        parent.work_json = work_json(parent);
    }
    out.literal(b"{\"version\":1,\"clock\":");
    parent.clock.write(out);
    out.literal(b",\"prices\":");
    parent.prices.write(out);
    out.literal(b",\"work\":");
    out.json(&parent.work_json);
    out.literal(b",\"algorithm\":");
}

fn side(side: PluginSide) -> &'static str {
    if side == PluginSide::Buy { "buy" } else { "sell" }
}

#[inline(never)]
fn work_json(parent: &ParentOrder) -> String {
    let mut out = StateWriter::with_capacity(512);
    out.open(b'{');
    out.field("signal", &parent.signal);
    out.field("symbol", &parent.code);
    out.field("side", &side(parent.side).to_owned());
    out.field("target", &parent.target);
    out.field("placed", &parent.placed);
    out.field("gave_up", &parent.gave_up);
    out.field("begin_ms", &parent.clock.begin_ms());
    out.field("orders", &parent.orders);
    out.close(b'}');
    out.finish()
}

#[inline(never)]
fn read_work(parent: &mut ParentOrder, work: Json<'_>) -> Result<(), StateError> {
    const NAMES: [&str; 8] =
        ["signal", "symbol", "side", "target", "placed", "gave_up", "begin_ms", "orders"];
    let mut parts = Parts::fields(work, &NAMES);
    let own = [parent.signal.as_str(), parent.code.as_str(), side(parent.side)];
    for (name, own) in NAMES.iter().zip(own) {
        if parts.next().as_str().as_deref() != Some(own) {
            parts.fail(&["it is of another ", name].concat());
        }
    }
    if parts.decimal() != parent.target {
        parts.fail("it is of another target");
    }
    parent.placed = parts.u32();
    parent.gave_up = parts.read();
    parent.clock.begins_at(parts.i64());
    parent.orders = parts.read();
    parts.end()?;
    parent.orders.check(parent.target)?;
    parent.orders.restart(parent.clock.now());
    parent.work_json.clear();
    Ok(())
}

/// Exports an [`Algorithm`](crate::exec::Algorithm) as the `tesser:execution` world, once in a crate, with the schema of
/// its parameters in the custom section `tesser:params`.
///
/// See the [module](crate::exec) for a whole plugin.
#[macro_export]
macro_rules! export_algorithm {
    ($algorithm:ty $(,)?) => {
        $crate::export_plugin!($crate::exec::Runner<$algorithm>);

        #[cfg(target_arch = "wasm32")]
        const _: () = {
            const PIECES: &[$crate::exec::section::Piece] =
                &$crate::exec::section::pieces::<$algorithm>();
            const LENGTH: usize = $crate::exec::section::length(PIECES);

            // No `#[used]`, which would also keep the bytes in a data segment.
            #[allow(dead_code, reason = "the section is read from the file")]
            #[unsafe(link_section = "tesser:params")]
            static SCHEMA: [u8; LENGTH] = $crate::exec::section::bytes(PIECES);
        };
    };
}

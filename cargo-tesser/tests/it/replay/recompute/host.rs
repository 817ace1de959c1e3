//! The session of `docs/replay.md`, from the page only: one instance of the plugin, and a loop that takes what is due next.

use std::path::Path;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use wasmtime::component::{
    Component, ComponentNamedList, Func, Instance, Lift, Linker, Lower, Val,
};
use wasmtime::{Engine, Store};

use super::exchange::{Exchange, Trade};
use super::options::Options;

const TIMER_MS: i64 = 1_000;
const POLL_MS: i64 = 15_000;
const STALE_MS: i64 = 60_000;

pub struct Plugin {
    store: Store<()>,
    instance: Instance,
}

impl Plugin {
    pub fn load(engine: &Engine, file: &Path) -> Component {
        Component::from_file(engine, file).unwrap()
    }

    pub fn new(component: &Component) -> Self {
        let mut store = Store::new(component.engine(), ());
        let instance = Linker::new(component.engine()).instantiate(&mut store, component).unwrap();
        Self { store, instance }
    }

    fn export(&mut self, name: &str) -> Func {
        self.instance.get_func(&mut self.store, name).unwrap()
    }

    fn call<P, R>(&mut self, name: &str, params: P) -> R
    where
        P: ComponentNamedList + Lower,
        (R,): ComponentNamedList + Lift,
        R: Send + Sync + 'static,
    {
        let typed = self.export(name).typed::<P, (R,)>(&self.store).unwrap();
        let (answer,) = typed.call(&mut self.store, params).unwrap();
        typed.post_return(&mut self.store).unwrap();
        if name != "snapshot" {
            self.call::<(), String>("snapshot", ());
        }
        answer
    }

    fn tick(&mut self, trade: Trade) -> String {
        let text = |text: &str| Val::String(text.to_owned());
        let decimal =
            |value: Decimal| Val::Record(vec![("value".into(), text(&value.to_string()))]);
        let tick = Val::Record(vec![
            ("symbol".into(), text("BTCUSDT")),
            ("price".into(), decimal(trade.price)),
            ("size".into(), decimal(trade.quantity)),
            ("side".into(), Val::Enum(if trade.bought { "buy" } else { "sell" }.into())),
            ("timestamp-ms".into(), Val::S64(trade.ms)),
        ]);
        let (export, mut answer) = (self.export("on-tick"), [Val::Bool(false)]);
        export.call(&mut self.store, &[tick], &mut answer).unwrap();
        export.post_return(&mut self.store).unwrap();
        self.call::<(), String>("snapshot", ());
        let [Val::String(answer)] = answer else { panic!("{answer:?}") };
        answer
    }
}

/// What is on its way to the exchange.
enum Sent {
    Order(usize),
    Amendment(usize, Option<Decimal>, Option<Decimal>),
}

pub struct Host<'a> {
    options: &'a Options,
    tape: &'a [Trade],
    plugin: Plugin,
    pub exchange: Exchange<'a>,
    on_the_way: Vec<(i64, Sent)>,
    /// Fills that the host has heard of.
    told: usize,
    /// Orders without a fill, and since when they count.
    unfilled: Vec<(usize, i64)>,
    timer_ms: i64,
    poll_ms: i64,
    busy_ms: i64,
    /// That of the tape or of the horizon.
    end_ms: i64,
    /// When the plugin said that it is done, and how many trades there were.
    pub completed: Option<usize>,
}

pub fn decimal(value: &Value) -> Option<Decimal> {
    value.as_str().map(|text| text.parse().unwrap())
}

impl<'a> Host<'a> {
    pub fn new(plugin: Plugin, params: &Value, options: &'a Options, tape: &'a [Trade]) -> Self {
        let start = tape[0].ms;
        let mut host = Self {
            options,
            tape,
            plugin,
            exchange: Exchange::new(options, tape),
            on_the_way: vec![],
            told: 0,
            unfilled: vec![],
            timer_ms: start + options.timer_phase,
            poll_ms: start + POLL_MS,
            busy_ms: start,
            end_ms: tape[tape.len() - 1].ms.min(start + options.horizon_ms.unwrap_or(i64::MAX / 2)),
            completed: None,
        };
        let (side, kind) =
            if options.sells { ("sell", "enter_short") } else { ("buy", "enter_long") };
        let context = json!({
            "plugin": "it", "params": params, "metadata": {"panic_behavior": null, "stop_loss": null, "take_profit": null},
            "signal": {"id": "00000000-0000-4000-8000-000000000001", "symbol": "BTCUSDT", "side": side, "kind": kind,
                "confidence": 1.0, "target_quantity": options.target.to_string(), "note": null, "group_id": null},
            "risk": {"last_price": tape[0].price.to_string(), "portfolio_equity": "100000000", "exchange_equity": "100000000",
                "signed_position_qty": "0", "base_available": "0", "quote_available": "100000000",
                "settlement_available": "100000000", "instrument_kind": "LinearPerpetual"},
        });
        let answer: Result<String, String> = host.plugin.call("init", (context.to_string(),));
        host.follow(start, &answer.unwrap());
        host
    }

    /// Does what the plugin's answer asks for.
    fn follow(&mut self, now: i64, answer: &str) {
        let answer: Value = serde_json::from_str(answer).unwrap();
        for order in answer["orders"].as_array().unwrap() {
            // One after the other: the host waits for each answer.
            self.busy_ms = self.busy_ms.max(now) + self.options.latency_ms;
            let sent = match &order["action"] {
                action if action["Place"].is_object() => Some(self.place(now, &action["Place"])),
                action => self.amend(now, &action["Amend"]),
            };
            // What is sent after the end goes nowhere.
            let sent = sent.filter(|_| now <= self.end_ms);
            self.on_the_way.extend(sent.map(|sent| (self.busy_ms, sent)));
        }
        if answer["completed"] == true {
            self.completed = Some(self.exchange.seen);
        }
    }

    fn place(&mut self, now: i64, order: &Value) -> Sent {
        // An order leaves the host only under the symbol with its venue.
        assert_eq!(order["symbol"], "bybit_linear:BTCUSDT");
        let number = self.exchange.orders.len();
        self.exchange.orders.push(super::exchange::Order {
            sent_ms: now,
            buys: order["side"] == "buy",
            market: order["order_type"] == "market",
            price: decimal(&order["price"]),
            quantity: decimal(&order["quantity"]).unwrap(),
            // `post_only` becomes a plain order.
            tif: order["time_in_force"]
                .as_str()
                .filter(|tif| *tif != "post_only")
                .map(str::to_owned),
            market_price: self.exchange.seen.checked_sub(1).map(|last| self.tape[last].price),
            filled: Decimal::ZERO,
            state: if now <= self.end_ms { "sent" } else { "open" },
            amended: vec![],
        });
        self.unfilled.push((number, now));
        Sent::Order(number)
    }

    fn amend(&mut self, now: i64, order: &Value) -> Option<Sent> {
        let number = order["order_id"].as_str().unwrap().strip_prefix("order-")?;
        let number = number.parse::<usize>().unwrap() - 1;
        if self.exchange.orders[number].state != "open" {
            return None;
        }
        self.unfilled.retain(|(other, _)| *other != number);
        self.unfilled.push((number, now));
        Some(Sent::Amendment(number, decimal(&order["new_price"]), decimal(&order["new_quantity"])))
    }

    /// Runs to the end. In each millisecond: what the host is told, its polls and timers, trades, orders that arrive.
    pub fn run(&mut self) {
        let fill_latency = self.options.fill_latency_ms;
        loop {
            let works = self.completed.is_none();
            // A plugin that is done ends the run, unless there is a horizon: then the market goes on.
            let goes_on = works || self.options.horizon_ms.is_some();
            let until_end = |(ms, _): &(i64, u8)| *ms <= self.end_ms;
            let told = self.exchange.fills.get(self.told).map(|fill| (fill.ms + fill_latency, 0));
            let poll = Some((self.poll_ms, 1)).filter(until_end);
            let timer = Some((self.timer_ms.max(self.busy_ms), 2)).filter(until_end);
            let trade = self.tape.get(self.exchange.seen).map(|trade| (trade.ms, 3));
            let arrives = self.on_the_way.iter().map(|(ms, _)| (*ms, 4)).min();
            let next = [
                told.filter(|_| works),
                poll.filter(|_| goes_on),
                timer.filter(|_| works),
                trade.filter(until_end).filter(|_| goes_on),
                arrives,
            ];
            let Some((now, rank)) = next.into_iter().flatten().min() else { break };
            match rank {
                0 => self.tell(now),
                1 => self.poll(now),
                2 => self.timer(now),
                3 => self.trade(now),
                _ => self.arrive(now),
            }
        }
    }

    fn timer(&mut self, now: i64) {
        self.timer_ms += TIMER_MS;
        let answer: String = self.plugin.call("on-timer", ());
        self.follow(now, &answer);
    }

    fn trade(&mut self, now: i64) {
        self.exchange.trade();
        if self.options.ticks {
            let fills = self.exchange.fills.len();
            while self.told < fills
                && self.exchange.fills[self.told].ms + self.options.fill_latency_ms <= now
            {
                self.tell(now);
            }
            let answer = self.plugin.tick(self.tape[self.exchange.seen - 1]);
            self.follow(now, &answer);
        }
    }

    fn arrive(&mut self, now: i64) {
        let first = self.on_the_way.iter().position(|(ms, _)| *ms == now).unwrap();
        match self.on_the_way.remove(first).1 {
            Sent::Order(order) => self.exchange.arrive(order, now),
            Sent::Amendment(order, price, quantity) => {
                self.exchange.amend(order, now, price, quantity);
            }
        }
    }

    fn poll(&mut self, now: i64) {
        self.poll_ms += POLL_MS;
        for (order, since) in std::mem::take(&mut self.unfilled) {
            if now - since < STALE_MS {
                self.unfilled.push((order, since));
            } else if self.exchange.orders[order].state == "open" {
                self.exchange.cancel(order);
            }
        }
    }

    fn tell(&mut self, now: i64) {
        let fill = self.exchange.fills[self.told].clone();
        self.told += 1;
        self.unfilled.retain(|(order, _)| *order != fill.order);
        let told = json!({
            "order_id": format!("order-{}", fill.order + 1), "symbol": "BTCUSDT",
            "side": if self.exchange.orders[fill.order].buys { "buy" } else { "sell" },
            "fill_price": fill.price.to_string(), "fill_quantity": fill.quantity.to_string(),
            "fee": Some(fill.fee).filter(|fee| !fee.is_zero()).map(|fee| fee.to_string()), "fee_asset": null, "timestamp_ms": fill.ms,
        });
        let answer: String = self.plugin.call("on-fill", (told.to_string(),));
        self.follow(now, &answer);
    }
}

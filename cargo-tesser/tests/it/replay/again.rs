//! A run made again from nothing but its JSON.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use toml_edit::DocumentMut;

use super::{book, synthetic};
use crate::support::{Sandbox, chase, root};

/// A folder with the plugin, tapes and the host's files.
fn folder() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("chase.wasm", fs::read(chase()).unwrap());
    let tape = fs::read_to_string(synthetic()).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(tape.as_bytes()).unwrap();
    sandbox.write("tape.csv.gz", gzip.finish().unwrap());
    let other = tape.replacen("qty,", "lots,", 1).replacen("price,", "px,", 1);
    sandbox.write("other.csv", other.replacen("40000.84", "none", 1));
    sandbox.write("tape.csv", tape);
    sandbox.write("trades.csv", book::trades());
    sandbox.write("book.csv", book::order_book("BTCUSDT"));
    sandbox.write(
        "script.jsonl",
        "\"timer\"\n{\"fill\": {\"order\": 1, \"price\": \"1\", \"quantity\": \"0.05\"}}\n",
    );
    sandbox.write("limits.toml", "[risk_management]\nmax_order_notional = 20001.5\n");
    let market = "[[markets]]\nexchange = \"bybit_linear\"\nsymbol = \"BTCUSDT\"\n";
    sandbox.write("instruments.toml", format!("{market}kind = \"inverse_perpetual\"\n"));
    sandbox.write("slow.toml", profile("slow", &json!({ "timer-ms": 500, "ticks": true })));
    sandbox
}

/// A host profile as that of Tesser 0.9, with other rules.
fn profile(name: &str, rules: &Value) -> String {
    let text = fs::read_to_string(root().join("cargo-tesser/hosts/tesser-0.9.toml")).unwrap();
    let mut profile: DocumentMut = text.parse().unwrap();
    profile["name"] = toml_edit::value(name);
    for (key, rule) in toml_edit::ser::to_document(rules).unwrap().iter() {
        profile["session"][key] = rule.clone();
    }
    profile.to_string()
}

fn document(sandbox: &Sandbox, words: &[&str]) -> Value {
    let run = sandbox.tesser("", &[&["replay"], words, &["--format", "json"]].concat());
    assert!(matches!(run.code, Some(0 | 1)), "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

/// The command line of a run, of what its document says and nothing else. The host's files are written anew.
struct Rebuilt<'a> {
    sandbox: &'a Sandbox,
    words: Vec<String>,
}

impl Rebuilt<'_> {
    fn of(sandbox: &Sandbox, run: &Value) -> Vec<String> {
        let mut rebuilt = Rebuilt { sandbox, words: Vec::new() };
        let names = ["id", "schema", "tool", "plugin", "params", "signal", "tape", "book", "host"];
        let more = ["exchange", "interval", "expected"];
        fields(run, <[_; 12]>::try_from([&names[..], &more].concat()).unwrap());
        rebuilt.files(run);
        rebuilt.signal(run);
        rebuilt.host(run);
        rebuilt.exchange(&run["exchange"]);
        rebuilt.interval(&run["interval"]);
        rebuilt.expected(&run["expected"]);
        rebuilt.words
    }

    /// A flag with a value; null is no flag.
    fn flag(&mut self, flag: &str, value: &Value) {
        let text = match value {
            Value::Null => return,
            Value::String(text) => text.clone(),
            value => value.to_string(),
        };
        self.words.extend([flag.to_owned(), text]);
    }

    fn switch(&mut self, flag: &str, value: &Value) {
        if value.as_bool().unwrap() {
            self.words.push(flag.to_owned());
        }
    }

    fn files(&mut self, run: &Value) {
        let plugin = fields(&run["plugin"], ["path", "name", "sha256", "metadata"]);
        self.words.push(plugin["path"].as_str().unwrap().to_owned());
        let tape = fields(&run["tape"], ["path", "sha256", "columns", "skip_bad_rows"]);
        self.flag("--tape", &tape["path"]);
        self.flag("--columns", &tape["columns"]);
        self.switch("--skip-bad-rows", &tape["skip_bad_rows"]);
        let book = run["book"].as_object().map(|_| fields(&run["book"], ["path", "sha256"]));
        if let Some(book) = book {
            self.flag("--book", &book["path"]);
        }
        for file in [plugin, tape].into_iter().chain(book) {
            let bytes = fs::read(self.sandbox.path(file["path"].as_str().unwrap())).unwrap();
            assert_eq!(file["sha256"], sha256(&bytes), "{}", file["path"]);
        }
    }

    fn signal(&mut self, run: &Value) {
        let signal = fields(&run["signal"], ["symbol", "side", "quantity"]);
        for name in ["symbol", "side", "quantity"] {
            self.flag(&format!("--{name}"), &signal[name]);
        }
        self.words.extend(["--params".into(), run["params"].to_string()]);
    }

    fn host(&mut self, run: &Value) {
        let names = ["profile", "rules", "ticks", "amend_rule", "limits", "balance"];
        let more = ["instrument_kind", "timer_phase_ms", "restart_after_rows", "down_ms"];
        let names = [&names[..], &more, &["reconnect_after_ms"]].concat();
        let host = fields(&run["host"], <[_; 11]>::try_from(names).unwrap());
        let profile = profile(host["profile"].as_str().unwrap(), &host["rules"]);
        self.sandbox.write("again/profile.toml", profile);
        self.flag("--host", &json!("again/profile.toml"));
        self.switch("--ticks", &host["ticks"]);
        let connector = match host["amend_rule"].as_str().unwrap() {
            "price-or-quantity" => "bybit",
            "price-and-quantity" => "binance",
            rule => rule,
        };
        self.flag("--exchange", &json!(connector));
        let limits = ["max_order_quantity", "max_position_quantity", "max_order_notional"];
        let limits = fields(&host["limits"], limits);
        self.flag("--max-order", &limits["max_order_quantity"]);
        self.flag("--max-position", &limits["max_position_quantity"]);
        if let Some(notional) = limits["max_order_notional"].as_str() {
            let text = format!("[risk_management]\nmax_order_notional = \"{notional}\"\n");
            self.sandbox.write("again/limits.toml", text);
            self.flag("--config", &json!("again/limits.toml"));
        }
        let (venue, code) = run["signal"]["symbol"].as_str().unwrap().split_once(':').unwrap();
        let kind = &host["instrument_kind"];
        let market = format!("[[markets]]\nexchange = \"{venue}\"\nsymbol = \"{code}\"\n");
        self.sandbox.write("again/markets.toml", format!("{market}kind = {kind}\n"));
        self.flag("--markets", &json!("again/markets.toml"));
        self.flag("--balance", &host["balance"]);
        self.flag("--timer-phase", &host["timer_phase_ms"]);
        self.flag("--restart-after", &host["restart_after_rows"]);
        self.flag("--down", &seconds(&host["down_ms"]));
        self.flag("--reconnect-after", &seconds(&host["reconnect_after_ms"]));
    }

    fn exchange(&mut self, exchange: &Value) {
        let Value::Object(exchange) = exchange else { return assert!(exchange.is_null()) };
        for (name, value) in exchange {
            match name.as_str() {
                "half_spread_bps" => self.flag("--half-spread", value),
                "maker_fee_bps" => self.flag("--maker-fee", value),
                "taker_fee_bps" => self.flag("--taker-fee", value),
                "rejects" => {
                    let numbers = value.as_array().unwrap().iter().map(Value::to_string);
                    let numbers = numbers.collect::<Vec<_>>().join(",");
                    self.flag(
                        "--reject",
                        &if numbers.is_empty() { Value::Null } else { json!(numbers) },
                    );
                }
                name => self.flag(&format!("--{}", name.replace('_', "-")), value),
            }
        }
    }

    fn interval(&mut self, interval: &Value) {
        let interval = fields(interval, ["from_ms", "to_ms", "horizon_ms"]);
        self.flag("--from", &interval["from_ms"]);
        self.flag("--to", &interval["to_ms"]);
        self.flag("--horizon", &seconds(&interval["horizon_ms"]));
    }

    fn expected(&mut self, expected: &Value) {
        let expected = fields(expected, ["completed", "max_shortfall_bps", "min_filled"]);
        if expected["completed"] == true {
            self.flag("--expect", &json!("completed"));
        }
        self.flag("--max-shortfall-bps", &expected["max_shortfall_bps"]);
        self.flag("--min-filled", &expected["min_filled"]);
    }
}

/// An object with these fields and no other: one that is new has to be made again, too.
fn fields<'a, const N: usize>(value: &'a Value, names: [&str; N]) -> &'a Map<String, Value> {
    let object = value.as_object().unwrap();
    let mut names = names.to_vec();
    names.sort_unstable();
    assert_eq!(object.keys().map(String::as_str).collect::<Vec<_>>(), names);
    object
}

fn seconds(ms: &Value) -> Value {
    ms.as_i64().map_or(Value::Null, |ms| json!(ms / 1_000))
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    let digits = |mut text: String, byte: &u8| {
        write!(text, "{byte:02x}").unwrap();
        text
    };
    Sha256::digest(bytes).iter().fold(String::new(), digits)
}

/// What follows `--quantity`.
const SETS: [&str; 13] = [
    "2 --tape tape.csv",
    "1.50 --tape tape.csv.gz --side sell --symbol btcusdt",
    "2 --tape tape.csv --max-order 0.75 --max-position 0 --balance 3e6",
    "2 --tape tape.csv --venue binance_spot --exchange any",
    "2 --tape tape.csv --queue 0.3 --participation 0.5 --latency-ms 150 --fill-latency-ms 75 --half-spread 2.5 \
     --depth 0.25 --depth-ms 500 --maker-fee -0.5 --taker-fee 5.5 --fee-asset bybit_linear:USDT --reject 2,3",
    "2 --tape tape.csv --ticks --timer-phase 250 --restart-after 50 --down 4 --reconnect-after 20",
    "2 --tape tape.csv --from 2024-01-01T00:00:10Z --to 2024-01-01T00:00:55Z --horizon 30 --expect completed \
     --max-shortfall-bps 0.50 --min-filled 0.9",
    "1 --tape other.csv --columns price=px,quantity=lots,symbol= --skip-bad-rows",
    "1 --tape tape.csv --config limits.toml --markets instruments.toml",
    "1 --tape tape.csv --host slow.toml",
    "1 --tape trades.csv --book book.csv --queue-model power-prob:2.5 --horizon 20",
    "1 --tape trades.csv --book book.csv --queue-model log-prob",
    "0.2 --tape script.jsonl",
];

#[test]
fn a_run_made_again_from_its_json_gives_the_same_json() {
    let sandbox = folder();
    let mut ids = Vec::new();
    for words in SETS {
        let words: Vec<_> = words.split_whitespace().collect();
        let venue = words.iter().skip_while(|word| **word != "--venue").nth(1);
        let venue = venue.unwrap_or(&"bybit_linear");
        let params = json!({ "venue": venue, "clip_size": "0.5" }).to_string();
        let chase = ["chase.wasm", "--params", &params, "--quantity"];
        let first = document(&sandbox, &[&chase[..], &words].concat());
        let rebuilt = Rebuilt::of(&sandbox, &first["run"]);
        let rebuilt: Vec<_> = rebuilt.iter().map(String::as_str).collect();
        assert_eq!(document(&sandbox, &rebuilt), first, "{words:?} as {rebuilt:?}");
        assert!(!first["orders"].as_array().unwrap().is_empty(), "{words:?}");
        ids.push(first["run"]["id"].as_str().unwrap().to_owned());
    }
    let runs = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), runs, "each of them is another run");
}

#[test]
fn an_id_is_of_what_a_run_is_and_not_of_where_its_files_lie() {
    let sandbox = folder();
    let words = ["--quantity", "1", "--params", super::VENUE, "--tape"];
    let id = |plugin: &str, tape: &str| {
        let document = document(&sandbox, &[&[plugin], &words[..], &[tape]].concat());
        document["run"]["id"].as_str().unwrap().to_owned()
    };
    let here = id("chase.wasm", "tape.csv");
    sandbox.write("there/chase.wasm", fs::read(chase()).unwrap());
    sandbox.write("there/monday.csv", fs::read(sandbox.path("tape.csv")).unwrap());
    assert_eq!(id("there/chase.wasm", "there/monday.csv"), here);
    // The plugin is told its name.
    sandbox.write("other.wasm", fs::read(chase()).unwrap());
    assert_ne!(id("other.wasm", "tape.csv"), here);
    // The same trades in other bytes.
    assert_ne!(id("chase.wasm", "tape.csv.gz"), here);
}

#[test]
fn each_run_of_a_sweep_has_the_document_of_a_single_run() {
    let sandbox = folder();
    sandbox.write(
        "runs.toml",
        "tapes = [\"tape.csv\", \"none.csv\"]\n[[params]]\nclip_size = \"0.5\"\n[[params]]\nclip_size = \"1\"\n",
    );
    let shared = ["chase.wasm", "--quantity", "2", "--horizon", "40", "--params", super::VENUE];
    let sweep = document(&sandbox, &[&shared[..], &["--sweep", "runs.toml"]].concat());
    let [first, second, missing, _] = &sweep["runs"].as_array().unwrap()[..] else { panic!() };
    for run in [first, second] {
        let rebuilt = Rebuilt::of(&sandbox, &run["ledger"]["run"]);
        let rebuilt: Vec<_> = rebuilt.iter().map(String::as_str).collect();
        assert_eq!(document(&sandbox, &rebuilt), run["ledger"]);
    }
    assert_ne!(first["ledger"]["run"]["id"], second["ledger"]["run"]["id"]);
    assert_eq!(missing["run"]["tape"]["sha256"], Value::Null);
    assert_eq!(missing["run"]["params"]["clip_size"], "0.5");
}

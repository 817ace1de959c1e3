//! wasm-opt makes a plugin smaller and nothing else: the same events, the same bytes.

use cargo_tesser::engine::{Compiled, DecimalValue, Engine, Error, Side, Tick};
use serde_json::json;

use crate::support::Sandbox;

/// Numbers that are the same in every run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn decimal(&mut self, limit: u64) -> String {
        format!("{}.{:0width$}", self.below(limit), self.below(1_000), width = 3)
    }

    fn side(&mut self) -> &'static str {
        ["buy", "sell"][usize::from(self.below(2) == 1)]
    }
}

/// The templates, and parameters that let each of them order something.
const TEMPLATES: [(&str, &str); 11] = [
    ("chase", r#"{ "venue": "v" }"#),
    ("twap", r#"{ "venue": "v" }"#),
    ("iceberg", r#"{ "venue": "v" }"#),
    ("blank", r#"{ "venue": "v" }"#),
    ("blank-kit", r#"{ "venue": "v", "interval_secs": 1 }"#),
    ("arrival", r#"{ "venue": "v", "duration_secs": 20, "interval_secs": 2 }"#),
    ("vwap", r#"{ "venue": "v", "duration_secs": 20, "interval_secs": 2 }"#),
    ("pov", r#"{ "venue": "v", "participation_percent": "20" }"#),
    ("pegged", r#"{ "venue": "v", "reference": "near", "requote_bps": 2 }"#),
    ("sniper", r#"{ "venue": "v", "trigger_price": "20000" }"#),
    ("trailing-stop", r#"{ "venue": "v", "trail_bps": 5 }"#),
];

/// What a plugin returns to a sequence, word for word, up to its first trap.
fn answers(compiled: &Compiled, params: &str, seed: u64) -> Vec<String> {
    let numbers = &mut Numbers(seed);
    let mut plugin = compiled.instantiate().unwrap();
    let mut said = Vec::new();
    let signal = json!({
        "id": "s", "symbol": "BTCUSDT", "side": numbers.side(), "kind": "enter_long", "confidence": 1.0,
        "target_quantity": numbers.decimal(4), "note": null, "group_id": null,
    });
    let mut context = serde_json::to_value(tesser_wasm::PluginInitContext::test(
        tesser_wasm::PluginSignal::test("BTCUSDT", rust_decimal::Decimal::ONE),
    ))
    .unwrap();
    context["signal"] = signal;
    context["params"] = serde_json::from_str(params).unwrap();
    context["risk"]["last_price"] = numbers.decimal(50_000).into();
    let inited = plugin.init(&context.to_string());
    said.push(format!("{inited:?}"));
    let mut time = 1_700_000_000_000;
    for _ in 0..4 + numbers.below(24) {
        time += i64::try_from(numbers.below(5_000)).unwrap();
        let answer = match numbers.below(8) {
            0..3 => plugin.on_tick(&std::sync::Arc::new(Tick {
                symbol: ["BTCUSDT", "BTCUSDT", "ETHUSDT"]
                    [usize::try_from(numbers.below(3)).unwrap()]
                .into(),
                price: DecimalValue { value: numbers.decimal(50_000) },
                size: DecimalValue { value: numbers.decimal(3) },
                side: if numbers.below(2) == 0 { Side::Buy } else { Side::Sell },
                timestamp_ms: time,
            })),
            3..5 => plugin.on_timer(),
            5 => {
                let fill = json!({
                    "order_id": format!("o{}", numbers.below(4)), "symbol": "BTCUSDT", "side": numbers.side(),
                    "fill_price": numbers.decimal(50_000), "fill_quantity": numbers.decimal(1),
                    "timestamp_ms": time,
                });
                plugin.on_fill(&fill.to_string())
            }
            6 => restart(&mut plugin, compiled, &context.to_string()),
            _ => plugin.snapshot(),
        };
        let trapped = answer.is_err();
        // What a trap says has addresses of the code, which are others by design; that it traps must not differ.
        said.push(answer.unwrap_or_else(|error| matches!(error, Error::Trap { .. }).to_string()));
        if trapped {
            break;
        }
        said.push(plugin.snapshot().unwrap_or_else(|_| "trapped".into()));
    }
    said
}

/// As the host does after it was down.
fn restart(
    plugin: &mut cargo_tesser::engine::Plugin,
    compiled: &Compiled,
    context: &str,
) -> Result<String, Error> {
    let state = plugin.snapshot()?;
    *plugin = compiled.instantiate()?;
    let _ = plugin.init(context)?;
    plugin.restore(&state)?;
    Ok(state)
}

fn same(templates: &[(&str, &str)], sequences: u64) {
    let sandbox = Sandbox::new();
    let engine = Engine::new().unwrap();
    for (template, params) in templates {
        let name = format!("it-same-{template}");
        sandbox.tesser("", &["new", &name, "--template", template]).expect(0);
        let compiled = |dir: &str, words: &[&str]| {
            let words = [&["build", "--release", "--out-dir", dir], words].concat();
            sandbox.tesser(&name, &words).expect(0);
            let file = format!("{name}/{dir}/{}.wasm", name.replace('-', "_"));
            let bytes = std::fs::read(sandbox.path(&file)).unwrap();
            (bytes.len(), engine.compile(&bytes).unwrap())
        };
        let (size, small) = compiled("small", &[]);
        let (plain_size, plain) = compiled("plain", &["--no-opt"]);
        assert!(size < plain_size, "wasm-opt has run: {size}, {plain_size}");
        let mut orders = 0;
        for seed in 1..=sequences {
            let seed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let expected = answers(&plain, params, seed);
            assert_eq!(answers(&small, params, seed), expected, "{template}, seed {seed}");
            orders +=
                usize::from(expected.iter().any(|said| {
                    said.contains("client_order_id") || said.contains("\"orders\":[{")
                }));
        }
        // The blank template places none; the others must have done what they are for.
        assert!(*template == "blank" || orders as u64 > sequences / 4, "{template}: {orders}");
    }
}

#[test]
fn an_optimized_plugin_answers_as_the_plain_one() {
    same(&TEMPLATES[..4], 200);
}

#[test]
#[ignore = "takes some minutes"]
fn an_optimized_plugin_answers_ten_thousand_sequences_as_the_plain_one() {
    same(&TEMPLATES, 10_000);
}

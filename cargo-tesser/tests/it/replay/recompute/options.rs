//! The flags of a run, as `cargo tesser replay --help` names them.

use rust_decimal::Decimal;

pub struct Options {
    pub latency_ms: i64,
    pub fill_latency_ms: i64,
    pub timer_phase: i64,
    pub half_spread: Option<Decimal>,
    pub depth: Option<Decimal>,
    pub depth_ms: i64,
    pub queue: Decimal,
    pub participation: Decimal,
    pub maker_fee: Decimal,
    pub taker_fee: Decimal,
    pub horizon_ms: Option<i64>,
    pub ticks: bool,
    pub sells: bool,
    pub target: Decimal,
}

impl Options {
    pub fn new(flags: &[&str]) -> Self {
        let text = |name: &str| {
            flags.iter().position(|flag| *flag == name).and_then(|at| flags.get(at + 1)).copied()
        };
        let whole = |name, usual| text(name).map_or(usual, |text| text.parse::<i64>().unwrap());
        let decimal = |name| text(name).map(|text| text.parse::<Decimal>().unwrap());
        Self {
            latency_ms: whole("--latency-ms", 20),
            fill_latency_ms: whole("--fill-latency-ms", 20),
            timer_phase: whole("--timer-phase", 1_000),
            half_spread: decimal("--half-spread"),
            depth: decimal("--depth"),
            depth_ms: whole("--depth-ms", 1_000),
            queue: decimal("--queue").unwrap_or_default(),
            participation: decimal("--participation").unwrap_or(Decimal::ONE),
            maker_fee: decimal("--maker-fee").unwrap_or_default(),
            taker_fee: decimal("--taker-fee").unwrap_or_default(),
            horizon_ms: text("--horizon").map(|text| text.parse::<i64>().unwrap() * 1_000),
            ticks: flags.contains(&"--ticks"),
            sells: text("--side") == Some("sell"),
            target: decimal("--quantity").unwrap(),
        }
    }
}

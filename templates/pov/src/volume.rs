//! How much is due: a share of the volume traded, and a part of the target for each silent second.
//!
//! In: ticks and timers. Out: the quantity that is due. It knows neither orders nor prices.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::orders::{LIMIT, cut};

/// How fast the target is worked.
#[derive(Debug, Default, PartialEq)]
pub struct Pace {
    /// Of the traded volume, above zero and at most one.
    pub share: Decimal,
    /// Timers without a tick until the market counts as silent.
    pub silence_secs: u32,
    /// Over how many silent timers the whole target is due; zero: nothing is due in silence.
    pub fallback_secs: u32,
}

/// What has become due. A restart needs it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Volume {
    /// Traded by all, as far as ticks told.
    #[serde(with = "tesser_wasm::decimal")]
    traded: Decimal,
    /// Due for silent seconds.
    #[serde(with = "tesser_wasm::decimal")]
    blind: Decimal,
    /// Timers since the last tick.
    silent: u32,
}

impl Volume {
    /// Takes the size of a tick, unless it is a broken one.
    pub fn trade(&mut self, size: Decimal) {
        self.silent = 0;
        if size > Decimal::ZERO && size <= Decimal::from(LIMIT) {
            // Above the limit the share is more than any target, so what is lost there is not missed.
            let most = Decimal::from(LIMIT) * Decimal::from(10_000);
            self.traded = (self.traded + cut(size)).min(most);
        }
    }

    /// Counts a timer.
    pub fn timer(&mut self, pace: &Pace, target: Decimal) {
        self.silent = self.silent.saturating_add(1);
        if self.silent >= pace.silence_secs && pace.fallback_secs > 0 {
            let part = target / Decimal::from(pace.fallback_secs);
            self.blind = (self.blind + part).min(target);
        }
    }

    /// At most the target.
    pub fn due(&self, pace: &Pace, target: Decimal) -> Decimal {
        (self.traded * pace.share + self.blind).min(target)
    }

    /// Refuses numbers that the functions above cannot have left behind.
    pub fn check(&self) -> Result<(), String> {
        let most = Decimal::from(LIMIT) * Decimal::from(10_000);
        for (name, value) in [("traded", self.traded), ("blind", self.blind)] {
            if value < Decimal::ZERO || value > most {
                return Err(format!("malformed state: `{name}` is out of range"));
            }
        }
        Ok(())
    }
}

//! The volume curve: how much of the target is due, given or learned from the volume traded.
//!
//! In: the slice, and the sizes of ticks. Out: the share of the target that is due. It knows neither
//! orders nor prices.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::orders::{LIMIT, cut};

/// What was expected so far weighs three times what a new slice says.
const MEMORY: Decimal = Decimal::from_parts(3, 0, 0, false, 0);

/// How the target is divided.
#[derive(Debug, Default, PartialEq)]
pub struct Plan {
    /// How many slices there are.
    pub slices: u32,
    pub curve: Curve,
    /// How many slices one order may ask for.
    pub catch_up_slices: u32,
}

#[derive(Debug, PartialEq)]
pub enum Curve {
    /// Volume of equal parts of the duration, in any unit.
    Given(Vec<Decimal>),
    /// From ticks; at most this share of the target away from equal slices.
    Learned { band: Decimal },
}

impl Default for Curve {
    fn default() -> Self {
        Self::Learned {
            band: Decimal::ZERO,
        }
    }
}

impl Plan {
    /// What is due when `slice` has begun: all of the target from the last slice on.
    pub fn due(&self, target: Decimal, slice: u32, volume: &Volume) -> Decimal {
        if slice >= self.slices {
            return target;
        }
        let share = match &self.curve {
            Curve::Given(weights) => self.given(weights, slice),
            Curve::Learned { band } => self.learned(*band, slice, volume),
        };
        (target * share).min(target)
    }

    /// The curve's volume until the end of `slice`, as a share of all.
    fn given(&self, weights: &[Decimal], slice: u32) -> Decimal {
        let parts = weights.len() as u64;
        let position = u64::from(slice) * parts;
        let slices = u64::from(self.slices);
        let begun = Decimal::from(position % slices) / Decimal::from(slices);
        let mut rest = position / slices;
        let (mut due, mut all) = (Decimal::ZERO, Decimal::ZERO);
        for weight in weights {
            all += weight;
            due += match rest {
                0 => Decimal::ZERO,
                _ => *weight,
            };
            rest = rest.saturating_sub(1);
        }
        let part = usize::try_from(position / slices).unwrap_or(usize::MAX);
        due += weights.get(part).copied().unwrap_or_default() * begun;
        due / all
    }

    /// The volume so far and that of the slice that begins, as a share of what is expected in all.
    fn learned(&self, band: Decimal, slice: u32, volume: &Volume) -> Decimal {
        let time = Decimal::from(slice) / Decimal::from(self.slices);
        let to_come = volume.expected * Decimal::from(self.slices - slice + 1);
        let share = (volume.past + volume.expected)
            .checked_div(volume.past + to_come)
            .unwrap_or(time);
        share.clamp(time - band, (time + band).min(Decimal::ONE))
    }

    /// Most that one order may ask for. The highest part of a curve counts as a slice like any other.
    pub fn most(&self, target: Decimal) -> Decimal {
        let even = target * Decimal::from(self.catch_up_slices) / Decimal::from(self.slices);
        match &self.curve {
            Curve::Learned { .. } => even,
            Curve::Given(weights) => {
                let all: Decimal = weights.iter().sum();
                let highest = weights.iter().max().copied().unwrap_or_default();
                (even * (highest * Decimal::from(weights.len()) / all)).min(target)
            }
        }
    }
}

/// What was traded by all. A restart needs it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Volume {
    /// Until the current slice.
    #[serde(with = "tesser_wasm::decimal")]
    past: Decimal,
    /// In the current slice.
    #[serde(with = "tesser_wasm::decimal")]
    current: Decimal,
    /// Of a slice to come.
    #[serde(with = "tesser_wasm::decimal")]
    expected: Decimal,
    /// The current slice, counted from one.
    slice: u32,
}

impl Volume {
    /// Takes the size of a tick, unless it is a broken one.
    pub fn trade(&mut self, size: Decimal) {
        if size > Decimal::ZERO && size <= Decimal::from(LIMIT) {
            self.current = capped(self.current + cut(size));
        }
    }

    /// A slice has begun. One without any tick says nothing: it counts as if it was as expected.
    pub fn begin(&mut self, slice: u32) {
        let before = std::mem::replace(&mut self.slice, slice);
        // What was traded before the first slice is part of it.
        if before == slice || before == 0 {
            return;
        }
        if !self.current.is_zero() {
            self.expected = if self.expected.is_zero() {
                self.current
            } else {
                cut((self.expected * MEMORY + self.current) / (MEMORY + Decimal::ONE))
            };
        }
        let seen = if self.current.is_zero() {
            self.expected
        } else {
            self.current
        };
        self.past = capped(self.past + seen);
        self.current = Decimal::ZERO;
    }

    /// Refuses numbers that the functions above cannot have left behind.
    pub fn check(&self) -> Result<(), String> {
        let limits = Decimal::ZERO..=Decimal::from(LIMIT);
        for (name, value) in [
            ("past", self.past),
            ("current", self.current),
            ("expected", self.expected),
        ] {
            if !limits.contains(&value) {
                return Err(format!("malformed state: `{name}` is out of range"));
            }
        }
        Ok(())
    }
}

fn capped(volume: Decimal) -> Decimal {
    volume.min(Decimal::from(LIMIT))
}

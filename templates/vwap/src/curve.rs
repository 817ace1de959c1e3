//! The volume curve: how much of the target is due, given or learned from the volume traded.

use rust_decimal::Decimal;
use tesser_wasm::exec::IntervalClock;
use tesser_wasm::exec::arithmetic::{LIMIT, add, cut, div, is_usable, mul, share, sub};
use tesser_wasm::{ParamError, state};

/// One part for each minute of a day.
const MAX_PARTS: usize = 1_440;

pub enum Curve {
    /// Cumulative volume at the beginning of each part, and at the end of the last one.
    Given { volumes: Vec<Decimal>, slices: u32 },
    /// Learned from ticks; at most `band` of the target away from equal slices.
    Learned { band: Decimal, slices: u32 },
}

impl Curve {
    /// A curve from the volume in equal parts of the duration.
    pub fn given(weights: &[Decimal], slices: u32) -> Result<Self, ParamError> {
        let all = weights.iter().copied().fold(Decimal::ZERO, add);
        if weights.len() > MAX_PARTS || all < Decimal::new(1, 6) {
            let message = "needs 1 to 1440 parts, with a sum of at least 0.000001";
            return Err(ParamError::new("curve", message));
        }
        let mut volumes = vec![Decimal::ZERO];
        for weight in weights {
            volumes.push(add(volumes.last().copied().unwrap_or_default(), *weight));
        }
        Ok(Self::Given { volumes, slices })
    }

    pub fn learned(band_percent: u32, slices: u32) -> Self {
        Self::Learned {
            band: Decimal::new(band_percent.into(), 2),
            slices,
        }
    }

    pub fn slices(&self) -> u32 {
        match self {
            Self::Given { slices, .. } | Self::Learned { slices, .. } => *slices,
        }
    }

    /// The share of the target that is due at the beginning of `slice`: all of it in the last one.
    pub fn due(&self, slice: u32, volume: &Volume) -> Decimal {
        if slice == 0 {
            return Decimal::ZERO;
        }
        if slice >= self.slices() {
            return Decimal::ONE;
        }
        match self {
            // Computed slice by slice: a duration of days in slices of seconds would take `init` too long.
            Self::Given { volumes, slices } => given(volumes, slice, *slices),
            Self::Learned { band, slices } => {
                let time = share(Decimal::ONE, slice.into(), (*slices).into());
                let learned = volume.share(slice, *slices).unwrap_or(time);
                let (low, high) = (add(time, -*band), add(time, *band).min(Decimal::ONE));
                learned.max(low).min(high)
            }
        }
    }
}

/// The share of the volume until the end of `slice`: whole parts of the curve, and a fraction of the current one.
fn given(volumes: &[Decimal], slice: u32, slices: u32) -> Decimal {
    let until = |part: u64| {
        let part = usize::try_from(part).unwrap_or(usize::MAX);
        volumes
            .get(part)
            .or(volumes.last())
            .copied()
            .unwrap_or_default()
    };
    let position = u64::from(slice) * (volumes.len() as u64 - 1);
    let (part, rest) = (position / u64::from(slices), position % u64::from(slices));
    let begun = sub(until(part + 1), until(part));
    let past = add(until(part), share(begun, rest as i64, slices.into()));
    div(past, until(u64::MAX))
}

state! {
    /// The volume traded by the whole market.
    #[derive(Default)]
    pub struct Volume {
        clock: IntervalClock,
        /// Before the current slice.
        past: Decimal,
        /// In the current slice.
        current: Decimal,
        /// Expected in a future slice.
        expected: Decimal,
        /// The current slice, counted from one.
        slice: u32,
    }
}

impl Volume {
    pub fn clock(&mut self) -> &mut IntervalClock {
        &mut self.clock
    }

    /// Adds the size of a tick, unless it is invalid.
    pub fn trade(&mut self, size: Decimal) {
        if is_usable(size) {
            self.current = add(self.current, cut(size)).min(Decimal::from(LIMIT));
        }
    }

    /// Begins a slice. A slice without ticks has no information: it counts as if it was as expected.
    pub fn begin(&mut self, slice: u32) {
        let before = std::mem::replace(&mut self.slice, slice);
        // Volume before the first slice counts for it.
        if before == slice || before == 0 {
            return;
        }
        let seen = std::mem::take(&mut self.current);
        if self.expected.is_zero() {
            self.expected = seen;
        } else if !seen.is_zero() {
            // The expectation so far weighs three times as much as a new slice.
            self.expected = cut(share(add(mul(self.expected, 3.into()), seen), 1, 4));
        }
        let seen = if seen.is_zero() { self.expected } else { seen };
        self.past = add(self.past, seen).min(Decimal::from(LIMIT));
    }

    /// The volume so far and that of the new slice, as a share of the expected total.
    fn share(&self, slice: u32, slices: u32) -> Option<Decimal> {
        if self.expected.is_zero() || slice != self.slice {
            return None;
        }
        let to_come = mul(self.expected, (slices - slice + 1).into());
        Some(div(add(self.past, self.expected), add(self.past, to_come)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_curve_is_spread_over_the_slices() {
        let weights = [1, 2, 1].map(Decimal::from);
        let curve = Curve::given(&weights, 6).unwrap();
        let due = |slice| curve.due(slice, &Volume::default());
        assert_eq!(
            [due(0), due(1), due(3), due(6)],
            [0, 125, 500, 1_000].map(|n| Decimal::new(n, 3))
        );
        // A week in slices of a second.
        let week = Curve::given(&weights, 604_800).unwrap();
        assert_eq!(week.due(302_400, &Volume::default()), Decimal::new(5, 1));
        for weights in [&[][..], &[Decimal::ZERO]] {
            let error = Curve::given(weights, 6).err().unwrap().to_string();
            assert!(error.contains("needs 1 to 1440 parts"), "{error}");
        }
    }

    #[test]
    fn a_learned_curve_follows_the_volume_within_its_band() {
        let curve = Curve::learned(25, 10);
        let mut volume = Volume::default();
        volume.begin(1);
        assert_eq!(curve.due(1, &volume), Decimal::new(1, 1));
        volume.trade(Decimal::from(100));
        volume.begin(2);
        assert_eq!(curve.due(2, &volume), Decimal::new(2, 1));
        // Much more volume than expected: the schedule runs ahead.
        volume.trade(Decimal::from(500));
        volume.begin(3);
        let due = curve.due(3, &volume);
        assert!(
            due > Decimal::new(35, 2) && due <= Decimal::new(55, 2),
            "{due}"
        );
    }
}

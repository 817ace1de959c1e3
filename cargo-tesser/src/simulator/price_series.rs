//! Prices and volumes for charts, in bounded size. In: trades in the order of their times. Out: the lowest and the highest price
//! and the volume of each time bucket, so that no extreme is lost.

use rust_decimal::Decimal;

use super::quick_decimal::is_less;

/// Maximum number of buckets; more than a screen has columns.
const MOST: i64 = 4_096;

type Point = (i64, Decimal);

/// Buckets of one width, which doubles when there are too many.
#[derive(Clone, Debug)]
pub(crate) struct Prices {
    start_ms: i64,
    width_ms: i64,
    buckets: Vec<Bucket>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    index: i64,
    low: Point,
    high: Point,
    volume: Decimal,
}

impl Default for Prices {
    fn default() -> Self {
        Self { start_ms: 0, width_ms: 1, buckets: Vec::new() }
    }
}

impl Prices {
    pub(crate) fn add(&mut self, time_ms: i64, price: Decimal, quantity: Decimal) {
        if self.buckets.is_empty() {
            self.start_ms = time_ms;
        }
        let since = time_ms.saturating_sub(self.start_ms);
        while since / self.width_ms >= MOST {
            self.widen();
        }
        let index = since / self.width_ms;
        let point = (time_ms, price);
        match self.buckets.last_mut() {
            Some(last) if last.index == index => last.take(point, point, quantity),
            _ => self.buckets.push(Bucket { index, low: point, high: point, volume: quantity }),
        }
    }

    fn widen(&mut self) {
        self.width_ms = self.width_ms.saturating_mul(2);
        self.buckets.iter_mut().for_each(|bucket| bucket.index /= 2);
        self.buckets.dedup_by(|next, kept| {
            let same = next.index == kept.index;
            if same {
                kept.take(next.low, next.high, next.volume);
            }
            same
        });
    }

    /// The price line, in the order of time.
    pub(crate) fn points(&self) -> Vec<Point> {
        let mut points = Vec::with_capacity(self.buckets.len() * 2);
        for Bucket { low, high, .. } in &self.buckets {
            points.extend([low.min(high), low.max(high)]);
        }
        points.dedup();
        points.into_iter().copied().collect()
    }

    /// Quantity traded in each bucket that has trades, by its start; and the width of all.
    pub(crate) fn volumes(&self) -> (i64, Vec<Point>) {
        let start = |bucket: &Bucket| {
            self.start_ms.saturating_add(bucket.index.saturating_mul(self.width_ms))
        };
        (self.width_ms, self.buckets.iter().map(|bucket| (start(bucket), bucket.volume)).collect())
    }
}

impl Bucket {
    fn take(&mut self, low: Point, high: Point, volume: Decimal) {
        self.volume = self.volume.saturating_add(volume);
        if is_less(low.1, self.low.1) {
            self.low = low;
        }
        if is_less(self.high.1, high.1) {
            self.high = high;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_tape_keeps_its_extremes_in_few_points() {
        let mut prices = Prices::default();
        for time in 0..1_000_000_i64 {
            let price = match time {
                777_777 => 1,
                333_333 => 9_000,
                _ => 100 + time % 7,
            };
            prices.add(5_000 + time * 10, price.into(), Decimal::ONE);
        }
        let points = prices.points();
        assert!(points.len() <= 8_192 && points.len() > 2_000, "{}", points.len());
        assert!(points.contains(&(5_000 + 7_777_770, Decimal::ONE)));
        assert!(points.contains(&(5_000 + 3_333_330, 9_000.into())));
        assert!(points.is_sorted_by_key(|(time, _)| *time));
        let (width_ms, volumes) = prices.volumes();
        assert_eq!(width_ms, 4_096);
        assert_eq!(volumes.iter().map(|(_, volume)| *volume).sum::<Decimal>(), 1_000_000.into());
    }

    #[test]
    fn a_short_tape_is_kept_as_it_is() {
        let mut prices = Prices::default();
        for (time, price) in [(10, 3), (20, 2), (20, 4), (30, 1)] {
            prices.add(time, price.into(), Decimal::TWO);
        }
        let expected = [(10, 3), (20, 2), (20, 4), (30, 1)].map(|(t, p): (i64, i64)| (t, p.into()));
        assert_eq!(prices.points(), expected);
    }
}

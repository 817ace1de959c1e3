//! Arithmetic on decimals that saturates instead of panicking.
//!
//! The operators of `Decimal` panic on overflow, and a panic ends the algorithm and leaves its orders open. Each of these
//! functions is also compiled only once, while `rust_decimal` inlines up to 1.7 KB at each use of an operator.

use rust_decimal::Decimal;

/// Largest quantity and price that the kit works with.
pub const LIMIT: i64 = 1_000_000_000_000_000;

/// Decimal places of quantities and prices. `Decimal` has 28 digits, so sums up to [`LIMIT`] are exact.
pub const PLACES: u32 = 12;

/// Decimal places of a quotient, as far as they fit.
const QUOTIENT_PLACES: u32 = 16;

/// The decimal with this many units of its last place; rounded down or saturated if it does not fit into a `Decimal`.
fn decimal(mut units: i128, mut places: u32) -> Decimal {
    loop {
        match Decimal::try_from_i128_with_scale(units, places) {
            Ok(value) => return value,
            Err(_) if places > 0 => {
                units /= 10;
                places -= 1;
            }
            Err(_) => return if units < 0 { Decimal::MIN } else { Decimal::MAX },
        }
    }
}

/// Powers of ten that fit into 64 bits.
const POWERS: [u64; 20] = {
    let mut powers = [1; 20];
    let mut at = 1;
    while at < powers.len() {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

/// A power of ten: two factors from the table instead of a loop of checked products. `None` on overflow.
#[inline(never)]
fn power(exponent: u32) -> Option<i128> {
    let half = exponent / 2;
    let factor = |exponent: u32| POWERS.get(exponent as usize).copied().map(i128::from);
    Some(factor(half)?.wrapping_mul(factor(exponent - half)?))
}

/// `a * b`; `None` on overflow. Factors of 64 bits, the usual case, need no check.
#[inline(never)]
fn product(a: i128, b: i128) -> Option<i128> {
    match (i64::try_from(a), i64::try_from(b)) {
        (Ok(a), Ok(b)) => Some(i128::from(a).wrapping_mul(i128::from(b))),
        _ => a.checked_mul(b),
    }
}

/// `units` with more places; `None` on overflow.
fn scaled(units: i128, places: u32) -> Option<i128> {
    if places == 0 { Some(units) } else { product(units, power(places)?) }
}

/// `a + b`. Exact if both are [usable](is_usable) and have at most [`PLACES`] places.
///
/// Computed on integers: `rust_decimal`'s own addition would add 4 KB to every plugin.
#[must_use]
#[inline(never)]
pub fn add(a: Decimal, b: Decimal) -> Decimal {
    let places = a.scale().max(b.scale());
    let units = |value: Decimal| scaled(value.mantissa(), places - value.scale());
    match units(a).zip(units(b)).and_then(|(a, b)| a.checked_add(b)) {
        Some(sum) => decimal(sum, places),
        // One value is so large that the last places of the other do not matter.
        None => decimal(cut_to(a, 0).saturating_add(cut_to(b, 0)), 0),
    }
}

/// The value in units of its last place, with this many places; further digits are cut off.
#[inline(never)]
pub(super) fn cut_to(value: Decimal, places: u32) -> i128 {
    value.mantissa() / power(value.scale().saturating_sub(places)).unwrap_or(i128::MAX)
}

/// `a - b`.
#[must_use]
#[inline(never)]
pub fn sub(a: Decimal, b: Decimal) -> Decimal {
    add(a, -b)
}

/// `a * b`. Digits beyond the 38 of a product are cut off.
#[must_use]
#[inline(never)]
pub fn mul(a: Decimal, b: Decimal) -> Decimal {
    let (mut a, mut b) = ((a.mantissa(), a.scale()), (b.mantissa(), b.scale()));
    loop {
        if let Some(product) = product(a.0, b.0) {
            return decimal(product, a.1 + b.1);
        }
        let longer = if a.1 > b.1 { &mut a } else { &mut b };
        if longer.1 == 0 {
            return if (a.0 < 0) == (b.0 < 0) { Decimal::MAX } else { Decimal::MIN };
        }
        *longer = (longer.0 / 10, longer.1 - 1);
    }
}

/// `a / b`, to 16 places if they fit; zero if `b` is zero.
///
/// Computed on integers: `rust_decimal`'s own division would add 6 KB to every plugin.
#[must_use]
#[inline(never)]
pub fn div(a: Decimal, b: Decimal) -> Decimal {
    if b.is_zero() {
        return Decimal::ZERO;
    }
    for places in (0..=QUOTIENT_PLACES).rev() {
        let (up, down) = (places + b.scale(), a.scale());
        let units = match up.checked_sub(down) {
            Some(more) => scaled(a.mantissa(), more),
            None => power(down - up).map(|power| a.mantissa() / power),
        };
        if let Some(units) = units {
            return decimal(units / b.mantissa(), places).normalize();
        }
    }
    if a.is_sign_negative() == b.is_sign_negative() { Decimal::MAX } else { Decimal::MIN }
}

/// `value * part / whole` for small integers, such as a share of a quantity in percent.
///
/// ```
/// use rust_decimal::Decimal;
/// use tesser_wasm::exec::arithmetic::share;
///
/// assert_eq!(share(Decimal::from(30), 1, 4), Decimal::new(75, 1));
/// ```
#[must_use]
#[inline(never)]
pub fn share(value: Decimal, part: i64, whole: i64) -> Decimal {
    div(mul(value, Decimal::from(part)), Decimal::from(whole))
}

/// `price` moved up by so many basis points (down if negative).
#[must_use]
#[inline(never)]
pub fn moved(price: Decimal, bps: Decimal) -> Decimal {
    div(mul(price, add(Decimal::from(10_000), bps)), Decimal::from(10_000))
}

/// Whether `a` and `b` are more than `bps` basis points of `b` apart.
#[must_use]
#[inline(never)]
pub fn apart(a: Decimal, b: Decimal, bps: Decimal) -> bool {
    less(mul(b, bps), mul(sub(a, b).abs(), Decimal::from(10_000)))
}

/// The smaller one.
#[must_use]
#[inline(never)]
pub fn min(a: Decimal, b: Decimal) -> Decimal {
    a.min(b)
}

/// The larger one.
#[must_use]
#[inline(never)]
pub fn max(a: Decimal, b: Decimal) -> Decimal {
    a.max(b)
}

/// Whether `a < b`.
#[must_use]
#[inline(never)]
pub fn less(a: Decimal, b: Decimal) -> bool {
    a < b
}

/// Whether the value is above zero.
#[must_use]
pub fn is_positive(value: Decimal) -> bool {
    !value.is_sign_negative() && !value.is_zero()
}

/// Cuts off the decimal places after the twelfth, which no quantity or price has.
#[must_use]
#[inline(never)]
pub fn cut(value: Decimal) -> Decimal {
    if value.scale() <= PLACES {
        return value;
    }
    // Not `round_dp`, which would add another kilobyte.
    decimal(cut_to(value, PLACES), PLACES)
}

/// Whether the kit can work with this price or quantity.
#[must_use]
#[inline(never)]
pub fn is_usable(value: Decimal) -> bool {
    is_positive(value) && !less(Decimal::from(LIMIT), value)
}

/// The value in units of the last of this many places; further digits are cut off. Zero on overflow, which a usable value
/// never causes.
#[inline(never)]
fn units_of(value: Decimal, places: u32) -> i128 {
    match places.checked_sub(value.scale()) {
        Some(more) => scaled(value.mantissa(), more).unwrap_or_default(),
        None => cut_to(value, places),
    }
}

/// A usable value with this many places: decimals with the same number of places compare fastest.
#[inline(never)]
pub(super) fn with_places(value: Decimal, places: u32) -> Decimal {
    decimal(units_of(value, places), places)
}

/// The largest multiple of `step` that is not above `value`. Zero unless both are [usable](is_usable).
#[must_use]
#[inline(never)]
pub fn round_down(value: Decimal, step: Decimal) -> Decimal {
    // The remainder of integers: that of two decimals would add 3 KB to every plugin.
    if !is_usable(value) || !is_usable(step) {
        return Decimal::ZERO;
    }
    let places = value.scale().max(step.scale()).min(PLACES);
    let units = units_of(value, places);
    match units.checked_rem(units_of(step, places)) {
        Some(rest) => decimal(units - rest, places).normalize(),
        None => Decimal::ZERO,
    }
}

/// The smallest multiple of `step` that is not below `value`.
#[must_use]
pub fn round_up(value: Decimal, step: Decimal) -> Decimal {
    let down = round_down(value, step);
    if less(down, value) { add(down, step) } else { down }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rounding_gives_the_nearest_multiples(value in 1_i64..1_000_000_000, scale in 0_u32..9, step in 1_i64..100_000, places in 0_u32..9) {
            let (value, step) = (Decimal::new(value, scale), Decimal::new(step, places));
            let (down, up) = (round_down(value, step), round_up(value, step));
            prop_assert!(down <= value && value <= up && up - down <= step);
            prop_assert!((down % step).is_zero() && (up % step).is_zero());
        }
    }

    proptest! {
        #[test]
        fn sums_and_quotients_are_those_of_rust_decimal(a in -1_000_000_000_000_i64..1_000_000_000_000, b in 1_i64..1_000_000_000_000, x in 0_u32..=12, y in 0_u32..=12) {
            let (a, b) = (Decimal::new(a, x), Decimal::new(b, y));
            prop_assert_eq!(add(a, b), a + b);
            prop_assert_eq!(sub(a, b), a - b);
            prop_assert_eq!(mul(a, b), a * b);
            let exact = a / b;
            let error = (div(a, b) - exact).abs();
            prop_assert!(error <= Decimal::new(1, 16) || error <= exact.abs() / Decimal::from(1_000_000_000_000_i64), "{} {}", div(a, b), exact);
        }
    }

    #[test]
    fn no_number_makes_it_panic() {
        assert_eq!(add(Decimal::MAX, Decimal::MAX), Decimal::MAX);
        assert_eq!(add(Decimal::MIN, Decimal::MIN), Decimal::MIN);
        let odd = [Decimal::ZERO, Decimal::MAX, Decimal::MIN, Decimal::new(1, 28), Decimal::ONE];
        for a in odd {
            for b in odd {
                let _ = (add(a, b), sub(a, b), mul(a, b), div(a, b), moved(a, b), apart(a, b, b));
                let _ = (round_down(a, b), round_up(a, b), share(a, i64::MAX, 0), cut(a));
            }
        }
    }
}

//! Floats -> the decimals that their authors wrote, without the code for printing floats.
//!
//! In: a float. Out: the decimal with the fewest digits that reads as it.

use rust_decimal::Decimal;

/// The decimal with the fewest digits that reads as this float, which is what its author wrote; `None`
/// when it is too large. What printing the float and parsing that gives, without the code for printing.
#[inline(never)]
pub(crate) fn from_float(float: f64) -> Option<Decimal> {
    let bits = float.to_bits();
    let fraction = i128::from(bits & ((1 << 52) - 1));
    // The float is `number` times two to the `exponent`.
    let (number, exponent) = match (bits >> 52) & 0x7FF {
        0 => (fraction, -1074),
        0x7FF => return None,
        exponent => (fraction | 1 << 52, i32::try_from(exponent).ok()? - 1075),
    };
    let value = match exponent {
        44.. => return None,
        1.. => {
            let whole = number << exponent;
            let round = |zeros| {
                let unit = 10_i128.pow(zeros);
                Some(multiple(whole, unit, 1 << exponent, number)? * unit)
            };
            Decimal::try_from_i128_with_scale((0..=28).rev().find_map(round)?, 0).ok()?
        }
        -154..=0 => {
            // A float with so many binary places has as many decimal ones, at most. In units of
            // 2 to the minus (places - scale), the float is number * 5^scale, and an ulp is 5^scale.
            let places = exponent.unsigned_abs();
            let round = |scale| {
                let ulp = 5_i128.pow(scale);
                let digits = multiple(number * ulp, 1 << (places - scale), ulp, number)?;
                Decimal::try_from_i128_with_scale(digits, scale).ok()
            };
            let mut scales = places.saturating_sub(126)..=places.min(28);
            let nearest = || {
                let unit = 1_i128 << (places - 28);
                let digits = (number * 5_i128.pow(28) + unit / 2) / unit;
                Decimal::try_from_i128_with_scale(digits, 28).ok()
            };
            scales.find_map(round).or_else(nearest)?
        }
        // Less than half of the last place that a decimal has.
        _ => Decimal::ZERO,
    };
    Some(if float.is_sign_negative() { -value } else { value })
}

/// The multiple of `unit` that reads as the float that is `exact`, if there is one. The next floats are
/// an `ulp` away; below a power of two, half of one.
fn multiple(exact: i128, unit: i128, ulp: i128, number: i128) -> Option<i128> {
    let low = exact / unit;
    // Of two that are as near, printing takes the upper one.
    let nearer_is_above = exact % unit * 2 >= unit;
    let [near, far] = if nearer_is_above { [low + 1, low] } else { [low, low + 1] };
    [near, far].into_iter().find(|digits| {
        let off = digits * unit - exact;
        if off.abs() > ulp {
            return false;
        }
        let parts = if off < 0 && number == 1 << 52 { 4 } else { 2 };
        // Halfway between two floats is read as the even one.
        off.abs() * parts < ulp || off.abs() * parts == ulp && number % 2 == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decimal::parse;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100_000))]
        #[test]
        fn floats_are_read_as_their_author_wrote_them(digits in 0_u64..1_000_000_000_000_000_000, scale in 0_u32..=18, bits: u64) {
            let written: f64 = Decimal::from_i128_with_scale(digits.into(), scale).to_string().parse().unwrap();
            let any = f64::from_bits(bits >> 12 | (0x3ef + bits % 0x60) << 52);
            for float in [written, -written, any] {
                let value = from_float(float).unwrap();
                prop_assert_eq!(value.to_string().parse(), Ok(float));
                // Beyond that, several decimals of the same length read as one float.
                if float.abs() < 9e15 {
                    prop_assert_eq!(value, parse(&float.to_string()).unwrap(), "{}", float);
                }
            }
        }
    }
}

//! Exact conversion between floats and decimal digits in little code: the usual algorithms need tables of powers, 15 KB.
//!
//! In: digits with an exponent, or a float. Out: the nearest float, or the decimal that its author wrote.
//! Both are rare in a plugin (parameters, the confidence of a signal), so speed does not matter.

use rust_decimal::Decimal;

use super::text::from_scientific;

/// Number of digits that can decide which float is nearest; of later digits only matters whether one is not zero.
const MAX_DIGITS: u32 = 800;

/// A number of any length, the lowest 32 bits first.
#[derive(Clone, Default)]
struct Big(Vec<u32>);

impl Big {
    fn new(number: u64) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "the two halves")]
        Self(vec![number as u32, (number >> 32) as u32])
    }

    fn multiply_add(&mut self, factor: u32, mut carry: u32) {
        for limb in &mut self.0 {
            let product = u64::from(*limb) * u64::from(factor) + u64::from(carry);
            (*limb, carry) = halves(product);
        }
        if carry > 0 {
            self.0.push(carry);
        }
    }

    /// Divides; returns the remainder.
    fn divide(&mut self, divisor: u32) -> u32 {
        let mut rest = 0;
        for limb in self.0.iter_mut().rev() {
            let part = u64::from(rest) << 32 | u64::from(*limb);
            *limb = halves(part / u64::from(divisor)).0;
            rest = halves(part % u64::from(divisor)).0;
        }
        rest
    }

    fn scale(&mut self, factor: u32, times: u32) {
        (0..times).for_each(|_| self.multiply_add(factor, 0));
    }

    fn bit(&self, at: u32) -> bool {
        self.0.get(at as usize / 32).is_some_and(|limb| limb >> (at % 32) & 1 == 1)
    }

    /// The number of bits up to the highest one that is set.
    fn bits(&self) -> u32 {
        let limbs = (0_u32..).zip(&self.0).filter(|(_, limb)| **limb != 0);
        limbs.last().map_or(0, |(index, limb)| index * 32 + 32 - limb.leading_zeros())
    }

    /// The float that is nearest to the number times a power of ten; `more` says that it is a bit larger.
    fn into_float(mut self, exponent: i32, mut more: bool) -> Option<f64> {
        let mut shift = 0;
        if exponent >= 0 {
            self.scale(10, exponent.unsigned_abs());
        } else {
            // Shifted left so far that the quotient has enough bits.
            let places = exponent.unsigned_abs();
            let limbs = places / 9 + 4;
            let mut shifted = vec![0; limbs as usize];
            shifted.extend_from_slice(&self.0);
            self.0 = shifted;
            shift = limbs * 32;
            for _ in 0..places {
                more |= self.divide(10) > 0;
            }
        }
        // The 53 highest bits, or fewer for subnormal floats.
        let cut = self.bits().saturating_sub(53).max(shift.saturating_sub(1074));
        let bits = (cut..cut + 53).rev().map(|at| u64::from(self.bit(at)));
        let mut number = bits.fold(0, |number, bit| number << 1 | bit);
        if cut > 0 && self.bit(cut - 1) {
            more |= (0..cut - 1).any(|at| self.bit(at));
            number += u64::from(more || number % 2 == 1);
        }
        #[expect(clippy::cast_precision_loss, reason = "it has 53 bits")]
        let float =
            number as f64 * power_of_two(i32::try_from(cut).ok()? - i32::try_from(shift).ok()?);
        float.is_finite().then_some(float)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the two halves")]
fn halves(number: u64) -> (u32, u32) {
    (number as u32, (number >> 32) as u32)
}

/// Two to the power of `exponent`, which is at least -1074, the smallest exponent of a float.
fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(match u64::try_from(exponent + 1023) {
        Ok(normal @ 1..) => normal << 52,
        _ => 1 << (exponent + 1074),
    })
}

/// The float nearest to a JSON number; `None` when it is too large for one.
#[inline(never)]
pub(crate) fn to_float(text: &str) -> Option<f64> {
    let (mut number, mut digits, mut exponent) = (Big::default(), 0, 0_i32);
    let (mut point, mut more) = (false, false);
    let mut bytes = text.bytes();
    for byte in &mut bytes {
        match byte {
            b'0'..=b'9' if digits < MAX_DIGITS => {
                number.multiply_add(10, u32::from(byte - b'0'));
                digits += u32::from(digits > 0 || byte != b'0');
                exponent -= i32::from(point);
            }
            b'0'..=b'9' => {
                more |= byte != b'0';
                exponent += i32::from(!point);
            }
            b'.' => point = true,
            b'e' | b'E' => break,
            _ => {}
        }
    }
    exponent = exponent.saturating_add(written_exponent(bytes));
    let float = match i32::try_from(digits).ok()?.saturating_add(exponent) {
        _ if digits == 0 => 0.0,
        ..=-330 => 0.0,
        311.. => return None,
        _ => number.into_float(exponent, more)?,
    };
    Some(if text.starts_with('-') { -float } else { float })
}

fn written_exponent(digits: impl Iterator<Item = u8>) -> i32 {
    let (mut negative, mut exponent) = (false, 0_i32);
    for byte in digits {
        match byte {
            b'-' => negative = true,
            b'0'..=b'9' => {
                exponent = exponent.saturating_mul(10).saturating_add(i32::from(byte - b'0'));
            }
            _ => {}
        }
    }
    if negative { -exponent } else { exponent }
}

/// The decimal with the fewest digits that reads as this float, which is what its author wrote; `None`
/// when it is too large. The result equals printing the float and parsing the text.
#[inline(never)]
pub(crate) fn from_float(float: f64) -> Option<Decimal> {
    let bits = float.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    // The float is `number` times two to the `exponent`.
    let (number, exponent) = match (bits >> 52) & 0x7FF {
        0 => (fraction, -1074),
        exponent => (fraction | 1 << 52, i32::try_from(exponent).ok()? - 1075),
    };
    // All its digits, the last one first; each halving multiplies by five and moves the point.
    let mut number = Big::new(number);
    let first = exponent.min(0);
    number.scale(if first < 0 { 5 } else { 2 }, exponent.unsigned_abs());
    let mut digits = Vec::new();
    while number.bits() > 0 {
        digits.push(number.divide(10).to_le_bytes()[0]);
    }
    let (number, power) = (1..=17).find_map(|count| {
        let cut = digits.len().saturating_sub(count);
        let power = first + i32::try_from(cut).ok()?;
        let number = rounded(&digits, cut);
        let read = Big::new(number).into_float(power, false);
        (read == Some(float.abs())).then_some((number, power))
    })?;
    from_scientific(number, power, float.is_sign_negative())
}

/// The number above a place, rounded half up. The last digit comes first.
fn rounded(digits: &[u8], cut: usize) -> u64 {
    let above = digits.iter().skip(cut).rev();
    let number = above.fold(0_u64, |number, digit| number.wrapping_mul(10) + u64::from(*digit));
    number + u64::from(cut > 0 && digits[cut - 1] >= 5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decimal::{parse, parse_number};
    use proptest::prelude::*;

    // Long digits take their time in a build without optimization.
    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn floats_are_read_as_their_author_wrote_them(digits in 0_u64..1_000_000_000_000_000_000, scale in 0_u32..=18, bits: u64) {
            let written: f64 = Decimal::from_i128_with_scale(digits.into(), scale).to_string().parse().unwrap();
            let any = f64::from_bits(bits >> 12 | (0x3ef + bits % 0x60) << 52);
            for float in [written, -written, any] {
                let value = from_float(float).unwrap();
                prop_assert_eq!(value.to_string().parse(), Ok(float));
                // Beyond that, several decimals of the same length read as one float.
                if float.abs() < 9e15 {
                    prop_assert_eq!(value, parse_number(&format!("{float:e}")).unwrap(), "{}", float);
                    prop_assert_eq!(value, parse(&float.to_string()).unwrap(), "{}", float);
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]
        #[test]
        fn numbers_are_read_as_the_nearest_float(text in "-?(0|[1-9][0-9]{0,30})([.][0-9]{1,30})?([eE][-+]?[0-9]{1,3})?", bits: u64) {
            let float = f64::from_bits(bits);
            let (all, shortest) = (format!("{float:.120e}"), format!("{float:e}"));
            for text in [&text, &all, &shortest].into_iter().filter(|text| text.contains(|c: char| c.is_ascii_digit())) {
                let expected = text.parse::<f64>().ok().filter(|float| float.is_finite());
                prop_assert_eq!(to_float(text).map(f64::to_bits), expected.map(f64::to_bits), "{}", text);
            }
        }
    }

    #[test]
    fn floats_at_the_limits_are_read() {
        let texts = [
            "5e-324",
            "2.47e-324",
            "2.4703282292062327e-324",
            "2.4703282292062329e-324",
            "2.2250738585072011e-308",
            "2.2250738585072014e-308",
            "1.7976931348623157e308",
            "9007199254740993",
            "9007199254740992.999999999999999999",
            "1e23",
            "0e999999999999",
            "-0",
        ];
        for text in texts {
            let expected: f64 = text.parse().unwrap();
            assert_eq!(to_float(text).map(f64::to_bits), Some(expected.to_bits()), "{text}");
        }
        for text in ["1.7976931348623159e308", "1e309", "1e99999999999"] {
            assert_eq!(to_float(text), None, "{text}");
        }
        assert_eq!(
            to_float(&format!("{}e-1000000", "7".repeat(1_000_000))),
            Some(0.777_777_777_777_777_8)
        );
        assert_eq!(to_float("1e-99999999999"), Some(0.0));
        assert_eq!(from_float(f64::MAX), None);
        assert_eq!(from_float(5e-324), Some(Decimal::ZERO));
        assert_eq!(from_float(4e-29), Some(Decimal::ZERO));
        assert_eq!(from_float(6e-29), Some(Decimal::new(1, 28)));
    }
}

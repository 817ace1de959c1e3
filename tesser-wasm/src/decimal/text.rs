//! Decimals as text, without `core::fmt` and with a twelfth of `rust_decimal`'s code.
//!
//! In: a decimal or text. Out: what `rust_decimal` would write or read, except that a zero that is read never has a
//! sign; property tests compare the two.

use rust_decimal::Decimal;

/// 29 digits, a point, a sign, and one spare byte.
pub(crate) const LENGTH: usize = 32;

/// A number of 96 bits, as in a `Decimal`. 128-bit numbers and their division would add 3 KB to
/// every plugin.
#[derive(Clone, Copy, Default)]
pub(super) struct Digits {
    high: u32,
    low: u64,
}

impl Digits {
    /// Appends a digit; `None` on overflow.
    #[inline(never)]
    pub(super) fn push(self, digit: u8) -> Option<Self> {
        // This cannot overflow, and a checked 64-bit product would be computed in 128 bits.
        let lowest = (self.low & 0xFFFF_FFFF).wrapping_mul(10).wrapping_add(u64::from(digit));
        let middle = (self.low >> 32).wrapping_mul(10).wrapping_add(lowest >> 32);
        let high = u64::from(self.high).wrapping_mul(10).wrapping_add(middle >> 32);
        Some(Self { high: u32::try_from(high).ok()?, low: (middle << 32) | (lowest & 0xFFFF_FFFF) })
    }

    /// Removes the last digit and returns it.
    #[inline]
    pub(super) fn pop(&mut self) -> u8 {
        let middle = (u64::from(self.high % 10) << 32) | (self.low >> 32);
        let lowest = (middle % 10) << 32 | (self.low & 0xFFFF_FFFF);
        self.high /= 10;
        self.low = ((middle / 10) << 32) | (lowest / 10);
        (lowest % 10) as u8
    }

    /// Removes the last digit and rounds half up.
    #[inline(never)]
    pub(super) fn round(mut self) -> Self {
        let digit = self.pop();
        // A tenth of a number cannot overflow when one is added.
        self.next_if(digit >= 5).unwrap_or(self)
    }

    /// Adds one if `wanted`; `None` on overflow.
    fn next_if(self, wanted: bool) -> Option<Self> {
        let (low, carry) = self.low.overflowing_add(u64::from(wanted));
        Some(Self { low, high: self.high.checked_add(u32::from(carry))? })
    }

    #[inline]
    pub(super) fn decimal(self, negative: bool, scale: u32) -> Decimal {
        #[expect(clippy::cast_possible_truncation, reason = "the two halves")]
        Decimal::from_parts(self.low as u32, (self.low >> 32) as u32, self.high, negative, scale)
    }
}

/// Writes the same text as `Display`, without `core::fmt`.
pub(crate) fn format(value: Decimal, text: &mut [u8; LENGTH]) -> &str {
    std::str::from_utf8(digits(value, text)).unwrap_or_default()
}

/// The same as bytes, for speed: the host asks for the state after every callback. The text is built from its end.
#[inline(never)]
pub(crate) fn digits(value: Decimal, text: &mut [u8; LENGTH]) -> &[u8] {
    let parts = value.unpack();
    let mut digits =
        Digits { high: parts.hi, low: u64::from(parts.mid) << 32 | u64::from(parts.lo) };
    let mut at = LENGTH;
    let mut fraction = parts.scale as usize;
    let mut put = |byte| {
        at = at.wrapping_sub(1) % LENGTH;
        text[at] = byte;
    };
    // Until the rest fits into 32 bits, which it nearly always does: the compiler divides those by ten with a multiplication.
    let mut point = fraction > 0;
    while digits.high != 0 || digits.low > u64::from(u32::MAX) {
        if point && fraction == 0 {
            put(b'.');
            point = false;
        }
        put(b'0' + digits.pop());
        fraction = fraction.saturating_sub(1);
    }
    let mut rest = (digits.low & 0xFFFF_FFFF) as u32;
    let mut digit = || {
        let digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        (digit, rest)
    };
    for _ in 0..fraction {
        put(digit().0);
    }
    if point {
        put(b'.');
    }
    loop {
        let (digit, rest) = digit();
        put(digit);
        if rest == 0 {
            break;
        }
    }
    if parts.negative {
        put(b'-');
    }
    &text[at..]
}

/// Parses plain (`0.25`) and scientific notation (`2.5e-1`): the same texts as `rust_decimal`, with a twelfth of
/// its code.
///
/// ```
/// use rust_decimal::Decimal;
///
/// assert_eq!(tesser_wasm::decimal::parse("0.250"), Some(Decimal::new(250, 3)));
/// assert_eq!(tesser_wasm::decimal::parse("0,25"), None);
/// ```
#[must_use]
pub fn parse(text: &str) -> Option<Decimal> {
    parse_short(text.as_bytes()).or_else(|| parse_long(text, false))
}

/// Fast path for the usual prices and quantities, up to 18 digits.
#[inline]
fn parse_short(text: &[u8]) -> Option<Decimal> {
    // One of the bytes may be the point.
    if text.len() > 19 {
        return None;
    }
    let mut number = 0_u64;
    let mut point = None;
    for (index, &byte) in text.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            // 19 digits fit. A checked product would cost a 128-bit multiplication.
            number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
        } else if byte == b'.' && point.is_none() {
            point = Some(index);
        } else {
            return None;
        }
    }
    let scale = match point {
        None if text.is_empty() => return None,
        None => 0,
        Some(0) => return None,
        Some(index) if index + 1 == text.len() => return None,
        Some(index) => text.len() - 1 - index,
    };
    #[expect(clippy::cast_possible_truncation, reason = "a scale below 19")]
    Some(Digits { high: 0, low: number }.decimal(false, scale as u32))
}

/// Parses a JSON number. One that is too small for a decimal is rounded, which of a text would be a slip.
pub(crate) fn parse_number(text: &str) -> Option<Decimal> {
    parse_short(text.as_bytes()).or_else(|| parse_long(text, true))
}

/// A number and where its point is: what a `Decimal` is made of.
#[derive(Clone, Copy)]
struct Parts {
    negative: bool,
    number: Digits,
    scale: u32,
}

const MAX_SCALE: u32 = Decimal::MAX_SCALE;

#[cold]
#[inline(never)]
fn parse_long(text: &str, rounds: bool) -> Option<Decimal> {
    let parts = match text.find(['e', 'E']) {
        None => parse_plain(text.as_bytes())?,
        Some(at) => {
            let exponent = text.get(at + 1..)?;
            let parts = parse_plain(text.as_bytes().get(..at)?)?;
            match exponent.strip_prefix('-') {
                Some(exponent) => {
                    let places = exponent.parse().ok();
                    // With more places nothing is left of any number.
                    let most = if rounds { 2 * MAX_SCALE } else { MAX_SCALE };
                    match places.or(rounds.then_some(most)) {
                        Some(places) if rounds || places <= most => {
                            shift_right(parts, places.min(most))
                        }
                        _ => return None,
                    }
                }
                None => shift_left(parts, exponent.parse().ok()?)?,
            }
        }
    };
    Some(parts.number.decimal(parts.negative, parts.scale))
}

/// Digits with a sign, a point and `_` between them. Decimal places that do not fit are rounded half up.
fn parse_plain(text: &[u8]) -> Option<Parts> {
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        all => (false, all),
    };
    let (mut number, mut scale) = (Digits::default(), 0);
    let (mut point, mut any, mut full) = (false, false, false);
    for &byte in text {
        match byte {
            b'.' if !point => point = true,
            b'_' if any => {}
            b'0'..=b'9' => {
                any = true;
                if full {
                    continue;
                }
                let digit = byte - b'0';
                match number.push(digit) {
                    Some(next) if scale < MAX_SCALE => {
                        number = next;
                        scale += u32::from(point);
                        continue;
                    }
                    _ if !point => return None,
                    _ => full = true,
                }
                if let Some(rounded) = number.next_if(digit >= 5) {
                    number = rounded;
                } else {
                    number = number.round();
                    scale = u32::checked_sub(scale, 1)?;
                }
            }
            _ => return None,
        }
    }
    any.then_some(Parts { negative, number, scale })
}

/// Divides by a power of ten, and rounds what is beyond the last decimal.
fn shift_right(parts: Parts, places: u32) -> Parts {
    let (number, scale) = limited(parts.number, parts.scale + places);
    Parts { number, scale, ..parts }
}

/// Rounds what is beyond the last decimal.
fn limited(mut number: Digits, mut scale: u32) -> (Digits, u32) {
    while scale > MAX_SCALE + 1 {
        number.pop();
        scale -= 1;
    }
    if scale > MAX_SCALE {
        number = number.round();
        scale = MAX_SCALE;
    }
    (number, scale)
}

fn shift_left(parts: Parts, places: u32) -> Option<Parts> {
    if let Some(scale) = parts.scale.checked_sub(places) {
        return Some(Parts { scale, ..parts });
    }
    if places > MAX_SCALE {
        return None;
    }
    let mut number = parts.number;
    for _ in parts.scale..places {
        number = number.push(0)?;
    }
    Some(Parts { number, scale: 0, ..parts })
}

/// A number times a power of ten, rounded to the decimal places that fit; `None` when it is too large.
pub(super) fn from_scientific(number: u64, power: i32, negative: bool) -> Option<Decimal> {
    let scale = power.min(0).unsigned_abs();
    let (mut number, scale) = limited(Digits { high: 0, low: number }, scale);
    for _ in 0..power {
        number = number.push(0)?;
    }
    Some(number.decimal(negative, scale))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::str::FromStr as _;

    #[test]
    fn a_number_that_is_too_small_is_rounded_and_such_a_text_is_refused() {
        let rounded = [
            ("12345e-30", "0.0000000000000000000000000123"),
            ("15e-29", "0.0000000000000000000000000002"),
            ("1e-40", "0.0000000000000000000000000000"),
            ("-1e-40", "0.0000000000000000000000000000"),
            ("1.5e-4294967296", "0.0000000000000000000000000000"),
        ];
        for (text, expected) in rounded {
            assert_eq!(parse_number(text).unwrap().to_string(), expected, "{text}");
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse_number("1e400"), None);
        assert_eq!(parse_number("2.5e-1"), parse("0.25"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100_000))]
        #[test]
        fn decimals_are_written_as_they_display(low: u32, mid: u32, high: u32, negative: bool, scale in 0_u32..=28, shift in 0_u32..96) {
            let number = (u128::from(high) << 64 | u128::from(mid) << 32 | u128::from(low)) >> shift;
            let mut value = Decimal::from_i128_with_scale(i128::try_from(number).unwrap(), scale);
            value.set_sign_negative(negative);
            let mut text = [0; LENGTH];
            prop_assert_eq!(format(value, &mut text), value.to_string());
        }

        #[test]
        fn texts_are_read_as_by_rust_decimal(
            text in "[-+]?[0-9]{0,31}[.]?([0-9]{0,31}|[0-9]{0,3}_?[0-9]{0,3})([eE][-+]?[0-9]{0,2})?|[-+0-9._eE]{0,6}"
        ) {
            // `-.1e-28` is rounded to a zero that keeps its sign there, and to plain zero here.
            let theirs = Decimal::from_str(&text).ok().map(|value| if value.is_zero() { value.abs() } else { value });
            prop_assert_eq!(
                parse(&text).map(|value| value.to_string()),
                theirs.map(|value| value.to_string())
            );
        }
    }
}

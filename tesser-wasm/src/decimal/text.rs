//! Decimals as text, without the detour through `core::fmt` and in a twelfth of `rust_decimal`'s code.
//!
//! In: a decimal or text. Out: what `rust_decimal` would write or read; properties hold the two together.

use rust_decimal::Decimal;

/// 29 digits, a point, a sign, and one to spare.
pub(crate) const LENGTH: usize = 32;

/// What `Display` writes, without its detour through `core::fmt`: the host asks for the state after
/// every callback. The text is built from its end.
pub(crate) fn format(value: Decimal, text: &mut [u8; LENGTH]) -> &str {
    let parts = value.unpack();
    let (mut high, mut low) = (parts.hi, u64::from(parts.mid) << 32 | u64::from(parts.lo));
    let mut at = LENGTH;
    let mut fraction = parts.scale as usize;
    let mut put = |byte| {
        at = at.wrapping_sub(1) % LENGTH;
        text[at] = byte;
    };
    // Until the rest is of 32 bits, which it nearly always is: dividing those by ten is a multiplication.
    let mut point = fraction > 0;
    while high != 0 || low > u64::from(u32::MAX) {
        if point && fraction == 0 {
            put(b'.');
            point = false;
        }
        put(b'0' + last_digit(&mut high, &mut low));
        fraction = fraction.saturating_sub(1);
    }
    let mut rest = (low & 0xFFFF_FFFF) as u32;
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
    std::str::from_utf8(&text[at..]).unwrap_or_default()
}

/// Takes the last digit from a number of 96 bits.
fn last_digit(high: &mut u32, low: &mut u64) -> u8 {
    let middle = (u64::from(*high % 10) << 32) | (*low >> 32);
    let lowest = (middle % 10) << 32 | (*low & 0xFFFF_FFFF);
    *high /= 10;
    *low = ((middle / 10) << 32) | (lowest / 10);
    (lowest % 10) as u8
}

/// Parses plain (`0.25`) and scientific notation (`2.5e-1`): what `rust_decimal` takes, in a twelfth of
/// its code.
pub(crate) fn parse(text: &str) -> Option<Decimal> {
    parse_short(text.as_bytes()).or_else(|| parse_long(text))
}

/// What prices and quantities look like, up to 18 digits.
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
            // 19 digits fit. A product that is checked costs a multiplication of 128 bits.
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
    #[expect(clippy::cast_possible_truncation, reason = "halves of a number; a scale below 19")]
    Some(Decimal::from_parts(number as u32, (number >> 32) as u32, 0, false, scale as u32))
}

/// A number of 96 bits and where its point is: what a `Decimal` is made of.
#[derive(Clone, Copy)]
struct Parts {
    negative: bool,
    number: u128,
    scale: u32,
}

const MAX_SCALE: u32 = Decimal::MAX_SCALE;
const MAX_NUMBER: u128 = (1 << 96) - 1;

#[cold]
#[inline(never)]
fn parse_long(text: &str) -> Option<Decimal> {
    let parts = match text.find(['e', 'E']) {
        None => parse_plain(text.as_bytes())?,
        Some(at) => {
            let exponent = text.get(at + 1..)?;
            let parts = parse_plain(text.as_bytes().get(..at)?)?;
            match exponent.strip_prefix('-') {
                Some(exponent) => shift_right(parts, exponent.parse().ok()?)?,
                None => shift_left(parts, exponent.parse().ok()?)?,
            }
        }
    };
    #[expect(clippy::cast_possible_truncation, reason = "the three thirds of a number")]
    let [low, middle, high] =
        [parts.number as u32, (parts.number >> 32) as u32, (parts.number >> 64) as u32];
    Some(Decimal::from_parts(low, middle, high, parts.negative, parts.scale))
}

/// Digits with a sign, a point and `_` between them. Decimals that do not fit are rounded half up.
fn parse_plain(text: &[u8]) -> Option<Parts> {
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        all => (false, all),
    };
    let (mut number, mut scale) = (0_u128, 0);
    let (mut point, mut any, mut full) = (false, false, false);
    for &byte in text {
        match byte {
            b'.' if !point => point = true,
            b'_' if any => {}
            b'0'..=b'9' => {
                any = true;
                let digit = u128::from(byte - b'0');
                let next = number * 10 + digit;
                if full {
                    continue;
                }
                if scale < MAX_SCALE && next <= MAX_NUMBER {
                    number = next;
                    scale += u32::from(point);
                    continue;
                }
                if !point {
                    return None;
                }
                full = true;
                number += u128::from(digit >= 5);
                if number > MAX_NUMBER {
                    number = (number + 4) / 10;
                    scale = u32::checked_sub(scale, 1)?;
                }
            }
            _ => return None,
        }
    }
    any.then_some(Parts { negative, number, scale })
}

/// Divides by a power of ten, and rounds what is beyond the last decimal.
fn shift_right(parts: Parts, places: u32) -> Option<Parts> {
    if places > MAX_SCALE {
        return None;
    }
    let (mut number, mut scale) = (parts.number, parts.scale + places);
    if scale > MAX_SCALE {
        let lost = 10_u128.pow(scale - MAX_SCALE);
        number = (number + lost / 2) / lost;
        scale = MAX_SCALE;
    }
    Some(Parts { number, scale, ..parts })
}

fn shift_left(parts: Parts, places: u32) -> Option<Parts> {
    if let Some(scale) = parts.scale.checked_sub(places) {
        return Some(Parts { scale, ..parts });
    }
    if places > MAX_SCALE {
        return None;
    }
    let number = parts.number.checked_mul(10_u128.pow(places - parts.scale))?;
    (number <= MAX_NUMBER).then_some(Parts { number, scale: 0, ..parts })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::str::FromStr as _;

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
            prop_assert_eq!(
                parse(&text).map(|value| value.to_string()),
                Decimal::from_str(&text).map(|value| value.to_string()).ok()
            );
        }
    }
}

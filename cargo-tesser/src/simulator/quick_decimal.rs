//! Decimals where each row of a tape needs them: the usual ones quickly, all others as `rust_decimal` does it. The SDK parses them.
//!
//! In: decimals. Out: the same as from `rust_decimal`, whatever the number; property tests compare the two, and the SDK's parser.

use rust_decimal::Decimal;
use tesser_wasm::decimal;

/// Whether one is less than the other.
pub(crate) fn is_less(value: Decimal, than: Decimal) -> bool {
    if value.scale() == than.scale() { value.mantissa() < than.mantissa() } else { value < than }
}

/// Puts a number with all its digits into the place of a text.
pub(crate) fn write(value: Decimal, text: &mut String) {
    text.clear();
    let short = u64::try_from(value.mantissa()).ok().filter(|_| value.is_sign_positive());
    let Some(mut rest) = short else {
        return text.push_str(&decimal::to_string(value));
    };
    // 20 digits of a number, a point, and zeros behind it up to the largest scale.
    let mut digits = [b'0'; 32];
    let (scale, mut at) = (value.scale() as usize, digits.len());
    let mut places = 0;
    while rest > 0 || places <= scale {
        if places == scale && scale > 0 {
            at -= 1;
            digits[at] = b'.';
        }
        at -= 1;
        let digit = (rest % 10) as u8;
        digits[at] = b'0' + digit;
        rest /= 10;
        places += 1;
    }
    text.push_str(std::str::from_utf8(&digits[at..]).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn by_library(text: &str) -> Option<Decimal> {
        text.parse().ok().or_else(|| Decimal::from_scientific(text).ok())
    }

    #[test]
    fn unusual_numbers_are_what_the_library_makes_of_them() {
        let texts = [
            "",
            ".",
            "0",
            "0.",
            ".5",
            "5.",
            "00.10",
            "1_000",
            "+1.5",
            "-0.5",
            "1e-3",
            "1.2.3",
            "1,5",
            " 1",
            "0.00",
            "9999999999999999999",
            "99999999999999999999",
            "0.0000000000000000001",
            "-0",
            "79228162514264337593543950336",
        ];
        for text in texts {
            let (quick, library) = (decimal::parse(text), by_library(text));
            assert_eq!(quick.map(|it| it.unpack()), library.map(|it| it.unpack()), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn texts_are_parsed_like_the_library_does(text in "-?[0-9]{0,12}[.]?[0-9]{0,12}") {
            let (quick, library) = (decimal::parse(&text), by_library(&text));
            prop_assert_eq!(quick.map(|it| it.unpack()), library.map(|it| it.unpack()));
        }

        #[test]
        fn numbers_are_written_and_compared_like_the_library_does(
            number in any::<u64>(), drop in 0_u32..64, scale in 0_u32..=28, other in -1_000_i64..1_000, negative in any::<bool>()
        ) {
            let sign = if negative { -1 } else { 1 };
            let value = Decimal::from_i128_with_scale(sign * i128::from(number >> drop), scale);
            let mut text = "before".to_owned();
            write(value, &mut text);
            prop_assert_eq!(text, value.to_string());
            for than in [value, Decimal::new(other, scale), Decimal::new(other, 3), Decimal::ZERO, -value] {
                prop_assert_eq!(is_less(value, than), value < than);
            }
        }
    }
}

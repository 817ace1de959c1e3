//! Runs the golden JSON of `tesser-wasm` under the features of this crate. By hand, in this folder:
//! `cp ../../../Cargo.lock . && cargo test --offline --all-features`.

#[cfg(test)]
#[path = "../../sdk/golden.rs"]
mod golden;

#[cfg(test)]
#[path = "../../sdk/numbers.rs"]
mod numbers;

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    fn rewritten(json: &str) -> String {
        serde_json::from_str::<serde_json::Value>(json).unwrap().to_string()
    }

    /// Else the golden tests would show nothing.
    #[test]
    fn the_features_are_on() {
        let exact =
            cfg!(any(feature = "arbitrary-precision", feature = "decimal-arbitrary-precision"));
        assert_eq!(rewritten("1.10") == "1.10", exact);
        assert_eq!(
            rewritten(r#"{"b":1,"a":2}"#).starts_with(r#"{"b""#),
            cfg!(feature = "preserve-order")
        );
        let float: f64 = serde_json::from_str("51.248178375505404").unwrap();
        assert_eq!(
            float.to_bits() == 51.248_178_375_505_404_f64.to_bits(),
            cfg!(feature = "float-roundtrip")
        );
        let json = serde_json::to_string(&Decimal::new(25, 2)).unwrap();
        assert_eq!(json == "0.25", cfg!(feature = "decimal-float"), "{json}");
    }
}

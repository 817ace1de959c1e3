//! Runs the golden JSON of `tesser-wasm` under the features of this crate. By hand, in this folder:
//! `cp ../../../Cargo.lock . && cargo test --offline --all-features`.

#[cfg(test)]
#[path = "../../sdk/golden.rs"]
mod golden;

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
        assert_eq!(rewritten(r#"{"b":1,"a":2}"#).starts_with(r#"{"b""#), cfg!(feature = "preserve-order"));
        if cfg!(feature = "float-roundtrip") {
            assert_eq!(rewritten("51.24817837550540_4".replace('_', "").as_str()).len(), 18);
        }
        let number = cfg!(any(feature = "decimal-float", feature = "decimal-arbitrary-precision"))
            && !cfg!(feature = "decimal-str");
        let json = serde_json::to_string(&Decimal::new(25, 2)).unwrap();
        assert_eq!(json == "0.25", number, "{json}");
    }
}

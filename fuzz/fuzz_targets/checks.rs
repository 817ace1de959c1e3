//! Any bytes give a report, and the same one again.

#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use cargo_tesser::abi::Abi;
use cargo_tesser::checks::Checker;

static CHECKER: LazyLock<Checker> = LazyLock::new(|| {
    let abi = Abi::built_in().expect("it is built in");
    Checker::new(abi, "tesser@0.9", false).expect("it is built in")
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let check = || CHECKER.check_bytes(Path::new("file.wasm"), bytes).expect("a report");
    let (first, second) = (check(), check());
    let words = |report: &cargo_tesser::report::FileReport| format!("{report:?}");
    assert_eq!(words(&first), words(&second));
});

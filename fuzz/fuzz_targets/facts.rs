//! Any bytes give facts.

#![no_main]

use std::sync::LazyLock;

use cargo_tesser::{facts::Facts, host_profile::HostProfile};

static HOST: LazyLock<HostProfile> = LazyLock::new(|| {
    let profiles = HostProfile::built_in().expect("they are built in");
    profiles.into_iter().find(|host| host.name == "tesser@0.9").expect("it is built in")
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let facts = Facts::read(bytes, &HOST.proposals);
    assert_eq!(facts.size, bytes.len() as u64);
});

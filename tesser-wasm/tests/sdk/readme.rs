//! The README's plugin is a file of these tests, so it compiles, and its own test runs.

#[test]
fn the_readme_shows_the_plugin_that_is_tested() {
    let readme = include_str!("../../README.md");
    let block = format!("```rust\n{}```\n", include_str!("quick_start.rs"));
    assert!(readme.contains(&block), "copy tests/sdk/quick_start.rs into the README");
}

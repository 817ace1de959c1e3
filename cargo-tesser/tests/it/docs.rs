//! The documentation against the tool: pages that a reader can follow, and JSON schemas.

pub mod page;
pub mod schemas;

use page::Reader;

#[test]
fn the_tutorial_can_be_followed() {
    let reader = Reader::follow("docs/tutorial.md");
    assert!(reader.path("plugins/dip_buyer.wasm").is_file());
    assert!(reader.path("report.html").is_file());
}

//! Rebuilds when a file is added to a template: the macro itself only notices changes.

fn main() {
    let folders = [
        "arrival",
        "blank",
        "blank-kit",
        "chase",
        "iceberg",
        "parts",
        "pegged",
        "pov",
        "shared",
        "sniper",
        "trailing-stop",
        "twap",
        "vwap",
    ];
    for folder in folders {
        println!("cargo:rerun-if-changed={folder}");
    }
}

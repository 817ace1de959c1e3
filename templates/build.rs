//! Files that are added to a template are embedded, too: by itself the macro notices only changes.

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

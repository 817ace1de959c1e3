//! Files that are added to a template are embedded, too: the macro alone notices only changes.

fn main() {
    let templates =
        ["blank", "chase", "iceberg", "pegged", "pov", "sniper", "trailing-stop", "twap", "vwap"];
    for template in templates {
        println!("cargo:rerun-if-changed={template}");
    }
}

//! Files that are added to a template are embedded, too: the macro alone notices only changes.

fn main() {
    for template in ["blank", "chase", "iceberg", "twap"] {
        println!("cargo:rerun-if-changed={template}");
    }
}

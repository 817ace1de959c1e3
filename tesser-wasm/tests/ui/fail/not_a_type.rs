use tesser_wasm::export_plugin;

export_plugin!(Chase::new());

fn main() {}

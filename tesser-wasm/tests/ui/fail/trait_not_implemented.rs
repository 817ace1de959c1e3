use tesser_wasm::export_plugin;

#[derive(Default)]
struct Chase;

export_plugin!(Chase);

fn main() {}

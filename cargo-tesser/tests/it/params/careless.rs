//! A plugin whose `init` takes anything, though its schema says otherwise.

use tesser_wasm::*;

const TEXT: &[u8; SIZE] = br#"{"format":1,"params":[{"name":"mode","type":"choice","default":"good","choices":["good","silent","traps"]},{"name":"factor","type":"integer","default":"1","min":"1","max":"3"}]}"#;
const SIZE: usize = 177;
#[used]
#[unsafe(link_section = "tesser:params")]
static SCHEMA: [u8; SIZE] = *TEXT;

#[derive(Default)]
struct Mine { context: Option<(PluginSignal, i64)>, traps: bool }

impl ExecutionPlugin for Mine {
    fn init(&mut self, ctx: PluginInitContext) -> Result<PluginResult, PluginError> {
        assert!(ctx.params["factor"] != 4, "`factor` is too large");
        if ctx.params["mode"] == "silent" { return Err("no".into()); }
        self.traps = ctx.params["mode"] == "traps";
        self.context = Some((ctx.signal, ctx.params["factor"].as_i64().unwrap_or(1)));
        Ok(PluginResult::new())
    }

    fn on_tick(&mut self, _: PluginTick) -> Result<PluginResult, PluginError> { Ok(PluginResult::new()) }
    fn on_fill(&mut self, _: PluginFill) -> Result<PluginResult, PluginError> { Ok(PluginResult::new()) }

    fn on_timer(&mut self) -> Result<PluginResult, PluginError> {
        assert!(!self.traps, "traps");
        let Some((signal, factor)) = self.context.take() else { return Ok(PluginResult::new()) };
        let quantity = signal.target_quantity * rust_decimal::Decimal::from(factor);
        let symbol = format!("bybit_linear:{}", signal.symbol);
        Ok(PluginOrderRequest::limit(&symbol, PluginSide::Buy, quantity, 39_000.into()).into())
    }
}

export_plugin!(Mine);

"""What `cargo xtask bench replay` measures, in NautilusTrader: a market order every 30 s over a tape of trades.

python replay_nautilus.py TAPE ORDERS    (after: pip install nautilus_trader==1.221.0)

The tape is Binance's CSV. Prints one JSON object: CPU seconds of the imports, of loading and of the run; trades, orders and
fills. Trades are loaded with NautilusTrader's own wrangler, and its log is off.
"""

import json
import sys
import time
from datetime import timedelta
from decimal import Decimal

clock = time.process_time
start = clock()

import pandas as pd
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig, StrategyConfig
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import Venue
from nautilus_trader.model.objects import Money
from nautilus_trader.persistence.wranglers import TradeTickDataWrangler
from nautilus_trader.test_kit.providers import TestInstrumentProvider
from nautilus_trader.trading.strategy import Strategy


class SlicesConfig(StrategyConfig, frozen=True):
    orders: int
    interval_secs: int = 30


class Slices(Strategy):
    """An order at each timer until there are enough; it looks at the price of each trade, as TWAP does."""

    def __init__(self, instrument, config):
        super().__init__(config)
        self.instrument = instrument
        self.sent = 0
        self.filled = 0
        self.price = None

    def on_start(self):
        self.subscribe_trade_ticks(self.instrument.id)
        self.clock.set_timer(
            "slice", timedelta(seconds=self.config.interval_secs), callback=self.on_slice
        )

    def on_trade_tick(self, tick: TradeTick):
        self.price = tick.price

    def on_slice(self, _event):
        if self.sent == self.config.orders:
            # As a plugin that has completed: it gets no ticks any more.
            self.unsubscribe_trade_ticks(self.instrument.id)
            return self.clock.cancel_timer("slice")
        self.sent += 1
        quantity = self.instrument.make_qty(Decimal("0.001"))
        order = self.order_factory.market(self.instrument.id, OrderSide.BUY, quantity)
        self.submit_order(order)

    def on_order_filled(self, _event):
        self.filled += 1


imported = clock()
instrument = TestInstrumentProvider.btcusdt_binance()
frame = pd.read_csv(
    sys.argv[1],
    usecols=["id", "price", "qty", "time", "is_buyer_maker"],
    dtype={"id": str, "price": float, "qty": float},
)
frame = frame.rename(columns={"id": "trade_id", "qty": "quantity", "is_buyer_maker": "buyer_maker"})
frame.index = pd.to_datetime(frame.pop("time"), unit="ms", utc=True)
ticks = TradeTickDataWrangler(instrument).process(frame)
loaded = clock()

engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
engine.add_venue(
    venue=Venue("BINANCE"),
    oms_type=OmsType.NETTING,
    account_type=AccountType.CASH,
    base_currency=None,
    starting_balances=[Money(100_000_000, USDT)],
    trade_execution=True,
)
engine.add_instrument(instrument)
engine.add_data(ticks)
strategy = Slices(instrument, SlicesConfig(orders=int(sys.argv[2])))
engine.add_strategy(strategy)
engine.run()
done = clock()
result = {
    "import_s": imported - start,
    "load_s": loaded - imported,
    "run_s": done - loaded,
    "trades": len(ticks),
    "orders": strategy.sent,
    "fills": strategy.filled,
}
print(json.dumps({name: round(value, 3) for name, value in result.items()}))

"""What a sweep says, with DuckDB, Polars and pandas.

    cargo tesser replay --sweep runs.toml --horizon 60 --out results
    pip install -r requirements.txt
    python replay_analysis.py results

Prices and quantities are decimals. To multiply or divide them, convert them to floats first: a product of two
DECIMAL(38,18) has no room for digits before the point.
"""

import json
import sys
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl

results = Path(sys.argv[1] if len(sys.argv) > 1 else "results")

# %% DuckDB: parameters by implementation shortfall, over all tapes; the rest is taken at the crossing price. Runs with
# errors count, too: to leave out those that filled too little would make the worst parameters look cheap. Only sets of
# parameters that were measured on every tape can be compared.
best = duckdb.sql(f"""
    WITH measured AS (FROM '{results}/runs.parquet' WHERE shortfall_total_crossing_bps IS NOT NULL)
    SELECT params, count(*) AS runs, count(*) FILTER (NOT ok) AS with_errors,
           avg(shortfall_total_crossing_bps::DOUBLE) AS shortfall_bps, min(filled::DOUBLE / target::DOUBLE) AS least_filled
    FROM measured GROUP BY params
    HAVING count(DISTINCT tape) = (SELECT count(DISTINCT tape) FROM measured)
    ORDER BY shortfall_bps
""").df()
print("Parameters by shortfall\n", best.to_string(index=False, float_format="%.4f"))

# %% Polars: fills by hour, and the share of them that made liquidity.
quantity = pl.col("quantity").cast(pl.Float64)
by_hour = (
    pl.read_parquet(results / "fills.parquet")
    .group_by(pl.col("time").dt.truncate("1h").alias("hour"))
    .agg(
        fills=pl.len(),
        quantity=quantity.sum(),
        maker_share=quantity.filter(pl.col("liquidity") == "maker").sum() / quantity.sum(),
    )
    .sort("hour")
)
print("Fills by hour\n", by_hour)

# %% pandas: the orders of the best run, each with its first fill. Decimals are exact (`decimal.Decimal`).
runs = pd.read_parquet(results / "runs.parquet").set_index("run_id")
run_id = runs["shortfall_total_crossing_bps"].dropna().astype(float).idxmin()
keys = ["run_id", "order_number"]
first = pd.read_parquet(results / "fills.parquet").groupby(keys)["time"].min().rename("first_fill")
orders = pd.read_parquet(results / "orders.parquet").join(first, on=keys)
orders["waited"] = orders["first_fill"] - orders["time"]
print("Best run:", run_id, json.loads(runs.loc[run_id, "params"]), "" if runs.loc[run_id, "ok"] else "(with errors)")
columns = ["order_number", "time", "side", "price", "quantity", "state", "waited"]
print(orders.loc[orders["run_id"] == run_id, columns].to_string(index=False))

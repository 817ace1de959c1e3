"""Holds the tables of `cargo tesser replay --out DIR` to the JSON of the same runs, by each of three readers.

    python tables.py DIR DOCUMENTS

DOCUMENTS is a JSON array of the runs' documents. Every column of every row has to be equal, and no row may be missing.
"""

import json
import sys
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
WORDS = {
    "run_id", "tool", "plugin", "plugin_version", "plugin_sha256", "params", "tape", "tape_sha256", "host", "settings",
    "symbol", "side", "ending", "ending_reason", "errors", "type", "time_in_force", "state", "liquidity",
}
TIMES = {"time_ms": "time", "ended_ms": "ended", "start_ms": "start"}


def plain(row):
    """A row as the document has it: decimals, times, and None for what is not there."""
    cells = {}
    for name, value in row.items():
        if name in TIMES:
            name, value = TIMES[name], None if value is None else EPOCH + timedelta(milliseconds=value)
        elif isinstance(value, str) and name not in WORDS:
            value = Decimal(value)
        cells[name] = value
    return cells


def expected(documents):
    tables = {"runs": [], "orders": [], "amendments": [], "fills": []}
    for document in documents:
        run, quality = document["run"], dict(document["quality"])
        key = {"run_id": run["id"]}
        for name in ("shortfall", "schedule"):
            quality |= {f"{name}_{part}": value for part, value in quality.pop(name).items()}
        for markout in quality.pop("markouts"):
            quality[f"markout_{markout['seconds']}s_bps"] = markout["cost_bps"]
        row = key | quality | {
            "tool": run["tool"],
            "plugin": run["plugin"]["name"],
            "plugin_version": run["plugin"]["metadata"]["version"],
            "plugin_sha256": run["plugin"]["sha256"],
            "params": run["params"],
            "tape": run["tape"]["path"],
            "tape_sha256": run["tape"]["sha256"],
            "host": run["host"]["profile"],
            "settings": run,
            "ending": document["ending"]["state"],
            "ending_reason": document["ending"]["reason"],
            "errors": "\n".join(document["errors"]) or None,
            "orders": len(document["orders"]),
            "fills": len(document["fills"]),
        }
        same = [
            "symbol", "side", "target", "ok", "tape_rows", "skipped_rows", "calls", "restarts", "amendments", "not_sent",
            "stale_orders", "placed", "filled", "expired", "refused", "cancelled", "still_open", "spread",
        ]
        tables["runs"].append(plain(row | {name: document[name] for name in same}))
        for order in document["orders"]:
            order = dict(order)
            order["order_number"] = order.pop("number")
            own = key | {"order_number": order["order_number"]}
            for number, amendment in enumerate(order.pop("amendments"), 1):
                tables["amendments"].append(plain(own | {"amendment": number} | amendment))
            tables["orders"].append(plain(key | order))
        for fill in document["fills"]:
            fill = dict(fill)
            fill["order_number"] = fill.pop("order")
            tables["fills"].append(plain(key | fill))
    return tables


def by_duckdb(path):
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    result = connection.execute(f"SELECT * FROM '{path}'")
    names = [column[0] for column in result.description]
    return [dict(zip(names, row)) for row in result.fetchall()]


def by_polars(path):
    return pl.read_parquet(path).to_dicts()


def by_pandas(path):
    frame = pd.read_parquet(path)
    for name in frame.columns:
        if pd.api.types.is_datetime64_any_dtype(frame[name]):
            frame[name] = frame[name].astype(object).map(lambda time: time.to_pydatetime(), na_action="ignore")
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return rows


def main():
    folder, documents = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())
    for table, rows in expected(documents).items():
        for reader in (by_duckdb, by_polars, by_pandas):
            read = reader(folder / f"{table}.parquet")
            assert len(read) == len(rows), f"{reader.__name__}: {table} has {len(read)} rows, not {len(rows)}"
            for number, (found, row) in enumerate(zip(read, rows)):
                for name in ("params", "settings"):
                    if name in found:
                        found[name] = json.loads(found[name])
                assert found.keys() == row.keys(), found.keys() ^ row.keys()
                for name, value in row.items():
                    said = f"{reader.__name__}: {table}, row {number}, {name}: {found[name]!r}, not {value!r}"
                    assert found[name] == value, said
                    if isinstance(value, (Decimal, datetime)):
                        assert isinstance(found[name], type(value)), said
        print(f"{table}: {len(rows)} rows")


main()

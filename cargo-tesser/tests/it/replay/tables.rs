//! `--out DIR`: runs, orders, amendments and fills as Parquet files.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use super::synthetic;
use crate::support::{Sandbox, chase, names, process, root};

const FILES: [&str; 4] = ["amendments.parquet", "fills.parquet", "orders.parquet", "runs.parquet"];

/// Prices that go up and down in steps of 25, with both sides as takers: the orders are amended, make and take.
fn saw() -> String {
    let row = |at: i64| {
        let (price, time) = (40_000 + 25 * (at / 4 % 20), 1_704_067_200_000 + at * 500);
        format!("{at},{price}.25,0.03,1,{time},{}\n", at % 2 == 1)
    };
    let rows: String = (0..400).map(row).collect();
    format!("id,price,qty,quote_qty,time,is_buyer_maker\n{rows}")
}

const PARAMS: &str = r#"{"venue":"bybit_linear","clip_size":"0.5"}"#;

/// The words of a run whose tables go into a folder.
fn words<'a>(tape: &[&'a str], dir: &'a str) -> Vec<&'a str> {
    let run = "--quantity 2 --ticks --taker-fee 5.5 --maker-fee -0.25 --format json";
    let out = ["--params", PARAMS, "--out", dir];
    let plugin = ["replay", "chase.wasm"];
    [&plugin[..], tape, &run.split(' ').collect::<Vec<_>>(), &out].concat()
}

/// A folder with the plugin and both tapes.
fn folder() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("chase.wasm", fs::read(chase()).unwrap());
    sandbox.write("saw.csv", saw());
    sandbox.write("even.csv", fs::read(synthetic()).unwrap());
    sandbox
}

/// A run over the saw, with tables in a folder. Returns the document.
fn run(sandbox: &Sandbox, dir: &str, more: &[&str]) -> Value {
    let run = sandbox.tesser("", &[&words(&["--tape", "saw.csv"], dir), more].concat());
    assert!(matches!(run.code, Some(0 | 1)), "{}", run.stderr);
    assert!(run.stderr.contains(&format!("Wrote {dir}")), "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

/// A sweep over two tapes with two sets of parameters, and its documents.
fn sweep(sandbox: &Sandbox, dir: &str) -> Vec<Value> {
    let sets = "[[params]]\nclip_size = \"0.25\"\n[[params]]\nclip_size = \"0.5\"\n";
    sweep_of(sandbox, dir, sets)
}

/// A sweep over two tapes with sets of parameters.
fn sweep_of(sandbox: &Sandbox, dir: &str, sets: &str) -> Vec<Value> {
    sandbox.write("runs.toml", format!("tapes = [\"saw.csv\", \"even.csv\"]\n{sets}"));
    let run = sandbox.tesser("", &words(&["--sweep", "runs.toml"], dir));
    assert!(matches!(run.code, Some(0 | 1)), "{}", run.stderr);
    let sweep: Value = serde_json::from_str(&run.stdout).unwrap();
    sweep["runs"].as_array().unwrap().iter().map(|run| run["ledger"].clone()).collect()
}

/// Rows by the library's own reader: texts, numbers and nulls.
fn rows(path: &Path) -> Vec<BTreeMap<String, Value>> {
    let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    let value = |field: &Field| match field {
        Field::Null => Value::Null,
        Field::Bool(value) => json!(value),
        Field::Long(value) | Field::TimestampMillis(value) => json!(value),
        Field::Str(text) => json!(text),
        field @ Field::Decimal(_) => {
            json!(field.to_string().parse::<Decimal>().unwrap().normalize())
        }
        other => panic!("{other:?}"),
    };
    let rows = reader.get_row_iter(None).unwrap().map(|row| {
        let row = row.unwrap();
        row.get_column_iter().map(|(name, field)| (name.clone(), value(field))).collect()
    });
    rows.collect()
}

/// A decimal of a document, as [`rows`] has it.
fn number(value: &Value) -> Value {
    value.as_str().map_or(Value::Null, |text| json!(text.parse::<Decimal>().unwrap().normalize()))
}

#[test]
fn the_tables_have_what_the_document_has() {
    let sandbox = folder();
    let document = run(&sandbox, "out", &[]);
    assert_eq!(names(&sandbox.path("out")), FILES);
    let table = |name: &str| rows(&sandbox.path(&format!("out/{name}.parquet")));
    let [run] = &table("runs")[..] else { panic!() };
    assert_eq!(run["run_id"], document["run"]["id"]);
    assert_eq!(
        serde_json::from_str::<Value>(run["settings"].as_str().unwrap()).unwrap(),
        document["run"]
    );
    let (quality, shortfall) = (&document["quality"], &document["quality"]["shortfall"]);
    assert_eq!(run["vwap"], number(&quality["vwap"]));
    assert_eq!(run["shortfall_total_bps"], number(&shortfall["total_bps"]));
    assert_eq!(run["start"], quality["start_ms"]);
    assert_eq!(run["maker_share"], number(&quality["maker_share"]));
    let (orders, fills) = (table("orders"), table("fills"));
    let of = |name: &str| document[name].as_array().unwrap().clone();
    assert_eq!((orders.len(), fills.len()), (of("orders").len(), of("fills").len()));
    for (row, order) in orders.iter().zip(of("orders")) {
        assert_eq!(row["order_number"], order["number"]);
        assert_eq!(row["ended"], order["ended_ms"]);
        assert_eq!(row["first_price"], number(&order["first_price"]));
        assert_eq!(row["time_in_force"], order["time_in_force"]);
    }
    let amendments: usize =
        of("orders").iter().map(|order| order["amendments"].as_array().unwrap().len()).sum();
    assert!(amendments > 0);
    assert_eq!(table("amendments").len(), amendments);
    let liquidity: Vec<_> = fills.iter().map(|fill| fill["liquidity"].clone()).collect();
    assert!(liquidity.contains(&json!("maker")) && liquidity.contains(&json!("taker")));
    for (row, fill) in fills.iter().zip(of("fills")) {
        assert_eq!(row["time"], fill["time_ms"]);
        assert_eq!(row["fee"], number(&fill["fee"]));
        assert_eq!(row["run_id"], document["run"]["id"]);
    }
}

#[test]
fn the_same_runs_are_the_same_bytes_and_a_sweep_has_the_tables_of_its_runs() {
    let sandbox = folder();
    let bytes = |dir: &str| FILES.map(|file| fs::read(sandbox.path(dir).join(file)).unwrap());
    sweep(&sandbox, "first");
    sweep(&sandbox, "second");
    assert!(bytes("first") == bytes("second"));
    run(&sandbox, "single", &[]);
    // The path of a tape in a sweep is from the sweep's file.
    let id = |row: &BTreeMap<String, Value>| row["run_id"].clone();
    let single = rows(&sandbox.path("single/fills.parquet"));
    let all = rows(&sandbox.path("first/fills.parquet"));
    let own: Vec<_> = all.into_iter().filter(|row| id(row) == id(&single[0])).collect();
    assert_eq!(own, single);
}

#[test]
fn a_run_that_could_not_be_made_is_a_row_and_the_same_run_is_there_once() {
    let sandbox = folder();
    sandbox.write("again.csv", saw());
    sandbox.write("runs.toml", "tapes = [\"saw.csv\", \"again.csv\", \"none.csv\"]\n");
    sandbox.tesser("", &words(&["--sweep", "runs.toml"], "out")).expect(1);
    let [made, failed] = &rows(&sandbox.path("out/runs.parquet"))[..] else { panic!() };
    assert_eq!((&made["ok"], &made["errors"]), (&json!(true), &Value::Null));
    assert_eq!((&failed["ok"], &failed["orders"]), (&json!(false), &Value::Null));
    assert_eq!(failed["errors"], "cannot read `./none.csv`");
    assert_eq!(failed["tape"], "./none.csv");
}

#[test]
fn only_its_own_files_are_replaced_and_a_foreign_one_is_refused_before_the_run() {
    let sandbox = folder();
    sandbox.write("out/notes.txt", "mine");
    run(&sandbox, "out", &["--side", "sell"]);
    let document = run(&sandbox, "out", &[]);
    assert_eq!(rows(&sandbox.path("out/runs.parquet"))[0]["run_id"], document["run"]["id"]);
    assert_eq!(fs::read_to_string(sandbox.path("out/notes.txt")).unwrap(), "mine");
    sandbox.write("other/orders.parquet", "mine");
    sandbox.write("file", "");
    let mut said = String::new();
    for dir in ["other", "file"] {
        let words = ["replay", "none.wasm", "--tape", "none.csv", "--quantity", "1", "--out", dir];
        said += &sandbox.tesser("", &words).expect(101).stderr;
        said.push('\n');
    }
    assert_data_eq!(
        said,
        str![[r#"
error: `other/orders.parquet` is not a table of `cargo tesser replay`, and would be overwritten
hint: use another folder, or move the file away

error: cannot create the directory `file`

Caused by:
  File exists (os error 17)
hint: a file is where a folder is needed; choose another path, or move the file away


"#]]
    );
    assert_eq!(names(&sandbox.path("other")), ["orders.parquet"]);
}

#[test]
fn a_number_that_fits_into_no_column_is_named_and_nothing_is_written() {
    let sandbox = folder();
    let words = ["replay", "chase.wasm", "--tape", "saw.csv", "--quantity", "1e25", "--out", "out"];
    let more = ["--max-order", "0", "--max-position", "0", "--params", PARAMS];
    let refused = sandbox.tesser("", &[&words[..], &more].concat()).expect(101);
    assert_data_eq!(
        refused.error().to_owned() + "\n",
        str![[r#"
error: cannot write `out/runs.parquet`

Caused by:
  10000000000000000000000000 does not fit into its column `target`, which has 20 digits before the point
hint: use `--format json`, which has numbers of any size

"#]]
    );
    assert!(names(&sandbox.path("out")).is_empty());
}

/// A Python that has the packages of the example; `cargo xtask test --full` sets one up.
fn python() -> Option<PathBuf> {
    let given = std::env::var_os("TESSER_PYTHON").map(PathBuf::from);
    let python = given.clone().unwrap_or_else(|| "python3".into());
    let imports = ["-c", "import duckdb, pandas, polars, pyarrow"];
    let has_all = process(&python).args(imports).output().is_ok_and(|run| run.status.success());
    assert!(has_all || given.is_none(), "`TESSER_PYTHON` lacks DuckDB, pandas, Polars or PyArrow");
    has_all.then_some(python)
}

#[test]
fn duckdb_polars_and_pandas_read_every_value_as_the_json_has_it() {
    let Some(python) = python() else {
        return eprintln!("SKIPPED: there is no Python with DuckDB, pandas and Polars");
    };
    let sandbox = folder();
    let single = vec![run(&sandbox, "single", &[])];
    for (dir, documents) in [("single", single), ("sweep", sweep(&sandbox, "sweep"))] {
        let documents = sandbox.write("documents.json", json!(documents).to_string());
        let script = root().join("cargo-tesser/tests/it/replay/tables.py");
        let compared = process(&python).arg(script).arg(sandbox.path(dir)).arg(documents).output();
        let compared = compared.unwrap();
        let said = String::from_utf8_lossy(&compared.stderr);
        assert!(compared.status.success(), "{dir}: {said}");
    }
}

/// What the example in the docs says of a folder.
fn example(python: &Path, sandbox: &Sandbox, dir: &str) -> String {
    let script = root().join("docs/examples/replay_analysis.py");
    let words = [script, sandbox.path(dir)];
    let example = process(python).args(words).output().unwrap();
    assert!(example.status.success(), "{}", String::from_utf8_lossy(&example.stderr));
    String::from_utf8_lossy(&example.stdout).into_owned()
}

/// The rows of its first table: runs, those with errors, mean shortfall and the least share filled.
fn sets(said: &str) -> Vec<String> {
    let rows = said.lines().filter_map(|line| line.trim().strip_prefix("{\"")?.split_once('}'));
    rows.map(|(_, row)| row.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn the_example_in_the_docs_counts_all_runs_of_a_sweep_and_compares_only_whole_sets() {
    let Some(python) = python() else {
        return eprintln!("SKIPPED: there is no Python with DuckDB, pandas and Polars");
    };
    let sandbox = folder();
    // The second set fills nothing of one tape, which is an error.
    let two = "[[params]]\nclip_size = \"0.5\"\n[[params]]\noffset_bps = \"-30\"\n";
    let runs = sweep_of(&sandbox, "results", two);
    let mean = |at: usize| {
        let bps = |run: &Value| number(&run["quality"]["shortfall"]["total_crossing_bps"]);
        let bps = |run| bps(run).as_str().unwrap().parse::<Decimal>().unwrap();
        format!("{:.4}", (bps(&runs[at]) + bps(&runs[at + 2])) / Decimal::TWO)
    };
    assert_eq!(runs.iter().filter(|run| run["ok"] == false).count(), 1);
    let said = example(&python, &sandbox, "results");
    assert_eq!(sets(&said), [format!("2 1 {} 0.0000", mean(1)), format!("2 0 {} 1.0000", mean(0))]);
    for part in ["Parameters by shortfall", "maker_share", "Best run: ", "waited"] {
        assert!(said.contains(part), "{said}");
    }
    // A set that was not measured on each of the tapes is not compared.
    let less =
        "import duckdb; duckdb.sql(\"COPY (FROM 'all.parquet' WHERE ok) TO 'runs.parquet'\")";
    let results = sandbox.path("results");
    fs::rename(results.join("runs.parquet"), results.join("all.parquet")).unwrap();
    assert!(process(&python).args(["-c", less]).current_dir(&results).status().unwrap().success());
    let said = example(&python, &sandbox, "results");
    assert_eq!(sets(&said), [format!("2 0 {} 1.0000", mean(0))]);
}

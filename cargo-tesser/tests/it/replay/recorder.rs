//! What the host's flight recorder has written: ticks as a tape, and whole sessions.

use std::sync::Arc;

use parquet::data_type::{
    ByteArrayType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, Int32Type, Int64Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::VENUE;
use super::again::sha256;
use crate::docs::schemas::assert_describes;
use crate::support::{Run, Sandbox, chase};

/// The midnight before all that is recorded here.
const START_MS: i64 = 1_704_067_200_000;

/// A column as the recorder writes it.
#[derive(Clone)]
enum Column {
    Text(Vec<Option<String>>),
    /// `DECIMAL(38,18)`.
    Decimal(Vec<Option<String>>),
    /// 1 buys and -1 sells.
    Side(Vec<i32>),
    /// Nanoseconds in the file, milliseconds here.
    Time(Vec<i64>),
    Float(Vec<f64>),
}

fn text<T: ToString>(values: &[T]) -> Column {
    Column::Text(values.iter().map(|value| Some(value.to_string())).collect())
}

fn decimal<T: ToString>(values: &[T]) -> Column {
    Column::Decimal(values.iter().map(|value| Some(value.to_string())).collect())
}

/// Columns by name, of one length.
type Table = Vec<(&'static str, Column)>;

fn parquet(table: &Table) -> Vec<u8> {
    let fields = table.iter().map(|(name, column)| match column {
        Column::Text(_) => format!("optional binary {name} (UTF8);"),
        Column::Decimal(_) => format!("optional fixed_len_byte_array(16) {name} (DECIMAL(38,18));"),
        Column::Side(_) => format!("required int32 {name} (INTEGER(8,true));"),
        Column::Time(_) => format!("required int64 {name} (TIMESTAMP(NANOS,false));"),
        Column::Float(_) => format!("required double {name};"),
    });
    let schema = format!("message arrow_schema {{ {} }}", fields.collect::<String>());
    let schema = Arc::new(parse_message_type(&schema).unwrap());
    let mut bytes = Vec::new();
    let properties = Arc::new(WriterProperties::default());
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    for (_, column) in table {
        let mut file = group.next_column().unwrap().unwrap();
        let there = |values: &[Option<String>]| -> (Vec<String>, Vec<i16>) {
            let levels = values.iter().map(|value| i16::from(value.is_some())).collect();
            (values.iter().flatten().cloned().collect(), levels)
        };
        match column {
            Column::Text(values) => {
                let (values, levels) = there(values);
                let values: Vec<_> = values.iter().map(|value| value.as_str().into()).collect();
                file.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None)
            }
            Column::Decimal(values) => {
                let (values, levels) = there(values);
                let values: Vec<_> = values.iter().map(|value| fixed(value)).collect();
                file.typed::<FixedLenByteArrayType>().write_batch(&values, Some(&levels), None)
            }
            Column::Side(values) => file.typed::<Int32Type>().write_batch(values, None, None),
            Column::Time(values) => {
                let values: Vec<_> = values.iter().map(|ms| ms * 1_000_000).collect();
                file.typed::<Int64Type>().write_batch(&values, None, None)
            }
            Column::Float(values) => file.typed::<DoubleType>().write_batch(values, None, None),
        }
        .unwrap();
        file.close().unwrap();
    }
    group.close().unwrap();
    writer.close().unwrap();
    bytes
}

/// A number with 18 places, as 16 bytes.
fn fixed(text: &str) -> FixedLenByteArray {
    let value: Decimal = text.parse().unwrap();
    let places = 18 - value.scale();
    let whole = value.mantissa() * 10_i128.pow(places);
    whole.to_be_bytes().to_vec().into()
}

/// Ticks as the recorder has them: two in each second, around 40,000.
fn ticks(from: i64, count: i64) -> Table {
    let numbers: Vec<_> = (from..from + count).collect();
    let times: Vec<_> = numbers.iter().map(|number| START_MS + number * 500).collect();
    let prices: Vec<_> =
        numbers.iter().map(|number| format!("{}.5", 40_000 - number % 20)).collect();
    vec![
        ("symbol", text(&vec!["BTCUSDT"; numbers.len()])),
        ("price", decimal(&prices)),
        ("size", decimal(&vec!["0.25"; numbers.len()])),
        (
            "side",
            Column::Side(
                numbers.iter().map(|number| if number % 2 == 0 { -1 } else { 1 }).collect(),
            ),
        ),
        ("exchange_timestamp", Column::Time(times.clone())),
        ("received_at", Column::Time(times.iter().map(|ms| ms + 3).collect())),
    ]
}

fn replayed(sandbox: &Sandbox, tape: &str) -> Run {
    let plugin = chase().to_str().unwrap();
    let words = ["replay", plugin, "--tape", tape, "--quantity", "1", "--params", VENUE];
    sandbox.tesser("", &words)
}

#[test]
fn recorded_ticks_replay_without_flags_as_a_file_and_as_a_folder() {
    let sandbox = Sandbox::new();
    sandbox.write("all.parquet", parquet(&ticks(0, 120)));
    sandbox
        .write("rec/ticks/2024-01-01/ticks-20240101T000000-0000.parquet", parquet(&ticks(0, 50)));
    sandbox
        .write("rec/ticks/2024-01-01/ticks-20240101T000025-0001.parquet", parquet(&ticks(50, 30)));
    sandbox
        .write("rec/ticks/2024-01-02/ticks-20240102T000000-0002.parquet", parquet(&ticks(80, 40)));
    let file = replayed(&sandbox, "all.parquet").expect(0).stdout;
    assert!(file.contains("tape  120 rows"), "{file}");
    assert!(file.contains("ending  completed"), "{file}");
    for folder in ["rec", "rec/ticks"] {
        assert_eq!(replayed(&sandbox, folder).expect(0).stdout, file, "{folder}");
    }
    // What `cd rec && find ticks -name '*.parquet' | LC_ALL=C sort | xargs sha256sum | sha256sum` prints.
    let list = [
        ("ticks/2024-01-01/ticks-20240101T000000-0000.parquet", parquet(&ticks(0, 50))),
        ("ticks/2024-01-01/ticks-20240101T000025-0001.parquet", parquet(&ticks(50, 30))),
        ("ticks/2024-01-02/ticks-20240102T000000-0002.parquet", parquet(&ticks(80, 40))),
    ];
    let list = list.map(|(path, bytes)| format!("{}  {path}\n", sha256(&bytes))).concat();
    let words = ["replay", chase().to_str().unwrap(), "--tape", "rec", "--quantity", "1"];
    let more = ["--params", VENUE, "--horizon", "5", "--format", "json"];
    let run = sandbox.tesser("", &[&words[..], &more].concat());
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["run"]["tape"]["sha256"], sha256(list.as_bytes()));
    let day = replayed(&sandbox, "rec/ticks/2024-01-02").expect(0).stdout;
    assert!(day.contains("tape  40 rows"), "{day}");
}

#[test]
fn a_damaged_or_foreign_file_of_a_recording_is_named() {
    let sandbox = Sandbox::new();
    let bytes = parquet(&ticks(0, 50));
    sandbox.write("cut.parquet", &bytes[..bytes.len() / 2]);
    sandbox.write("rec/ticks/2024-01-01/ticks-20240101T000000-0000.parquet", &bytes);
    let cut = "rec/ticks/2024-01-02/ticks-20240102T000000-0001.parquet";
    sandbox.write(cut, &bytes[..bytes.len() / 2]);
    std::fs::create_dir(sandbox.path("empty")).unwrap();
    let way_out = "hint: the file is damaged or was not finished: copy it again, or move it out";
    for (tape, named) in [("cut.parquet", "cut.parquet"), ("rec", cut)] {
        let run = replayed(&sandbox, tape).expect(101);
        assert!(
            run.error().starts_with(&format!("error: cannot read `{named}`: ")),
            "{}",
            run.stderr
        );
        assert!(run.error().contains(way_out), "{}", run.stderr);
    }
    let run = replayed(&sandbox, "empty").expect(101);
    assert_eq!(run.error(), "error: `empty` has no trades");
    let mut table = ticks(0, 50);
    table.remove(1);
    sandbox.write("column.parquet", parquet(&table));
    let run = replayed(&sandbox, "column.parquet").expect(101);
    assert!(
        run.error().starts_with("error: `column.parquet` has no column `price`"),
        "{}",
        run.stderr
    );
    assert!(run.error().contains("`--columns` names them"), "{}", run.stderr);
}

/// A session of the chase plugin: what it orders over the ticks, as the recorder would have it.
struct Recording {
    signals: Table,
    orders: Table,
    fills: Table,
}

impl Recording {
    /// Runs the plugin over a tape, and writes down what it has done.
    fn made() -> Self {
        let sandbox = Sandbox::new();
        sandbox.write("ticks.parquet", parquet(&ticks(0, 120)));
        let plugin = chase().to_str().unwrap();
        let words =
            ["replay", plugin, "--tape", "ticks.parquet", "--quantity", "1", "--params", VENUE];
        let more = ["--timer-phase", "300", "--format", "json"];
        let run = sandbox.tesser("", &[&words[..], &more].concat()).expect(0);
        let run: Value = serde_json::from_str(&run.stdout).unwrap();
        let rows = |name: &str| run[name].as_array().unwrap().clone();
        let texts = |rows: &[Value], field: &str| -> Vec<String> {
            rows.iter().map(|row| row[field].as_str().unwrap().to_owned()).collect()
        };
        let times = |rows: &[Value]| -> Column {
            Column::Time(rows.iter().map(|row| row["time_ms"].as_i64().unwrap()).collect())
        };
        let numbers = |rows: &[Value], field: &str| -> Vec<u64> {
            rows.iter().map(|row| row[field].as_u64().unwrap()).collect()
        };
        let (orders, fills) = (rows("orders"), rows("fills"));
        let id = |number: &u64| format!("venue-{number}");
        let client_id =
            |number: &u64| format!("plugin-b7000000000040008000000000000001-{number:04}");
        let hint =
            json!({ "type": "plugin", "name": "it_chase", "params": { "venue": "bybit_linear" } });
        Self {
            signals: vec![
                ("id", text(&["51000000-0000-4000-8000-000000000001"])),
                ("symbol", text(&["BTCUSDT"])),
                ("kind", text(&["enter_long"])),
                ("confidence", Column::Float(vec![1.0])),
                ("quantity", decimal(&["1"])),
                ("stop_loss", Column::Decimal(vec![None])),
                ("take_profit", Column::Decimal(vec![None])),
                ("group_id", Column::Text(vec![None])),
                ("metadata", text(&[json!({ "execution_hint": hint, "note": null })])),
                ("generated_at", Column::Time(vec![START_MS])),
            ],
            orders: vec![
                ("id", text(&numbers(&orders, "number").iter().map(id).collect::<Vec<_>>())),
                (
                    "client_order_id",
                    text(&numbers(&orders, "number").iter().map(client_id).collect::<Vec<_>>()),
                ),
                ("side", Column::Side(vec![1; orders.len()])),
                ("order_type", text(&texts(&orders, "type"))),
                ("quantity", decimal(&texts(&orders, "quantity"))),
                ("price", decimal(&texts(&orders, "price"))),
                ("created_at", times(&orders)),
            ],
            fills: vec![
                ("order_id", text(&numbers(&fills, "order").iter().map(id).collect::<Vec<_>>())),
                ("fill_price", decimal(&texts(&fills, "price"))),
                ("fill_quantity", decimal(&texts(&fills, "quantity"))),
                ("fee", Column::Decimal(vec![None; fills.len()])),
                ("timestamp", times(&fills)),
            ],
        }
    }

    fn write(&self, sandbox: &Sandbox, dir: &str) {
        for (kind, table) in
            [("signals", &self.signals), ("orders", &self.orders), ("fills", &self.fills)]
        {
            let path = format!("{dir}/{kind}/2024-01-01/{kind}-20240101T000000-0000.parquet");
            sandbox.write(&path, parquet(table));
        }
    }
}

/// One column of a table.
fn column<'a>(table: &'a mut Table, name: &str) -> &'a mut Column {
    table.iter_mut().find(|(known, _)| *known == name).map(|(_, column)| column).unwrap()
}

fn session(sandbox: &Sandbox, dir: &str, more: &[&str]) -> Run {
    let plugin = chase().to_str().unwrap();
    sandbox.tesser("", &[&["replay", plugin, "--session", dir], more].concat())
}

#[test]
fn a_recorded_session_is_worked_as_it_was_and_an_edited_order_is_told() {
    let sandbox = Sandbox::new();
    let mut recording = Recording::made();
    recording.write(&sandbox, "rec");
    let said = session(&sandbox, "rec", &[]).expect(0).stdout;
    let first = "signal 51000000-0000-4000-8000-000000000001 over 1 bybit_linear:BTCUSDT: 10 orders recorded, 10 now, completed";
    assert_eq!(said, format!("{first}\nsignals with the same orders as recorded: 1 of 1\n"));
    // A later start of the host: the plugin goes on where it was.
    sandbox.write(
        "rec/orders/2024-01-01/orders-20240101T000004-0000.parquet",
        parquet(&recording.orders),
    );
    let json = session(&sandbox, "rec", &["--format", "json"]).expect(0).stdout;
    let document: Value = serde_json::from_str(&json).unwrap();
    assert_describes("replay-session", &document);
    assert_eq!(document["ok"], true);
    assert_eq!(document["signals"][0]["ledger"]["restarts"], 1, "{json}");
    assert_eq!(document["signals"][0]["differences"], json!([]));
    // Somebody else's number in an order of then.
    if let Column::Decimal(quantities) = column(&mut recording.orders, "quantity") {
        quantities[2] = Some("0.2".into());
    }
    let Column::Decimal(prices) = column(&mut recording.orders, "price").clone() else {
        unreachable!()
    };
    recording.write(&sandbox, "edited");
    let said = session(&sandbox, "edited", &[]).expect(1).stdout;
    let price: Decimal = prices[2].as_deref().unwrap().parse().unwrap();
    let price = price.normalize();
    let differs = format!(
        "  differs  order 3: recorded limit buy 0.2 at {price}, now limit buy 0.1 at {price}"
    );
    assert_eq!(said.lines().nth(1), Some(differs.as_str()), "{said}");
    assert!(said.ends_with("signals with the same orders as recorded: 0 of 1\n"), "{said}");
}

#[test]
fn a_recorded_session_that_cannot_be_used_says_where_and_what_to_do() {
    let sandbox = Sandbox::new();
    let signals = "signals/2024-01-01/signals-20240101T000000-0000.parquet";
    let mut recording = Recording::made();
    recording.write(&sandbox, "cut");
    let path = sandbox.path(&format!("cut/{signals}"));
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 20]).unwrap();
    let said = |dir: &str| session(&sandbox, dir, &[]).expect(101).error().to_owned();
    let error = said("cut");
    assert!(error.starts_with(&format!("error: cannot read `cut/{signals}`: ")), "{error}");
    assert!(error.contains("hint: the file is damaged or was not finished"), "{error}");

    let plain = recording.signals.clone();
    recording.signals.retain(|(name, _)| *name != "kind");
    recording.write(&sandbox, "column");
    let error = said("column");
    let expected = format!(
        "error: `column/{signals}`, row 1: there is no text `kind`\nhint: `--session` reads `signals`, "
    );
    assert!(error.starts_with(&expected), "{error}");

    recording.signals = plain;
    *column(&mut recording.signals, "metadata") =
        text(&[r#"{"execution_hint":{"type":"plugin","name":"other","params":null}}"#]);
    recording.write(&sandbox, "other");
    assert_eq!(
        said("other"),
        "error: `other` has no signal for the plugin `it_chase`; it has signals for `other`\n\
         hint: a signal's hint names the plugin's file without `.wasm`: rename the file, or give the one that was used"
    );
    let error = said("nowhere");
    assert!(error.starts_with("error: cannot list `nowhere`"), "{error}");
    sandbox.tesser("", &["replay", "x.wasm", "--session", "other", "--tape", "x.csv"]).expect(2);
}

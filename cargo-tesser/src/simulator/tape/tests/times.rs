//! Times in all units and formats, and rows that are out of order.

use super::*;

fn text(times: &[&str]) -> String {
    let rows: Vec<_> = times.iter().map(|time| format!("1;1;{time};buy\n")).collect();
    format!("price;qty;ts;side\n{}", rows.concat())
}

fn times_with(times: &[&str], names: &str) -> Result<Vec<i64>, String> {
    let names = if names.is_empty() { Names::default() } else { names.parse().unwrap() };
    let options = TapeOptions { names, skip_bad_rows: true };
    let (events, skipped) = read_with(text(times).as_bytes(), &options)?;
    assert_eq!(skipped, 0);
    let ms = |event: &Event| match event {
        Event::Trade(trade) => trade.time_ms,
        event => panic!("{event:?}"),
    };
    Ok(events.iter().map(ms).collect())
}

#[test]
fn the_first_time_tells_the_unit() {
    for (time, ms) in [
        ("1735689600", 1_735_689_600_000),
        ("1735689600.1239", 1_735_689_600_123),
        ("1735689600123", 1_735_689_600_123),
        ("1735689600123.5", 1_735_689_600_123),
        ("1735689600123456", 1_735_689_600_123),
        ("1735689600123456789", 1_735_689_600_123),
        ("1.735689600123e12", 1_735_689_600_123),
        ("0", 0),
        ("2025-01-01T00:00:00Z", 1_735_689_600_000),
        ("2025-01-01T00:00:00.123456789Z", 1_735_689_600_123),
        ("2025-01-01 01:00:00.5+01:00", 1_735_689_600_500),
        ("2024-12-31 19:00:00.123-0500", 1_735_689_600_123),
        ("2025-01-01 00:00:00.123456 UTC", 1_735_689_600_123),
        ("2025-01-01 00:00:00+00", 1_735_689_600_000),
        ("2025-01-01 00:00:00", 1_735_689_600_000),
        ("2025/01/01 00:00:00.12", 1_735_689_600_120),
        ("2025.01.01D00:00:00.123456789", 1_735_689_600_123),
        // A second later, so that the format holds for more than one row.
    ] {
        assert_eq!(times_with(&[time, time], ""), Ok(vec![ms, ms]), "{time}");
    }
}

#[test]
fn a_time_of_another_unit_or_zone_is_refused_wherever_it_is() {
    for (first, other, unit) in [
        ("1735689600", "1735689601000", "s"),
        ("1735689600000", "1735689601", "ms"),
        ("1735689600000", "1735689601000000", "ms"),
        ("1735689600000000", "1735689601000", "us"),
        ("1735689600000000000", "1735689601000000", "ns"),
        ("0", "1735689600000", "ms"),
    ] {
        let said = times_with(&[first, first, other], "").unwrap_err();
        let expected = format!(
            "`the tape`, line 4: the time `{other}` is not in {unit}, unlike the first one"
        );
        assert_eq!(said, expected);
    }
    let (zone, none) = ("2025-01-01 00:00:00Z", "2025-01-01 00:00:01");
    let said = read(text(&[zone, none]).as_bytes()).unwrap_err();
    assert!(
        said.ends_with("the time `2025-01-01 00:00:01` has no zone, unlike the first one"),
        "{said}"
    );
    let said = read(text(&[none, zone]).as_bytes()).unwrap_err();
    assert!(said.ends_with("has a zone, unlike the first one"), "{said}");
}

#[test]
fn the_user_may_say_the_unit() {
    assert_eq!(times_with(&["5", "6.5"], "time=ts:s"), Ok(vec![5_000, 6_500]));
    assert_eq!(times_with(&["5000000", "6000000"], "time=ts:us"), Ok(vec![5_000, 6_000]));
    let said = times_with(&["0.5", "1.5"], "").unwrap_err();
    assert!(said.ends_with("line 2: the unit of the time `0.5` is unknown"), "{said}");
    let said = times_with(&["1", "1735689600123"], "time=ts:s").unwrap_err();
    assert!(said.ends_with("the time `1735689600123` is not in s, unlike the first one"), "{said}");
}

#[test]
fn what_is_no_time_is_named() {
    for time in [
        "08:00:00",
        "2025-13-01 00:00:00",
        "01/02/2025 00:00:00",
        "2025-01-01 24:00:01",
        "2025-01-01T00:00:00+1",
    ] {
        let said = read(text(&[time]).as_bytes()).unwrap_err();
        assert_eq!(said, format!("`the tape`, line 2: column `time` is not a time: `{time}`"));
    }
}

#[test]
fn rows_out_of_order_by_up_to_a_second_are_sorted_and_counted() {
    let in_order = times_with(&["5000", "5400", "4400", "5400", "4500", "9000", "8000"], "");
    assert_eq!(in_order, Ok(vec![4_400, 4_500, 5_000, 5_400, 5_400, 8_000, 9_000]));
    let dir = fs::scratch_dir().unwrap();
    let path = dir.path().join("tape");
    fs::write_new(&path, text(&["5000", "4400", "5400", "4500"]).as_bytes()).unwrap();
    let mut tape = Tape::open(&path, &TapeOptions::default()).unwrap();
    assert_eq!(tape.by_ref().count(), 4);
    assert_eq!(tape.notes(), ["2 rows were out of order by up to 900 ms, and sorted"]);
}

#[test]
fn rows_of_one_time_stay_in_their_order() {
    let rows = "1,1,2000,buy\n2,1,2000,buy\n3,1,1999,buy\n4,1,2000,buy\n5,1,1999,buy\n";
    let events = read(format!("price,qty,time,side\n{rows}").as_bytes()).unwrap();
    let prices = events.iter().map(|event| match event {
        Event::Trade(trade) => trade.price,
        event => panic!("{event:?}"),
    });
    assert_eq!(prices.collect::<Vec<_>>(), [3, 5, 1, 2, 4].map(Decimal::from));
}

#[test]
fn a_row_later_than_a_second_is_named_with_the_command_that_sorts_and_the_wrong_one_never_counts() {
    let dir = fs::scratch_dir().unwrap();
    let path = dir.path().join("tape");
    // The second time is wrong, or all after it are.
    fs::write_new(&path, text(&["1000", "9000", "2000", "3000"]).as_bytes()).unwrap();
    let options = TapeOptions { skip_bad_rows: true, ..TapeOptions::default() };
    let mut tape = Tape::open(&path, &options).unwrap();
    assert!(matches!(tape.next(), Some(Ok(Event::Trade(trade))) if trade.time_ms == 1_000));
    let error = tape.next().unwrap().unwrap_err();
    let shown = path.display();
    assert_eq!(
        error.to_string(),
        format!(
            "`{shown}`, line 4: the time goes back by 7 s, from 1970-01-01T00:00:09.000Z to 1970-01-01T00:00:02.000Z"
        )
    );
    assert_eq!(
        error.hint().unwrap(),
        format!(
            "sort the rows by time: `(head -n 1 {shown}; tail -n +2 {shown} | sort -s -t';' -k3,3n) > sorted.csv`"
        )
    );
    fs::write_atomic(&path, b"1,1.5,1,1,9000,true\n2,1.5,1,1,2000,true\n").unwrap();
    let error = Tape::open(&path, &options).unwrap().find_map(Result::err).unwrap();
    let hint = error.hint().unwrap();
    assert_eq!(hint, format!("sort the rows by time: `sort -s -t',' -k5,5n {shown} > sorted.csv`"));
}

#[test]
fn any_gap_is_read() {
    let times = ["1735689600000", "1735789600000", "1835689600000"];
    assert_eq!(times_with(&times, "").unwrap().len(), 3);
}

#[test]
fn times_without_a_zone_are_said_to_be_taken_for_utc() {
    let notes = |time: &str| {
        let dir = fs::scratch_dir().unwrap();
        let path = dir.path().join("tape");
        fs::write_new(&path, text(&[time]).as_bytes()).unwrap();
        Tape::open(&path, &TapeOptions::default()).unwrap().notes()
    };
    assert_eq!(notes("2025-01-01 00:00:00"), [NO_ZONE]);
    assert!(notes("2025-01-01 00:00:00Z").is_empty());
    assert!(notes("1735689600").is_empty());
}

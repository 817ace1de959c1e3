//! Input of any kind: no panic, an end in time, and a bounded memory.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use cargo_tesser::abi::Abi;
use cargo_tesser::checks::Checker;
use cargo_tesser::report::{self, FileReport, Report};
use wasmparser::{Parser, Payload};

use crate::corpus;
use crate::support::{Sandbox, process};

/// Everything that is done with bytes, but for making an instance, and every way to show it.
fn check(checker: &Checker, bytes: &[u8]) -> FileReport {
    let file = checker.check_bytes(Path::new("file.wasm"), bytes).unwrap();
    let report = Report { host: "tesser@0.9".into(), files: vec![file], deny_warnings: false };
    let human = anstream::adapter::strip_str(&report::human(&report)).to_string();
    assert!(human.chars().all(|c| c == '\n' || !c.is_control()), "{human:?}");
    let github = report::github(&report);
    assert!(github.chars().all(|c| c == '\n' || !c.is_control()), "{github:?}");
    for text in [report::json(&report).to_string(), report::sarif(&report).to_string()] {
        assert!(text.chars().all(|c| !c.is_control()), "{text:?}");
    }
    report.files.into_iter().next().unwrap()
}

fn checker() -> Checker {
    Checker::new(Abi::built_in().unwrap(), "tesser@0.9", false).unwrap()
}

/// Numbers without a pattern, the same in every run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }
}

#[test]
fn a_plugin_that_is_cut_off_anywhere_is_refused() {
    let (checker, good) = (checker(), corpus::good());
    assert!(checker.check_bytes(Path::new("good.wasm"), &good).unwrap().ok(false));
    // What follows the last export is names for people; without them it is still a plugin.
    let exports = Parser::new(0).parse_all(&good).filter_map(|payload| match payload.unwrap() {
        Payload::ComponentExportSection(section) => Some(section.range().end),
        _ => None,
    });
    let needed = usize::try_from(exports.last().unwrap()).unwrap();
    for end in 0..good.len() {
        let report = check(&checker, &good[..end]);
        assert!(end == needed || !report.ok(false), "{end}");
    }
}

/// Valid modules and components of any kind; `fuzz/src/smith.rs` writes them, each after its length.
fn smiths() -> Vec<Vec<u8>> {
    let mut rest = &include_bytes!("smith.bin")[..];
    let mut all = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk() {
        let (bytes, after) = after.split_at(u32::from_le_bytes(*length) as usize);
        all.push(bytes.to_vec());
        rest = after;
    }
    all
}

/// Of the good plugin, of the smaller files of the corpus, which hold something of everything, and of modules and
/// components that nobody has thought of. Those are checked as they are, too.
#[test]
fn ten_thousand_mutations_give_a_report() {
    let (checker, mut numbers) = (checker(), Numbers(0x007e_55e4));
    let mut files: Vec<_> = corpus::all().into_iter().map(|case| case.bytes).collect();
    files.retain(|bytes| !bytes.is_empty() && bytes.len() < 4_096);
    let smiths = smiths();
    for kind in [Parser::is_component, Parser::is_core_wasm] {
        assert!(smiths.iter().filter(|bytes| kind(bytes)).count() >= 100);
    }
    for bytes in &smiths {
        check(&checker, bytes);
    }
    let good = corpus::good();
    for round in 0..10_000 {
        let whole = match round % 4 {
            0 => &good,
            1 => &files[numbers.below(files.len())],
            _ => &smiths[numbers.below(smiths.len())],
        };
        let mut bytes = whole.clone();
        for _ in 0..=numbers.below(4) {
            mutate(&mut bytes, &mut numbers);
        }
        check(&checker, &bytes);
    }
}

fn mutate(bytes: &mut Vec<u8>, numbers: &mut Numbers) {
    let at = numbers.below(bytes.len());
    let any = u8::try_from(numbers.below(256)).unwrap();
    match numbers.below(5) {
        0 => bytes[at] ^= 1 << numbers.below(8),
        1 => bytes[at] = any,
        2 if bytes.len() > 1 => drop(bytes.remove(at)),
        // A part of it once more, at another place.
        3 => {
            let part = bytes[at..bytes.len().min(at + numbers.below(64))].to_vec();
            let to = numbers.below(bytes.len());
            bytes.splice(to..to, part);
        }
        _ => bytes.insert(at, any),
    }
}

/// What a run of the tool took.
struct Cost {
    time: Duration,
    /// The most memory that it held, in KiB, as it was last seen; zero where that is not to be known.
    peak: u64,
    /// Whether it ended with a report.
    ended: bool,
}

/// The program as it is shipped, if somebody has built it.
fn release() -> Option<std::ffi::OsString> {
    std::env::var_os("TESSER_RELEASE")
}

fn cost(sandbox: &Sandbox, bytes: &[u8]) -> Cost {
    sandbox.write("bomb.wasm", bytes);
    let start = Instant::now();
    let mut child = process(release().unwrap_or(env!("CARGO_BIN_EXE_cargo-tesser").into()))
        .args(["tesser", "validate", "--no-load", "--format", "json", "bomb.wasm"])
        .current_dir(sandbox.path(""))
        .stdout(std::fs::File::create(sandbox.path("report.json")).unwrap())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut peak = 0;
    loop {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()));
        let line = status.ok().and_then(|status| {
            let line = status.lines().find(|line| line.starts_with("VmHWM"))?.to_owned();
            line.split_whitespace().nth(1)?.parse().ok()
        });
        peak = line.unwrap_or(peak);
        if let Some(status) = child.try_wait().unwrap() {
            // A panic has the exit code of a file without a verdict, but no report.
            let report = std::fs::read(sandbox.path("report.json")).unwrap();
            let ended = matches!(status.code(), Some(0 | 1 | 101)) && report.ends_with(b"}\n");
            return Cost { time: start.elapsed(), peak, ended };
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

const LARGEST: usize = 64 << 20;
/// In times of a plain file's. The dev profile does not check and hash at one speed: what takes 1.5 s as shipped is 20 times here.
const MOST_TIME: f64 = 40.0;
/// For the program as it is shipped.
const MOST_TIME_OF_RELEASE: Duration = Duration::from_secs(2);
/// In KiB.
const MOST_MEMORY: u64 = 512 << 10;
/// Those that are known to cost more, or to crash. One that no longer does has to be taken from the list.
const OVER: [&str; 0] = [];

fn leb128(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(u8::try_from(number & 0x7f).unwrap() | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap());
    bytes
}

fn section(id: u8, contents: &[u8]) -> Vec<u8> {
    [&[id][..], &leb128(contents.len()), contents].concat()
}

fn items(count: usize, item: &[u8]) -> Vec<u8> {
    [leb128(count), item.repeat(count)].concat()
}

fn module(sections: &[Vec<u8>]) -> Vec<u8> {
    section(1, &[b"\0asm\x01\0\0\0", &sections.concat()[..]].concat())
}

/// A module with one function, of that many bytes of code.
fn function(code: &[u8]) -> Vec<u8> {
    let body = [&[0][..], code, &[0x0b]].concat();
    let code = [leb128(1), leb128(body.len()), body].concat();
    module(&[section(1, b"\x01\x60\0\0"), section(3, b"\x01\0"), section(10, &code)])
}

/// Name, and sections that follow those of the good plugin. Each is as large as the format and the limit of
/// 64 MiB let it be.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let room = LARGEST - (64 << 10);
    let doubled = |count: usize| {
        let mut types = leb128(count);
        types.extend(b"\x6f\x02\x7d\x7d");
        for index in 1..count {
            // The plugin's own types come first.
            let before = leb128(index - 1 + 20);
            types.extend([&[0x6f, 2][..], &before, &before].concat());
        }
        section(7, &types)
    };
    let deep = |id: u8, header: &[u8]| {
        let mut inner = header.to_vec();
        for _ in 0..2_000 {
            inner = [header, &section(id, &inner)].concat();
        }
        section(id, &inner)
    };
    let types = |form: u8| {
        let mut ty = vec![form, 0];
        for _ in 0..2_000 {
            ty = [&[form, 1, 1][..], &ty].concat();
        }
        section(7, &[&[1][..], &ty].concat())
    };
    vec![
        ("one custom section", section(0, &[b"\x01a", &vec![0; room][..]].concat())),
        ("custom sections", b"\0\x02\x01a".repeat(room / 16)),
        (
            "custom sections with long names",
            section(0, &[leb128(90_000), b"a".repeat(90_000)].concat()).repeat(700),
        ),
        ("empty type sections", b"\x07\x01\0".repeat(room / 3)),
        ("component types", section(7, &items(room / 2, b"\x70\x7d"))),
        ("component function types", section(7, &items(900_000, b"\x40\0\x01\0"))),
        ("doubled tuples", doubled(40)),
        ("doubled tuples in thousands", doubled(5_000)),
        ("core types", module(&[section(1, &items(1_000_000, b"\x60\0\0"))])),
        (
            "core types with parameters",
            module(&[section(
                1,
                &items(20_000, &[&b"\x60\xe8\x07"[..], &[0x7f; 1000], b"\0"].concat()),
            )]),
        ),
        (
            "core functions",
            module(&[
                section(1, b"\x01\x60\0\0"),
                section(3, &items(1_000_000, b"\0")),
                section(10, &items(1_000_000, b"\x02\0\x0b")),
            ]),
        ),
        ("core exports", {
            let mut all = leb128(1_000_000);
            for n in 0..1_000_000_u32 {
                let name = format!("{n:06}");
                all.extend([&[6][..], name.as_bytes(), &[0, 0]].concat());
            }
            module(&[
                section(1, b"\x01\x60\0\0"),
                section(3, b"\x01\0"),
                section(7, &all),
                section(10, b"\x01\x02\0\x0b"),
            ])
        }),
        ("locals", {
            let body = items(12_000, &[&[4][..], b"\xd0\x86\x03\x7f"].concat());
            module(&[section(1, b"\x01\x60\0\0"), section(3, b"\x01\0"), section(10, &body)])
        }),
        ("blocks", function(&[b"\x02\x40".repeat(2_000_000), b"\x0b".repeat(2_000_000)].concat())),
        ("operands", function(&[b"\x41\0".repeat(2_000_000), b"\x1a".repeat(2_000_000)].concat())),
        ("branch table", function(&[&b"\x41\0\x0e"[..], &items(7_000_000, b"\0"), b"\0"].concat())),
        ("modules", module(&[]).repeat(room / 10)),
        ("components", section(4, b"\0asm\x0d\0\x01\0").repeat(room / 10)),
        ("aliases", section(6, &items(1_000_000, b"\0\x02\x01\0\x06memory"))),
        ("components in components", deep(4, b"\0asm\x0d\0\x01\0")),
        ("component types in component types", types(0x41)),
        ("instance types in instance types", types(0x42)),
        (
            "data segments",
            module(&[section(5, b"\x01\0\x01"), section(11, &items(100_000, b"\0\x41\0\x0b\0"))]),
        ),
        ("imports", {
            let mut all = leb128(500_000);
            for n in 0..500_000_u32 {
                let name = format!("n{n:06}");
                all.extend([&[0, 7][..], name.as_bytes(), &[3, 0, 0]].concat());
            }
            section(10, &all)
        }),
        ("zeros", vec![0; room]),
        ("0xff", vec![0xff; room]),
    ]
}

/// A file of 64 MiB costs reading and hashing it; that is the measure for what everything else may cost, since
/// the dev profile and the machine make both slower. `TESSER_RELEASE` may name the program as it is shipped.
#[test]
fn no_bomb_takes_long_or_much_memory() {
    let sandbox = Sandbox::new();
    let good = corpus::good();
    let plain = cost(&sandbox, &[&good[..8], &section(0, &vec![0; LARGEST - 64])[..]].concat());
    let mut rows = String::new();
    let mut over = Vec::new();
    for (name, sections) in bombs() {
        let Cost { time, peak, ended } = cost(&sandbox, &[&good[..], &sections].concat());
        let ratio = time.as_secs_f64() / plain.time.as_secs_f64();
        writeln!(
            rows,
            "{ratio:6.2} {:6} ms {:4} MiB  {}{name}",
            time.as_millis(),
            peak >> 10,
            if ended { "" } else { "CRASH " }
        )
        .unwrap();
        let late = match release() {
            Some(_) => time > MOST_TIME_OF_RELEASE,
            None => ratio > MOST_TIME,
        };
        if !ended || late || peak > MOST_MEMORY {
            over.push(name);
        }
    }
    println!("{rows}");
    assert!(over == OVER, "{over:?}, with {:?} for a plain file:\n{rows}", plain.time);
}

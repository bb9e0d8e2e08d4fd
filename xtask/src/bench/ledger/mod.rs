//! `cargo xtask bench ledger`: what a durable command costs, beside the disk's own limit and beside plain inserts.
//!
//! Everything runs in one process, in turns (A B A B …), on one folder of one disk; figures are medians of the turns.

mod disk;
mod load;
mod plain;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use answerable_store::sqlite::{Access, Sqlite};
use answerable_store::storage::Storage;
use answerable_store::{Ledger, PatientId};

use super::Result;
use load::{Lasted, Load, clients};

/// How many turns, of which the median counts.
const ROUNDS: usize = 3;

/// What is asked for on the command line.
struct Size {
    /// How long each arm runs in each turn.
    turn: Duration,
    /// Open duties of the store in which `who` is asked.
    duties: usize,
    /// Sizes of the log at which the cost of a command is measured.
    growing: Vec<usize>,
    is_full: bool,
}

/// Runs it: `bench ledger [--full] [--postgres URL] [--dir FOLDER]`.
pub(super) fn run(arguments: &[String]) -> Result<()> {
    let (mut is_full, mut postgres, mut folder) = (false, None, std::env::temp_dir());
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().cloned().ok_or_else(|| format!("`{argument}` needs a value"));
        match argument.as_str() {
            "--full" => is_full = true,
            "--postgres" => postgres = Some(value()?),
            "--dir" => folder = PathBuf::from(value()?),
            other => return Err(format!("`{other}` is no option of `bench ledger`").into()),
        }
    }
    let size = if is_full {
        let growing = vec![10_000, 100_000, 1_000_000];
        Size { turn: Duration::from_secs(5), duties: 1_000_000, growing, is_full }
    } else {
        Size { turn: Duration::from_secs(1), duties: 20_000, growing: vec![1_000, 10_000], is_full }
    };
    let work = tempfile::tempdir_in(&folder)?;
    let mut page = format!(
        "# Benchmarks of the ledger\n\nWritten by `cargo xtask bench ledger{}`. Arms run in turn, {ROUNDS} times; \
         figures are medians. What is written is counted by \
         the kernel for this process, so not what a server writes.\n\n",
        if size.is_full { " --full" } else { "" }
    );
    durable(work.path(), postgres.as_deref(), &size, &mut page)?;
    questions(work.path(), &size, &mut page)?;
    growth(work.path(), &size, &mut page)?;
    println!("{page}");
    if size.is_full {
        fs::write(super::House::find()?.root.join("docs/reference/benchmarks-ledger.md"), &page)?;
    }
    Ok(())
}

/// Durable commands a second, beside what the disk and plain inserts can do.
fn durable(folder: &Path, postgres: Option<&str>, size: &Size, page: &mut String) -> Result<()> {
    type Arm<'a> = (&'static str, Box<dyn FnMut(usize) -> Result<Lasted> + 'a>);
    let turn = size.turn;
    let mut arms: Vec<Arm> = vec![
        (
            "4 KiB appended to a growing file, fdatasync each",
            Box::new(|round| disk::growing(&folder.join(format!("grow-{round}")), turn)),
        ),
        (
            "4 KiB written into a file that has its size, fdatasync each",
            Box::new(|round| disk::preallocated(&folder.join(format!("full-{round}")), turn)),
        ),
        (
            "one row a transaction in plain SQLite (WAL, synchronous=FULL), one writer",
            Box::new(|round| plain::sqlite(&folder.join(format!("plain-{round}")), turn)),
        ),
        (
            "ledger on SQLite, 1 client",
            Box::new(|round| clients(1, turn, &|| sqlite(&folder.join(format!("one-{round}"))), round)),
        ),
        (
            "ledger on SQLite, 64 clients",
            Box::new(|round| clients(64, turn, &|| sqlite(&folder.join(format!("many-{round}"))), round)),
        ),
    ];
    if let Some(url) = postgres {
        arms.push((
            "one row a transaction in plain PostgreSQL, one client",
            Box::new(move |_| plain::postgres(url, turn)),
        ));
        arms.push(("ledger on PostgreSQL, 1 client", Box::new(move |round| clients(1, turn, &|| server(url), round))));
        arms.push((
            "ledger on PostgreSQL, 64 clients",
            Box::new(move |round| clients(64, turn, &|| server(url), round)),
        ));
    }
    let mut lasted: Vec<Vec<Lasted>> = arms.iter().map(|_| Vec::new()).collect();
    for round in 0..ROUNDS {
        for ((name, arm), of_arm) in arms.iter_mut().zip(&mut lasted) {
            let one = arm(round)?;
            eprintln!("{name}: {:.0} a second", one.per_second());
            of_arm.push(one);
        }
    }
    page.push_str("## Durable commands\n\n");
    page.push_str(
        "| what | a second | median, ms | 99th percentile, ms | written, KiB each |\n|---|--:|--:|--:|--:|\n",
    );
    let mut medians = Vec::new();
    for ((name, _), of_arm) in arms.iter().zip(&mut lasted) {
        of_arm.sort_by(|one, other| one.per_second().total_cmp(&other.per_second()));
        let Some(median) = of_arm.get(of_arm.len() / 2) else { continue };
        writeln!(
            page,
            "| {name} | {:.0} | {:.2} | {:.2} | {:.1} |",
            median.per_second(),
            median.percentile(50),
            median.percentile(99),
            median.kibibytes_each()
        )?;
        medians.push((*name, median.per_second(), median.percentile(99), median.percentile(50)));
    }
    let of = |name: &str| medians.iter().find(|(arm, ..)| *arm == name).copied();
    if let (Some(many), Some(plain), Some(one), Some(sync)) = (
        of("ledger on SQLite, 64 clients"),
        of("one row a transaction in plain SQLite (WAL, synchronous=FULL), one writer"),
        of("ledger on SQLite, 1 client"),
        of("4 KiB appended to a growing file, fdatasync each"),
    ) {
        writeln!(page, "\n- 64 clients on SQLite, commands a second: **{:.0}** (at least 3000)", many.1)?;
        writeln!(page, "- the same, in times of plain SQLite: **{:.2}** (at least 1)", many.1 / plain.1)?;
        writeln!(page, "- one client's 99th percentile, in median syncs: **{:.2}** (at most 2.5)\n", one.2 / sync.3)?;
    }
    Ok(())
}

fn sqlite(path: &Path) -> Result<Box<dyn Storage + Send>> {
    Ok(Box::new(Sqlite::open(path, Access::Create)?))
}

fn server(url: &str) -> Result<Box<dyn Storage + Send>> {
    plain::empty(url)?;
    Ok(answerable_store::open(url, Access::Create)?)
}

/// `who`, opening and rebuilding a large ledger.
fn questions(folder: &Path, size: &Size, page: &mut String) -> Result<()> {
    let path = folder.join("large");
    let patients = size.duties / 4;
    let began = Instant::now();
    let mut load = Load::new(Ledger::new(sqlite(&path)?)?)?;
    load.patients(0..patients, 4)?;
    let filled = began.elapsed();
    let events = load.ledger().storage().read()?.head()?.position;
    drop(load);
    let bytes = fs::metadata(&path)?.len();
    let began = Instant::now();
    let mut ledger = Ledger::new(sqlite(&path)?)?;
    ledger.answer(&[])?;
    let opened = began.elapsed();
    let mut times: Vec<f64> = (0..2_000)
        .map(|number| {
            let patient =
                PatientId::new(&load::patient(number * 7_919 % patients)).map_err(|wrong| wrong.to_string())?;
            let began = Instant::now();
            let rows = ledger.who(Some(&patient), None, None)?.2;
            let micros = began.elapsed().as_secs_f64() * 1e6;
            if rows.len() == 4 { Ok(micros) } else { Err(format!("{patient} has {} duties", rows.len()).into()) }
        })
        .collect::<Result<Vec<f64>>>()?;
    times.sort_by(f64::total_cmp);
    let p99 = times.get(times.len() * 99 / 100).copied().unwrap_or_default();
    let began = Instant::now();
    ledger.rebuild()?;
    let rebuilt = began.elapsed();
    let mut json = Vec::new();
    ledger.export(&mut json)?;
    writeln!(
        page,
        "## A large ledger\n\n{} open duties of {patients} patients, {events} events, SQLite.\n",
        patients * 4
    )?;
    writeln!(page, "| what | measured | must |\n|---|--:|--:|")?;
    writeln!(page, "| who answers for a patient's duties, 99th percentile | {p99:.0} µs | under 200 µs |")?;
    writeln!(page, "| start | {:.3} s | under 2 s |", opened.as_secs_f64())?;
    let speed = events as f64 / rebuilt.as_secs_f64();
    writeln!(page, "| rebuild | {speed:.0} events a second | at least 200000 |")?;
    writeln!(
        page,
        "| filled, 256 commands together | {:.0} events a second | |",
        events as f64 / filled.as_secs_f64()
    )?;
    let each = |bytes: u64| bytes as f64 / events as f64;
    writeln!(page, "| on disk, with tables | {:.0} bytes an event | |", each(bytes))?;
    writeln!(page, "| exported as JSON | {:.0} bytes an event | |\n", each(json.len() as u64))?;
    Ok(())
}

/// What a command costs as the log grows.
fn growth(folder: &Path, size: &Size, page: &mut String) -> Result<()> {
    page.push_str("## As the log grows\n\nAn offer and its acceptance, of patients who are read first.\n\n");
    page.push_str("| events before | commands a second, 256 together |\n|--:|--:|\n");
    let path = folder.join("growth");
    let mut load = Load::new(Ledger::new(sqlite(&path)?)?)?;
    let mut patients = 0;
    for &events in &size.growing {
        while load.ledger().storage().read()?.head()?.position < events as u64 {
            load.patients(patients..patients + 256, 1)?;
            patients += 256;
        }
        // Nobody is at hand: each patient is read first.
        load.anew(sqlite(&path)?)?;
        let began = Instant::now();
        load.handovers(&(0..1_024).map(|number| number * 7_919 % patients).collect::<Vec<usize>>())?;
        writeln!(page, "| {events} | {:.0} |", 2_048.0 / began.elapsed().as_secs_f64())?;
    }
    page.push('\n');
    Ok(())
}

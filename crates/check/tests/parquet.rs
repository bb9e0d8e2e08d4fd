//! Parquet opens in DuckDB and Polars, with the documented columns, real timestamps and lists, and the rows of ndjson.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests panic to fail"
)]

mod riverside;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use answerable_check::{Check, Format, Names, RowKind};
use riverside::{AS_OF, marked, write};

/// What the rows are opened with.
const PACKAGES: [&str; 2] = ["duckdb", "polars"];

const VERDICTS: &str = "patient:text need:text duty:text verdict:text severity:text basis:text holders:list since:time \
                        rules:list evidence:list";
const TIMELINE: &str = "patient:text need:text duty:text start:time end:time verdict:text basis:text holders:list";
const FINDINGS: &str = "patient:text need:text duty:text finding:text severity:text holders:list since:time until:time \
                        rules:list evidence:list message:text id:text";
const MARKS: &str = "change:text state:text why:text by:text decided_until:text";
const NAMES: &str = "patient_name:text need_name:text holder_names:list";

#[test]
fn duckdb_and_polars_read_what_ndjson_has() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let bare = riverside::check(AS_OF);
    for (rows, columns) in [(RowKind::Verdicts, VERDICTS), (RowKind::Timeline, TIMELINE), (RowKind::Findings, FINDINGS)]
    {
        compare(&python, folder.path(), &bare, rows, Names::Without, columns);
        compare(&python, folder.path(), &bare, rows, Names::With, &format!("{columns} {NAMES}"));
    }
    let (earlier, _) = write(&riverside::check("2025-09-01"), Format::Parquet, RowKind::Findings, Names::Without);
    std::fs::write(path("earlier.parquet"), earlier).unwrap();
    let id = riverside::findings(&bare)[0]["id"].as_str().unwrap().to_owned();
    let decisions = format!("finding,state,why,by,until\n{id},working,because,Ngozi,2026-04-06\n");
    std::fs::write(path("decisions.csv"), decisions).unwrap();
    let marked = marked(AS_OF, Some(&path("earlier.parquet")), Some(&path("decisions.csv")));
    compare(&python, folder.path(), &marked, RowKind::Findings, Names::With, &format!("{FINDINGS} {MARKS} {NAMES}"));
}

fn compare(python: &Path, folder: &Path, check: &Check, rows: RowKind, names: Names, columns: &str) {
    let files = [(Format::Parquet, "rows.parquet"), (Format::Ndjson, "rows.ndjson")].map(|(format, name)| {
        let path = folder.join(name);
        std::fs::write(&path, write(check, format, rows, names).0).unwrap();
        path
    });
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parquet.py");
    let output = Command::new(python).arg(script).args(files).args(columns.split_whitespace()).output().unwrap();
    assert!(output.status.success(), "{rows:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A Python that has the packages: the one that `cargo xtask setup` made, else one made here.
fn python() -> Option<PathBuf> {
    let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join("parquet-venv");
    let of_setup = std::env::var_os("ANSWERABLE_PYTHON").map(PathBuf::from);
    let of_house = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/venv/bin/python");
    let all = [of_setup, Some(of_house), Some(made.join("bin/python"))];
    let found = all.into_iter().flatten().find(|python| has_packages(python)).or_else(|| {
        let is_made = run(Command::new("python3").args(["-m", "venv"]).arg(&made))
            && run(Command::new(made.join("bin/pip")).args(["install", "--quiet"]).args(PACKAGES));
        is_made.then(|| made.join("bin/python"))
    });
    if found.is_none() {
        let must = std::env::var_os("ANSWERABLE_REQUIRE_DATA").is_some_and(|value| value != "0");
        assert!(!must, "no Python with {PACKAGES:?} can be had here");
        println!("skipped: no Python with {PACKAGES:?} can be had here");
    }
    found
}

fn has_packages(python: &Path) -> bool {
    python.is_file() && run(Command::new(python).args(["-c", &format!("import {}", PACKAGES.join(", "))]))
}

fn run(command: &mut Command) -> bool {
    let silent = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    silent.status().is_ok_and(|status| status.success())
}

//! The Riverside example, run in any format.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::Path;

use answerable_check::{Calendar, Check, Config, Format, Marks, Meter, Names, Outcome, Output, Paper, RowKind};
use serde_json::{Map, Value};

/// The Monday that the example is told of.
pub(crate) const AS_OF: &str = "2026-03-02T09:00:00Z";

/// A row by its columns.
pub(crate) type Row = Map<String, Value>;

/// The calendar of the example.
pub(crate) fn london() -> Calendar {
    Calendar::new("Europe/London").unwrap()
}

/// A check of the example as of an instant.
pub(crate) fn check(as_of: &str) -> Check {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/riverside/check.toml");
    let config = Config::read(&config).unwrap();
    let mut check = Check::new(config.settings, london());
    check.sources = config.sources;
    check.as_of = london().read(as_of).unwrap().first;
    check
}

/// A check of the example as of an instant, with an earlier run and decisions.
pub(crate) fn marked(as_of: &str, earlier: Option<&Path>, decisions: Option<&Path>) -> Check {
    let mut check = check(as_of);
    check.marks = Marks::load(earlier, decisions, check.as_of, &check.calendar).unwrap();
    check
}

/// What a check writes.
pub(crate) fn write(check: &Check, format: Format, rows: RowKind, names: Names) -> (Vec<u8>, Outcome) {
    let output = Output { format, rows, names, paper: Paper::default(), timezone: "Europe/London".to_owned() };
    let mut bytes = Vec::new();
    let outcome = check.report(&output, &Meter::default(), |_| {}, &mut bytes).unwrap();
    (bytes, outcome)
}

/// The findings that a check writes.
pub(crate) fn findings(check: &Check) -> Vec<Row> {
    lines(&write(check, Format::Ndjson, RowKind::Findings, Names::Without).0)
}

/// The rows of ndjson.
pub(crate) fn lines(bytes: &[u8]) -> Vec<Row> {
    let lines = std::str::from_utf8(bytes).unwrap().lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A text of a row, empty if it is null.
pub(crate) fn text<'r>(row: &'r Row, column: &str) -> &'r str {
    row[column].as_str().unwrap_or_default()
}

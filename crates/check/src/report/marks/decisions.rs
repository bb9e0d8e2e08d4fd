//! The file of decisions: TOML or CSV, told by its name. Strict, for a decision that is misread hides a patient.

use std::collections::BTreeMap;
use std::path::Path;

use answerable_care::Instant;
use answerable_fhir::{Calendar, Written};
use serde::Deserialize;
use toml::Spanned;

use super::{Decision, State, read_id};
use crate::error::Error;

/// The fields of a decision, in the order in which CSV has them.
const FIELDS: [&str; 5] = ["finding", "state", "why", "by", "until"];

/// Decisions by the ids of their findings, each with the instant after its last day.
pub(super) type Decisions = BTreeMap<u64, (Decision, Instant)>;

/// Reads a file of decisions.
pub(super) fn read(path: &Path, calendar: &Calendar) -> Result<Decisions, Error> {
    let shown = path.display();
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    let rows = match extension.as_deref() {
        Some("toml") => toml_rows,
        Some("csv") => csv_rows,
        _ => return Err(Error::usage(format!("`{shown}` is no file of decisions by its name; call it .toml or .csv"))),
    };
    let bytes =
        std::fs::read(path).map_err(|error| Error::usage(format!("can't read decisions `{shown}`: {error}")))?;
    let mut decisions = Decisions::new();
    let mut lines = BTreeMap::new();
    let at = |line: u64, what: &str| Error::usage(format!("decisions `{shown}`, line {line}: {what}"));
    for row in rows(&bytes).map_err(|(line, what)| at(line, &what))? {
        let first_line = row[0].line;
        let (id, decision, until) = decision(row, calendar).map_err(|(line, what)| at(line, &what))?;
        if let Some(line) = lines.insert(id, first_line) {
            let what =
                format!("there is a decision about finding `{id:016x}` on line {line} already; leave one of them");
            return Err(at(first_line, &what));
        }
        decisions.insert(id, (decision, until));
    }
    Ok(decisions)
}

/// What is wrong, and on which line.
type Wrong = (u64, String);

/// What a file has for a field.
struct Field {
    text: String,
    line: u64,
}

fn decision(row: [Field; 5], calendar: &Calendar) -> Result<(u64, Decision, Instant), Wrong> {
    let [finding, state, why, by, until] = row;
    let id = read_id(&finding.text).ok_or_else(|| {
        let what = "a finding is named by its id, 16 digits and letters a to f as in the rows";
        (finding.line, format!("`finding` is `{}`; {what} (import it as text into a spreadsheet)", finding.text))
    })?;
    let state = match state.text.as_str() {
        "accepted" => State::Accepted,
        "working" => State::Working,
        other => return Err((state.line, format!("`state` is `{other}`; it is `accepted` or `working`"))),
    };
    for (name, field, ask) in [("why", &why, "why it was decided"), ("by", &by, "who decided")] {
        if field.text.trim().is_empty() {
            return Err((field.line, format!("`{name}` is empty; say {ask}")));
        }
    }
    let day = calendar.read(&until.text).ok().filter(|when| when.written == Written::Day);
    let day = day.ok_or_else(|| {
        (until.line, format!("`until` is `{}`; it is the last day it holds, such as 2026-04-06", until.text))
    })?;
    Ok((id, Decision { state, why: why.text, by: by.text, until: until.text }, day.after))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    decision: Vec<TomlRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TomlRow {
    finding: Spanned<String>,
    state: Spanned<String>,
    why: Spanned<String>,
    by: Spanned<String>,
    /// A date of TOML, or one in quotes.
    until: Spanned<toml::Value>,
}

fn toml_rows(bytes: &[u8]) -> Result<Vec<[Field; 5]>, Wrong> {
    let line = |place: usize| 1 + bytes.iter().take(place).filter(|&&byte| byte == b'\n').count() as u64;
    let text = std::str::from_utf8(bytes)
        .map_err(|error| (line(error.valid_up_to()), "it is not UTF-8; save it as UTF-8".to_owned()))?;
    let document: Document = toml::from_str(text).map_err(|error| {
        let place = error.span().map_or(0, |span| span.start);
        (line(place), error.message().to_owned())
    })?;
    let field = |spanned: Spanned<String>| Field { line: line(spanned.span().start), text: spanned.into_inner() };
    let rows = document.decision.into_iter().map(|row| {
        let until = Field {
            line: line(row.until.span().start),
            text: match row.until.into_inner() {
                toml::Value::String(text) => text,
                other => other.to_string(),
            },
        };
        [field(row.finding), field(row.state), field(row.why), field(row.by), until]
    });
    Ok(rows.collect())
}

fn csv_rows(bytes: &[u8]) -> Result<Vec<[Field; 5]>, Wrong> {
    // A record's position is before the blank lines that it may stand after.
    let line = |position: Option<&csv::Position>| {
        let start = position.map_or(0, |position| usize::try_from(position.byte()).unwrap_or(usize::MAX));
        let blank = bytes.iter().skip(start).take_while(|byte| matches!(byte, b'\r' | b'\n'));
        position.map_or(1, csv::Position::line) + blank.filter(|&&byte| byte == b'\n').count() as u64
    };
    let wrong = |error: csv::Error| {
        let line = line(error.position());
        let what = match error.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                format!("it has {len} fields, not {expected_len}; put a field that holds a comma in double quotes")
            }
            csv::ErrorKind::Utf8 { .. } => "it is not UTF-8; save it as UTF-8".to_owned(),
            _ => error.to_string(),
        };
        (line, what)
    };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let header = reader.headers().map_err(wrong)?.clone();
    let place = |field: &str| header.iter().position(|name| name == field);
    let [Some(finding), Some(state), Some(why), Some(by), Some(until)] = FIELDS.map(place) else {
        return Err((1, format!("the first line must be `{}`", FIELDS.join(","))));
    };
    if header.len() != FIELDS.len() {
        return Err((1, format!("the first line has more than `{}`", FIELDS.join(","))));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(wrong)?;
        let line = line(record.position());
        let field = |place: usize| Field { text: record.get(place).unwrap_or_default().to_owned(), line };
        rows.push([finding, state, why, by, until].map(field));
    }
    Ok(rows)
}

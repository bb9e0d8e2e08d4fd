//! The rows of an earlier run in any of their formats, or its json, told from content.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

use answerable_care::{Kind, Verdict};
use answerable_fhir::Calendar;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Earlier, read_id};
use crate::report::parquet;
use crate::report::rows::SCHEMA_VERSION;
use crate::report::view::finding_id;

/// A line of rows longer than this isn't one of ours: a finding of a patient with a hundred thousand resources has a
/// few megabytes of evidence.
const LINE_BYTES_MAX: u64 = 64 << 20;

/// A row as a file has it, whatever the format; of the document of a whole run, what tells that it is one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Row {
    pub(crate) patient: Option<String>,
    pub(crate) need: Option<String>,
    pub(crate) duty: Option<String>,
    pub(crate) finding: Option<String>,
    pub(crate) severity: Option<String>,
    pub(crate) holders: Option<Vec<String>>,
    pub(crate) since: Option<String>,
    pub(crate) until: Option<String>,
    pub(crate) rules: Option<Vec<String>>,
    pub(crate) evidence: Option<Vec<String>>,
    pub(crate) message: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) change: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) why: Option<String>,
    pub(crate) by: Option<String>,
    pub(crate) decided_until: Option<String>,
    pub(crate) patient_name: Option<String>,
    pub(crate) need_name: Option<String>,
    pub(crate) holder_names: Option<Vec<String>>,
    findings: Option<IgnoredAny>,
}

impl Row {
    /// The place of a text, by the name of its column.
    pub(crate) fn text(&mut self, column: &str) -> Option<&mut Option<String>> {
        Some(match column {
            "patient" => &mut self.patient,
            "need" => &mut self.need,
            "duty" => &mut self.duty,
            "finding" => &mut self.finding,
            "severity" => &mut self.severity,
            "since" => &mut self.since,
            "until" => &mut self.until,
            "message" => &mut self.message,
            "id" => &mut self.id,
            "change" => &mut self.change,
            "state" => &mut self.state,
            "why" => &mut self.why,
            "by" => &mut self.by,
            "decided_until" => &mut self.decided_until,
            "patient_name" => &mut self.patient_name,
            "need_name" => &mut self.need_name,
            _ => return None,
        })
    }

    /// The place of a list, by the name of its column.
    pub(crate) fn list(&mut self, column: &str) -> Option<&mut Option<Vec<String>>> {
        Some(match column {
            "holders" => &mut self.holders,
            "rules" => &mut self.rules,
            "evidence" => &mut self.evidence,
            "holder_names" => &mut self.holder_names,
            _ => return None,
        })
    }

    /// What it says.
    pub(super) fn read(self) -> Result<Earlier, String> {
        let (Some(patient), Some(finding)) = (self.patient, self.finding) else {
            return Err("it has no `patient` or no `finding`, so it is no row of findings; \
                        write those with --format ndjson, csv, parquet or json"
                .to_owned());
        };
        let kind = kind(&finding).ok_or_else(|| format!("`finding` is `{finding}`, which check doesn't find"))?;
        let id = match self.id {
            Some(id) => read_id(&id).ok_or_else(|| format!("`id` is `{id}`, which is no id of a finding"))?,
            None => finding_id(&patient, self.need.as_deref(), self.duty.as_deref(), kind),
        };
        let instant = |name: &str, text: Option<String>| {
            let read = |text: String| Calendar::utc().read(&text).map_err(|error| format!("`{name}`: {error}"));
            text.map(read).transpose().map(|when| when.map(|when| when.first.0))
        };
        Ok(Earlier {
            id,
            since_micros: instant("since", self.since)?,
            until_micros: instant("until", self.until)?,
            patient,
            need: self.need,
            duty: self.duty,
            finding,
            severity: self.severity.unwrap_or_default(),
            holders: self.holders.unwrap_or_default(),
            rules: self.rules.unwrap_or_default(),
            evidence: self.evidence.unwrap_or_default(),
            message: self.message.unwrap_or_default(),
            state: self.state,
            why: self.why,
            by: self.by,
            decided_until: self.decided_until,
            patient_name: self.patient_name,
            need_name: self.need_name,
            holder_names: self.holder_names.unwrap_or_default(),
        })
    }
}

/// A kind by its word.
fn kind(word: &str) -> Option<Kind> {
    let others = [
        Kind::InFlight,
        Kind::Orphaned,
        Kind::CliffEdge,
        Kind::Stranger,
        Kind::Expiring,
        Kind::AgeingOut,
        Kind::Silent,
        Kind::Voiceless,
    ];
    Verdict::ALL.into_iter().map(Kind::Verdict).chain(others).find(|kind| kind.as_str() == word)
}

/// Why a row isn't taken.
#[derive(Debug)]
pub(crate) enum Refused {
    /// It isn't what it should be.
    Row(String),
    /// It can't be kept.
    Temporary(io::Error),
}

/// Why a file isn't taken.
#[derive(Debug)]
pub(crate) enum Wrong {
    Unreadable(io::Error),
    Temporary(io::Error),
    /// What is wrong where: `line 7`.
    At(String, String),
    /// What is wrong with all of it.
    Whole(String),
}

impl Wrong {
    /// Why a row that stands there isn't taken.
    pub(crate) fn of_row(place: impl fmt::Display, refused: Refused) -> Wrong {
        match refused {
            Refused::Row(what) => Wrong::At(place.to_string(), what),
            Refused::Temporary(error) => Wrong::Temporary(error),
        }
    }
}

/// What takes rows.
pub(super) type Take<'t> = dyn FnMut(Row) -> Result<(), Refused> + 't;

/// Gives `take` all rows of a file.
pub(super) fn read(path: &Path, take: &mut Take) -> Result<(), Wrong> {
    let file = File::open(path).map_err(Wrong::Unreadable)?;
    let mut reader = BufReader::new(file);
    let start = reader.fill_buf().map_err(Wrong::Unreadable)?;
    if start.starts_with(parquet::MAGIC) {
        let file = File::open(path).map_err(Wrong::Unreadable)?;
        return parquet::read(file, take);
    }
    let is_marked = start.starts_with(b"\xef\xbb\xbf");
    reader.consume(if is_marked { 3 } else { 0 });
    let start = reader.fill_buf().map_err(Wrong::Unreadable)?;
    match start.iter().find(|byte| !byte.is_ascii_whitespace()) {
        // A run that found nothing.
        None => Ok(()),
        Some(b'{') => json(reader, take),
        Some(_) => csv(reader, take),
    }
}

/// Lines if the first that isn't blank is a whole row; else the document of a whole run.
fn json(mut reader: impl BufRead, take: &mut Take) -> Result<(), Wrong> {
    let mut read = Vec::new();
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        let count = reader.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line).map_err(Wrong::Unreadable)?;
        if count == 0 {
            break;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let is_document = |row: &Result<Row, serde_json::Error>| match row {
            Ok(row) => row.findings.is_some(),
            Err(error) => error.is_eof(),
        };
        let row = serde_json::from_slice(&line);
        if read.is_empty() && is_document(&row) {
            return document(Cursor::new(line).chain(reader), number, take);
        }
        if count as u64 >= LINE_BYTES_MAX {
            return Err(Wrong::At(format!("line {number}"), format!("it is longer than {} MiB", LINE_BYTES_MAX >> 20)));
        }
        let row = row.map_err(|error| Wrong::At(format!("line {number}"), said(&error)))?;
        take(row).map_err(|refused| Wrong::of_row(format_args!("line {number}"), refused))?;
        // From here on these are lines.
        read = vec![number];
    }
    Ok(())
}

/// What serde_json says, without its own place in the line.
fn said(error: &serde_json::Error) -> String {
    let what = error.to_string();
    let what = what.rsplit_once(" at line ").map_or(what.as_str(), |(what, _)| what);
    format!("it is no row of findings: {what}")
}

/// The document of a whole run, which begins on a line.
fn document(reader: impl Read, first_line: u64, take: &mut Take) -> Result<(), Wrong> {
    let mut document = Document { take, wrong: None, has_findings: false };
    let mut from = serde_json::Deserializer::from_reader(reader);
    let read = (&mut document).deserialize(&mut from).and_then(|()| from.end());
    if let Some(wrong) = document.wrong {
        return Err(wrong);
    }
    read.map_err(|error| Wrong::At(format!("line {}", first_line - 1 + error.line() as u64), said(&error)))?;
    if document.has_findings {
        Ok(())
    } else {
        Err(Wrong::Whole("it has no `findings`; write it with --format json, or rows with --format ndjson".to_owned()))
    }
}

struct Document<'t> {
    take: &'t mut Take<'t>,
    wrong: Option<Wrong>,
    has_findings: bool,
}

impl<'de> DeserializeSeed<'de> for &mut Document<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Document<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("the json of a run")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "schema" => {
                    let schema: String = map.next_value()?;
                    if let Err(wrong) = schema_fits(&schema) {
                        self.wrong = Some(wrong);
                        return Err(serde::de::Error::custom("of another schema"));
                    }
                }
                "findings" => {
                    self.has_findings = true;
                    map.next_value_seed(Findings(self))?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

struct Findings<'d, 't>(&'d mut Document<'t>);

impl<'de> DeserializeSeed<'de> for Findings<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Findings<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("the rows of findings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut count = 0_u64;
        while let Some(row) = list.next_element()? {
            count += 1;
            if let Err(refused) = (self.0.take)(row) {
                self.0.wrong = Some(Wrong::of_row(format_args!("{count}. of `findings`"), refused));
                return Err(serde::de::Error::custom("refused"));
            }
        }
        Ok(())
    }
}

/// Ids are made in the same way within a major version.
pub(crate) fn schema_fits(schema: &str) -> Result<(), Wrong> {
    let major = |version: &str| version.split('.').next().map(str::to_owned);
    if major(schema) == major(SCHEMA_VERSION) {
        return Ok(());
    }
    Err(Wrong::Whole(format!(
        "its rows are of schema {schema}, and this program compares those of {SCHEMA_VERSION}; \
         run this program on the earlier exports to get rows to compare with"
    )))
}

/// Nulls are empty in CSV, and lists are joined with spaces; names of people have spaces themselves, so those of
/// several holders stay one text.
fn csv(reader: impl Read, take: &mut Take) -> Result<(), Wrong> {
    let wrong = |error: csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        match error.into_kind() {
            csv::ErrorKind::Io(error) => Wrong::Unreadable(error),
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                Wrong::At(format!("line {line}"), format!("it has {len} fields, not {expected_len}"))
            }
            _ => Wrong::At(format!("line {line}"), "it is not UTF-8".to_owned()),
        }
    };
    let mut reader = csv::ReaderBuilder::new().from_reader(reader);
    let header = reader.headers().map_err(wrong)?.clone();
    if !["patient", "need", "duty", "finding"].iter().all(|needed| header.iter().any(|name| name == *needed)) {
        let what = "it has no columns patient, need, duty and finding, so these are no rows of findings";
        return Err(Wrong::At("line 1".to_owned(), what.to_owned()));
    }
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(wrong)? {
        let line = record.position().map_or(1, csv::Position::line);
        let mut row = Row::default();
        for (column, text) in header.iter().zip(&record).filter(|(_, text)| !text.is_empty()) {
            if let Some(to) = row.text(column) {
                *to = Some(text.to_owned());
            } else if let Some(to) = row.list(column) {
                let is_names = column == "holder_names";
                *to = Some(if is_names { vec![text.to_owned()] } else { text.split(' ').map(str::to_owned).collect() });
            }
        }
        take(row).map_err(|refused| Wrong::of_row(format_args!("line {line}"), refused))?;
    }
    Ok(())
}

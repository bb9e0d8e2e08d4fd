//! Rows: the columns of docs/reference/rows.md in their order, in ndjson and csv.

use std::borrow::Cow;
use std::io::Write;

use answerable_care::Instant;
use answerable_fhir::{Calendar, JudgedNeed};
use serde::{Deserialize, Serialize};

use super::marks::Marks;
use super::sentence::{Naming, message};
use super::view::{Found, View, finding_id, rules, severity, word};

/// The version of the columns: raised in its second place by a column added at the end, else in its first.
pub const SCHEMA_VERSION: &str = "1.0";

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// A finding.
    Findings,
    /// A duty of a need that is open as of the instant of judgement.
    Verdicts,
    /// A maximal interval of a duty.
    Timeline,
}

/// Whether rows have columns with names of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// Only ids.
    Without,
    /// Columns at the end: names of patients, needs and holders.
    With,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    /// Text that is always there.
    Text,
    /// Text or null.
    MaybeText,
    /// An instant or null.
    Time,
    /// A list of texts.
    List,
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) kind: ColumnKind,
}

/// What a row has in a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Cell<'r> {
    Text(Option<Cow<'r, str>>),
    /// Microseconds.
    Time(Option<i64>),
    List(Vec<Cow<'r, str>>),
}

impl<'r> Cell<'r> {
    fn text(text: &'r str) -> Cell<'r> {
        Cell::Text(Some(Cow::Borrowed(text)))
    }

    fn maybe(text: Option<&'r str>) -> Cell<'r> {
        Cell::Text(text.map(Cow::Borrowed))
    }

    fn time(instant: Option<Instant>) -> Cell<'r> {
        Cell::Time(instant.and_then(Instant::known).map(|instant| instant.0))
    }

    fn list(list: Vec<&'r str>) -> Cell<'r> {
        Cell::List(list.into_iter().map(Cow::Borrowed).collect())
    }
}

/// Which rows, with which columns.
#[derive(Clone, Debug)]
pub(crate) struct Layout<'l> {
    pub(crate) rows: RowKind,
    pub(crate) names: Names,
    pub(crate) marks: &'l Marks,
    pub(crate) as_of: Instant,
    pub(crate) calendar: &'l Calendar,
}

impl Layout<'_> {
    /// The columns, in order.
    pub(crate) fn columns(&self) -> Vec<Column> {
        use ColumnKind::{List, MaybeText, Text, Time};
        let of = |names: &[(&'static str, ColumnKind)]| -> Vec<Column> {
            names.iter().map(|&(name, kind)| Column { name, kind }).collect()
        };
        let mut columns = match self.rows {
            RowKind::Verdicts => of(&[
                ("patient", Text),
                ("need", Text),
                ("duty", Text),
                ("verdict", Text),
                ("severity", MaybeText),
                ("basis", MaybeText),
                ("holders", List),
                ("since", Time),
                ("rules", List),
                ("evidence", List),
            ]),
            RowKind::Timeline => of(&[
                ("patient", Text),
                ("need", Text),
                ("duty", Text),
                ("start", Time),
                ("end", Time),
                ("verdict", Text),
                ("basis", MaybeText),
                ("holders", List),
            ]),
            RowKind::Findings => of(&[
                ("patient", Text),
                ("need", MaybeText),
                ("duty", MaybeText),
                ("finding", Text),
                ("severity", Text),
                ("holders", List),
                ("since", Time),
                ("until", Time),
                ("rules", List),
                ("evidence", List),
                ("message", Text),
                ("id", Text),
            ]),
        };
        if self.rows == RowKind::Findings {
            if self.marks.has_earlier() {
                columns.extend(of(&[("change", MaybeText)]));
            }
            if self.marks.has_decisions() {
                columns.extend(of(&[
                    ("state", MaybeText),
                    ("why", MaybeText),
                    ("by", MaybeText),
                    ("decided_until", MaybeText),
                ]));
            }
        }
        if self.names == Names::With {
            columns.extend(of(&[("patient_name", MaybeText), ("need_name", MaybeText), ("holder_names", List)]));
        }
        columns
    }

    /// The rows of a person, in order.
    pub(crate) fn each<'v>(&self, view: View<'v>, emit: &mut impl FnMut(&[Cell])) {
        match self.rows {
            RowKind::Findings => view.findings().into_iter().for_each(|found| self.finding(view, found, emit)),
            RowKind::Verdicts => view.judgement.needs.iter().for_each(|need| self.verdicts(view, need, emit)),
            RowKind::Timeline => view.judgement.needs.iter().for_each(|need| self.timeline(view, need, emit)),
        }
    }

    fn finding(&self, view: View, found: Found, emit: &mut impl FnMut(&[Cell])) {
        let Found { need, duty, finding } = found;
        let patient = view.judgement.person.as_str();
        let number = finding_id(patient, found.need_name(), duty, finding.kind);
        let id = format!("{number:016x}");
        let text = message(view, found, self.as_of, self.calendar, Naming::Ids);
        let mut cells = vec![
            Cell::text(patient),
            Cell::maybe(need.map(|need| need.name.as_str())),
            Cell::maybe(duty),
            Cell::text(finding.kind.as_str()),
            Cell::maybe(word(Some(finding.severity))),
            Cell::list(view.holders(&finding.holders)),
            Cell::time(finding.since),
            Cell::time(finding.until),
            Cell::list(rules(&finding.rules)),
            Cell::list(view.evidence(&finding.evidence)),
            Cell::text(&text),
            Cell::text(&id),
        ];
        if self.marks.has_earlier() {
            cells.push(Cell::maybe(self.marks.change(number).map(super::marks::Change::as_str)));
        }
        if self.marks.has_decisions() {
            let decision = self.marks.decision(number);
            cells.push(Cell::maybe(decision.map(|decision| decision.state.as_str())));
            cells.push(Cell::maybe(decision.map(|decision| decision.why.as_str())));
            cells.push(Cell::maybe(decision.map(|decision| decision.by.as_str())));
            cells.push(Cell::maybe(decision.map(|decision| decision.until.as_str())));
        }
        self.names(view, need, &finding.holders, &mut cells);
        emit(&cells);
    }

    fn verdicts(&self, view: View, need: &JudgedNeed, emit: &mut impl FnMut(&[Cell])) {
        for duty in View::duties(need) {
            let (Some(name), Some(judged)) = (need.duties.get(duty), need.judgement.duties.get(duty)) else { continue };
            let Some(now) = &judged.timeline.now else { continue };
            let mut cells = vec![
                Cell::text(&view.judgement.person),
                Cell::text(&need.name),
                Cell::text(name),
                Cell::text(now.verdict.as_str()),
                Cell::maybe(severity(now.verdict)),
                Cell::maybe(now.basis.map(answerable_care::Basis::as_str)),
                Cell::list(view.holders(&now.holders)),
                Cell::time(Some(now.since)),
                Cell::list(rules(&judged.rules)),
                Cell::list(view.evidence(&judged.evidence)),
            ];
            self.names(view, Some(need), &now.holders, &mut cells);
            emit(&cells);
        }
    }

    /// By start, as bytes of what is printed, null first.
    fn timeline(&self, view: View, need: &JudgedNeed, emit: &mut impl FnMut(&[Cell])) {
        for duty in View::duties(need) {
            let (Some(name), Some(judged)) = (need.duties.get(duty), need.judgement.duties.get(duty)) else { continue };
            let mut segments: Vec<_> = judged.timeline.segments.iter().collect();
            segments.sort_by_cached_key(|segment| segment.interval.start.known().map(Calendar::write));
            for segment in segments {
                let mut cells = vec![
                    Cell::text(&view.judgement.person),
                    Cell::text(&need.name),
                    Cell::text(name),
                    Cell::time(Some(segment.interval.start)),
                    Cell::time(Some(segment.interval.end)),
                    Cell::text(segment.verdict.as_str()),
                    Cell::maybe(segment.basis.map(answerable_care::Basis::as_str)),
                    Cell::list(view.holders(&segment.holders)),
                ];
                self.names(view, Some(need), &segment.holders, &mut cells);
                emit(&cells);
            }
        }
    }

    fn names<'v>(
        &self,
        view: View<'v>,
        need: Option<&'v JudgedNeed>,
        holders: &[answerable_care::Holder],
        cells: &mut Vec<Cell<'v>>,
    ) {
        if self.names == Names::With {
            cells.push(Cell::maybe(view.judgement.shown.name.as_deref()));
            cells.push(Cell::maybe(need.and_then(|need| need.title.as_deref())));
            let shown = view.shown_holders(holders);
            cells.push(Cell::list(shown.iter().map(|who| who.title.as_deref().unwrap_or(&who.name)).collect()));
        }
    }
}

/// A row as a line of JSON.
pub(crate) fn write_json(columns: &[Column], cells: &[Cell], out: &mut Vec<u8>) {
    let mut before = b'{';
    for (column, cell) in columns.iter().zip(cells) {
        out.push(before);
        before = b',';
        json_string(column.name, out);
        out.push(b':');
        match cell {
            Cell::Text(Some(text)) => json_string(text, out),
            Cell::Text(None) | Cell::Time(None) => out.extend_from_slice(b"null"),
            Cell::Time(Some(micros)) => json_string(&Calendar::write(Instant(*micros)), out),
            Cell::List(list) => {
                out.push(b'[');
                for (index, text) in list.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    json_string(text, out);
                }
                out.push(b']');
            }
        }
    }
    out.push(b'}');
}

fn json_string(text: &str, out: &mut Vec<u8>) {
    // Writing to a vector can't fail.
    let _ = serde_json::to_writer(out, text);
}

/// A row as a line of CSV (RFC 4180, lines ended by LF): lists are joined with spaces, null is empty.
pub(crate) fn write_csv(cells: &[Cell], out: &mut Vec<u8>) {
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        match cell {
            Cell::Text(text) => csv_field(text.as_deref().unwrap_or(""), out),
            Cell::Time(micros) => {
                let _ = micros.map(|micros| out.write_all(Calendar::write(Instant(micros)).as_bytes()));
            }
            Cell::List(list) => csv_field(&list.join(" "), out),
        }
    }
    out.push(b'\n');
}

/// The header line of CSV.
pub(crate) fn write_csv_header(columns: &[Column], out: &mut Vec<u8>) {
    let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
    out.extend_from_slice(names.join(",").as_bytes());
    out.push(b'\n');
}

/// Quoted only where it must be. What a spreadsheet would take for a formula is left as it is: rows are data, and
/// docs/reference/rows.md says to import them as text.
fn csv_field(text: &str, out: &mut Vec<u8>) {
    if text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        out.push(b'"');
        out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
        out.push(b'"');
    } else {
        out.extend_from_slice(text.as_bytes());
    }
}

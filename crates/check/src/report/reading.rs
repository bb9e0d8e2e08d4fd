//! The reading report: what was read and what wasn't, so that nothing is dropped uncounted.

use std::fmt::Write;

use answerable_fhir::Type;

use super::json::counts;
use super::rows::SCHEMA_VERSION;
use super::sentence::{clean, count};
use crate::engine::{Malformed, Reading};

/// How many malformed resources the short report names.
const SHORT_MAX: usize = 5;

/// What each count is of, and what to do where it is high: docs/reference/rows.md says more.
pub(crate) const WORDS: [(&str, &str); 18] = [
    ("persons", "people, linked records of one person taken together"),
    ("inactive_persons", "people whose records are all marked as not active"),
    ("resources", "resources read, of the types used"),
    ("duplicates", "the same resource again; the later update was kept"),
    ("malformed", "left out because something in them is wrong; each is listed below"),
    ("other", "resources of types not used, passed over unparsed"),
    ("passed_over", "files that aren't JSON, JSON that isn't a resource, entries that delete"),
    ("no_subject", "care teams, encounters and tasks that are about no patient"),
    ("dangling", "references that lead to nothing in the export: is a type missing from it?"),
    ("undated", "needs without a start"),
    ("closed_unknown", "needs that ended at an unknown time: never open"),
    ("open_at_death", "needs still open in the records when the patient died"),
    ("linked", "records read as another record of the same person or organisation"),
    ("clashes", "chains of patients with one identifier and different birth dates: not linked"),
    ("merged", "patients read as another, by which they were replaced"),
    ("merge_circles", "patients replaced in a circle: that was ignored"),
    ("cross_patient", "links between resources of two patients, ignored"),
    ("participants_left_out", "participants whose period ends before it starts"),
];

/// The whole report, in words; lines aren't wrapped, so that a file of it can be searched.
#[must_use]
pub fn whole(reading: &Reading) -> String {
    let mut text = String::new();
    let width = reading.types.iter().map(|(kind, _)| kind.as_str().len()).max().unwrap_or_default();
    if !reading.types.is_empty() {
        let _ = writeln!(text, "{:width$}  {:>10}  {:>10}  {:>9}", "type", "resources", "duplicates", "malformed");
        for (kind, counts) in &reading.types {
            let (kind, malformed) = (kind.as_str(), counts.malformed);
            let _ =
                writeln!(text, "{kind:width$}  {:>10}  {:>10}  {malformed:>9}", counts.resources, counts.duplicates);
        }
        text.push('\n');
    }
    let is_there = |kind: &Type| reading.types.iter().any(|(known, counts)| known == kind && counts.resources > 0);
    let absent: Vec<&str> = Type::ALL.iter().filter(|kind| !is_there(kind)).map(|kind| kind.as_str()).collect();
    if !absent.is_empty() {
        let _ =
            writeln!(text, "Not one was read of {}: what they would show isn't in this report.\n", absent.join(", "));
    }
    for (key, number) in counts(reading) {
        let words = WORDS.iter().find(|(known, _)| *known == key).map_or("", |(_, words)| words);
        let _ = writeln!(text, "{number:>10}  {key:<21}  {words}");
    }
    let unused: Vec<String> = reading.unused.iter().map(|(kind, count)| format!("{} {count}", clean(kind))).collect();
    if !unused.is_empty() {
        let _ = writeln!(text, "\nTypes not used: {}.", unused.join(", "));
    }
    if !reading.clashes.is_empty() {
        let _ = writeln!(text, "\nNot linked, for their birth dates differ; one of the records is wrong:");
        for chain in &reading.clashes {
            let _ = writeln!(text, "  {}", clean(&chain.join(", ")));
        }
    }
    if reading.malformed_count > 0 {
        let _ = writeln!(text, "\nLeft out; a need may hide in each:");
        for one in &reading.malformed {
            let _ = writeln!(text, "  {}", malformed(one));
        }
        let rest = reading.malformed_count.saturating_sub(reading.malformed.len() as u64);
        if rest > 0 {
            let _ = writeln!(text, "  and {rest} more");
        }
    }
    let _ = writeln!(text, "\nSchema of rows: {SCHEMA_VERSION}");
    text
}

/// The report in a few lines, for standard error.
#[must_use]
pub fn short(reading: &Reading) -> String {
    let mut text = format!(
        "read {} of {}",
        count(reading.resources(), "resource", "resources"),
        count(reading.persons, "person", "people")
    );
    for (key, number) in counts(reading) {
        let is_said =
            matches!(key, "duplicates" | "other" | "passed_over" | "dangling" | "linked" | "clashes" | "undated");
        if is_said && number > 0 {
            let _ = write!(text, "; {key} {number}");
        }
    }
    text.push('\n');
    text
}

/// What could not be read, in a few lines; nothing if all could.
#[must_use]
pub fn problems(reading: &Reading) -> String {
    if reading.malformed_count == 0 {
        return String::new();
    }
    let number = count(reading.malformed_count, "resource or file was", "resources or files were");
    let mut text = format!("{number} left out; a need may hide in each:\n");
    for one in reading.malformed.iter().take(SHORT_MAX) {
        let _ = writeln!(text, "  {}", malformed(one));
    }
    let rest = reading.malformed_count.saturating_sub(SHORT_MAX as u64);
    if rest > 0 {
        let _ = writeln!(text, "  and {rest} more, which `--report FILE` lists");
    }
    text
}

/// `file line 3: Condition/x: what`, or `file: what`.
fn malformed(one: &Malformed) -> String {
    let mut text = format!("`{}`", one.file);
    if one.line > 0 {
        let _ = write!(text, " line {}", one.line);
    }
    if one.resource.is_empty() && one.line == 0 {
        let _ = write!(text, " {}", one.what);
    } else if one.resource.is_empty() {
        let _ = write!(text, ": {}", one.what);
    } else {
        let _ = write!(text, ": {}: {}", one.resource, one.what);
    }
    clean(&text)
}

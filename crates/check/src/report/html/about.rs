//! How the figures came about: the reading report, and the method.

use answerable_care::Instant;
use answerable_fhir::Calendar;

use super::words::{self, number};
use crate::engine::{Malformed, Reading};
use crate::report::cases::clip;
use crate::report::json;
use crate::report::method::Method;
use crate::report::reading::WORDS;
use crate::report::rows::SCHEMA_VERSION;
use crate::report::sentence;

/// How many malformed resources are listed, clashes, and inputs.
pub(super) const LISTED_MAX: usize = 200;

/// A source whose newest record is older than this is pointed out: docs/how-to/read-a-report.md.
const STALE: Instant = Instant(7 * Instant::DAY.0);

/// How counts are written.
pub(super) type Write = fn(u64) -> String;

/// A count of the reading report.
#[derive(Debug)]
pub(super) struct Count {
    pub(super) key: &'static str,
    pub(super) count: String,
    pub(super) words: &'static str,
}

/// Counts of a type of resource.
#[derive(Debug)]
pub(super) struct TypeRow {
    pub(super) kind: &'static str,
    pub(super) resources: String,
    pub(super) duplicates: String,
    pub(super) malformed: String,
}

/// The counts of the reading report.
#[derive(Debug)]
pub(super) struct Counts {
    pub(super) counts: Vec<Count>,
    pub(super) types: Vec<TypeRow>,
}

impl Counts {
    pub(super) fn new(reading: &Reading, write: Write) -> Counts {
        // Where each is listed the page says itself.
        let words = |key| WORDS.iter().find(|(known, _)| *known == key).map_or("", |(_, words)| *words);
        let words = |key| words(key).trim_end_matches("; each is listed below");
        let counts = json::counts(reading).into_iter();
        Counts {
            counts: counts.map(|(key, count)| Count { key, count: write(count), words: words(key) }).collect(),
            types: reading
                .types
                .iter()
                .map(|(kind, counts)| TypeRow {
                    kind: kind.as_str(),
                    resources: write(counts.resources),
                    duplicates: write(counts.duplicates),
                    malformed: write(counts.malformed),
                })
                .collect(),
        }
    }
}

/// Something that could not be read.
#[derive(Debug)]
pub(super) struct MalformedRow {
    pub(super) file: String,
    /// None where the whole file is meant.
    pub(super) line: Option<String>,
    pub(super) resource: String,
    pub(super) what: String,
}

/// A list, and how many more there are.
#[derive(Debug)]
pub(super) struct Listed<T> {
    pub(super) rows: Vec<T>,
    pub(super) left_out: Option<String>,
}

impl<T> Listed<T> {
    pub(super) fn new(rows: impl Iterator<Item = T>, count: u64) -> Listed<T> {
        let rows: Vec<T> = rows.take(LISTED_MAX).collect();
        let left_out = count.saturating_sub(rows.len() as u64);
        Listed { rows, left_out: (left_out > 0).then(|| number(left_out)) }
    }
}

/// The reading report, with what names resources.
#[derive(Debug)]
pub(super) struct ReadingReport {
    pub(super) counts: Counts,
    pub(super) unused: Vec<(String, String)>,
    pub(super) clashes: Listed<String>,
    pub(super) malformed: Listed<MalformedRow>,
}

impl ReadingReport {
    pub(super) fn new(reading: &Reading) -> ReadingReport {
        let malformed = |row: &Malformed| MalformedRow {
            file: clip(&row.file),
            line: (row.line > 0).then(|| number(row.line)),
            resource: clip(&row.resource),
            what: clip(&row.what),
        };
        let clashes = reading.clashes.iter().map(|chain| clip(&chain.join(", ")));
        ReadingReport {
            counts: Counts::new(reading, number),
            unused: reading.unused.iter().map(|(kind, count)| (clip(kind), number(*count))).collect(),
            clashes: Listed::new(clashes, reading.clashes.len() as u64),
            malformed: Listed::new(reading.malformed.iter().map(malformed), reading.malformed_count),
        }
    }
}

/// A source's newest record.
#[derive(Debug)]
pub(super) struct Newest {
    pub(super) source: String,
    pub(super) date: String,
    pub(super) age: String,
    pub(super) is_stale: bool,
}

/// What was read.
#[derive(Debug)]
pub(super) struct Input {
    pub(super) path: String,
    pub(super) size: String,
    pub(super) sha256: Option<String>,
}

/// How the figures came about.
#[derive(Debug)]
pub(super) struct MethodShown {
    pub(super) version: String,
    pub(super) schema: &'static str,
    pub(super) as_of: String,
    pub(super) as_of_exact: String,
    pub(super) timezone: String,
    pub(super) configuration: Vec<String>,
    pub(super) newest: Vec<Newest>,
    pub(super) inputs: Listed<Input>,
}

impl MethodShown {
    pub(super) fn new(method: &Method, calendar: &Calendar) -> MethodShown {
        let newest = |(source, instant): &(String, Instant)| Newest {
            source: clip(source),
            date: sentence::date(calendar, *instant),
            age: words::age(method.as_of, *instant),
            is_stale: *instant < method.as_of - STALE,
        };
        let input = |input: &crate::report::method::MethodInput| Input {
            path: clip(&input.path.to_string_lossy()),
            size: number(input.size),
            sha256: input.sha256.clone(),
        };
        MethodShown {
            version: method.version.clone(),
            schema: SCHEMA_VERSION,
            as_of: sentence::date(calendar, method.as_of),
            as_of_exact: Calendar::write(method.as_of),
            timezone: method.timezone.clone(),
            configuration: method.configuration.iter().map(|line| clip(line)).collect(),
            newest: method.newest.iter().map(newest).collect(),
            inputs: Listed::new(method.inputs.iter().map(input), method.inputs.len() as u64),
        }
    }
}

impl MethodShown {
    /// Whether a source is so old that one looks at the past.
    pub(super) fn has_stale(&self) -> bool {
        self.newest.iter().any(|newest| newest.is_stale)
    }

    /// For the board: no path, since it may name someone, and no size, since a small file is of few people.
    pub(super) fn without_paths(mut self) -> MethodShown {
        self.configuration.clear();
        for (index, input) in self.inputs.rows.iter_mut().enumerate() {
            input.path = format!("input {}", index + 1);
            input.size.clear();
        }
        self
    }
}

//! A check from end to end, for programs: options in; rows as they come, and the outcome, out.

use std::ffi::OsString;
use std::path::PathBuf;

use answerable_care::{Instant, Severity};
use answerable_fhir::{Calendar, PersonJudgement, Settings};

use crate::engine::{self, Collector, Job, Reading};
use crate::error::Error;
use crate::input::{self, Input, InputPath, Meter};
use crate::report;
use crate::report::cases::Lists;
use crate::report::encode::Parts;
use crate::report::marks::Marks;
use crate::report::rows::{Layout, Names, RowKind};
use crate::report::summary::{Card, Frame, Summary};
use crate::report::view::View;
use crate::spill::Store;

/// The bound of memory, if none is given: 1 GiB.
pub const MEMORY_BYTES: u64 = 1 << 30;

/// What to check and how.
#[derive(Debug)]
pub struct Check {
    /// Files, folders, `NAME=PATH`, `-`.
    pub inputs: Vec<OsString>,
    /// Sources of the configuration: name and path.
    pub sources: Vec<(String, PathBuf)>,
    /// Code sets, windows, linking systems.
    pub settings: Settings,
    /// The files that the settings come from, in words: for the method.
    pub settings_from: Vec<String>,
    /// The files that were read beside the records: configuration, concept maps, the earlier run, decisions.
    pub beside: Vec<PathBuf>,
    /// The time zone.
    pub calendar: Calendar,
    /// The instant of judgement.
    pub as_of: Instant,
    /// How many threads.
    pub threads: usize,
    /// The bound of memory, in bytes.
    pub memory_bytes: u64,
    /// Where temporary files go, if not where the system puts them.
    pub temp: Option<PathBuf>,
    /// Marks on findings: an earlier run's, and people's decisions.
    pub marks: Marks,
    /// How many of the worst patients the outcome has in full.
    pub cards_max: usize,
    /// Whether the cases behind figures are kept: see [`Check::for_page`].
    pub(crate) lists: Lists,
}

/// What a check came to.
#[derive(Debug)]
pub struct Outcome {
    /// The reading report.
    pub reading: Reading,
    /// Counts.
    pub summary: Summary,
    /// The worst patients in full, worst first.
    pub cards: Vec<Card>,
    /// The names of the sources, in the order in which they were named; none is the one without a name.
    pub sources: Vec<Option<String>>,
    /// What was read: path and size in bytes.
    pub files: Vec<(PathBuf, u64)>,
}

impl Outcome {
    /// Whether there are findings of a severity or worse.
    #[must_use]
    pub fn has(&self, severity: Severity) -> bool {
        self.summary.severities.iter().take(severity as usize + 1).any(|&count| count > 0)
    }

    /// Whether the input could not all be read: exit status 3.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.reading.malformed_count > 0
    }
}

/// Turns persons into what is written of them. Called by several threads; what it appends is written in order of
/// the persons' names.
pub trait Encode: Sync {
    /// Appends what is to be written of a person.
    fn person(&self, judgement: &PersonJudgement, bytes: &mut Vec<u8>);
}

/// Nothing is written of persons: only the outcome counts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nothing;

impl Encode for Nothing {
    fn person(&self, _: &PersonJudgement, _: &mut Vec<u8>) {}
}

struct Worker<'w> {
    encode: &'w dyn Encode,
    frame: Frame<'w>,
    summary: Summary,
}

impl Collector for Worker<'_> {
    fn person(&mut self, judgement: &PersonJudgement, bytes: &mut Vec<u8>) {
        self.summary.person(View::new(judgement), &self.frame);
        self.encode.person(judgement, bytes);
    }
}

impl Check {
    /// A check of nothing yet, as of now, with the defaults of the command line.
    #[must_use]
    pub fn new(settings: Settings, calendar: Calendar) -> Check {
        Check {
            inputs: Vec::new(),
            sources: Vec::new(),
            settings,
            settings_from: Vec::new(),
            beside: Vec::new(),
            as_of: Calendar::now(),
            calendar,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            memory_bytes: MEMORY_BYTES,
            temp: None,
            marks: Marks::default(),
            cards_max: 0,
            lists: Lists::None,
        }
    }

    /// Reads, judges, and writes what `encode` makes of each person, in order, through `write`.
    ///
    /// `on_store` is given the temporary store at once, so that whoever handles an interruption can remove it.
    ///
    /// # Errors
    ///
    /// If there is nothing to read, memory or disk don't suffice, `write` fails, or `progress` was cancelled. Input
    /// that can't be read is no error: it is in the outcome.
    pub fn run(
        &self,
        progress: &Meter,
        encode: &dyn Encode,
        on_store: impl FnOnce(&Store),
        write: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<Outcome, Error> {
        self.run_keeping(self.lists, progress, encode, on_store, write)
    }

    /// As [`Check::run`], keeping the cases behind figures or not.
    pub(crate) fn run_keeping(
        &self,
        lists: Lists,
        progress: &Meter,
        encode: &dyn Encode,
        on_store: impl FnOnce(&Store),
        write: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<Outcome, Error> {
        let mut inputs: Vec<Input> = self.inputs.iter().map(|input| Input::parse(input)).collect();
        inputs.extend(
            self.sources
                .iter()
                .map(|(name, path)| Input { source: Some(name.clone()), path: InputPath::Path(path.clone()) }),
        );
        if inputs.is_empty() {
            return Err(Error::usage(
                "there is nothing to read: name files or folders, or sources in the configuration",
            ));
        }
        let listing = input::list(&inputs);
        let job = Job {
            listing: &listing,
            settings: &self.settings,
            calendar: self.calendar.clone(),
            as_of: self.as_of,
            threads: self.threads,
            memory_bytes: self.memory_bytes,
            temp: self.temp.clone(),
        };
        let frame =
            Frame { as_of: self.as_of, calendar: &self.calendar, marks: &self.marks, cards_max: self.cards_max, lists };
        let make = || Worker { encode, frame: frame.clone(), summary: Summary::default() };
        let (workers, reading) = engine::run(&job, progress, on_store, make, write)?;
        let mut summary = Summary::default();
        for worker in workers {
            summary.merge(worker.summary, self.cards_max);
        }
        let is_empty = reading.types.is_empty() && reading.unused.is_empty() && reading.malformed_count == 0;
        if is_empty {
            return Err(Error::usage("there is nothing to read: no FHIR resources were found there"));
        }
        let (summary, cards) = summary.into_cards();
        let files = listing.files.iter().map(|file| (file.path.clone(), file.size)).collect();
        Ok(Outcome { reading, summary, cards, sources: listing.sources, files })
    }
}

impl Check {
    /// Runs, and gives all rows and the reading report as one JSON value with `findings`, `verdicts`, `timeline` and
    /// `report`.
    ///
    /// # Errors
    ///
    /// As [`Check::run`].
    ///
    /// ```
    /// use answerable_check::{Check, Settings, Calendar};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let file = folder.path().join("export.ndjson");
    /// std::fs::write(&file, r#"{"resourceType": "CarePlan", "id": "plan", "status": "active", "intent": "plan",
    ///     "subject": {"reference": "Patient/amy"}, "period": {"start": "2026-01-01"}}"#.replace('\n', ""))?;
    /// let mut check = Check::new(Settings::default(), Calendar::utc());
    /// check.as_of = Calendar::utc().read("2026-03-02")?.first;
    /// check.inputs = vec![file.into()];
    /// let rows = check.rows()?;
    /// assert_eq!(rows["verdicts"][0]["verdict"], "unheld");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rows(&self) -> Result<serde_json::Value, Error> {
        let layout = Layout {
            rows: RowKind::Findings,
            names: Names::Without,
            marks: &self.marks,
            as_of: self.as_of,
            calendar: &self.calendar,
        };
        let mut bytes = Vec::new();
        let outcome = self.run(&Meter::default(), &Parts::new(&layout), |_| {}, &mut |range| {
            bytes.extend_from_slice(range);
            Ok(())
        })?;
        let mut lists = [Vec::new(), Vec::new(), Vec::new()];
        for line in bytes.split(|&byte| byte == b'\n') {
            if let Some((&kind, row)) = line.split_first()
                && let Some(list) = lists.get_mut(usize::from(kind))
            {
                let row: serde_json::Value = serde_json::from_slice(row)
                    .map_err(|error| Error::machine(format!("a row can't be read back: {error}")))?;
                list.push(row);
            }
        }
        let [findings, verdicts, timeline] = lists;
        let report = report::json::report(&outcome.reading);
        Ok(serde_json::json!({"findings": findings, "verdicts": verdicts, "timeline": timeline, "report": report}))
    }
}

//! Findings as a collection Bundle of DetectedIssue, entry by entry.

use std::io::{self, Write};

use answerable_care::{Instant, Severity};
use answerable_fhir::{Issue, IssueChange, IssueDecision, PersonJudgement, issues_start};

use super::marks::{Change, Decision, Earlier};
use super::rows::{Layout, SCHEMA_VERSION};
use super::sentence::{Naming, message};
use super::view::{Found, View, finding_id};
use crate::error::Error;
use crate::input::Meter;
use crate::run::{Check, Encode, Outcome};
use crate::spill::Store;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What stands before each entry. The first one's comma is left out by [`Bundle`].
const BEFORE_ENTRY: &[u8] = b",\n";

/// Runs, and writes the findings as a Bundle.
pub(crate) fn report(
    check: &Check,
    layout: &Layout,
    meter: &Meter,
    on_store: impl FnOnce(&Store),
    to: &mut dyn Write,
) -> Result<Outcome, Error> {
    let mut bundle = Bundle::new(layout, to)?;
    let issues = Issues { layout };
    let outcome = check.run(meter, &issues, on_store, &mut |bytes| bundle.write(bytes))?;
    let mut bytes = Vec::new();
    layout.marks.resolved(&mut |earlier| {
        bytes.clear();
        write_entry(&of_earlier(earlier), &mut bytes);
        Ok(bundle.write(&bytes)?)
    })?;
    bundle.finish()?;
    Ok(outcome)
}

/// Persons as entries, each with [`BEFORE_ENTRY`].
#[derive(Debug)]
struct Issues<'l> {
    layout: &'l Layout<'l>,
}

impl Encode for Issues<'_> {
    fn person(&self, judgement: &PersonJudgement, bytes: &mut Vec<u8>) {
        let view = View::new(judgement);
        for found in view.findings() {
            self.finding(view, found, bytes);
        }
    }
}

impl Issues<'_> {
    fn finding(&self, view: View, found: Found, bytes: &mut Vec<u8>) {
        let Layout { marks, as_of, calendar, .. } = self.layout;
        let finding = found.finding;
        let patient = view.judgement.person.as_str();
        let id = finding_id(patient, found.need_name(), found.duty, finding.kind);
        let message = message(view, found, *as_of, calendar, Naming::Ids);
        let issue = Issue {
            id,
            finding: finding.kind.as_str(),
            severity: Some(finding.severity),
            patient,
            need: found.need_name(),
            message: &message,
            since: finding.since,
            until: finding.until,
            evidence: view.evidence(&finding.evidence),
            change: match marks.change(id) {
                None => IssueChange::Unknown,
                Some(Change::New) => IssueChange::New,
                Some(Change::Still) => IssueChange::Still,
            },
            decision: marks.decision(id).map(of_decision),
            version: VERSION,
        };
        write_entry(&issue, bytes);
    }
}

fn write_entry(issue: &Issue, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(BEFORE_ENTRY);
    issue.write_entry(bytes);
}

fn of_decision(decision: &Decision) -> IssueDecision<'_> {
    IssueDecision { state: decision.state.as_str(), why: &decision.why, by: &decision.by, until: &decision.until }
}

/// A finding that only the earlier run had, without what was decided then: there is nothing left to mitigate.
fn of_earlier(earlier: &Earlier) -> Issue<'_> {
    let severities = [Severity::Error, Severity::Warning, Severity::Note];
    Issue {
        id: earlier.id,
        finding: &earlier.finding,
        severity: severities.into_iter().find(|severity| severity.as_str() == earlier.severity),
        patient: &earlier.patient,
        need: earlier.need.as_deref(),
        message: &earlier.message,
        since: earlier.since_micros.map(Instant),
        until: earlier.until_micros.map(Instant),
        evidence: earlier.evidence.iter().map(String::as_str).collect(),
        change: IssueChange::Resolved,
        decision: None,
        version: VERSION,
    }
}

/// A Bundle that is being written.
struct Bundle<'t> {
    to: &'t mut dyn Write,
    is_empty: bool,
}

impl<'t> Bundle<'t> {
    fn new(layout: &Layout, to: &'t mut dyn Write) -> io::Result<Bundle<'t>> {
        to.write_all(issues_start(SCHEMA_VERSION, layout.as_of).as_bytes())?;
        Ok(Bundle { to, is_empty: true })
    }

    /// Takes whole entries, each with [`BEFORE_ENTRY`].
    fn write(&mut self, mut entries: &[u8]) -> io::Result<()> {
        if self.is_empty && !entries.is_empty() {
            self.to.write_all(b",\"entry\":[\n")?;
            entries = entries.strip_prefix(BEFORE_ENTRY).unwrap_or(entries);
            self.is_empty = false;
        }
        self.to.write_all(entries)
    }

    fn finish(self) -> io::Result<()> {
        self.to.write_all(if self.is_empty { b"}\n" } else { b"\n]}\n" })
    }
}

//! Marks on findings from outside this run: whether an earlier run had them, and what people decided about them.
//!
//! A mark changes no finding, verdict, severity or count. Findings are told by their ids alone, which stay the same
//! from run to run (docs/reference/rows.md).

mod decisions;
mod earlier;
mod formats;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use answerable_care::Instant;
use answerable_fhir::Calendar;
use serde::Deserialize;

pub use earlier::Earlier;
pub(crate) use formats::{Refused, Row, Wrong, schema_fits};

use self::earlier::EarlierRun;
use super::rows::{Cell, Layout, Names, RowKind};
use crate::error::Error;

/// Whether an earlier run had a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It hadn't.
    New,
    /// It had.
    Still,
}

impl Change {
    /// The word that rows carry.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Change::New => "new",
            Change::Still => "still",
        }
    }
}

/// The word that rows carry which only the earlier run had.
pub(crate) const RESOLVED: &str = "resolved";

/// What people decided to do about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Looked at, and left as it is.
    Accepted,
    /// Someone is on it.
    Working,
}

impl State {
    /// The word that rows carry.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            State::Accepted => "accepted",
            State::Working => "working",
        }
    }
}

/// A decision about a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What is done.
    pub state: State,
    /// Why.
    pub why: String,
    /// Who decided.
    pub by: String,
    /// The last day it holds, as written.
    pub until: String,
}

/// A decision in force, and whether this run has the finding.
#[derive(Debug)]
struct InForce {
    decision: Decision,
    is_seen: AtomicBool,
}

/// Marks on findings. They note which findings a run asked about: after it, [`Marks::resolved`] and
/// [`Marks::idle_decisions`] tell what it didn't have.
#[derive(Debug, Default)]
pub struct Marks {
    earlier: Option<EarlierRun>,
    decisions: Option<BTreeMap<u64, InForce>>,
    /// Decisions that no longer hold, with the ids of their findings, in the order of ids.
    pub expired: Vec<(String, Decision)>,
}

impl Marks {
    /// Reads the rows of an earlier run (ndjson, csv, parquet) or its json, and a file of decisions (`.toml`, `.csv`),
    /// those that hold at `as_of` apart from those that don't any more.
    ///
    /// # Errors
    ///
    /// A usage error that names the file and the line, if one can't be read or isn't what it should be.
    pub fn load(
        earlier: Option<&Path>,
        decisions: Option<&Path>,
        as_of: Instant,
        calendar: &Calendar,
    ) -> Result<Marks, Error> {
        let mut marks = Marks { earlier: earlier.map(EarlierRun::read).transpose()?, ..Marks::default() };
        let Some(path) = decisions else { return Ok(marks) };
        let mut in_force = BTreeMap::new();
        for (id, (decision, until)) in decisions::read(path, calendar)? {
            if as_of < until {
                in_force.insert(id, InForce { decision, is_seen: AtomicBool::new(false) });
            } else {
                marks.expired.push((id_text(id), decision));
            }
        }
        marks.decisions = Some(in_force);
        Ok(marks)
    }

    /// Whether there is an earlier run to compare with.
    pub(crate) fn has_earlier(&self) -> bool {
        self.earlier.is_some()
    }

    /// Whether there are decisions.
    pub(crate) fn has_decisions(&self) -> bool {
        self.decisions.is_some()
    }

    /// Whether the earlier run had a finding; none if there is no earlier run.
    pub(crate) fn change(&self, id: u64) -> Option<Change> {
        let earlier = self.earlier.as_ref()?;
        Some(if earlier.see(id) { Change::Still } else { Change::New })
    }

    /// The decision about a finding that is in force.
    pub(crate) fn decision(&self, id: u64) -> Option<&Decision> {
        let in_force = self.decisions.as_ref()?.get(&id)?;
        in_force.is_seen.store(true, Ordering::Relaxed);
        Some(&in_force.decision)
    }

    /// After a run: how many findings of the earlier run it doesn't have.
    #[must_use]
    pub fn resolved_count(&self) -> u64 {
        self.earlier.as_ref().map_or(0, EarlierRun::resolved_count)
    }

    /// After a run: gives `each` the findings of the earlier run that it doesn't have, in the order of rows.
    ///
    /// # Errors
    ///
    /// If `each` fails, or what was read can't be read back.
    pub fn resolved(&self, each: &mut dyn FnMut(&Earlier) -> Result<(), Error>) -> Result<(), Error> {
        self.earlier.as_ref().map_or(Ok(()), |earlier| earlier.resolved(each))
    }

    /// After a run: the decisions in force about findings that it doesn't have, by the ids of those, so that the file
    /// can be tidied.
    #[must_use]
    pub fn idle_decisions(&self) -> Vec<(String, &Decision)> {
        let in_force = self.decisions.iter().flatten();
        let idle = in_force.filter(|(_, decided)| !decided.is_seen.load(Ordering::Relaxed));
        idle.map(|(id, decided)| (id_text(*id), &decided.decision)).collect()
    }

    /// After a run: what row formats write last, the cells of each resolved finding. Rows other than findings have
    /// none.
    pub(crate) fn resolved_rows(
        layout: &Layout,
        emit: &mut dyn FnMut(&[Cell]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if layout.rows != RowKind::Findings {
            return Ok(());
        }
        layout.marks.resolved(&mut |earlier| emit(&cells(earlier, layout)))
    }
}

/// The cells of a resolved finding, in the columns of [`Layout::columns`]: the values of the earlier run.
fn cells<'e>(earlier: &'e Earlier, layout: &Layout) -> Vec<Cell<'e>> {
    let text = |text: &'e str| Cell::Text(Some(text.into()));
    let maybe = |text: &'e Option<String>| Cell::Text(text.as_deref().map(Into::into));
    let list = |list: &'e [String]| Cell::List(list.iter().map(|text| text.as_str().into()).collect());
    let mut cells = vec![
        text(&earlier.patient),
        maybe(&earlier.need),
        maybe(&earlier.duty),
        text(&earlier.finding),
        text(&earlier.severity),
        list(&earlier.holders),
        Cell::Time(earlier.since_micros),
        Cell::Time(earlier.until_micros),
        list(&earlier.rules),
        list(&earlier.evidence),
        text(&earlier.message),
        Cell::Text(Some(id_text(earlier.id).into())),
        text(RESOLVED),
    ];
    if layout.marks.has_decisions() {
        cells.extend([&earlier.state, &earlier.why, &earlier.by, &earlier.decided_until].map(maybe));
    }
    if layout.names == Names::With {
        cells.extend([maybe(&earlier.patient_name), maybe(&earlier.need_name), list(&earlier.holder_names)]);
    }
    cells
}

/// An id as rows write it.
fn id_text(id: u64) -> String {
    format!("{id:016x}")
}

/// An id as rows write it: 16 hexadecimal digits.
fn read_id(text: &str) -> Option<u64> {
    let is_id = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id.then(|| u64::from_str_radix(text, 16).ok()).flatten()
}

//! Marks on findings from outside this run: whether an earlier run had them, and what people decided about them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::PoisonError;

use answerable_care::Instant;
use answerable_fhir::Calendar;
use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use serde::Deserialize;

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

/// A decision about a finding, in force.
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

/// A finding of the earlier run, as its row was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// Its id.
    pub id: u64,
    /// By column.
    pub row: serde_json::Map<String, serde_json::Value>,
}

/// Marks on findings.
#[derive(Debug, Default)]
pub struct Marks {
    earlier: Option<HashMap<u64, Earlier, FixedState>>,
    seen: Mutex<HashSet<u64, FixedState>>,
    decisions: Option<BTreeMap<u64, Decision>>,
    /// Decisions that no longer hold.
    pub expired: Vec<(String, Decision)>,
}

impl Marks {
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
        if !earlier.contains_key(&id) {
            return Some(Change::New);
        }
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        Some(Change::Still)
    }

    /// The decision about a finding that is in force.
    pub(crate) fn decision(&self, id: u64) -> Option<&Decision> {
        self.decisions.as_ref()?.get(&id)
    }
}

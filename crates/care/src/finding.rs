//! Findings: what someone should look at.

use crate::claim::{Evidence, Holder, Rule};
use crate::time::Instant;
use crate::verdict::Verdict;

/// How bad a finding is; the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Someone may come to harm.
    Error,
    /// Someone should look.
    Warning,
    /// Good to know.
    Note,
}

impl Severity {
    /// The word that rows carry.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// What kind of finding it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An open duty that isn't held.
    Verdict(Verdict),
    /// A referral or a Task that nobody took.
    InFlight,
    /// A Task that was refused and not offered again.
    Orphaned,
    /// It was held, and then fell.
    CliffEdge,
    /// A person who decides never met the patient.
    Stranger,
    /// What holds it ends soon.
    Expiring,
    /// In children's services, growing up, without a transition plan.
    AgeingOut,
    /// Nobody saw the patient about it for long.
    Silent,
    /// No goal in the patient's own voice.
    Voiceless,
}

impl Kind {
    /// The word that rows carry.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Verdict(verdict) => verdict.as_str(),
            Kind::InFlight => "in-flight",
            Kind::Orphaned => "orphaned",
            Kind::CliffEdge => "cliff-edge",
            Kind::Stranger => "stranger",
            Kind::Expiring => "expiring",
            Kind::AgeingOut => "ageing-out",
            Kind::Silent => "silent",
            Kind::Voiceless => "voiceless",
        }
    }
}

/// Something that someone should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind it is.
    pub kind: Kind,
    /// How bad.
    pub severity: Severity,
    /// The duty it is about, by its place in the need; none if it is about the need or the patient.
    pub duty: Option<usize>,
    /// Whom it names, sorted.
    pub holders: Vec<Holder>,
    /// Since when, where known.
    pub since: Option<Instant>,
    /// Until when (of *expiring* alone).
    pub until: Option<Instant>,
    /// The rules it came by, sorted.
    pub rules: Vec<Rule>,
    /// What shows it.
    pub evidence: Vec<Evidence>,
}

/// What one looks at first, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Heading {
    /// Evidence that someone fell through.
    Fell,
    /// Nobody is recorded.
    Blank,
    /// The rest.
    Watch,
}

impl Finding {
    /// Its place in the order in which patients are ranked (worst first): 0 is the worst.
    #[must_use]
    pub fn rank(&self) -> u8 {
        let is_error = self.severity == Severity::Error;
        match self.kind {
            Kind::CliffEdge => 0,
            Kind::Orphaned => 1,
            Kind::InFlight if is_error => 2,
            Kind::Verdict(Verdict::Lapsed) => 3,
            Kind::Verdict(Verdict::Contested) => 4,
            Kind::AgeingOut if is_error => 5,
            Kind::Verdict(Verdict::Unheld) => 6,
            Kind::Verdict(Verdict::Unnamed) => 7,
            Kind::Verdict(Verdict::Leaderless) => 8,
            Kind::InFlight => 9,
            Kind::Expiring => 10,
            Kind::AgeingOut => 11,
            Kind::Stranger => 12,
            Kind::Silent => 13,
            Kind::Verdict(Verdict::Assumed | Verdict::Held) => 14,
            Kind::Voiceless => 15,
        }
    }

    /// Which heading it stands under: two things must not be mixed, that someone fell through and that
    /// nobody is recorded.
    #[must_use]
    pub fn heading(&self) -> Heading {
        match self.rank() {
            0..=5 => Heading::Fell,
            6..=8 => Heading::Blank,
            _ => Heading::Watch,
        }
    }
}

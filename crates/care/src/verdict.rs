//! What the claims on a duty add up to at an instant.

use crate::finding::Severity;

/// What the claims on a duty add up to at an instant. *Held* is the only good one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// One person, on basis accepted, lead or attending.
    Held,
    /// One person, on a weaker basis.
    Assumed,
    /// Several people, on a weaker basis.
    Leaderless,
    /// Several people, each accepted, lead or attending.
    Contested,
    /// No person, but an organisation.
    Unnamed,
    /// Only people who have left, or organisations that have closed.
    Lapsed,
    /// Nobody.
    Unheld,
}

impl Verdict {
    /// All of them, from the best to the worst.
    pub const ALL: [Verdict; 7] = [
        Verdict::Held,
        Verdict::Assumed,
        Verdict::Leaderless,
        Verdict::Contested,
        Verdict::Unnamed,
        Verdict::Lapsed,
        Verdict::Unheld,
    ];

    /// The word that rows carry.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Held => "held",
            Verdict::Assumed => "assumed",
            Verdict::Leaderless => "leaderless",
            Verdict::Contested => "contested",
            Verdict::Unnamed => "unnamed",
            Verdict::Lapsed => "lapsed",
            Verdict::Unheld => "unheld",
        }
    }

    /// How bad it is; none for held.
    #[must_use]
    pub fn severity(self) -> Option<Severity> {
        match self {
            Verdict::Held => None,
            Verdict::Assumed => Some(Severity::Note),
            Verdict::Leaderless | Verdict::Unnamed => Some(Severity::Warning),
            Verdict::Contested | Verdict::Lapsed | Verdict::Unheld => Some(Severity::Error),
        }
    }

    /// Whether a person decides it: not unnamed, lapsed or unheld.
    #[must_use]
    pub fn is_by_persons(self) -> bool {
        matches!(self, Verdict::Held | Verdict::Assumed | Verdict::Leaderless | Verdict::Contested)
    }
}

//! What is judged: a need with its duties, its claims and what happened about it; and the instant of judgement.

use crate::claim::{Claim, Evidence, Holder};
use crate::time::{Instant, Interval};

/// Which rule makes it a need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NeedKind {
    /// A continuing condition (N1, N1a).
    Condition,
    /// A referral (N2).
    Referral,
    /// A care plan that addresses no need (N3).
    Plan,
    /// An episode of care that lists no need (N4).
    Episode,
}

/// One duty of a need.
#[derive(Clone, Debug)]
pub struct Duty {
    /// When it is open: sorted, apart from one another. Of the first duty, the need's own interval.
    pub open: Vec<Interval>,
    /// The claims on this duty alone (C3a).
    pub claims: Vec<Claim>,
}

/// Something that waits for an answer: a referral, or a Task that is requested or received.
#[derive(Clone, Copy, Debug)]
pub struct Wait {
    /// Since when; none if undated.
    pub since: Option<Instant>,
    /// Who asked, if they can hold a claim.
    pub requester: Option<Holder>,
    /// The referral or the Task.
    pub evidence: Evidence,
    /// C1 of a Task, N2 of a referral.
    pub rule: crate::Rule,
}

/// A Task that was refused, and that no later one took up.
#[derive(Clone, Copy, Debug)]
pub struct Refusal {
    /// When; none if undated.
    pub at: Option<Instant>,
    /// Who asked, if they can hold a claim.
    pub requester: Option<Holder>,
    /// The Task.
    pub evidence: Evidence,
}

/// When the patient was last seen about a need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contact {
    /// The end of the last finished encounter about it that began by the instant of judgement.
    Last(Instant),
    /// No finished encounter is about it.
    Never,
}

/// A need of a patient.
#[derive(Clone, Debug)]
pub struct Need {
    /// Which rule makes it one.
    pub kind: NeedKind,
    /// When it is open.
    pub open: Interval,
    /// Its duties; the first is `overall`.
    pub duties: Vec<Duty>,
    /// The claims on the need, and so on each of its duties.
    pub claims: Vec<Claim>,
    /// What is in flight.
    pub waits: Vec<Wait>,
    /// What was refused and not taken up.
    pub refusals: Vec<Refusal>,
    /// When the patient was last seen about it.
    pub contact: Contact,
    /// The resource that it is named by.
    pub evidence: Evidence,
}

/// What the findings ask of a patient.
#[derive(Clone, Debug, Default)]
pub struct Patient {
    /// The 14th birthday.
    pub turns_14: Option<Instant>,
    /// 17 years and 6 months.
    pub turns_17_and_a_half: Option<Instant>,
    /// Whether the records have any encounter with the patient, of any status and time.
    pub has_encounters: bool,
    /// The persons who took part in an encounter with the patient begun by the instant of judgement; sorted.
    pub met: Vec<Holder>,
    /// Whether a transition plan has begun.
    pub has_transition_plan: bool,
}

/// The instant of judgement, and the windows that are counted from it (`docs/reference/configuration.md`).
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The instant of judgement.
    pub as_of: Instant,
    /// In flight since then or before is a warning: as-of less `accept_within`.
    pub accept_within_from: Instant,
    /// In flight since then or before is an error: as-of less `accept_by`.
    pub accept_by_from: Instant,
    /// A fall at that instant or later is a cliff-edge: as-of less `look_back`.
    pub look_back_from: Instant,
    /// A need that began before then may have strangers: as-of less 90 days.
    pub stranger_from: Instant,
    /// What ends by then is expiring: as-of and `horizon`.
    pub horizon_to: Instant,
    /// A contact that ended before then is too long ago: as-of less `review_every`.
    pub review_from: Instant,
}

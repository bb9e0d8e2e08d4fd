//! Events of contributors (I9).

use super::event;
use crate::ledger::field::codes;
use crate::ledger::fields::Text;
use crate::ledger::id::{ContributionId, DutyId, RoleId};
use crate::time::Instant;

codes! {
    /// How somebody helps, by the command that says so.
    Help { Delegate = "delegate", Cover = "cover", AskAdvice = "ask_advice" }
}

event! {
    /// Somebody helps with a duty; the holder stays answerable.
    ContributionBegan = "contribution_began" 1
    {
        contribution: ContributionId,
        duty: DutyId,
        role: RoleId,
        kind: Help,
        start: Option<Instant>,
        end: Option<Instant>,
        words: Text,
    }
}

event! {
    /// Somebody helps no longer.
    ContributionEnded = "contribution_ended" 1 { contribution: ContributionId }
}

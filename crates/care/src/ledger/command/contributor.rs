//! Commands of contributors: who helps with a duty without being answerable for it (I9).

use super::command;
use crate::ledger::field::record;
use crate::ledger::fields::Text;
use crate::ledger::id::{ContributionId, DutyId, New, RoleId};
use crate::time::Instant;

record! {
    /// To whom: a role.
    ToRole { role: RoleId }
}

command! {
    /// Lets another role act under a duty for a period; the holder stays answerable.
    Delegate = "delegate" by [Role]
    refuses [DutyClosed NotHolder SelfOffer BadPeriod RoleNotInPeriod OutOfScope] gives [ContributionBegan]
    { contribution: New<ContributionId>, duty: DutyId, to: ToRole, start: Instant, end: Instant, words: Text }
}

command! {
    /// Has another role stand in for the holder for a period; the holder stays answerable.
    Cover = "cover" by [Role]
    refuses [DutyClosed NotHolder SelfOffer BadPeriod RoleNotInPeriod OutOfScope] gives [ContributionBegan]
    { contribution: New<ContributionId>, duty: DutyId, to: ToRole, start: Instant, end: Instant, words: Text }
}

command! {
    /// Asks another role for advice.
    AskAdvice = "ask_advice" by [Role]
    refuses [DutyClosed NotHolder SelfOffer RoleNotInPeriod] gives [ContributionBegan]
    { contribution: New<ContributionId>, duty: DutyId, to: ToRole, words: Text }
}

command! {
    /// Ends a contribution.
    EndContribution = "end_contribution" by [Role]
    refuses [ContributionEnded NotParty] gives [ContributionEnded]
    { contribution: ContributionId }
}

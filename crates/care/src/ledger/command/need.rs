//! Commands of needs and their duties.

use super::command;
use crate::ledger::field::record;
use crate::ledger::fields::{Text, True};
use crate::ledger::id::{DutyId, NeedId, New, OrganisationId, PatientId, RoleId};

record! {
    /// Who has accepted a duty already, and what shows it.
    Accepted { role: RoleId, evidence: Text }
}

record! {
    /// A duty with which a need opens.
    OpeningDuty { duty: New<DutyId>, kind: Text, accepted: Option<Accepted> }
}

record! {
    /// What the lead who overrides a refused discharge signs.
    Override { statement: Text }
}

command! {
    /// Opens a need with its duties, held by the asker; adopted from records, by whoever accepted them there.
    OpenNeed = "open_need" by [Role] may be late
    refuses [NotLead RoleNotInPeriod NoLead OutOfScope] gives [NeedOpened DutyOpened]
    {
        patient: PatientId,
        need: New<NeedId>,
        title: Text,
        duties: Vec<OpeningDuty>,
        sources: Option<Vec<Text>>,
        adopted: Option<True>,
    }
}

command! {
    /// Adds a duty to an open need, held by the asker.
    AddDuty = "add_duty" by [Role] may be late
    refuses [NeedClosed RoleNotInPeriod NoLead OutOfScope OutOfOrder] gives [DutyOpened]
    { need: NeedId, duty: New<DutyId>, kind: Text }
}

command! {
    /// Closes a duty that isn't its need's last.
    CloseDuty = "close_duty" by [Role]
    refuses [DutyClosed NotHolder DutyInOffer LastDuty OutOfOrder] gives [DutyClosed]
    { duty: DutyId, words: Text }
}

command! {
    /// Closes a need, by who holds all its duties.
    CloseNeed = "close_need" by [Role]
    refuses [NeedClosed WouldStrand DutyInOffer OutOfOrder] gives [DutyClosed NeedClosed]
    { need: NeedId, words: Text }
}

command! {
    /// Reopens a need with the duties that closed with it, held by the asker.
    ReopenNeed = "reopen_need" by [Role]
    refuses [NeedOpen RoleNotInPeriod NoLead OutOfScope OutOfOrder] gives [NeedReopened DutyOpened]
    { need: NeedId, words: Text }
}

command! {
    /// Corrects a need's title.
    CorrectNeed = "correct_need" by [Role] may be late
    refuses [NeedClosed NotHolder] gives [NeedCorrected]
    { need: NeedId, title: Text, words: Text }
}

command! {
    /// Discharges a patient from an organisation that holds no duty of theirs, or whose lead takes these (I7).
    Discharge = "discharge" by [Role]
    refuses [NotInOrganisation WouldStrand NotLead]
    gives [AnswerabilityMoved ContributionEnded OfferTakenOver PatientDischarged]
    { patient: PatientId, organisation: OrganisationId, r#override: Option<Override> }
}

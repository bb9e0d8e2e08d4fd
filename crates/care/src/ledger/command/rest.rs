//! Telling the patient, and the clock's own command.

use super::command;
use crate::ledger::fields::{Text, True};
use crate::ledger::id::{DutyId, PatientId};

command! {
    /// Records that the patient was told who is answerable now (I14).
    TellPatient = "tell_patient" by [Role] may be late
    refuses [NotOnePatient NothingToTell] gives [PatientTold]
    { patient: PatientId, duties: Vec<DutyId>, words: Text }
}

command! {
    /// Does what is due by now; confirmed by a person where the clock is over a day past the last thing recorded.
    Tick = "tick" by [Clock System]
    refuses []
    gives [
        OfferExpired Escalated OfferLapsed AnswerabilityMoved ContributionEnded OfferTakenOver ReturnLapsed RoleEnded
        LeadVacant TransitionAlarm ClockRead
    ]
    { confirmed: Option<True> }
}

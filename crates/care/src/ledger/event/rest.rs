//! Telling, disputes as far as a handover raises them, and what the clock does.

use super::event;
use crate::ledger::field::{Field, Malformed, Shape, Value, codes};
use crate::ledger::fields::{Age, Any, Text, True};
use crate::ledger::id::{DisputeId, DutyId, OfferId, PatientId, RoleId};

codes! {
    /// What kind of dispute.
    DisputeKind { Clash = "clash" }
}

codes! {
    /// Why somebody up the line hears of it.
    Why { Silence = "silence", NotTold = "not-told", NotPlaced = "not-placed", NotResolved = "not-resolved" }
}

/// What is escalated: written `offer:id`, `duty:id` or `dispute:id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// An offer that nobody answered.
    Offer(OfferId),
    /// A duty that waits.
    Duty(DutyId),
    /// A dispute that nobody resolved.
    Dispute(DisputeId),
}

impl Field for About {
    fn read(value: &Value) -> Result<About, Malformed> {
        let wrong = || Malformed::new("should be `offer:id`, `duty:id` or `dispute:id`");
        let Value::Text(text) = value else { return Err(wrong()) };
        match text.split_once(':') {
            Some(("offer", id)) => OfferId::new(id).map(About::Offer),
            Some(("duty", id)) => DutyId::new(id).map(About::Duty),
            Some(("dispute", id)) => DisputeId::new(id).map(About::Dispute),
            _ => Err(wrong()),
        }
    }
    fn write(&self) -> Value {
        Value::Text(match self {
            About::Offer(id) => format!("offer:{id}"),
            About::Duty(id) => format!("duty:{id}"),
            About::Dispute(id) => format!("dispute:{id}"),
        })
    }
    fn shape() -> Shape {
        Shape::Text
    }
}

event! {
    /// The patient was told who is answerable (I14).
    PatientTold = "patient_told" 1 { patient: PatientId, duties: Vec<DutyId>, words: Text }
}

event! {
    /// Who is answerable is in dispute; the holder is as it was.
    DisputeRaised = "dispute_raised" 1 { dispute: DisputeId, duty: DutyId, kind: DisputeKind, parties: Vec<RoleId> }
}

event! {
    /// Others joined a dispute.
    DisputeJoined = "dispute_joined" 1 { dispute: DisputeId, parties: Vec<RoleId> }
}

event! {
    /// Somebody up the line hears of what waits.
    Escalated = "escalated" 1 { about: About, why: Why, to: RoleId }
}

event! {
    /// A patient has reached an age at which care changes hands; it moves nothing.
    TransitionAlarm = "transition_alarm" 1 { patient: PatientId, age: Age, to: Any<RoleId> }
}

event! {
    /// The clock was read, with nothing else to record; confirmed by a person, if so.
    ClockRead = "clock_read" 1 { confirmed: Option<True> }
}

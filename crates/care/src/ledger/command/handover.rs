//! Commands of the handover: offers and what becomes of them.

use super::{command, only};
use crate::ledger::field::{Described, Field, Malformed, Shape, Value, codes, record, take};
use crate::ledger::fields::{Any, Text, Within};
use crate::ledger::id::{BulkId, DutyId, Mention, New, OfferId, PatientId, RoleId, ServiceId};
use crate::time::Instant;

codes! {
    /// How ill the patient is.
    Severity { Stable = "stable", Watcher = "watcher", Unstable = "unstable" }
}

codes! {
    /// Why an offer is declined.
    DeclineCode {
        NotAppropriate = "not-appropriate",
        NoCapacity = "no-capacity",
        OutsideScope = "outside-scope",
        WrongService = "wrong-service",
        NeedInformation = "need-information",
        PatientDeclines = "patient-declines",
        Other = "other",
    }
}

/// To whom duties are offered: a role, or a service in which any role may claim them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum To {
    /// A role.
    Role(RoleId),
    /// A service.
    Service(ServiceId),
}

impl Field for To {
    fn read(value: &Value) -> Result<To, Malformed> {
        let wrong = || Malformed::new("should be `{\"role\":id}` or `{\"service\":id}`");
        let Value::Map(fields) = value else { return Err(wrong()) };
        match fields.first().map(|(name, _)| name.as_str()) {
            Some("role") => only(fields, &["role"]).and_then(|()| take(fields, "role")).map(To::Role),
            Some("service") => only(fields, &["service"]).and_then(|()| take(fields, "service")).map(To::Service),
            _ => Err(wrong()),
        }
    }
    fn write(&self) -> Value {
        let (name, id) = match self {
            To::Role(role) => ("role", role.write()),
            To::Service(service) => ("service", service.write()),
        };
        Value::Map(vec![(name.to_owned(), id)])
    }
    fn shape() -> Shape {
        let form = |name, shape| Shape::Record(vec![Described { name, shape }]);
        Shape::Either(vec![form("role", RoleId::shape()), form("service", ServiceId::shape())])
    }
    fn mention(&self, found: &mut Vec<Mention>) {
        match self {
            To::Role(role) => role.mention(found),
            To::Service(service) => service.mention(found),
        }
    }
}

record! {
    /// One of several offers made together. What it names is looked for when its turn comes.
    BulkItem { duty: DutyId, to: To, severity: Severity, summary: Text, actions: Any<Text>, contingency: Text }
}

/// The items of several offers made together; an id among them that isn't there refuses its item alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkItems(pub Vec<BulkItem>);

impl Field for BulkItems {
    fn read(value: &Value) -> Result<BulkItems, Malformed> {
        Field::read(value).map(BulkItems)
    }
    fn write(&self) -> Value {
        self.0.write()
    }
    fn shape() -> Shape {
        Vec::<BulkItem>::shape()
    }
}

command! {
    /// Offers duties of one patient to a role or a service; until a date, or for good.
    Offer = "offer" by [Role]
    refuses [
        NotOnePatient DutyClosed NotHolder DutyInOffer OutOfOrder SelfOffer RoleNotInPeriod NoLead OutOfScope
        OrganisationClosed BadPeriod
    ]
    gives [OfferMade]
    {
        offer: New<OfferId>,
        patient: PatientId,
        duties: Vec<DutyId>,
        to: To,
        reply_within: Within,
        until: Option<Instant>,
        severity: Severity,
        summary: Text,
        actions: Any<Text>,
        contingency: Text,
    }
}

command! {
    /// Accepts an offer, all or some of it; each action is read back.
    Accept = "accept" by [Role]
    refuses [
        NotAddressee OfferAccepted OfferDeclined OfferCountered OfferRecalled OfferExpired OfferLapsed IsCounter
        NotInOffer ReadBackIncomplete RoleNotInPeriod NoLead OutOfScope OutOfOrder
    ]
    gives [OfferAccepted OfferSplit AnswerabilityMoved ContributionEnded]
    { offer: OfferId, duties: Option<Vec<DutyId>>, read_back: Any<Text> }
}

command! {
    /// Declines an offer or a counter, with a reason.
    Decline = "decline" by [Role]
    refuses [NotAddressee OfferAccepted OfferDeclined OfferCountered OfferRecalled OfferExpired OfferLapsed]
    gives [OfferDeclined]
    { offer: OfferId, code: DeclineCode, words: Text }
}

command! {
    /// Answers an offer by another: these duties, on these terms. It is accepting beforehand.
    Counter = "counter" by [Role]
    refuses [
        NotAddressee OfferAccepted OfferDeclined OfferCountered OfferRecalled OfferExpired OfferLapsed IsCounter
        NotOnePatient DutyClosed NotHolder DutyInOffer OutOfOrder ReadBackIncomplete RoleNotInPeriod NoLead OutOfScope
        BadPeriod
    ]
    gives [OfferCountered]
    {
        offer: OfferId,
        counter: New<OfferId>,
        duties: Vec<DutyId>,
        reply_within: Within,
        until: Option<Instant>,
        read_back: Any<Text>,
        words: Text,
    }
}

command! {
    /// Agrees to a counter: who countered holds the duties.
    AgreeCounter = "agree_counter" by [Role]
    refuses [
        NotACounter NotAddressee OfferAccepted OfferDeclined OfferCountered OfferRecalled OfferExpired OfferLapsed
        RoleNotInPeriod NoLead OutOfScope OutOfOrder
    ]
    gives [OfferAccepted AnswerabilityMoved ContributionEnded]
    { counter: OfferId }
}

command! {
    /// Takes back an offer or a counter that is still open (I4).
    Recall = "recall" by [Role]
    refuses [NotOfferer OfferAccepted OfferDeclined OfferCountered OfferRecalled OfferExpired OfferLapsed]
    gives [OfferRecalled]
    { offer: OfferId }
}

command! {
    /// Makes many offers, of one duty each, of any patients; each has an answer of its own.
    OfferMany = "offer_many" by [Role]
    refuses [NothingOffered] gives [OfferMade BulkOffered]
    { bulk: New<BulkId>, offers: BulkItems, reply_within: Within, until: Option<Instant> }
}

command! {
    /// Records late that one role handed a duty to another, by both.
    LateHandover = "late_handover" by [Role] may be late
    refuses [
        NotParty DutyClosed NotThenHolder DutyInOffer RoleNotInPeriod NoLead OutOfScope AlreadyProposed
    ]
    gives [LateHandoverProposed AnswerabilityMoved ContributionEnded DisputeRaised DisputeJoined]
    { duty: DutyId, from: RoleId, to: RoleId }
}

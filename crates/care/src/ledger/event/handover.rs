//! Events of the handover.

use super::{Basis, event};
use crate::ledger::command::handover::{DeclineCode, Severity, To};
use crate::ledger::field::{codes, record};
use crate::ledger::fields::{Any, Text, True};
use crate::ledger::id::{BulkId, DutyId, NeedId, OfferId, PatientId, RoleId};
use crate::ledger::refusal::Refusal;
use crate::time::Instant;

codes! {
    /// Why an offer lapsed.
    Lapse { RoleEnded = "role-ended", OrganisationClosed = "organisation-closed", Returned = "returned" }
}

event! {
    /// Duties were offered.
    OfferMade = "offer_made" 1
    {
        offer: OfferId,
        patient: PatientId,
        duties: Vec<DutyId>,
        to: To,
        due: Instant,
        actions: Any<Text>,
        until: Option<Instant>,
        from: RoleId,
        severity: Severity,
        summary: Text,
        contingency: Text,
    }
}

event! {
    /// An offer, or a counter, was accepted by a role.
    OfferAccepted = "offer_accepted" 1
    { offer: OfferId, role: RoleId, duties: Vec<DutyId>, read_back: Option<Vec<Text>> }
}

event! {
    /// What was not accepted of an offer stays open, as an offer of its own (I8).
    OfferSplit = "offer_split" 1 { offer: OfferId, rest: OfferId, duties: Vec<DutyId> }
}

event! {
    /// An offer was declined; the holder is as it was (I5).
    OfferDeclined = "offer_declined" 1 { offer: OfferId, role: RoleId, code: DeclineCode, words: Text }
}

event! {
    /// An offer was answered by another; the holder is as it was (I5).
    OfferCountered = "offer_countered" 1
    {
        offer: OfferId,
        counter: OfferId,
        role: RoleId,
        duties: Vec<DutyId>,
        due: Instant,
        until: Option<Instant>,
        words: Text,
    }
}

event! {
    /// An offer was taken back (I4, I5).
    OfferRecalled = "offer_recalled" 1 { offer: OfferId }
}

event! {
    /// Nobody answered an offer in time; who made it is still answerable (I5).
    OfferExpired = "offer_expired" 1 { offer: OfferId }
}

event! {
    /// An offer ended with what it was about.
    OfferLapsed = "offer_lapsed" 1 { offer: OfferId, why: Lapse }
}

event! {
    /// An open offer has the new holder of its duties as offerer.
    OfferTakenOver = "offer_taken_over" 1 { offer: OfferId, by: RoleId }
}

record! {
    /// A duty that was not offered, and why.
    NotOffered { duty: DutyId, refusal: Refusal }
}

event! {
    /// Many offers were made together.
    BulkOffered = "bulk_offered" 1 { bulk: BulkId, made: Any<OfferId>, refused: Any<NotOffered> }
}

event! {
    /// One side says that the duty was handed over then.
    LateHandoverProposed = "late_handover_proposed" 1 { duty: DutyId, to: RoleId, side: RoleId, from: RoleId }
}

event! {
    /// Another role is answerable now (I2).
    AnswerabilityMoved = "answerability_moved" 1
    {
        patient: PatientId,
        need: NeedId,
        duty: DutyId,
        basis: Basis,
        from: RoleId,
        to: RoleId,
        until: Option<Instant>,
        /// Whether both sides recorded it as a late handover.
        late: Option<True>,
    }
}

event! {
    /// A duty held until a date could not go back to who lent it.
    ReturnLapsed = "return_lapsed" 1 { duty: DutyId }
}

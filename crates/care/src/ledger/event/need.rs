//! Events of needs and their duties.

use super::{Basis, event};
use crate::ledger::field::codes;
use crate::ledger::fields::Text;
use crate::ledger::id::{DutyId, NeedId, OrganisationId, PatientId, RoleId};

codes! {
    /// What closed a duty.
    ClosedBy { Holder = "holder", Need = "need" }
}

event! {
    /// A need was opened.
    NeedOpened = "need_opened" 1 { patient: PatientId, need: NeedId, title: Text, sources: Option<Vec<Text>> }
}

event! {
    /// A duty was opened, with its holder.
    DutyOpened = "duty_opened" 1
    {
        patient: PatientId,
        need: NeedId,
        duty: DutyId,
        kind: Text,
        holder: RoleId,
        basis: Basis,
        /// What shows that the holder has accepted, where records do.
        evidence: Option<Text>,
    }
}

event! {
    /// A duty was closed.
    DutyClosed = "duty_closed" 1 { duty: DutyId, by: ClosedBy, words: Option<Text> }
}

event! {
    /// A need was closed.
    NeedClosed = "need_closed" 1 { need: NeedId, by: ClosedBy, words: Option<Text> }
}

event! {
    /// A need was opened again.
    NeedReopened = "need_reopened" 1 { need: NeedId, words: Text }
}

event! {
    /// A need has this title now.
    NeedCorrected = "need_corrected" 1 { need: NeedId, title: Text, words: Text }
}

event! {
    /// A patient was discharged from an organisation; overridden, with what its lead signed.
    PatientDischarged = "patient_discharged" 1
    { patient: PatientId, organisation: OrganisationId, r#override: Option<Text> }
}

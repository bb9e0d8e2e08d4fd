//! Telling the patient who is answerable (I14).

use super::draft::Draft;
use crate::ledger::command::rest::TellPatient;
use crate::ledger::event::rest::PatientTold;
use crate::ledger::refusal::Refusal;

pub(super) fn tell_patient(draft: &mut Draft<'_>, ask: &TellPatient) -> Result<(), Refusal> {
    let mut is_told = false;
    for duty in &ask.duties {
        let (patient, duty) = draft.duty(duty)?;
        if *patient != ask.patient {
            return Err(Refusal::NotOnePatient);
        }
        is_told |= duty.untold.iter().all(|wait| wait.done.is_some());
    }
    if is_told {
        return Err(Refusal::NothingToTell);
    }
    let (duties, words) = (ask.duties.clone(), ask.words.clone());
    draft.happens_to(&ask.patient, PatientTold { patient: ask.patient.clone(), duties, words });
    Ok(())
}

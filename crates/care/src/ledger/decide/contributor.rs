//! Who helps with a duty without being answerable for it (I9).

use super::draft::Draft;
use crate::ledger::command::contributor::{AskAdvice, Cover, Delegate, EndContribution};
use crate::ledger::event::contributor::{ContributionBegan, ContributionEnded, Help};
use crate::ledger::fields::Text;
use crate::ledger::id::{ContributionId, DutyId, RoleId};
use crate::ledger::refusal::Refusal;
use crate::time::Instant;

/// What the three commands ask alike.
struct Begin<'a> {
    contribution: &'a ContributionId,
    duty: &'a DutyId,
    to: &'a RoleId,
    kind: Help,
    period: Option<(Instant, Instant)>,
    words: &'a Text,
}

pub(super) fn delegate(draft: &mut Draft<'_>, ask: &Delegate) -> Result<(), Refusal> {
    begin(
        draft,
        &Begin {
            contribution: &ask.contribution.0,
            duty: &ask.duty,
            to: &ask.to.role,
            kind: Help::Delegate,
            period: Some((ask.start, ask.end)),
            words: &ask.words,
        },
    )
}

pub(super) fn cover(draft: &mut Draft<'_>, ask: &Cover) -> Result<(), Refusal> {
    begin(
        draft,
        &Begin {
            contribution: &ask.contribution.0,
            duty: &ask.duty,
            to: &ask.to.role,
            kind: Help::Cover,
            period: Some((ask.start, ask.end)),
            words: &ask.words,
        },
    )
}

pub(super) fn ask_advice(draft: &mut Draft<'_>, ask: &AskAdvice) -> Result<(), Refusal> {
    begin(
        draft,
        &Begin {
            contribution: &ask.contribution.0,
            duty: &ask.duty,
            to: &ask.to.role,
            kind: Help::AskAdvice,
            period: None,
            words: &ask.words,
        },
    )
}

fn begin(draft: &mut Draft<'_>, ask: &Begin<'_>) -> Result<(), Refusal> {
    let asker = draft.asker()?;
    draft.all_open(std::slice::from_ref(ask.duty))?;
    let (patient, duty) = draft.duty(ask.duty)?;
    let holder = duty.holder().ok_or(Refusal::DutyClosed)?;
    if holder != asker && !may_for_holder(draft, ask, holder)? {
        return Err(Refusal::NotHolder);
    }
    if ask.to == asker || ask.to == holder {
        return Err(Refusal::SelfOffer);
    }
    if ask.period.is_some_and(|(start, end)| end <= start || end <= draft.recorded) {
        return Err(Refusal::BadPeriod);
    }
    draft.in_period(ask.to)?;
    if ask.kind != Help::AskAdvice {
        draft.in_scope(ask.to, [&duty.kind])?;
    }
    draft.happens_to(
        patient,
        ContributionBegan {
            contribution: ask.contribution.clone(),
            duty: ask.duty.clone(),
            role: ask.to.clone(),
            kind: ask.kind,
            start: ask.period.map(|(start, _)| start),
            end: ask.period.map(|(_, end)| end),
            words: ask.words.clone(),
        },
    );
    Ok(())
}

/// Whether one who isn't the holder may ask: for cover who leads the holder's organisation, for advice a delegate.
fn may_for_holder(draft: &Draft<'_>, ask: &Begin<'_>, holder: &RoleId) -> Result<bool, Refusal> {
    let asker = draft.asker()?;
    Ok(match ask.kind {
        Help::Delegate => false,
        Help::Cover => draft.directory().home(holder).is_some_and(|home| draft.directory().leads(asker, home)),
        Help::AskAdvice => {
            let record = draft.record(draft.duty(ask.duty)?.0)?;
            record.contributions.values().any(|help| {
                let has_begun = help.start.is_none_or(|start| start <= draft.at);
                let is_over = help.ended.is_some() || help.end.is_some_and(|end| end <= draft.at);
                let is_delegate = help.kind == Help::Delegate && help.duty == *ask.duty && help.role == *asker;
                is_delegate && has_begun && !is_over
            })
        }
    })
}

pub(super) fn end_contribution(draft: &mut Draft<'_>, ask: &EndContribution) -> Result<(), Refusal> {
    let asker = draft.asker()?;
    let patient = draft.place(ask.contribution.clone())?;
    let record = draft.record(patient)?;
    let help = record.contributions.get(&ask.contribution).ok_or(Refusal::Unknown)?;
    if help.ended.is_some() {
        return Err(Refusal::ContributionEnded);
    }
    let holder = record.duties.get(&help.duty).and_then(|duty| duty.last_holder());
    let home = holder.and_then(|holder| draft.directory().home(holder));
    let leads = home.is_some_and(|home| draft.directory().leads(asker, home));
    if help.role != *asker && holder != Some(asker) && !leads {
        return Err(Refusal::NotParty);
    }
    draft.happens_to(patient, ContributionEnded { contribution: ask.contribution.clone() });
    Ok(())
}

//! Deciding: a state, a command and the clock go in; events come out, or the refusal that stops it.

mod checks;
mod contributor;
mod directory;
mod draft;
mod handover;
mod leaving;
mod need;
mod tick;
mod told;

use super::command::{Ask, Asker, Command};
use super::event::Change;
use super::id::{Id, Mention};
use super::refusal::Refusal;
use super::state::State;
use crate::time::Instant;
use draft::Draft;
pub(crate) use handover::{one_of, rest_of};

/// Decides a command at the instant that the store's clock reads. Its events are recorded at
/// [`State::recorded`] of that reading. That its id was not used before is the store's to know.
///
/// # Errors
/// The first refusal, in the page's order: those of every command, then its own.
pub fn decide(state: &State, command: &Command, reading: Instant) -> Result<Vec<Change>, Refusal> {
    let recorded = state.recorded(reading);
    times(state, command, recorded)?;
    let line = command.ask.line();
    if !line.who.contains(&command.by.kind()) {
        return Err(Refusal::AskerMayNot);
    }
    known(state, command)?;
    asker(state, command, recorded)?;
    new(state, command)?;
    let mut draft = Draft::new(state, command, recorded);
    own(&mut draft, &command.ask)?;
    Ok(draft.into_changes())
}

/// What is left to do of a command that was decided and has begun: the end of a role, the close of an organisation, a
/// tick. The state has the directory, and those patients for whom it is to be worked out. Nobody is asked again whether
/// it may be done, for it is being done.
#[must_use]
pub fn rest_of_command(state: &State, command: &Command, recorded: Instant) -> Vec<Change> {
    let mut draft = Draft::new(state, command, recorded);
    let at = command.at;
    let done = match &command.ask {
        Ask::EndRole(ask) => {
            leaving::end(&mut draft, &ask.role, at);
            Ok(())
        }
        Ask::CloseOrganisation(ask) => {
            leaving::close(&mut draft, &ask.organisation);
            Ok(())
        }
        Ask::Tick(ask) => tick::tick(&mut draft, ask),
        _ => Ok(()),
    };
    if done.is_err() { Vec::new() } else { draft.into_changes() }
}

/// Whether the clock is to be believed, and the command is neither too early nor too late.
fn times(state: &State, command: &Command, recorded: Instant) -> Result<(), Refusal> {
    let limits = &state.limits;
    let is_confirmed = matches!(&command.ask, Ask::Tick(tick) if tick.confirmed.is_some());
    if state.last_recorded.is_some_and(|last| recorded > last + limits.clock_ahead) && !is_confirmed {
        return Err(Refusal::ClockAhead);
    }
    if command.at > recorded + limits.in_future {
        return Err(Refusal::InFuture);
    }
    if command.at < recorded - limits.late {
        if !command.ask.line().may_be_late {
            return Err(Refusal::TooLate);
        }
        if command.reason.is_none() {
            return Err(Refusal::LateWithoutReason);
        }
    }
    Ok(())
}

/// Whether what it names is there. A proxy is so within its patient's record.
fn known(state: &State, command: &Command) -> Result<(), Refusal> {
    let is_known = |mention: &Mention| match mention {
        Mention::Known(Id::Proxy(_)) | Mention::New(_) => true,
        Mention::Known(id) => state.knows(id),
    };
    if !command.mentions().iter().all(is_known) {
        return Err(Refusal::Unknown);
    }
    let has_proxy =
        |patient, proxy| state.patients.get(patient).is_some_and(|record| record.proxies.contains_key(proxy));
    let is_asked_by_known =
        if let Asker::Proxy(proxy, patient) = &command.by { has_proxy(patient, proxy) } else { true };
    let is_about_known = if let Ask::EndProxy(ask) = &command.ask { has_proxy(&ask.patient, &ask.proxy) } else { true };
    if is_asked_by_known && is_about_known { Ok(()) } else { Err(Refusal::Unknown) }
}

/// Whether a patient or proxy asks about that patient alone, a role is in its period, and a proxy is valid.
fn asker(state: &State, command: &Command, recorded: Instant) -> Result<(), Refusal> {
    if let Some(own) = command.by.own_record() {
        let is_other = |id: &Id| state.place(id).is_some_and(|patient| patient != own);
        if command.ids().iter().any(is_other) {
            return Err(Refusal::NotOwnRecord);
        }
    }
    match &command.by {
        Asker::Role(id) => {
            // A role whose end is under way may ask for nothing but that end, which a store may have to go on with.
            let is_ending_itself = matches!(&command.ask, Ask::EndRole(ask) if ask.role == *id);
            let role = state.directory.roles.get(id).ok_or(Refusal::Unknown)?;
            let may =
                role.is_present(recorded) || (is_ending_itself && role.ended.is_none() && role.is_in_period(recorded));
            if may { Ok(()) } else { Err(Refusal::RoleNotInPeriod) }
        }
        Asker::Proxy(proxy, patient) => {
            let is_valid = state.patients.get(patient).is_some_and(|record| {
                record.proxies.get(proxy).is_some_and(|proxy| proxy.is_valid(record.birth, command.at))
            });
            if is_valid { Ok(()) } else { Err(Refusal::ProxyNotValid) }
        }
        _ => Ok(()),
    }
}

/// Whether the ids that it gives are free. A proxy may be recorded again.
fn new(state: &State, command: &Command) -> Result<(), Refusal> {
    let is_taken = |mention: &Mention| match mention {
        Mention::New(Id::Proxy(_)) | Mention::Known(_) => false,
        Mention::New(id) => state.knows(id),
    };
    if command.mentions().iter().any(is_taken) { Err(Refusal::AlreadyExists) } else { Ok(()) }
}

/// The command's own refusals, and its events.
fn own(draft: &mut Draft<'_>, ask: &Ask) -> Result<(), Refusal> {
    match ask {
        Ask::RegisterOrganisation(ask) => directory::register_organisation(draft, ask),
        Ask::RegisterService(ask) => directory::register_service(draft, ask),
        Ask::RegisterPractitioner(ask) => directory::register_practitioner(draft, ask),
        Ask::RegisterRole(ask) => directory::register_role(draft, ask),
        Ask::SetScope(ask) => directory::set_scope(draft, ask),
        Ask::SetPeriod(ask) => directory::set_period(draft, ask),
        Ask::SetLead(ask) => directory::set_lead(draft, ask),
        Ask::EndRole(ask) => leaving::end_role(draft, ask),
        Ask::CloseOrganisation(ask) => leaving::close_organisation(draft, ask),
        Ask::RegisterPatient(ask) => directory::register_patient(draft, ask),
        Ask::RecordProxy(ask) => directory::record_proxy(draft, ask),
        Ask::EndProxy(ask) => directory::end_proxy(draft, ask),
        Ask::OpenNeed(ask) => need::open_need(draft, ask),
        Ask::AddDuty(ask) => need::add_duty(draft, ask),
        Ask::CloseDuty(ask) => need::close_duty(draft, ask),
        Ask::CloseNeed(ask) => need::close_need(draft, ask),
        Ask::ReopenNeed(ask) => need::reopen_need(draft, ask),
        Ask::CorrectNeed(ask) => need::correct_need(draft, ask),
        Ask::Discharge(ask) => need::discharge(draft, ask),
        Ask::Offer(ask) => handover::offer(draft, ask),
        Ask::Accept(ask) => handover::accept(draft, ask),
        Ask::Decline(ask) => handover::decline(draft, ask),
        Ask::Counter(ask) => handover::counter(draft, ask),
        Ask::AgreeCounter(ask) => handover::agree_counter(draft, ask),
        Ask::Recall(ask) => handover::recall(draft, ask),
        Ask::OfferMany(ask) => handover::offer_many(draft, ask),
        Ask::LateHandover(ask) => handover::late_handover(draft, ask),
        Ask::Delegate(ask) => contributor::delegate(draft, ask),
        Ask::Cover(ask) => contributor::cover(draft, ask),
        Ask::AskAdvice(ask) => contributor::ask_advice(draft, ask),
        Ask::EndContribution(ask) => contributor::end_contribution(draft, ask),
        Ask::TellPatient(ask) => told::tell_patient(draft, ask),
        Ask::Tick(ask) => tick::tick(draft, ask),
    }
}

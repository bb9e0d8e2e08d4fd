//! What people ask of a ledger: what happened to a patient, what is on a role's list, what falls due.

use std::collections::BTreeSet;

use answerable_care::Instant;
use answerable_care::ledger::command::handover::To;
use answerable_care::ledger::id::{PatientId, RoleId};
use answerable_care::ledger::state::{OfferState, Patient};
use answerable_care::ledger::story::{self, Names, moment};

use crate::error::StoreError;
use crate::known::{Known, recorded};
use crate::ledger::Ledger;
use crate::storage::{Filter, Read};
use crate::tables::{Cell, HOLDING, INVOLVED, OFFER, UNTOLD, WAIT};

/// Something that happened, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// When it took effect.
    pub at: Instant,
    /// When it was known, if that was over a minute later.
    pub known: Option<Instant>,
    /// What.
    pub sentence: String,
}

/// Something on a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    /// By when, or since when.
    pub when: Instant,
    /// Whose.
    pub patient: String,
    /// What.
    pub what: String,
}

/// What a role has to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Worklist {
    /// Offers that it can answer, by when.
    pub to_answer: Vec<Item>,
    /// What it is caretaker of and must place, since when.
    pub to_place: Vec<Item>,
    /// Changes of which nobody has told the patient, since when.
    pub to_tell: Vec<Item>,
    /// What it has offered and still answers for, by when an answer is due.
    pub offered: Vec<Item>,
    /// What it holds, since when.
    pub held: Vec<Item>,
}

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Events in the log.
    pub events: u64,
    /// Commands that were done.
    pub commands: u64,
    /// Organisations.
    pub organisations: u64,
    /// Roles that haven't ended.
    pub roles: u64,
    /// Open duties that somebody has accepted.
    pub held: u64,
    /// Open duties with a caretaker.
    pub caretaken: u64,
    /// Open offers.
    pub offers: u64,
    /// Duties of whose last change the patient is still to be told.
    pub untold: u64,
}

impl Ledger {
    /// What happened to a patient, in order; none of one who isn't known.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub fn story(&mut self, patient: &PatientId) -> Result<Option<Vec<Told>>, StoreError> {
        let mut read = self.storage().read()?;
        let known = knowing(read.as_mut(), &[patient.as_str().to_owned()])?;
        let Some(record) = known.state.patients.get(patient) else { return Ok(None) };
        let names = Names { directory: &known.state.directory, record };
        let mut told = Vec::new();
        for entry in read.stream(patient.as_str())? {
            let recorded = recorded(&entry)?;
            let is_later = recorded.recorded.0 - recorded.change.at.0 > 60_000_000;
            told.push(Told {
                at: recorded.change.at,
                known: is_later.then_some(recorded.recorded),
                sentence: names.sentence(&recorded.change.event),
            });
        }
        Ok(Some(told))
    }

    /// What a role has to do; none of a role that isn't known.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub fn worklist(&mut self, role: &RoleId) -> Result<Option<Worklist>, StoreError> {
        let mut read = self.storage().read()?;
        let directory = knowing(read.as_mut(), &[])?.state.directory;
        let Some(own) = directory.roles.get(role) else { return Ok(None) };
        let mut patients = patients(&read.rows(&INVOLVED, Filter::Is("role", role.as_str()))?);
        let services = directory.services.iter().filter(|(_, at)| directory.is_at_or_below(&own.organisation, at));
        for (service, _) in services {
            patients.extend(self::patients(&read.rows(&OFFER, Filter::Is("to_service", service.as_str()))?));
        }
        let known = knowing(read.as_mut(), &patients.into_iter().collect::<Vec<String>>())?;
        let now = known.state.last_recorded.unwrap_or_default();
        let mut list = Worklist::default();
        for (patient, record) in &known.state.patients {
            let names = Names { directory: &known.state.directory, record };
            let item = |when, what| Item { when, patient: patient.to_string(), what };
            for (id, duty, holding) in record.held().filter(|(_, _, holding)| holding.holder == *role) {
                let since = duty.held().map(|(_, since)| since.at).unwrap_or_default();
                let what = names.duty(id);
                let to = if holding.basis.is_caretaking() { &mut list.to_place } else { &mut list.held };
                to.push(item(since, what.clone()));
                if let Some(wait) = duty.untold.iter().find(|wait| wait.done.is_none()) {
                    list.to_tell.push(item(wait.since.recorded, what));
                }
            }
            for (id, offer) in record.offers.iter().filter(|(_, offer)| offer.is_open(now)) {
                let duties: Vec<String> = offer.duties.iter().map(|duty| names.duty(duty)).collect();
                let what = format!("{} ({id})", duties.join(", "));
                let is_countered = offer.counters.is_some();
                let is_addressed = match &offer.to {
                    To::Role(to) => to == role,
                    To::Service(service) => known
                        .state
                        .directory
                        .services
                        .get(service)
                        .is_some_and(|at| known.state.directory.is_at_or_below(&own.organisation, at)),
                };
                // Who made an offer answers a counter to it.
                if if is_countered { offer.offerer == *role } else { is_addressed } {
                    list.to_answer.push(item(offer.due, what.clone()));
                } else if is_addressed || offer.offerer == *role {
                    list.offered.push(item(offer.due, what));
                }
            }
        }
        for items in [&mut list.to_answer, &mut list.to_place, &mut list.to_tell, &mut list.offered, &mut list.held] {
            items.sort();
        }
        Ok(Some(list))
    }

    /// What falls due by an instant, soonest first: offers without an answer, what was lent, posts that end, caretakers who
    /// haven't placed a duty, changes of which nobody told the patient, birthdays that matter.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub fn due(&mut self, by: Instant) -> Result<Vec<Item>, StoreError> {
        let mut read = self.storage().read()?;
        let patients = patients(&read.rows(&WAIT, Filter::AtMost("due", by.0))?);
        let known = knowing(read.as_mut(), &patients.into_iter().collect::<Vec<String>>())?;
        let mut items = Vec::new();
        for (patient, record) in &known.state.patients {
            let names = Names { directory: &known.state.directory, record };
            let waits = waits(&known, record, &names);
            items.extend(waits.into_iter().map(|(when, what)| Item { when, patient: patient.to_string(), what }));
        }
        for (id, role) in known.state.directory.roles.iter().filter(|(_, role)| role.ended.is_none()) {
            let Some(end) = role.end else { continue };
            let held = read.rows(&HOLDING, Filter::Is("role", id.as_str()))?;
            let open = held.iter().filter(|row| row.get(3) == Some(&Cell::Null)).count();
            let name = story::role(&known.state.directory, id);
            let what = format!("{name} ends, holding {open} open duties: who follows?");
            items.push(Item { when: end, patient: String::new(), what });
        }
        items.retain(|item| item.when <= by);
        items.sort();
        Ok(items)
    }

    /// How much there is.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub fn stats(&mut self) -> Result<Stats, StoreError> {
        let mut read = self.storage().read()?;
        let directory = knowing(read.as_mut(), &[])?.state.directory;
        let mut stats = Stats {
            events: read.head()?.position,
            commands: read.all_answered()?.len() as u64,
            organisations: directory.organisations.values().filter(|one| !one.is_closed).count() as u64,
            roles: directory.roles.values().filter(|role| role.ended.is_none()).count() as u64,
            offers: read.rows(&OFFER, Filter::All)?.len() as u64,
            untold: read.rows(&UNTOLD, Filter::All)?.len() as u64,
            ..Stats::default()
        };
        for row in read.rows(&HOLDING, Filter::All)?.iter().filter(|row| row.get(3) == Some(&Cell::Null)) {
            let is_caretaken = row.last().and_then(Cell::int) == Some(1);
            *(if is_caretaken { &mut stats.caretaken } else { &mut stats.held }) += 1;
        }
        Ok(stats)
    }
}

/// What a record waits for, and until when.
fn waits(known: &Known, record: &Patient, names: &Names) -> Vec<(Instant, String)> {
    let limits = &known.state.limits;
    let mut waits = Vec::new();
    for (id, offer) in record.offers.iter().filter(|(_, offer)| offer.state == OfferState::Open) {
        let duties: Vec<String> = offer.duties.iter().map(|duty| names.duty(duty)).collect();
        let holder = names.role(&offer.offerer);
        waits.push((offer.due, format!("the offer {id} of {} expires; {holder} still answers", duties.join(", "))));
    }
    for (id, duty, holding) in record.held() {
        let (what, holder) = (names.duty(id), names.role(&holding.holder));
        if let Some(until) = &holding.until {
            waits.push((until.at, format!("{what} goes back from {holder} to {}", names.role(&until.giver))));
        }
        if let Some((_, since)) = duty.held().filter(|_| holding.basis.is_caretaking() && !duty.is_escalated) {
            let due = since.recorded + limits.unplaced;
            waits.push((due, format!("{holder} has not placed {what}; the next lead up is told")));
        }
        for wait in duty.untold.iter().filter(|wait| wait.done.is_none() && !wait.is_escalated) {
            let due = wait.since.recorded + limits.untold;
            waits.push((due, format!("nobody has told the patient who answers for {what}; the lead is told")));
        }
    }
    for help in record.contributions.values().filter(|help| help.ended.is_none()) {
        if let Some(end) = help.end {
            waits.push((end, format!("{} no longer helps with {}", names.role(&help.role), names.duty(&help.duty))));
        }
    }
    for (age, at) in record.alarms_to_ring(&known.state.directory) {
        waits.push((at, format!("turns {}, on {}: plan the move to adults' services", age.0, moment(at))));
    }
    waits
}

/// The directory, and some patients.
fn knowing(read: &mut dyn Read, patients: &[String]) -> Result<Known, StoreError> {
    let mut known = Known::default();
    known.catch_up(read)?;
    for patient in patients {
        known.load_patient(read, patient)?;
    }
    Ok(known)
}

fn patients(rows: &[crate::tables::Row]) -> BTreeSet<String> {
    rows.iter().filter_map(|row| row.first().and_then(Cell::text).map(str::to_owned)).collect()
}

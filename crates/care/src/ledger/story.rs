//! What happened to a patient, in plain sentences: an event and the names around it in, a sentence out.

use super::calendar;
use super::command::handover::To;
use super::event::handover::{AnswerabilityMoved, OfferCountered, OfferMade};
use super::event::{Basis, Event};
use super::id::{ContributionId, DutyId, NeedId, OfferId, RoleId};
use super::state::{Directory, Patient};
use crate::time::Instant;

/// Who is who: the directory, and the patient's record as it is known in the end.
#[derive(Clone, Copy, Debug)]
pub struct Names<'n> {
    /// Organisations, practitioners, roles.
    pub directory: &'n Directory,
    /// The patient's record.
    pub record: &'n Patient,
}

/// An instant for people: `5 January 2026, 09:00`, in UTC.
#[must_use]
pub fn moment(at: Instant) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let text = calendar::say(at);
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let month = part(5, 7).parse::<usize>().ok().and_then(|month| MONTHS.get(month - 1));
    match month {
        Some(month) => {
            format!("{} {month} {}, {}", part(8, 10).trim_start_matches('0'), part(0, 4), part(11, 16))
        }
        None => text,
    }
}

impl Names<'_> {
    /// A role, by the name of who is in it, as what and where.
    #[must_use]
    pub fn role(&self, id: &RoleId) -> String {
        role(self.directory, id)
    }

    /// A duty, by its kind and its need's title.
    #[must_use]
    pub fn duty(&self, id: &DutyId) -> String {
        let duty = self.record.duties.get(id);
        duty.map_or_else(|| id.to_string(), |duty| format!("“{}” for {}", duty.kind, self.need(&duty.need)))
    }

    /// A need, by its title.
    #[must_use]
    pub fn need(&self, id: &NeedId) -> String {
        self.record.needs.get(id).map_or_else(|| id.to_string(), |need| need.title.to_string())
    }

    /// Several duties.
    fn duties(&self, ids: &[DutyId]) -> String {
        join(ids.iter().map(|id| self.duty(id)).collect())
    }

    fn duties_of(&self, offer: &OfferId) -> String {
        self.record.offers.get(offer).map_or_else(|| offer.to_string(), |offer| self.duties(&offer.duties))
    }

    fn to(&self, to: &To) -> String {
        match to {
            To::Role(role) => self.role(role),
            To::Service(service) => match self.directory.services.get(service) {
                Some(organisation) => format!("{service} ({})", organisation_name(self.directory, organisation)),
                None => service.to_string(),
            },
        }
    }

    fn offerer(&self, offer: &OfferId) -> String {
        self.record.offers.get(offer).map_or_else(|| "who offered".to_owned(), |offer| self.role(&offer.offerer))
    }

    fn help(&self, id: &ContributionId) -> String {
        match self.record.contributions.get(id) {
            Some(help) => format!("{} no longer helps with {}.", self.role(&help.role), self.duty(&help.duty)),
            None => format!("The help {id} ended."),
        }
    }

    /// What an event says, for people.
    #[must_use]
    pub fn sentence(&self, event: &Event) -> String {
        match event {
            Event::PatientRegistered(_) => "The patient was registered.".to_owned(),
            Event::ProxyRecorded(event) => {
                format!("{} may speak for the patient (basis: {}).", event.name, event.basis)
            }
            Event::ProxyEnded(event) => format!("{} may no longer speak for the patient.", event.proxy),
            Event::NeedOpened(event) => format!("A need was opened: {}.", event.title),
            Event::DutyOpened(event) => {
                let how = match event.basis {
                    Basis::Adopted => "as caretaker, until it is placed",
                    Basis::Accepted => "having accepted it, as records show",
                    _ => "having opened it",
                };
                format!("{} answers for {}, {how}.", self.role(&event.holder), self.duty(&event.duty))
            }
            Event::DutyClosed(event) => format!("{} was closed.", capital(&self.duty(&event.duty))),
            Event::NeedClosed(event) => format!("The need {} was closed.", self.need(&event.need)),
            Event::NeedReopened(event) => {
                format!("The need {} was opened again: {}", self.need(&event.need), event.words)
            }
            Event::NeedCorrected(event) => format!("The need is called {} from now on: {}", event.title, event.words),
            Event::PatientDischarged(event) => {
                let from = organisation_name(self.directory, &event.organisation);
                match &event.r#override {
                    Some(statement) => format!("The patient was discharged from {from}, overridden: {statement}"),
                    None => format!("The patient was discharged from {from}."),
                }
            }
            Event::OfferMade(event) => self.made(event),
            Event::OfferAccepted(event) => {
                format!("{} accepted {}.", self.role(&event.role), self.duties(&event.duties))
            }
            Event::OfferSplit(event) => {
                format!("Still offered, with the time that was left: {}.", self.duties(&event.duties))
            }
            Event::OfferDeclined(event) => format!(
                "{} declined ({}): {} {} still answers.",
                self.role(&event.role),
                event.code,
                full_stop(event.words.as_str()),
                self.offerer(&event.offer)
            ),
            Event::OfferCountered(event) => self.countered(event),
            Event::OfferRecalled(event) => {
                format!("{} took the offer of {} back.", self.offerer(&event.offer), self.duties_of(&event.offer))
            }
            Event::OfferExpired(event) => format!(
                "Nobody answered the offer of {} in time. {} still answers.",
                self.duties_of(&event.offer),
                self.offerer(&event.offer)
            ),
            Event::OfferLapsed(event) => {
                format!("The offer of {} lapsed ({}).", self.duties_of(&event.offer), event.why)
            }
            Event::OfferTakenOver(event) => {
                format!("The open offer of {} is {}'s now.", self.duties_of(&event.offer), self.role(&event.by))
            }
            Event::LateHandoverProposed(event) => format!(
                "{} says that {} handed {} over to {} then; the other side has yet to say so.",
                self.role(&event.side),
                self.role(&event.from),
                self.duty(&event.duty),
                self.role(&event.to)
            ),
            Event::AnswerabilityMoved(event) => self.moved(event),
            Event::ReturnLapsed(event) => {
                format!("{} could not go back to who had lent it.", capital(&self.duty(&event.duty)))
            }
            Event::ContributionBegan(event) => format!(
                "{} helps with {} ({}); who answers for it is as before.",
                self.role(&event.role),
                self.duty(&event.duty),
                event.kind
            ),
            Event::ContributionEnded(event) => self.help(&event.contribution),
            Event::PatientTold(event) => {
                format!("The patient was told who answers for {}.", self.duties(&event.duties))
            }
            Event::DisputeRaised(event) => format!(
                "Who answers for {} is in dispute between {}; until it is settled it is as recorded first.",
                self.duty(&event.duty),
                join(event.parties.iter().map(|role| self.role(role)).collect())
            ),
            Event::DisputeJoined(event) => {
                format!("{} joined the dispute.", join(event.parties.iter().map(|role| self.role(role)).collect()))
            }
            Event::Escalated(event) => format!("{} was told: {}.", self.role(&event.to), event.why),
            Event::TransitionAlarm(event) => {
                format!("The patient turned {}: plan the move to adults' services. It moves nothing.", event.age.0)
            }
            other => format!("{}.", capital(&other.kind().as_str().replace('_', " "))),
        }
    }

    fn made(&self, event: &OfferMade) -> String {
        let until = event.until.map_or_else(String::new, |until| format!(", until {}", moment(until)));
        format!(
            "{} offered {} to {}{until}; an answer is due by {}. Until it is accepted {} answers.",
            self.role(&event.from),
            self.duties(&event.duties),
            self.to(&event.to),
            moment(event.due),
            self.role(&event.from)
        )
    }

    fn countered(&self, event: &OfferCountered) -> String {
        format!(
            "{} would take {} instead: {} An answer is due by {}.",
            self.role(&event.role),
            self.duties(&event.duties),
            full_stop(event.words.as_str()),
            moment(event.due)
        )
    }

    fn moved(&self, event: &AnswerabilityMoved) -> String {
        let how = match event.basis {
            Basis::Accepted => "having accepted it",
            Basis::Returned => "to whom it came back",
            Basis::StandingRule => "as caretaker, by leading, until it is placed",
            Basis::Override => "as caretaker, having overridden, until it is placed",
            Basis::Asked | Basis::Adopted => "as recorded",
        };
        let until = event.until.map_or_else(String::new, |until| format!(", until {}", moment(until)));
        format!(
            "{} answers for {} now, {how}{until}; before, {} did.",
            self.role(&event.to),
            self.duty(&event.duty),
            self.role(&event.from)
        )
    }
}

/// A role, by the name of who is in it, as what and where.
#[must_use]
pub fn role(directory: &Directory, id: &RoleId) -> String {
    let Some(role) = directory.roles.get(id) else { return id.to_string() };
    let name = directory.practitioners.get(&role.practitioner).map_or(role.practitioner.as_str(), |name| name.as_str());
    format!("{name} ({}, {})", role.profession, organisation_name(directory, &role.organisation))
}

fn organisation_name(directory: &Directory, id: &super::id::OrganisationId) -> String {
    directory.organisations.get(id).map_or_else(|| id.to_string(), |one| one.name.to_string())
}

fn join(mut words: Vec<String>) -> String {
    match (words.pop(), words.len()) {
        (None, _) => "nothing".to_owned(),
        (Some(one), 0) => one,
        (Some(last), _) => format!("{} and {last}", words.join(", ")),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn full_stop(words: &str) -> String {
    if words.ends_with(['.', '!', '?']) { words.to_owned() } else { format!("{words}.") }
}

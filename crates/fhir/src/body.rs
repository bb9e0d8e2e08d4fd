//! Shapes -> what each type's record has: codes become what they mean to the rules, dates instants.

use answerable_care::{EndWritten, Instant, Interval};

use crate::date::{Stretch, When};
use crate::json::{self, Concept, Obj};
use crate::read::Reader;
use crate::record::{
    Activity, Body, CarePlan, CareTeam, Class, Condition, Death, Encounter, EpisodeOfCare, Goal, Member, Organization,
    Packed, Participant, Patient, Practitioner, PractitionerRole, Referral, ServiceRequest, Status, Task,
};
use crate::reference::{IdentifierKey, Reference, Urns, Written};
use crate::settings::{CodingKey, NHS_NUMBER, Words};
use crate::shape::{Malformed, Parsed, Shape, reference};

type Read<T> = Result<T, Malformed>;

impl Reader<'_> {
    pub(crate) fn body<'j>(&self, parsed: &'j Parsed<'_>, urns: Option<&'j Urns>) -> Read<Body<'j>> {
        let title = parsed.title.as_deref();
        Ok(match &parsed.shape {
            Shape::Patient(json) => Body::Patient(self.patient(json, title, urns)?),
            Shape::Practitioner(json) => Body::Practitioner(Practitioner {
                is_active: json.active != Some(false),
                linking: linking(&json.identifier, &self.settings.link.practitioners),
                person_name: title,
            }),
            Shape::PractitionerRole(json) => Body::PractitionerRole(self.practitioner_role(json, title, urns)?),
            Shape::Organization(json) => Body::Organization(self.organization(json)),
            Shape::Condition(json) => Body::Condition(self.condition(json, title, urns)?),
            Shape::CarePlan(json) => Body::CarePlan(self.care_plan(json, title, urns)?),
            Shape::CareTeam(json) => Body::CareTeam(self.care_team(json, urns)?),
            Shape::EpisodeOfCare(json) => Body::EpisodeOfCare(self.episode(json, urns)?),
            Shape::Encounter(json) => Body::Encounter(self.encounter(json, urns)?),
            Shape::ServiceRequest(json) => Body::ServiceRequest(self.service_request(json, title, urns)?),
            Shape::Task(json) => Body::Task(self.task(json, urns)?),
            Shape::Goal(json) => Body::Goal(self.goal(json, urns)?),
        })
    }

    fn when(&self, text: Option<&str>) -> Read<Option<Packed<When>>> {
        Ok(text.map(|text| self.calendar.read(text)).transpose()?.map(Packed))
    }

    fn patient<'j>(
        &self,
        json: &'j json::Patient,
        title: Option<&'j str>,
        urns: Option<&'j Urns>,
    ) -> Read<Patient<'j>> {
        let birth = json.birth_date.as_deref().map(|text| self.calendar.read(text)).transpose()?;
        let comes_of_age = birth.map(|birth| {
            let turns = |months| self.calendar.months_after(birth.first, months).0;
            (turns(14 * 12), turns(17 * 12 + 6))
        });
        let death = match json.deceased_date_time.as_deref() {
            Some(text) => match self.calendar.read_end(text)? {
                Some(when) => Death::By(when.after.0),
                None => Death::No,
            },
            None if json.deceased_boolean == Some(true) => Death::AtUnknownTime,
            None => Death::No,
        };
        let nhs_number = json.identifier.iter().find(|identifier| identifier.system.as_deref() == Some(NHS_NUMBER));
        let replaced_by = json.link.iter().filter(|link| link.r#type.as_deref() == Some("replaced-by"));
        Ok(Patient {
            is_active: json.active != Some(false),
            birth_date: json.birth_date.as_deref(),
            comes_of_age,
            death,
            general_practitioners: references(&json.general_practitioner, urns),
            replaced_by: replaced_by.filter_map(|link| link.other.as_ref()).map(|other| link(other, urns)).collect(),
            linking: linking(&json.identifier, &self.settings.link.patients),
            person_name: title,
            nhs_number: nhs_number.and_then(|identifier| identifier.value.as_deref()),
        })
    }

    fn practitioner_role<'j>(
        &self,
        json: &'j json::PractitionerRole,
        title: Option<&'j str>,
        urns: Option<&'j Urns>,
    ) -> Read<PractitionerRole<'j>> {
        let childrens = &self.settings.sets.childrens_services;
        Ok(PractitionerRole {
            is_active: json.active != Some(false),
            period: Packed(self.calendar.period(json.period.as_ref())?),
            practitioner: json.practitioner.as_ref().map(|who| reference(who, urns)),
            organization: json.organization.as_ref().map(|where_| reference(where_, urns)),
            childrens_services: childrens.has_any(&json.code) || childrens.has_any(&json.specialty),
            title,
        })
    }

    fn organization<'j>(&self, json: &'j json::Organization) -> Organization<'j> {
        let childrens = &self.settings.sets.childrens_services;
        let name = json.name.as_deref();
        Organization {
            is_active: json.active != Some(false),
            linking: linking(&json.identifier, &self.settings.link.organizations),
            childrens_services: childrens.has_any(&json.r#type) || name.is_some_and(|name| childrens.has_word(name)),
            title: name,
        }
    }

    /// N1's dates: from onset, else recorded (else the encounter's start, which is looked up later), to abatement.
    fn condition<'j>(
        &self,
        json: &'j json::Condition,
        title: Option<&'j str>,
        urns: Option<&'j Urns>,
    ) -> Read<Condition<'j>> {
        let calendar = &self.calendar;
        let onset_text = json
            .onset_date_time
            .as_deref()
            .or_else(|| json.onset_period.as_ref().and_then(|period| period.start.as_deref()));
        let end_text = json
            .abatement_date_time
            .as_deref()
            .or_else(|| json.abatement_period.as_ref().and_then(|period| period.end.as_deref()));
        let onset = onset_text.map(|text| calendar.read(text)).transpose()?;
        let recorded = json.recorded_date.as_deref().map(|text| calendar.read(text)).transpose()?;
        let end = end_text.map(|text| calendar.read_end(text)).transpose()?.flatten();
        let from_onset = calendar.span(onset, end).map_err(|_| Malformed("it abated before its onset".to_owned()))?;
        let open = match (onset, recorded) {
            (None, Some(recorded)) => Interval::new(recorded.first, from_onset.interval.end),
            _ => from_onset.interval,
        };
        let sets = &self.settings.sets;
        let is_listed = codes(&json.category).any(|code| matches!(code, "problem-list-item" | "health-concern"));
        let words = if is_listed { Words::DoNotCount } else { Words::Count };
        let clinical = |wanted: &[&str]| has_code(json.clinical_status.as_ref(), wanted);
        Ok(Condition {
            open: Packed(Stretch { interval: open, end_written: EndWritten::Otherwise }),
            is_start_missing: onset.is_none() && recorded.is_none(),
            is_wrong: has_code(json.verification_status.as_ref(), &["entered-in-error", "refuted"]),
            is_active: clinical(&["active", "recurrence", "relapse"]),
            is_closed: clinical(&["inactive", "remission", "resolved"]),
            is_listed,
            is_no_need: json.code.as_ref().is_some_and(|code| sets.not_needs.has_by(code, words)),
            codings: self.codings(json.code.as_slice()),
            encounter: json.encounter.as_ref().map(|encounter| link(encounter, urns)),
            title,
        })
    }

    fn codings(&self, concepts: &[Obj<Concept>]) -> Vec<CodingKey> {
        let mut keys = Vec::new();
        for coding in concepts.iter().flat_map(|concept| concept.coding.iter()) {
            if let (Some(system), Some(code)) = (coding.system.as_deref(), coding.code.as_deref())
                && !system.is_empty()
                && !code.is_empty()
            {
                keys.push(self.settings.equivalents.of(CodingKey::new(system, code)));
            }
        }
        keys
    }

    fn care_plan<'j>(
        &self,
        json: &'j json::CarePlan,
        title: Option<&'j str>,
        urns: Option<&'j Urns>,
    ) -> Read<CarePlan<'j>> {
        let mut period = self.calendar.period(json.period.as_ref())?;
        let created = self.when(json.created.as_deref())?;
        if json.period.as_ref().and_then(|period| period.start.as_ref()).is_none()
            && let Some(Packed(created)) = created
        {
            period.interval.start = created.first;
        }
        let transition = &self.settings.sets.transition_plans;
        let (mut activities, mut idle_performers) = (Vec::new(), Vec::new());
        for detail in json.activity.iter().filter_map(|activity| activity.detail.as_ref()) {
            let is_over =
                matches!(detail.status.as_deref(), Some("completed" | "cancelled" | "stopped" | "entered-in-error"));
            // One named overall adds none.
            match duty_name(detail).filter(|&name| !is_over && name != "overall") {
                Some(name) => activities.push(Activity { name, performers: references(&detail.performer, urns) }),
                None => idle_performers.extend(links(&detail.performer, urns)),
            }
        }
        Ok(CarePlan {
            status: Status::parse(json.status.as_deref()),
            period: Packed(period),
            author: json.author.as_ref().map(|author| reference(author, urns)),
            teams: links(&json.care_team, urns),
            addresses: json.addresses.iter().map(|address| addressed(address, urns)).collect(),
            goals: links(&json.goal, urns),
            activities,
            idle_performers,
            is_transition: transition.has_any(&json.category)
                || json.title.as_deref().is_some_and(|title| transition.has_word(title)),
            title,
        })
    }

    fn care_team<'j>(&self, json: &'j json::CareTeam, urns: Option<&'j Urns>) -> Read<CareTeam<'j>> {
        let sets = &self.settings.sets;
        let (mut members, mut left_out) = (Vec::with_capacity(json.participant.len()), 0);
        for participant in json.participant.iter() {
            let Some(period) = self.own_period(participant.period.as_ref())? else {
                left_out += 1;
                continue;
            };
            let Some(who) = &participant.member else { continue };
            let mut roles = participant.role.iter().filter(|role| !sets.no_role.has(role));
            let is_in = |set: &crate::settings::CodeSet| roles.clone().any(|role| set.has(role));
            members.push(Member {
                who: reference(who, urns),
                is_answerable: is_in(&sets.answerable_roles),
                is_no_clinician: roles.any(|role| sets.not_clinicians.has(role)),
                period: Packed(period),
            });
        }
        Ok(CareTeam {
            status: Status::parse(json.status.as_deref()),
            period: Packed(self.calendar.period(json.period.as_ref())?),
            reasons: links(&json.reason_reference, urns),
            members,
            left_out,
        })
    }

    /// A participant's period; none if it ends before it starts, and that participant is left out.
    fn own_period(&self, period: Option<&Obj<json::Period>>) -> Read<Option<Stretch>> {
        let Some(written) = period else { return Ok(Some(self.calendar.span(None, None)?)) };
        let start = written.start.as_deref().map(|text| self.calendar.read(text)).transpose()?;
        let end = written.end.as_deref().map(|text| self.calendar.read_end(text)).transpose()?.flatten();
        Ok(self.calendar.span(start, end).ok())
    }

    fn episode<'j>(&self, json: &'j json::EpisodeOfCare, urns: Option<&'j Urns>) -> Read<EpisodeOfCare<'j>> {
        Ok(EpisodeOfCare {
            status: Status::parse(json.status.as_deref()),
            period: Packed(self.calendar.period(json.period.as_ref())?),
            diagnoses: json
                .diagnosis
                .iter()
                .filter_map(|diagnosis| diagnosis.condition.as_ref())
                .map(|condition| link(condition, urns))
                .collect(),
            care_manager: json.care_manager.as_ref().map(|who| reference(who, urns)),
            managing_organization: json.managing_organization.as_ref().map(|who| reference(who, urns)),
            referrals: links(&json.referral_request, urns),
            teams: links(&json.team, urns),
        })
    }

    fn encounter<'j>(&self, json: &'j json::Encounter, urns: Option<&'j Urns>) -> Read<Encounter<'j>> {
        let (mut participants, mut left_out) = (Vec::with_capacity(json.participant.len()), 0);
        for participant in json.participant.iter() {
            let Some(period) = self.own_period(participant.period.as_ref())? else {
                left_out += 1;
                continue;
            };
            let Some(who) = &participant.individual else { continue };
            let is_of = |wanted: &str| {
                participant
                    .r#type
                    .iter()
                    .flat_map(|kind| kind.coding.iter())
                    .any(|coding| coding.code.as_deref() == Some(wanted))
            };
            participants.push(Participant {
                who: reference(who, urns),
                is_attending: is_of("ATND"),
                is_primary_performer: is_of("PPRF"),
                period: Packed(period),
            });
        }
        let diagnoses = json.diagnosis.iter().filter_map(|diagnosis| diagnosis.condition.as_ref());
        let conditions = diagnoses.chain(json.reason_reference.iter()).map(|about| link(about, urns)).collect();
        Ok(Encounter {
            status: Status::parse(json.status.as_deref()),
            class: match json.class.as_ref().and_then(|class| class.code.as_deref()) {
                Some("AMB" | "VR" | "HH") => Class::Visit,
                Some("IMP" | "ACUTE" | "NONAC" | "OBSENC") => Class::Stay,
                _ => Class::Other,
            },
            period: Packed(self.calendar.period(json.period.as_ref())?),
            participants,
            left_out,
            conditions,
            reasons: self.codings(&json.reason_code),
            based_on: links(&json.based_on, urns),
            episodes: links(&json.episode_of_care, urns),
        })
    }

    fn service_request<'j>(
        &self,
        json: &'j json::ServiceRequest,
        title: Option<&'j str>,
        urns: Option<&'j Urns>,
    ) -> Read<ServiceRequest<'j>> {
        let sets = &self.settings.sets;
        let is_categorised = sets.referral_categories.has_any(&json.category);
        let is_excluded = json.do_not_perform == Some(true) || sets.not_referrals.has_any(&json.category);
        let referral = match json.intent.as_deref() {
            _ if is_excluded => Referral::No,
            Some("order" | "original-order" | "reflex-order" | "filler-order" | "instance-order") => {
                if is_categorised || json.performer_type.is_some() { Referral::Yes } else { Referral::WithPerformer }
            }
            Some("plan") if is_categorised => Referral::Yes,
            _ => Referral::No,
        };
        Ok(ServiceRequest {
            status: Status::parse(json.status.as_deref()),
            referral,
            authored: self.when(json.authored_on.as_deref())?,
            requester: json.requester.as_ref().map(|who| reference(who, urns)),
            performers: references(&json.performer, urns),
            reasons: links(&json.reason_reference, urns),
            title,
        })
    }

    fn task<'j>(&self, json: &'j json::Task, urns: Option<&'j Urns>) -> Read<Task<'j>> {
        self.calendar.period(json.execution_period.as_ref())?;
        let execution = json.execution_period.as_ref();
        let end = execution.and_then(|period| period.end.as_deref());
        let requester = json.requester.as_ref().map(|who| {
            let identifier = who.identifier.as_ref().map(|identifier| &identifier.0);
            let (reference, said, display) = (who.reference.as_deref(), who.r#type.as_deref(), who.display.as_deref());
            Reference::new(Written { reference, said, identifier, display }, urns)
        });
        Ok(Task {
            status: Status::parse(json.status.as_deref()),
            authored: self.when(json.authored_on.as_deref())?,
            last_modified: self.when(json.last_modified.as_deref())?,
            execution_start: self.when(execution.and_then(|period| period.start.as_deref()))?,
            execution_end: end.map(|text| self.calendar.read_end(text)).transpose()?.flatten().map(Packed),
            owner: json.owner.as_ref().map(|who| reference(who, urns)),
            requester,
            about: json.focus.iter().chain(json.based_on.iter()).map(|about| link(about, urns)).collect(),
        })
    }

    fn goal<'j>(&self, json: &'j json::Goal, urns: Option<&'j Urns>) -> Read<Goal<'j>> {
        Ok(Goal {
            status: Status::parse(json.lifecycle_status.as_deref()),
            start: self.when(json.start_date.as_deref())?,
            expressed_by: json.expressed_by.as_ref().map(|who| reference(who, urns)),
            addresses: links(&json.addresses, urns),
        })
    }
}

fn references<'j>(list: &'j [Obj<json::Reference<'_>>], urns: Option<&'j Urns>) -> Vec<Reference<'j>> {
    list.iter().map(|item| reference(item, urns)).collect()
}

/// A reference of which only counts where it leads: what it is called is left out where a name is written.
fn link<'j>(written: &'j json::Reference<'_>, urns: Option<&'j Urns>) -> Reference<'j> {
    reference(written, urns).without_idle_display()
}

fn links<'j>(list: &'j [Obj<json::Reference<'_>>], urns: Option<&'j Urns>) -> Vec<Reference<'j>> {
    list.iter().map(|item| link(item, urns)).collect()
}

fn addressed<'j>(address: &'j json::Addressed<'_>, urns: Option<&'j Urns>) -> Reference<'j> {
    Reference::new(
        Written {
            reference: address.reference.as_deref(),
            said: address.r#type.as_deref(),
            identifier: address.identifier.as_ref().map(|identifier| &identifier.0),
            display: address.display.as_deref(),
        },
        urns,
    )
    .without_idle_display()
}

fn codes<'j>(concepts: &'j [Obj<Concept<'_>>]) -> impl Iterator<Item = &'j str> {
    concepts.iter().flat_map(|concept| concept.coding.iter()).filter_map(|coding| coding.code.as_deref())
}

/// Codes of statuses match whatever the system.
fn has_code(concept: Option<&Obj<Concept>>, wanted: &[&str]) -> bool {
    concept.is_some_and(|concept| codes(std::slice::from_ref(concept)).any(|code| wanted.contains(&code)))
}

/// A duty's name: code.text, else code's first display, else its first code, else kind, else description.
fn duty_name<'j>(detail: &'j json::Detail<'_>) -> Option<&'j str> {
    let code = detail.code.as_ref();
    let codings = || code.into_iter().flat_map(|code| code.coding.iter());
    code.and_then(|code| code.text.as_deref())
        .or_else(|| codings().find_map(|coding| coding.display.as_deref()))
        .or_else(|| codings().find_map(|coding| coding.code.as_deref()))
        .or(detail.kind.as_deref())
        .or(detail.description.as_deref())
        .filter(|name| !name.is_empty())
}

/// The identifiers that link: spaces removed; an NHS number only if it can be one.
fn linking(identifiers: &[Obj<json::Identifier>], systems: &[String]) -> Vec<IdentifierKey> {
    let mut keys = Vec::new();
    for identifier in identifiers {
        let (Some(system), Some(value)) = (identifier.system.as_deref(), identifier.value.as_deref()) else { continue };
        if systems.iter().any(|known| known == system) {
            let value: String = value.chars().filter(|letter| !letter.is_whitespace()).collect();
            if !value.is_empty() && (system != NHS_NUMBER || is_nhs_number(&value)) {
                keys.push(IdentifierKey::new(Some(system), &value));
            }
        }
    }
    keys
}

/// Ten digits, not all the same, the last of them right: 11 less the weighted sum modulo 11
/// (NHS Data Dictionary, NHS NUMBER).
fn is_nhs_number(text: &str) -> bool {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(10)).collect();
    let Some((check, nine)) = digits.as_deref().and_then(|digits| digits.split_last()) else { return false };
    let sum: u32 = nine.iter().zip((2..=10).rev()).map(|(digit, weight)| digit * weight).sum();
    let expected = (11 - sum % 11) % 11;
    nine.len() == 9 && *check == expected && nine.iter().any(|digit| digit != check)
}

/// The interval of a need or claim that has no dates of its own.
#[must_use]
pub(crate) fn always() -> Stretch {
    Stretch { interval: Interval::new(Instant::MIN, Instant::MAX), end_written: EndWritten::Otherwise }
}

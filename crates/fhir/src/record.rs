//! Records: what the rules need of a resource, and no more. Dates are instants, codes are what they
//! mean to the rules, references are as written. A record is compact, so that millions can be set aside
//! (in memory or on disk) and read back without copying.

use answerable_care::{EndWritten, Instant, Interval};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::date::{Stretch, When, Written};
use crate::reference::{IdentifierKey, Reference, Type};
use crate::settings::CodingKey;

/// What the rules need of a resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record<'a> {
    /// `Type/id`; of a contained resource its own id alone; nothing while it is set aside.
    pub name: &'a str,
    /// Whom it is about, in its own words; none where it doesn't say, and while it is set aside.
    #[serde(borrow)]
    pub subject: Option<Reference<'a>>,
    /// Its identifiers; none while it is set aside, and no rule reads those of what is contained.
    #[serde(skip)]
    pub identifiers: Vec<IdentifierKey>,
    /// The resources contained in it.
    pub contained: Vec<Record<'a>>,
    /// What its type has.
    pub body: Body<'a>,
}

impl<'a> Record<'a> {
    /// Whether it is malformed without a subject.
    pub(crate) fn needs_subject(&self) -> bool {
        matches!(
            self.body,
            Body::Condition(_) | Body::CarePlan(_) | Body::EpisodeOfCare(_) | Body::ServiceRequest(_) | Body::Goal(_)
        )
    }

    /// Calls `visit` with every reference in it that the rules read, those of what it contains aside.
    pub fn references(&self, visit: &mut impl FnMut(&Reference<'a>)) {
        self.subject.iter().for_each(&mut *visit);
        match &self.body {
            Body::Patient(patient) => patient.general_practitioners.iter().chain(&patient.replaced_by).for_each(visit),
            Body::Practitioner(_) | Body::Organization(_) => {}
            Body::PractitionerRole(role) => role.practitioner.iter().chain(&role.organization).for_each(visit),
            Body::Condition(condition) => condition.encounter.iter().for_each(visit),
            Body::CarePlan(plan) => {
                let lists = plan.author.iter().chain(&plan.teams).chain(&plan.addresses).chain(&plan.goals);
                let performers = plan.activities.iter().flat_map(|activity| &activity.performers);
                lists.chain(performers).chain(&plan.idle_performers).for_each(visit);
            }
            Body::CareTeam(team) => {
                team.reasons.iter().chain(team.members.iter().map(|member| &member.who)).for_each(visit);
            }
            Body::EpisodeOfCare(episode) => {
                let lists = episode.diagnoses.iter().chain(&episode.referrals).chain(&episode.teams);
                lists.chain(&episode.care_manager).chain(&episode.managing_organization).for_each(visit);
            }
            Body::Encounter(encounter) => {
                let lists = encounter.conditions.iter().chain(&encounter.based_on).chain(&encounter.episodes);
                lists.chain(encounter.participants.iter().map(|participant| &participant.who)).for_each(visit);
            }
            Body::ServiceRequest(request) => {
                request.requester.iter().chain(&request.performers).chain(&request.reasons).for_each(visit);
            }
            Body::Task(task) => task.owner.iter().chain(&task.requester).chain(&task.about).for_each(visit),
            Body::Goal(goal) => goal.expressed_by.iter().chain(&goal.addresses).for_each(visit),
        }
    }
}

/// What a resource of each type has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "FHIR's own names")]
pub enum Body<'a> {
    #[serde(borrow)]
    Patient(Patient<'a>),
    Practitioner(Practitioner<'a>),
    PractitionerRole(PractitionerRole<'a>),
    Organization(Organization<'a>),
    Condition(Condition<'a>),
    CarePlan(CarePlan<'a>),
    CareTeam(CareTeam<'a>),
    EpisodeOfCare(EpisodeOfCare<'a>),
    Encounter(Encounter<'a>),
    ServiceRequest(ServiceRequest<'a>),
    Task(Task<'a>),
    Goal(Goal<'a>),
}

impl Body<'_> {
    /// Which type it is.
    #[must_use]
    pub fn kind(&self) -> Type {
        match self {
            Body::Patient(_) => Type::Patient,
            Body::Practitioner(_) => Type::Practitioner,
            Body::PractitionerRole(_) => Type::PractitionerRole,
            Body::Organization(_) => Type::Organization,
            Body::Condition(_) => Type::Condition,
            Body::CarePlan(_) => Type::CarePlan,
            Body::CareTeam(_) => Type::CareTeam,
            Body::EpisodeOfCare(_) => Type::EpisodeOfCare,
            Body::Encounter(_) => Type::Encounter,
            Body::ServiceRequest(_) => Type::ServiceRequest,
            Body::Task(_) => Type::Task,
            Body::Goal(_) => Type::Goal,
        }
    }
}

impl Body<'_> {
    /// The status, of types that have one that the rules read.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        match self {
            Body::CarePlan(plan) => Some(plan.status),
            Body::CareTeam(team) => Some(team.status),
            Body::EpisodeOfCare(episode) => Some(episode.status),
            Body::Encounter(encounter) => Some(encounter.status),
            Body::ServiceRequest(request) => Some(request.status),
            Body::Task(task) => Some(task.status),
            Body::Goal(goal) => Some(goal.status),
            Body::Condition(_)
            | Body::Patient(_)
            | Body::Practitioner(_)
            | Body::PractitionerRole(_)
            | Body::Organization(_) => None,
        }
    }
}

/// A period, or an instant and how it was written, packed: whole instants in one row of bytes, which takes less time
/// than making each of them short.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Packed<T>(pub T);

impl Serialize for Packed<Stretch> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Interval { start, end } = self.0.interval;
        match self.0.end_written {
            EndWritten::Otherwise => pack([start, end], serializer),
            EndWritten::AsDay(day) => pack([start, end, day], serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Packed<Stretch> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = <&[u8]>::deserialize(deserializer)?;
        let (start, end, end_written) = match bytes.as_chunks().0 {
            [start, end] => (*start, *end, EndWritten::Otherwise),
            [start, end, day] => (*start, *end, EndWritten::AsDay(unpack(*day))),
            _ => return Err(Error::invalid_length(bytes.len(), &"a period")),
        };
        Ok(Packed(Stretch { interval: Interval::new(unpack(start), unpack(end)), end_written }))
    }
}

impl Serialize for Packed<When> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.0.first.0, self.0.after.0, self.0.written as u8).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Packed<When> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (first, after, written) = <(i64, i64, u8)>::deserialize(deserializer)?;
        let written = match written {
            0 => Written::Longer,
            1 => Written::Day,
            _ => Written::Time,
        };
        Ok(Packed(When { first: Instant(first), after: Instant(after), written }))
    }
}

fn pack<S: Serializer, const COUNT: usize>(instants: [Instant; COUNT], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(instants.map(|instant| instant.0.to_le_bytes()).as_flattened())
}

fn unpack(bytes: [u8; 8]) -> Instant {
    Instant(i64::from_le_bytes(bytes))
}

/// A hash as its eight bytes: it can't be made short.
pub(crate) mod hash {
    use super::{Deserialize, Deserializer, Error, Serializer};

    pub(crate) fn serialize<S: Serializer>(hash: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&hash.to_le_bytes())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        let bytes = <&[u8]>::deserialize(deserializer)?;
        let hash = bytes.try_into().map_err(|_| Error::invalid_length(bytes.len(), &"a hash"))?;
        Ok(u64::from_le_bytes(hash))
    }
}

/// A status, as far as the rules tell statuses apart. One that isn't listed for a type is `Other`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "FHIR's own codes")]
pub enum Status {
    Missing,
    EnteredInError,
    Active,
    OnHold,
    Onhold,
    Inactive,
    Planned,
    Arrived,
    Triaged,
    InProgress,
    OnLeave,
    Finished,
    Cancelled,
    Completed,
    Revoked,
    Requested,
    Received,
    Accepted,
    Rejected,
    Failed,
    Other,
}

impl Status {
    pub(crate) fn parse(text: Option<&str>) -> Status {
        match text {
            None => Status::Missing,
            Some("entered-in-error") => Status::EnteredInError,
            Some("active") => Status::Active,
            Some("on-hold") => Status::OnHold,
            Some("onhold") => Status::Onhold,
            Some("inactive") => Status::Inactive,
            Some("planned") => Status::Planned,
            Some("arrived") => Status::Arrived,
            Some("triaged") => Status::Triaged,
            Some("in-progress") => Status::InProgress,
            Some("onleave") => Status::OnLeave,
            Some("finished") => Status::Finished,
            Some("cancelled") => Status::Cancelled,
            Some("completed") => Status::Completed,
            Some("revoked") => Status::Revoked,
            Some("requested") => Status::Requested,
            Some("received") => Status::Received,
            Some("accepted") => Status::Accepted,
            Some("rejected") => Status::Rejected,
            Some("failed") => Status::Failed,
            Some(_) => Status::Other,
        }
    }
}

/// Whether and when a patient died.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Death {
    /// Not that the records say.
    No,
    /// Yes, but not when.
    AtUnknownTime,
    /// By this instant (microseconds): the end of what was written.
    By(i64),
}

/// <https://hl7.org/fhir/R4/patient.html>
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Patient<'a> {
    /// `active` isn't false.
    pub is_active: bool,
    /// As written.
    pub birth_date: Option<&'a str>,
    /// The 14th birthday, and 17 years and 6 months; microseconds.
    pub comes_of_age: Option<(i64, i64)>,
    /// Whether and when they died.
    pub death: Death,
    /// `generalPractitioner`.
    #[serde(borrow)]
    pub general_practitioners: Vec<Reference<'a>>,
    /// `link.other` of type replaced-by.
    pub replaced_by: Vec<Reference<'a>>,
    /// The identifiers that can link, cleaned.
    pub linking: Vec<IdentifierKey>,
    /// To show to people.
    pub person_name: Option<&'a str>,
    /// To show to people.
    pub nhs_number: Option<&'a str>,
}

/// <https://hl7.org/fhir/R4/practitioner.html>
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Practitioner<'a> {
    /// `active` isn't false.
    pub is_active: bool,
    /// The identifiers that can link, cleaned.
    pub linking: Vec<IdentifierKey>,
    /// To show to people.
    pub person_name: Option<&'a str>,
}

/// <https://hl7.org/fhir/R4/practitionerrole.html>
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PractitionerRole<'a> {
    /// `active` isn't false.
    pub is_active: bool,
    /// `period`.
    pub period: Packed<Stretch>,
    /// `practitioner`.
    #[serde(borrow)]
    pub practitioner: Option<Reference<'a>>,
    /// `organization`.
    pub organization: Option<Reference<'a>>,
    /// A code or specialty is in `childrens_services`.
    pub childrens_services: bool,
    /// To show to people.
    pub title: Option<&'a str>,
}

/// <https://hl7.org/fhir/R4/organization.html>
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Organization<'a> {
    /// `active` isn't false.
    pub is_active: bool,
    /// The identifiers that can link, cleaned.
    pub linking: Vec<IdentifierKey>,
    /// A type or the name is in `childrens_services`.
    pub childrens_services: bool,
    /// `name`.
    pub title: Option<&'a str>,
}

/// <https://hl7.org/fhir/R4/condition.html>
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Condition<'a> {
    /// From onset, else recorded, to abatement; before the start of `encounter` is known.
    pub open: Packed<Stretch>,
    /// Neither an onset nor a recorded date.
    pub is_start_missing: bool,
    /// Refuted or entered-in-error.
    pub is_wrong: bool,
    /// clinicalStatus is active, recurrence or relapse.
    pub is_active: bool,
    /// clinicalStatus is inactive, remission or resolved.
    pub is_closed: bool,
    /// category has problem-list-item or health-concern.
    pub is_listed: bool,
    /// The code is in `not_needs`.
    pub is_no_need: bool,
    /// The codings that have a system and a code; those that a ConceptMap makes one are one.
    pub codings: Vec<CodingKey>,
    /// `encounter`.
    #[serde(borrow)]
    pub encounter: Option<Reference<'a>>,
    /// To show to people.
    pub title: Option<&'a str>,
}

/// An activity of a plan that is a duty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Activity<'a> {
    /// What the duty is called.
    pub name: &'a str,
    /// `detail.performer`.
    #[serde(borrow)]
    pub performers: Vec<Reference<'a>>,
}

/// <https://hl7.org/fhir/R4/careplan.html>
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CarePlan<'a> {
    /// `status`.
    pub status: Status,
    /// `period`, from `created` where it has no start.
    pub period: Packed<Stretch>,
    /// `author`.
    #[serde(borrow)]
    pub author: Option<Reference<'a>>,
    /// `careTeam`.
    pub teams: Vec<Reference<'a>>,
    /// `addresses`.
    pub addresses: Vec<Reference<'a>>,
    /// `goal`.
    pub goals: Vec<Reference<'a>>,
    /// Activities that have a name and aren't over.
    pub activities: Vec<Activity<'a>>,
    /// Performers of the other activities: read, so that those who dangle are counted.
    pub idle_performers: Vec<Reference<'a>>,
    /// In `transition_plans`.
    pub is_transition: bool,
    /// To show to people.
    pub title: Option<&'a str>,
}

/// A participant of a team.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Member<'a> {
    /// `member`.
    #[serde(borrow)]
    pub who: Reference<'a>,
    /// A role is in `answerable_roles`.
    pub is_answerable: bool,
    /// A role is in `not_clinicians`.
    pub is_no_clinician: bool,
    /// `period`.
    pub period: Packed<Stretch>,
}

/// <https://hl7.org/fhir/R4/careteam.html>
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CareTeam<'a> {
    /// `status`.
    pub status: Status,
    /// `period`.
    pub period: Packed<Stretch>,
    /// `reasonReference`.
    #[serde(borrow)]
    pub reasons: Vec<Reference<'a>>,
    /// `participant`.
    pub members: Vec<Member<'a>>,
    /// How many participants were left out because their period ends before it starts.
    pub left_out: u32,
}

/// <https://hl7.org/fhir/R4/episodeofcare.html>
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpisodeOfCare<'a> {
    /// `status`.
    pub status: Status,
    /// `period`.
    pub period: Packed<Stretch>,
    /// `diagnosis.condition`.
    #[serde(borrow)]
    pub diagnoses: Vec<Reference<'a>>,
    /// `careManager`.
    pub care_manager: Option<Reference<'a>>,
    /// `managingOrganization`.
    pub managing_organization: Option<Reference<'a>>,
    /// `referralRequest`.
    pub referrals: Vec<Reference<'a>>,
    /// `team`.
    pub teams: Vec<Reference<'a>>,
}

/// What kind of encounter it is, as far as the rules ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Class {
    /// AMB, VR or HH: at most 24 hours.
    Visit,
    /// IMP, ACUTE, NONAC or OBSENC.
    Stay,
    /// Another, or none.
    Other,
}

/// A participant of an encounter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Participant<'a> {
    /// `individual`.
    #[serde(borrow)]
    pub who: Reference<'a>,
    /// Of type ATND.
    pub is_attending: bool,
    /// Of type PPRF.
    pub is_primary_performer: bool,
    /// `period`.
    pub period: Packed<Stretch>,
}

/// <https://hl7.org/fhir/R4/encounter.html>
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Encounter<'a> {
    /// `status`.
    pub status: Status,
    /// `class`.
    pub class: Class,
    /// `period`.
    pub period: Packed<Stretch>,
    /// `participant`.
    #[serde(borrow)]
    pub participants: Vec<Participant<'a>>,
    /// How many participants were left out because their period ends before it starts.
    pub left_out: u32,
    /// `diagnosis.condition` and `reasonReference`.
    pub conditions: Vec<Reference<'a>>,
    /// `reasonCode`: codings that have a system and a code.
    pub reasons: Vec<CodingKey>,
    /// `basedOn`.
    pub based_on: Vec<Reference<'a>>,
    /// `episodeOfCare`.
    pub episodes: Vec<Reference<'a>>,
}

/// What a ServiceRequest must have to be a referral (N2), where its performers and status don't count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Referral {
    /// It can't be one.
    No,
    /// It is one if it has a performer who isn't a patient, a relative or a device.
    WithPerformer,
    /// It is one.
    Yes,
}

/// <https://hl7.org/fhir/R4/servicerequest.html>
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceRequest<'a> {
    /// `status`.
    pub status: Status,
    /// Whether it can be a referral.
    pub referral: Referral,
    /// `authoredOn`.
    pub authored: Option<Packed<When>>,
    /// `requester`.
    #[serde(borrow)]
    pub requester: Option<Reference<'a>>,
    /// `performer`.
    pub performers: Vec<Reference<'a>>,
    /// `reasonReference`.
    pub reasons: Vec<Reference<'a>>,
    /// To show to people.
    pub title: Option<&'a str>,
}

/// <https://hl7.org/fhir/R4/task.html>
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task<'a> {
    /// `status`.
    pub status: Status,
    /// `authoredOn`.
    pub authored: Option<Packed<When>>,
    /// `lastModified`.
    pub last_modified: Option<Packed<When>>,
    /// Whether `executionPeriod` has a start.
    pub execution_start: Option<Packed<When>>,
    /// Whether `executionPeriod` has an end.
    pub execution_end: Option<Packed<When>>,
    /// `owner`.
    #[serde(borrow)]
    pub owner: Option<Reference<'a>>,
    /// `requester`.
    pub requester: Option<Reference<'a>>,
    /// `focus` and `basedOn`.
    pub about: Vec<Reference<'a>>,
}

/// <https://hl7.org/fhir/R4/goal.html>
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Goal<'a> {
    /// `lifecycleStatus`.
    pub status: Status,
    /// `startDate`.
    pub start: Option<Packed<When>>,
    /// `expressedBy`.
    #[serde(borrow)]
    pub expressed_by: Option<Reference<'a>>,
    /// `addresses`.
    pub addresses: Vec<Reference<'a>>,
}

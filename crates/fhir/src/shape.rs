//! A resource parsed into its JSON shape, with what it contains; and the record made of it.

use serde_json::Value;

use crate::json::{self, Concept, Obj, Raw};
use crate::read::{Reader, borrowed, parse};
use crate::record::Record;
use crate::reference::{IdentifierKey, Reference, Type, Urns, Written};

/// What is wrong with a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) String);

impl From<crate::date::DateError> for Malformed {
    fn from(error: crate::date::DateError) -> Malformed {
        Malformed(error.0)
    }
}

/// The shape of each type.
#[derive(Debug)]
pub(crate) enum Shape<'a> {
    Patient(json::Patient<'a>),
    Practitioner(json::Practitioner<'a>),
    PractitionerRole(json::PractitionerRole<'a>),
    Organization(json::Organization<'a>),
    Condition(json::Condition<'a>),
    CarePlan(json::CarePlan<'a>),
    CareTeam(json::CareTeam<'a>),
    EpisodeOfCare(json::EpisodeOfCare<'a>),
    Encounter(json::Encounter<'a>),
    ServiceRequest(json::ServiceRequest<'a>),
    Task(json::Task<'a>),
    Goal(json::Goal<'a>),
}

/// What every shape has.
struct Common<'j, 'a> {
    id: Option<&'j str>,
    identifiers: &'j [Obj<json::Identifier<'a>>],
    contained: &'j [Raw<'a>],
    last_updated: Option<&'j str>,
    subject: Option<&'j Obj<json::Reference<'a>>>,
    is_of_another_release: bool,
}

macro_rules! common {
    ($shape:expr, subject: $subject:expr, markers: [$($marker:expr),*]) => {
        Common {
            id: $shape.id.as_deref(),
            identifiers: &$shape.identifier,
            contained: &$shape.contained,
            last_updated: $shape.meta.as_ref().and_then(|meta| meta.last_updated.as_deref()),
            subject: $subject,
            is_of_another_release: false $(|| $marker.is_some())*,
        }
    };
}

impl<'a> Shape<'a> {
    pub(crate) fn parse(kind: Type, text: &'a str) -> Result<Shape<'a>, Malformed> {
        Ok(match kind {
            Type::Patient => Shape::Patient(parse(text)?),
            Type::Practitioner => Shape::Practitioner(parse(text)?),
            Type::PractitionerRole => Shape::PractitionerRole(parse(text)?),
            Type::Organization => Shape::Organization(parse(text)?),
            Type::Condition => Shape::Condition(parse(text)?),
            Type::CarePlan => Shape::CarePlan(parse(text)?),
            Type::CareTeam => Shape::CareTeam(parse(text)?),
            Type::EpisodeOfCare => Shape::EpisodeOfCare(parse(text)?),
            Type::Encounter => Shape::Encounter(parse(text)?),
            Type::ServiceRequest => Shape::ServiceRequest(parse(text)?),
            Type::Task => Shape::Task(parse(text)?),
            Type::Goal => Shape::Goal(parse(text)?),
        })
    }

    fn common(&self) -> Common<'_, 'a> {
        match self {
            Shape::Patient(s) => common!(s, subject: None, markers: []),
            Shape::Practitioner(s) => common!(s, subject: None, markers: []),
            Shape::PractitionerRole(s) => common!(s, subject: None, markers: []),
            Shape::Organization(s) => common!(s, subject: None, markers: []),
            Shape::Condition(s) => common!(s, subject: s.subject.as_ref(), markers: []),
            Shape::CarePlan(s) => common!(
                s, subject: s.subject.as_ref(),
                markers: [s.addresses.iter().find_map(|address| address.concept)]
            ),
            Shape::CareTeam(s) => common!(
                s, subject: s.subject.as_ref(),
                markers: [s.reason, s.participant.iter().find_map(|member| member.coverage_period)]
            ),
            Shape::EpisodeOfCare(s) => common!(s, subject: s.patient.as_ref(), markers: []),
            Shape::Encounter(s) => common!(
                s, subject: s.subject.as_ref(),
                markers: [
                    s.actual_period, s.patient, s.participant.iter().find_map(|participant| participant.actor)
                ]
            ),
            Shape::ServiceRequest(s) => common!(
                s, subject: s.subject.as_ref(), markers: [s.reason, s.code.0.get("concept")]
            ),
            Shape::Task(s) => common!(
                s, subject: s.r#for.as_ref(),
                markers: [s.requester.as_ref().and_then(|requester| requester.agent)]
            ),
            Shape::Goal(s) => common!(
                s, subject: s.subject.as_ref(), markers: [s.status.filter(|_| s.lifecycle_status.is_none())]
            ),
        }
    }
}

/// A resource parsed, with what it contains and what people are shown of it.
#[derive(Debug)]
pub(crate) struct Parsed<'a> {
    pub(crate) shape: Shape<'a>,
    /// To show to people.
    pub(crate) title: Option<String>,
    /// Only of resources that aren't contained themselves.
    contained: Vec<Parsed<'a>>,
}

impl<'a> Parsed<'a> {
    pub(crate) fn parse(kind: Type, text: &'a str) -> Result<Parsed<'a>, Malformed> {
        let mut parsed = Parsed::alone(kind, text)?;
        if !parsed.shape.common().contained.is_empty() {
            parsed.contained = contained(parsed.shape.common().contained)?;
        }
        Ok(parsed)
    }

    fn alone(kind: Type, text: &'a str) -> Result<Parsed<'a>, Malformed> {
        let shape = Shape::parse(kind, text)?;
        if shape.common().is_of_another_release {
            return Err(Malformed("it has elements of another FHIR release than R4; export it as R4".to_owned()));
        }
        let title = match &shape {
            Shape::Patient(patient) => human_name(&patient.name.0),
            Shape::Practitioner(practitioner) => human_name(&practitioner.name.0),
            Shape::PractitionerRole(role) => {
                role.code.iter().chain(role.specialty.iter()).find_map(|code| concept_text(code))
            }
            Shape::Condition(condition) => condition.code.as_ref().and_then(|code| concept_text(code)),
            Shape::CarePlan(plan) => plan
                .title
                .as_deref()
                .map(str::to_owned)
                .or_else(|| plan.category.iter().find_map(|code| concept_text(code))),
            Shape::ServiceRequest(request) => value_text(&request.code.0),
            _ => None,
        };
        Ok(Parsed { shape, title, contained: Vec::new() })
    }
}

/// Those of the contained resources that the rules can read.
fn contained<'a>(raws: &[Raw<'a>]) -> Result<Vec<Parsed<'a>>, Malformed> {
    let mut list = Vec::new();
    for raw in raws {
        let Some(text) = borrowed(raw) else { continue };
        let wrong = |what: String| Malformed(format!("a resource contained in it can't be read: {what}"));
        let header = parse::<json::Header>(text).map_err(|malformed| wrong(malformed.0))?;
        if let Some(kind) = header.resource_type.as_deref().and_then(Type::named) {
            list.push(Parsed::alone(kind, text).map_err(|malformed| wrong(malformed.0))?);
        }
    }
    Ok(list)
}

impl Reader<'_> {
    pub(crate) fn last_updated(&self, parsed: &Parsed) -> Result<i64, Malformed> {
        match parsed.shape.common().last_updated {
            Some(text) => Ok(self.calendar.read(text)?.first.0),
            None => Ok(i64::MIN),
        }
    }

    /// The record of a resource: `given_id` is the id that a Bundle gives it, if it has none of its own.
    pub(crate) fn record<'j>(
        &self,
        parsed: &'j Parsed<'_>,
        given_id: Option<&'j str>,
        urns: Option<&'j Urns>,
    ) -> Result<Record<'j>, Malformed> {
        let common = parsed.shape.common();
        let Some(id) = common.id.filter(|id| !id.is_empty()).or(given_id) else {
            return Err(Malformed("it has no id".to_owned()));
        };
        let mut contained = Vec::with_capacity(parsed.contained.len());
        for inner in &parsed.contained {
            let record = self.record(inner, None, urns);
            contained.push(
                record.map_err(|what| Malformed(format!("a resource contained in it can't be read: {}", what.0)))?,
            );
        }
        let body = self.body(parsed, urns)?;
        Ok(Record {
            name: id,
            subject: common.subject.map(|subject| reference(subject, urns)),
            identifiers: keys(common.identifiers),
            contained,
            body,
        })
    }
}

/// Two keys an identifier: with its system, and without.
fn keys(identifiers: &[Obj<json::Identifier>]) -> Vec<IdentifierKey> {
    let mut keys = Vec::with_capacity(2 * identifiers.len());
    for identifier in identifiers {
        if let Some(value) = identifier.value.as_deref().filter(|value| !value.is_empty()) {
            keys.push(IdentifierKey::new(Some(identifier.system.as_deref().unwrap_or("")), value));
            keys.push(IdentifierKey::new(None, value));
        }
    }
    keys
}

pub(crate) fn reference<'j>(written: &'j json::Reference<'_>, urns: Option<&'j Urns>) -> Reference<'j> {
    Reference::new(
        Written {
            reference: written.reference.as_deref(),
            said: written.r#type.as_deref(),
            identifier: written.identifier.as_ref().map(|identifier| &identifier.0),
            display: written.display.as_deref(),
        },
        urns,
    )
}

/// A concept in words: its text, else the first display, else the first code.
pub(crate) fn concept_text(concept: &Concept) -> Option<String> {
    let texts = concept.text.as_deref().into_iter();
    let displays = concept.coding.iter().filter_map(|coding| coding.display.as_deref());
    let codes = concept.coding.iter().filter_map(|coding| coding.code.as_deref());
    texts.chain(displays).chain(codes).find(|text| !text.is_empty()).map(str::to_owned)
}

fn value_text(concept: &Value) -> Option<String> {
    let coding = concept.get("coding").and_then(Value::as_array).and_then(|codings| codings.first());
    let display = coding.and_then(|coding| coding.get("display"));
    concept.get("text").or(display).and_then(Value::as_str).map(str::to_owned)
}

/// A person's name as people write it: the official or usual one, else the first.
fn human_name(names: &Value) -> Option<String> {
    let names = names.as_array()?;
    let of_use = |wanted: &str| names.iter().find(|name| name.get("use").and_then(Value::as_str) == Some(wanted));
    let name = of_use("official").or_else(|| of_use("usual")).or_else(|| names.first())?;
    if let Some(text) = name.get("text").and_then(Value::as_str) {
        return Some(text.to_owned());
    }
    let list = |key: &str| name.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let family = name.get("family").and_then(Value::as_str);
    let parts: Vec<&str> = list("prefix").chain(list("given")).chain(family).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

//! References as written, and the resources that they can name.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::json;
use crate::settings::hash_of;

/// The resource types that the rules read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "FHIR's own names")]
pub enum Type {
    Patient,
    Practitioner,
    PractitionerRole,
    Organization,
    Condition,
    CarePlan,
    CareTeam,
    EpisodeOfCare,
    Encounter,
    ServiceRequest,
    Task,
    Goal,
}

impl Type {
    /// All of them.
    pub const ALL: [Type; 12] = [
        Type::Patient,
        Type::Practitioner,
        Type::PractitionerRole,
        Type::Organization,
        Type::Condition,
        Type::CarePlan,
        Type::CareTeam,
        Type::EpisodeOfCare,
        Type::Encounter,
        Type::ServiceRequest,
        Type::Task,
        Type::Goal,
    ];

    /// FHIR's name of it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Type::Patient => "Patient",
            Type::Practitioner => "Practitioner",
            Type::PractitionerRole => "PractitionerRole",
            Type::Organization => "Organization",
            Type::Condition => "Condition",
            Type::CarePlan => "CarePlan",
            Type::CareTeam => "CareTeam",
            Type::EpisodeOfCare => "EpisodeOfCare",
            Type::Encounter => "Encounter",
            Type::ServiceRequest => "ServiceRequest",
            Type::Task => "Task",
            Type::Goal => "Goal",
        }
    }

    /// The type of that name, if the rules read it.
    #[must_use]
    pub fn named(name: &str) -> Option<Type> {
        Type::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether resources of this type are of all patients, not of one.
    #[must_use]
    pub fn is_directory(self) -> bool {
        matches!(self, Type::Practitioner | Type::PractitionerRole | Type::Organization)
    }
}

impl fmt::Display for Type {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The type that a reference is said to be of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Said {
    /// None is said.
    Nothing,
    /// One that the rules read.
    Used(Type),
    /// A patient's relative: makes no claim.
    RelatedPerson,
    /// A device: makes no claim.
    Device,
    /// HealthcareService: an organisation to the rules.
    Service,
    /// Another type that the rules don't read.
    Unused,
}

impl Said {
    /// Whether it is a type that the rules don't read, so that only the type counts.
    #[must_use]
    pub fn is_unread(self) -> bool {
        matches!(self, Said::RelatedPerson | Said::Device | Said::Service | Said::Unused)
    }

    fn of(name: &str) -> Said {
        match name {
            "RelatedPerson" => Said::RelatedPerson,
            "Device" => Said::Device,
            "HealthcareService" => Said::Service,
            _ => Type::named(name).map_or(Said::Unused, Said::Used),
        }
    }
}

/// What a reference's text says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target<'a> {
    /// `Type/id`, the server and the version cut off.
    Named(Said, &'a str),
    /// `#id`: contained in the same resource; `#` alone is the container.
    Contained(&'a str),
    /// `urn:uuid:…` that the Bundle it stood in doesn't have.
    Urn(&'a str),
    /// `Type?identifier=…`, as written.
    Query(Said, &'a str),
    /// No `reference`, or none that can be read: text that names nothing.
    Nothing(&'a str),
}

/// A reference: what its text says, then its identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference<'a> {
    /// What `reference` says.
    pub target: Target<'a>,
    /// The type that `type` says.
    pub said: Said,
    /// System and value of `identifier`, where there is a value.
    pub identifier: Option<(Option<&'a str>, &'a str)>,
    /// `display`.
    pub display: Option<&'a str>,
}

/// A reference that has more than a plain name and what it is called, set aside.
#[derive(Serialize, Deserialize)]
struct Whole<'a> {
    #[serde(borrow)]
    target: Target<'a>,
    said: Said,
    identifier: Option<(Option<&'a str>, &'a str)>,
    display: Option<&'a str>,
}

/// What stands before a [`Whole`]; before a plain name stands twice the number of its type, and one more where what
/// it is called follows.
const WHOLE: u8 = u8::MAX;

/// Nearly all references are plain names of a type that the rules read, and there are millions: those take two or
/// three fields.
impl Serialize for Reference<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Reference { target, said, identifier, display } = *self;
        match (target, said, identifier, display) {
            (Target::Named(Said::Used(kind), name), Said::Nothing, None, None) => {
                (2 * kind as u8, name).serialize(serializer)
            }
            (Target::Named(Said::Used(kind), name), Said::Nothing, None, Some(display)) => {
                (2 * kind as u8 + 1, name, display).serialize(serializer)
            }
            _ => (WHOLE, Whole { target, said, identifier, display }).serialize(serializer),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Reference<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Reference<'de>;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a reference")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut fields: A) -> Result<Reference<'de>, A::Error> {
                let missing = || A::Error::invalid_length(0, &self);
                let first: u8 = fields.next_element()?.ok_or_else(missing)?;
                if first == WHOLE {
                    let whole: Whole = fields.next_element()?.ok_or_else(missing)?;
                    let Whole { target, said, identifier, display } = whole;
                    return Ok(Reference { target, said, identifier, display });
                }
                let kind = Type::ALL.get(usize::from(first / 2)).copied().ok_or_else(missing)?;
                let name: &str = fields.next_element()?.ok_or_else(missing)?;
                let display = if first % 2 == 1 { fields.next_element()? } else { None };
                let target = Target::Named(Said::Used(kind), name);
                Ok(Reference { target, said: Said::Nothing, identifier: None, display })
            }
        }
        deserializer.deserialize_tuple(3, Fields)
    }
}

/// The fields of a Reference, wherever they stand.
pub(crate) struct Written<'j> {
    pub(crate) reference: Option<&'j str>,
    pub(crate) said: Option<&'j str>,
    pub(crate) identifier: Option<&'j json::Identifier<'j>>,
    pub(crate) display: Option<&'j str>,
}

/// The `urn:uuid:` of a Bundle's entries, and the names of the resources there.
pub(crate) type Urns = hashbrown::HashMap<String, String>;

impl<'j> Reference<'j> {
    pub(crate) fn new(written: Written<'j>, urns: Option<&'j Urns>) -> Reference<'j> {
        let identifier = written.identifier.and_then(|identifier| {
            let value = identifier.value.as_deref().filter(|value| !value.is_empty())?;
            Some((identifier.system.as_deref().filter(|system| !system.is_empty()), value))
        });
        Reference {
            target: written.reference.map_or(Target::Nothing(""), |text| Target::parse(text, urns)),
            said: written.said.map_or(Said::Nothing, |name| Said::of(name.rsplit('/').next().unwrap_or(name))),
            identifier,
            display: written.display,
        }
    }
}

impl<'a> Reference<'a> {
    /// Without what it is called, where that is never asked for: it has a name.
    #[must_use]
    pub fn without_idle_display(self) -> Reference<'a> {
        if matches!(self.target, Target::Named(..)) { Reference { display: None, ..self } } else { self }
    }

    /// The type that the text or `type` tells.
    #[must_use]
    pub fn type_told(&self) -> Said {
        match self.target {
            Target::Named(said, _) => said,
            Target::Query(said, _) if said != Said::Nothing => said,
            _ => self.said,
        }
    }

    /// What finds the resource that a conditional reference or a `urn:` means.
    #[must_use]
    pub fn target_key(&self) -> Option<IdentifierKey> {
        match self.target {
            Target::Urn(urn) => Some(IdentifierKey::of_urn(urn)),
            Target::Query(_, text) => query(text).map(|(system, value)| IdentifierKey::new(system.as_deref(), &value)),
            _ => None,
        }
    }

    /// What finds the resource that `identifier` means.
    #[must_use]
    pub fn identifier_key(&self) -> Option<IdentifierKey> {
        self.identifier.map(|(system, value)| IdentifierKey::new(system, value))
    }

    /// What stands for a holder that doesn't resolve: `Type/id`, else as written; none if nothing is written.
    #[must_use]
    pub fn as_written(&self) -> Option<Cow<'a, str>> {
        match self.target {
            Target::Named(_, text) | Target::Urn(text) | Target::Query(_, text) => Some(Cow::Borrowed(text)),
            Target::Contained(id) => Some(Cow::Owned(format!("#{id}"))),
            Target::Nothing(text) if !text.is_empty() => Some(Cow::Borrowed(text)),
            Target::Nothing(_) => match self.identifier {
                Some((system, value)) => Some(Cow::Owned(format!("{}|{value}", system.unwrap_or_default()))),
                None => self.display.filter(|text| !text.is_empty()).map(Cow::Borrowed),
            },
        }
    }
}

impl<'a> Target<'a> {
    fn parse(text: &'a str, urns: Option<&'a Urns>) -> Target<'a> {
        if let Some(target) = Target::plain(text) {
            return target;
        }
        if let Some(id) = text.strip_prefix('#') {
            return Target::Contained(id);
        }
        if text.starts_with("urn:") {
            return match urns.and_then(|urns| urns.get(text)) {
                Some(name) => Target::named(name).unwrap_or(Target::Urn(text)),
                None => Target::Urn(text),
            };
        }
        if let Some((kind, _)) = text.split_once('?') {
            let kind = kind.rsplit('/').next().unwrap_or(kind);
            return Target::Query(if kind.is_empty() { Said::Nothing } else { Said::of(kind) }, text);
        }
        Target::named(text).unwrap_or(Target::Nothing(text))
    }

    /// `Type/id` and no more, as nearly all references are written.
    fn plain(text: &'a str) -> Option<Target<'a>> {
        let slash = text.bytes().position(|byte| !byte.is_ascii_alphanumeric())?;
        let (kind, rest) = text.split_at_checked(slash)?;
        let id = rest.strip_prefix('/')?;
        // All bytes are looked at, whatever they are, so that they are looked at many at a time.
        let is_more = id.bytes().fold(false, |is_more, byte| is_more | matches!(byte, b'/' | b'?'));
        let is_plain = kind.starts_with(|first: char| first.is_ascii_uppercase()) && !id.is_empty() && !is_more;
        is_plain.then(|| Target::Named(Said::of(kind), text))
    }

    /// The last `Type/id` of a path or URL.
    fn named(text: &'a str) -> Option<Target<'a>> {
        let mut path = text;
        let mut before_id = path.rfind('/')?;
        if let Some(resource) = path.get(..before_id).and_then(|path| path.strip_suffix("/_history")) {
            // The version is cut off.
            path = resource;
            before_id = path.rfind('/')?;
        }
        let start = path.get(..before_id)?.rfind('/').map_or(0, |slash| slash + 1);
        let name = path.get(start..)?;
        let (kind, id) = name.split_once('/')?;
        let is_type = kind.starts_with(|first: char| first.is_ascii_uppercase())
            && kind.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (is_type && !id.is_empty()).then(|| Target::Named(Said::of(kind), name))
    }
}

/// What finds a resource by an identifier: the hash of its system and value, or of its value alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct IdentifierKey(u64);

impl IdentifierKey {
    /// As bytes: for who sets it aside.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 8] {
        self.0.to_le_bytes()
    }

    /// From [those bytes](Self::to_bytes).
    #[must_use]
    pub fn from_bytes(bytes: [u8; 8]) -> IdentifierKey {
        IdentifierKey(u64::from_le_bytes(bytes))
    }

    /// Of a system and a value; without a system, of the value in any.
    #[must_use]
    pub fn new(system: Option<&str>, value: &str) -> IdentifierKey {
        IdentifierKey(hash_of(&(system, value)))
    }

    /// Of a `urn:`.
    #[must_use]
    pub fn of_urn(urn: &str) -> IdentifierKey {
        IdentifierKey(hash_of(&("urn", urn)))
    }
}

/// System and value that `Type?identifier=…` asks for; none if it asks for something else.
pub(crate) fn query(text: &str) -> Option<(Option<String>, String)> {
    let (_, query) = text.split_once('?')?;
    let token = query.split('&').find_map(|part| part.strip_prefix("identifier="))?;
    if query.contains('&') {
        return None;
    }
    let decoded = percent_decode(token)?;
    match decoded.split_once('|') {
        Some(("", value)) => Some((Some(String::new()), value.to_owned())),
        Some((system, value)) => Some((Some(system.to_owned()), value.to_owned())),
        None => Some((None, decoded)),
    }
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'%' {
            let (hex, after) = rest.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()?);
            rest = after;
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

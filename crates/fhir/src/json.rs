//! The JSON shapes of the elements that the rules read, and of nothing else.
//!
//! Everything borrows from the text where it can. JSON null is as if absent, in lists too; an object
//! where an array belongs, or the reverse, is a wrong type. What the rules don't read is skipped.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A string, borrowed unless it was written with escapes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text<'a>(Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a string")
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

/// A list; null is an empty one, and a null in it is passed over.
#[derive(Clone, Debug)]
pub(crate) struct Seq<T>(Vec<T>);

impl<T> Default for Seq<T> {
    fn default() -> Self {
        Seq(Vec::new())
    }
}

impl<T> Deref for Seq<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Seq<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SeqVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for SeqVisitor<T> {
            type Value = Seq<T>;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("an array")
            }
            fn visit_none<E: Error>(self) -> Result<Seq<T>, E> {
                Ok(Seq::default())
            }
            fn visit_unit<E: Error>(self) -> Result<Seq<T>, E> {
                Ok(Seq::default())
            }
            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Seq<T>, D::Error> {
                deserializer.deserialize_seq(self)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Seq<T>, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element::<Option<T>>()? {
                    list.extend(item);
                }
                Ok(Seq(list))
            }
        }
        deserializer.deserialize_option(SeqVisitor(PhantomData))
    }
}

/// An object; serde's own structs would take an array of their fields as well.
#[derive(Clone, Debug, Default)]
pub(crate) struct Obj<T>(pub(crate) T);

impl<T> Deref for Obj<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Obj<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjVisitor<T> {
            type Value = Obj<T>;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Obj<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Obj)
            }
        }
        deserializer.deserialize_map(ObjVisitor(PhantomData))
    }
}

/// A value that people are shown and no rule reads, whatever its type.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown(pub(crate) serde_json::Value);

impl<'de> Deserialize<'de> for Shown {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_json::Value::deserialize(deserializer).map(Shown)
    }
}

/// A marker of another FHIR release: only that it is there counts.
pub(crate) type Marker = Option<IgnoredAny>;

/// Declares shapes: every field may be absent or null.
macro_rules! shapes {
    ($($(#[$about:meta])* $name:ident { $($field:ident: $kind:ty,)* })*) => {$(
        $(#[$about])*
        #[derive(Debug, Default, serde::Deserialize)]
        #[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
        pub(crate) struct $name<'a> {
            // Of each field and not of the struct, for which a whole one would be made and dropped each time.
            $(#[serde(default)] pub(crate) $field: $kind,)*
            #[serde(skip)]
            pub(crate) lifetime: PhantomData<&'a ()>,
        }
    )*};
}

type List<T> = Seq<Obj<T>>;
type One<T> = Option<Obj<T>>;
type Str<'a> = Option<Text<'a>>;

shapes! {
    /// <https://hl7.org/fhir/R4/datatypes.html#Coding>
    Coding { system: Str<'a>, code: Str<'a>, display: Str<'a>, }
    /// <https://hl7.org/fhir/R4/datatypes.html#CodeableConcept>
    Concept { coding: List<Coding<'a>>, text: Str<'a>, }
    /// <https://hl7.org/fhir/R4/datatypes.html#Period>
    Period { start: Str<'a>, end: Str<'a>, }
    /// A Period of which only the start is read.
    Start { start: Str<'a>, }
    /// A Period of which only the end is read.
    End { end: Str<'a>, }
    /// <https://hl7.org/fhir/R4/datatypes.html#Identifier>
    Identifier { system: Str<'a>, value: Str<'a>, }
    /// <https://hl7.org/fhir/R4/references.html>
    Reference { reference: Str<'a>, r#type: Str<'a>, identifier: One<Identifier<'a>>, display: Str<'a>, }
    Meta { last_updated: Str<'a>, }
    Link { other: One<Reference<'a>>, r#type: Str<'a>, }

    /// Of any resource, to tell what it is.
    Header { resource_type: Str<'a>, id: Str<'a>, }
    Bundle { entry: List<Entry<'a>>, }
    Request { method: Str<'a>, url: Str<'a>, }

    Patient {
        id: Str<'a>, meta: One<Meta<'a>>, contained: Seq<Raw<'a>>, identifier: List<Identifier<'a>>,
        active: Option<bool>, name: Shown, birth_date: Str<'a>, deceased_boolean: Option<bool>,
        deceased_date_time: Str<'a>, general_practitioner: List<Reference<'a>>, link: List<Link<'a>>,
    }
    Practitioner {
        id: Str<'a>, meta: One<Meta<'a>>, contained: Seq<Raw<'a>>, identifier: List<Identifier<'a>>,
        active: Option<bool>, name: Shown,
    }
    PractitionerRole {
        id: Str<'a>, meta: One<Meta<'a>>, contained: Seq<Raw<'a>>, identifier: List<Identifier<'a>>,
        active: Option<bool>, period: One<Period<'a>>, practitioner: One<Reference<'a>>,
        organization: One<Reference<'a>>, code: List<Concept<'a>>, specialty: List<Concept<'a>>,
    }
    Organization {
        id: Str<'a>, meta: One<Meta<'a>>, contained: Seq<Raw<'a>>, identifier: List<Identifier<'a>>,
        active: Option<bool>, r#type: List<Concept<'a>>, name: Str<'a>,
    }
    Condition {
        id: Str<'a>, meta: One<Meta<'a>>, contained: Seq<Raw<'a>>, identifier: List<Identifier<'a>>,
        clinical_status: One<Concept<'a>>, verification_status: One<Concept<'a>>, category: List<Concept<'a>>,
        code: One<Concept<'a>>, subject: One<Reference<'a>>, encounter: One<Reference<'a>>,
        onset_date_time: Str<'a>, onset_period: One<Start<'a>>, abatement_date_time: Str<'a>,
        abatement_period: One<End<'a>>, recorded_date: Str<'a>,
    }
    CarePlan {
        id: Str<'a>, meta: One<Meta<'a>>, contained: Seq<Raw<'a>>, identifier: List<Identifier<'a>>,
        status: Str<'a>, category: List<Concept<'a>>, title: Str<'a>, subject: One<Reference<'a>>,
        period: One<Period<'a>>, created: Str<'a>, author: One<Reference<'a>>, care_team: List<Reference<'a>>,
        addresses: List<Addressed<'a>>, goal: List<Reference<'a>>, activity: List<Activity<'a>>,
    }
    /// In R4 a Reference; R5 has a concept and a reference in it.
    Addressed {
        reference: Str<'a>, r#type: Str<'a>, identifier: One<Identifier<'a>>, display: Str<'a>, concept: Marker,
    }
    Activity { detail: One<Detail<'a>>, }
    Detail {
        kind: Str<'a>, code: One<Concept<'a>>, status: Str<'a>, performer: List<Reference<'a>>, description: Str<'a>,
    }
    CareTeam {
        id: Str<'a>, meta: One<Meta<'a>>, contained: Seq<Raw<'a>>, identifier: List<Identifier<'a>>,
        status: Str<'a>, subject: One<Reference<'a>>, period: One<Period<'a>>,
        participant: List<TeamParticipant<'a>>, reason_reference: List<Reference<'a>>,
        reason: Marker,
    }
    TeamParticipant {
        role: List<Concept<'a>>, member: One<Reference<'a>>, period: One<Period<'a>>, coverage_period: Marker,
    }
    EpisodeOfCare {
        id: Str<'a>, meta: One<Meta<'a>>, contained: Seq<Raw<'a>>, identifier: List<Identifier<'a>>,
        status: Str<'a>, diagnosis: List<EpisodeDiagnosis<'a>>, patient: One<Reference<'a>>,
        managing_organization: One<Reference<'a>>, period: One<Period<'a>>, referral_request: List<Reference<'a>>,
        care_manager: One<Reference<'a>>, team: List<Reference<'a>>,
    }
    EpisodeDiagnosis { condition: One<Reference<'a>>, }
    Encounter {
        id: Str<'a>, meta: One<Meta<'a>>, contained: Seq<Raw<'a>>, identifier: List<Identifier<'a>>,
        status: Str<'a>, class: One<Coding<'a>>, subject: One<Reference<'a>>, episode_of_care: List<Reference<'a>>,
        based_on: List<Reference<'a>>, participant: List<EncounterParticipant<'a>>, period: One<Period<'a>>,
        reason_code: List<Concept<'a>>, reason_reference: List<Reference<'a>>, diagnosis: List<EncounterDiagnosis<'a>>,
        actual_period: Marker, patient: Marker,
    }
    EncounterParticipant {
        r#type: List<Concept<'a>>, period: One<Period<'a>>, individual: One<Reference<'a>>, actor: Marker,
    }
    EncounterDiagnosis { condition: One<Reference<'a>>, }
    ServiceRequest {
        id: Str<'a>, meta: One<Meta<'a>>, contained: Seq<Raw<'a>>, identifier: List<Identifier<'a>>,
        status: Str<'a>, intent: Str<'a>, category: List<Concept<'a>>, do_not_perform: Option<bool>,
        subject: One<Reference<'a>>, authored_on: Str<'a>, requester: One<Reference<'a>>,
        performer_type: One<Concept<'a>>, performer: List<Reference<'a>>, reason_reference: List<Reference<'a>>,
        code: Shown, reason: Marker,
    }
    Task {
        id: Str<'a>, meta: One<Meta<'a>>, contained: Seq<Raw<'a>>, identifier: List<Identifier<'a>>,
        status: Str<'a>, based_on: List<Reference<'a>>, focus: One<Reference<'a>>, r#for: One<Reference<'a>>,
        execution_period: One<Period<'a>>, authored_on: Str<'a>, last_modified: Str<'a>,
        requester: One<TaskRequester<'a>>, owner: One<Reference<'a>>,
    }
    /// In R4 a Reference; STU3 has an agent in it.
    TaskRequester {
        reference: Str<'a>, r#type: Str<'a>, identifier: One<Identifier<'a>>, display: Str<'a>, agent: Marker,
    }
    Goal {
        id: Str<'a>, meta: One<Meta<'a>>, contained: Seq<Raw<'a>>, identifier: List<Identifier<'a>>,
        lifecycle_status: Str<'a>, subject: One<Reference<'a>>, start_date: Str<'a>, expressed_by: One<Reference<'a>>,
        addresses: List<Reference<'a>>, status: Marker,
    }
}

/// JSON text that is parsed when it is known what it is.
#[derive(Debug)]
pub(crate) struct Raw<'a>(pub(crate) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Raw<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        sonic_rs::LazyValue::deserialize(deserializer).map(|value| Raw(value.as_raw_cow()))
    }
}

/// A Bundle's entry.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(crate) struct Entry<'a> {
    #[serde(default)]
    pub(crate) full_url: Str<'a>,
    pub(crate) resource: Option<Raw<'a>>,
    #[serde(default)]
    pub(crate) request: One<Request<'a>>,
}

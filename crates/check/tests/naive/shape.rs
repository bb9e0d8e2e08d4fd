//! Which elements the rules read, of which JSON type each is, and what makes a resource malformed.

use super::dates::{self, Written};
use jiff::tz::TimeZone;
use serde_json::Value;

#[derive(Clone, Copy, PartialEq)]
pub enum Shape {
    Text,
    Bool,
    Date,
    /// Start and end, both read.
    Period,
    /// The same in a participant: an end before its start leaves out the participant alone.
    OwnPeriod,
    /// A reference that says who or what holds, does or asks.
    Holder,
    /// A reference that says whose the resource is.
    Subject,
    /// Any other reference: it links two resources.
    Link,
    Concept,
    Coding,
    Identifier,
}
use Shape::*;

/// The elements that the rules read. `[]` marks a list.
pub fn elements(kind: &str) -> Vec<(&'static str, Shape)> {
    let mut all = vec![("meta.lastUpdated", Date), ("identifier[]", Identifier)];
    all.extend_from_slice(match kind {
        "Patient" => &[
            ("active", Bool),
            ("birthDate", Date),
            ("deceasedBoolean", Bool),
            ("deceasedDateTime", Date),
            ("generalPractitioner[]", Holder),
            ("link[].other", Link),
            ("link[].type", Text),
        ],
        "Practitioner" => &[("active", Bool)],
        "PractitionerRole" => &[
            ("active", Bool),
            ("period", Period),
            ("practitioner", Holder),
            ("organization", Holder),
            ("code[]", Concept),
            ("specialty[]", Concept),
        ],
        "Organization" => &[("active", Bool), ("type[]", Concept), ("name", Text)],
        "Condition" => &[
            ("clinicalStatus", Concept),
            ("verificationStatus", Concept),
            ("category[]", Concept),
            ("code", Concept),
            ("subject", Subject),
            ("encounter", Link),
            ("onsetDateTime", Date),
            ("onsetPeriod.start", Date),
            ("abatementDateTime", Date),
            ("abatementPeriod.end", Date),
            ("recordedDate", Date),
        ],
        "CarePlan" => &[
            ("status", Text),
            ("category[]", Concept),
            ("title", Text),
            ("subject", Subject),
            ("period", Period),
            ("created", Date),
            ("author", Holder),
            ("addresses[]", Link),
            ("goal[]", Link),
            ("careTeam[]", Link),
            ("activity[].detail.status", Text),
            ("activity[].detail.code", Concept),
            ("activity[].detail.kind", Text),
            ("activity[].detail.description", Text),
            ("activity[].detail.performer[]", Holder),
        ],
        "CareTeam" => &[
            ("status", Text),
            ("subject", Subject),
            ("period", Period),
            ("reasonReference[]", Link),
            ("participant[].role[]", Concept),
            ("participant[].member", Holder),
            ("participant[].period", OwnPeriod),
        ],
        "EpisodeOfCare" => &[
            ("status", Text),
            ("patient", Subject),
            ("period", Period),
            ("diagnosis[].condition", Link),
            ("careManager", Holder),
            ("managingOrganization", Holder),
            ("team[]", Link),
            ("referralRequest[]", Link),
        ],
        "Encounter" => &[
            ("status", Text),
            ("class", Coding),
            ("subject", Subject),
            ("period", Period),
            ("participant[].type[]", Concept),
            ("participant[].individual", Holder),
            ("participant[].period", OwnPeriod),
            ("diagnosis[].condition", Link),
            ("reasonReference[]", Link),
            ("reasonCode[]", Concept),
            ("basedOn[]", Link),
            ("episodeOfCare[]", Link),
        ],
        "ServiceRequest" => &[
            ("status", Text),
            ("intent", Text),
            ("doNotPerform", Bool),
            ("category[]", Concept),
            ("subject", Subject),
            ("authoredOn", Date),
            ("requester", Holder),
            ("performer[]", Holder),
            ("performerType", Concept),
            ("reasonReference[]", Link),
        ],
        "Task" => &[
            ("status", Text),
            ("for", Subject),
            ("focus", Link),
            ("basedOn[]", Link),
            ("owner", Holder),
            ("requester", Holder),
            ("executionPeriod", Period),
            ("authoredOn", Date),
            ("lastModified", Date),
        ],
        "Goal" => &[
            ("lifecycleStatus", Text),
            ("subject", Subject),
            ("startDate", Date),
            ("expressedBy", Holder),
            ("addresses[]", Link),
        ],
        _ => return vec![],
    });
    all
}

/// Types used; every other type is counted and passed over.
pub fn is_used(kind: &str) -> bool {
    !elements(kind).is_empty()
}

/// The element that says whose a resource is.
pub fn subject_element(kind: &str) -> Option<&'static str> {
    elements(kind).into_iter().find(|(_, s)| *s == Subject).map(|(p, _)| p)
}

/// Every value at a path, through lists. Err if something on the way has the wrong JSON type.
pub fn values<'a>(v: &'a Value, path: &str) -> Result<Vec<&'a Value>, ()> {
    let (step, rest) = match path.split_once('.') {
        Some((s, r)) => (s, Some(r)),
        None => (path, None),
    };
    if !v.is_object() {
        return Err(());
    }
    let found: Vec<&Value> = match step.strip_suffix("[]") {
        Some(step) => match &v[step] {
            Value::Null => vec![],
            Value::Array(list) => list.iter().collect(),
            _ => return Err(()),
        },
        None => match &v[step] {
            Value::Null => vec![],
            one => vec![one],
        },
    };
    match rest {
        None => Ok(found),
        Some(rest) => {
            let mut all = vec![];
            for one in found {
                all.extend(values(one, rest)?);
            }
            Ok(all)
        }
    }
}

/// The same for what was already checked.
pub fn all<'a>(v: &'a Value, path: &str) -> Vec<&'a Value> {
    values(v, path).unwrap_or_default()
}

pub fn text<'a>(v: &'a Value, path: &str) -> Option<&'a str> {
    all(v, path).first().and_then(|v| v.as_str())
}

pub fn date(v: &Value, path: &str, tz: &TimeZone) -> Option<Written> {
    text(v, path).and_then(|t| dates::parse(t, tz))
}

fn optional(v: &Value, field: &str, good: fn(&Value) -> bool) -> bool {
    v[field].is_null() || good(&v[field])
}

fn coding_is_sound(v: &Value) -> bool {
    v.is_object() && ["system", "code", "display"].iter().all(|f| optional(v, f, Value::is_string))
}

fn identifier_is_sound(v: &Value) -> bool {
    v.is_object() && ["system", "value"].iter().all(|f| optional(v, f, Value::is_string))
}

fn is_sound(v: &Value, shape: Shape, tz: &TimeZone) -> bool {
    let is_date = |v: &Value| v.as_str().is_some_and(|t| dates::parse(t, tz).is_some());
    match shape {
        Text => v.is_string(),
        Bool => v.is_boolean(),
        Date => is_date(v),
        Period => is_sound(v, OwnPeriod, tz) && !ends_before_start(v, tz),
        OwnPeriod => v.is_object() && ["start", "end"].iter().all(|f| v[f].is_null() || is_date(&v[f])),
        Holder | Subject | Link => {
            v.is_object()
                && ["reference", "type", "display"].iter().all(|f| optional(v, f, Value::is_string))
                && optional(v, "identifier", identifier_is_sound)
        }
        Concept => {
            v.is_object()
                && optional(v, "text", Value::is_string)
                && optional(v, "coding", |c| c.as_array().is_some_and(|l| l.iter().all(coding_is_sound)))
        }
        Coding => coding_is_sound(v),
        Identifier => identifier_is_sound(v),
    }
}

pub fn ends_before_start(period: &Value, tz: &TimeZone) -> bool {
    match (date(period, "start", tz), date(period, "end", tz).and_then(|e| e.end)) {
        (Some(start), Some(end)) => end.at < start.first,
        _ => false,
    }
}

/// Whether a resource of a type used can be read. Its contained resources are looked at too.
pub fn is_well_formed(v: &Value, contained: bool, tz: &TimeZone) -> bool {
    let kind = v["resourceType"].as_str().unwrap_or_default();
    for (path, shape) in elements(kind) {
        match values(v, path) {
            Ok(found) if found.iter().all(|v| is_sound(v, shape, tz)) => {}
            _ => return false,
        }
    }
    if v["id"].as_str().is_none_or(str::is_empty) {
        return false;
    }
    // Condition, CarePlan, EpisodeOfCare, ServiceRequest and Goal without a subject are malformed; a
    // contained one has its container's.
    let needs_subject = ["Condition", "CarePlan", "EpisodeOfCare", "ServiceRequest", "Goal"];
    if needs_subject.contains(&kind) && !contained {
        let subject = all(v, subject_element(kind).unwrap());
        if subject.iter().all(|s| is_blank(s)) {
            return false;
        }
    }
    // An end earlier than its start, in a Condition's onset and abatement too.
    if kind == "Condition" {
        let onset = date(v, "onsetDateTime", tz).or(date(v, "onsetPeriod.start", tz));
        let end = date(v, "abatementDateTime", tz).or(date(v, "abatementPeriod.end", tz));
        if let (Some(onset), Some(end)) = (onset, end.and_then(|e| e.end))
            && end.at < onset.first
        {
            return false;
        }
    }
    match &v["contained"] {
        Value::Null => true,
        Value::Array(list) => list.iter().all(|c| {
            c.is_object() && (!is_used(c["resourceType"].as_str().unwrap_or_default()) || is_well_formed(c, true, tz))
        }),
        _ => false,
    }
}

/// A reference that says nothing: as if absent.
pub fn is_blank(r: &Value) -> bool {
    r["reference"].is_null() && r["identifier"]["value"].is_null() && r["display"].is_null()
}

/// JSON null is as if absent.
pub fn without_nulls(v: Value) -> Value {
    match v {
        Value::Object(map) => {
            map.into_iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k, without_nulls(v))).collect()
        }
        Value::Array(list) => list.into_iter().filter(|v| !v.is_null()).map(without_nulls).collect(),
        v => v,
    }
}

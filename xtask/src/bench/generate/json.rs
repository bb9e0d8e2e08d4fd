//! FHIR as text, in the order in which servers write it: resourceType first.
//!
//! Text is put together directly, since a generator that is slower than what it measures is no use. Nothing here
//! escapes: what the generator says has no quotes, backslashes or control characters.

use std::fmt::Display;

use super::terms::Term;

pub(super) const CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/condition-category";
pub(super) const CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";
pub(super) const VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/condition-ver-status";
pub(super) const ACT: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
pub(super) const PARTICIPATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
pub(super) const SNOMED: &str = "http://snomed.info/sct";
pub(super) const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";
pub(super) const GMC_NUMBER: &str = "https://fhir.hl7.org.uk/Id/gmc-number";
pub(super) const ODS_CODE: &str = "https://fhir.nhs.uk/Id/ods-organization-code";

/// An object that is being written.
#[derive(Debug)]
pub(super) struct Object(String);

impl Object {
    pub(super) fn new() -> Object {
        Object(String::with_capacity(256))
    }

    pub(super) fn text(mut self, key: &str, value: &str) -> Object {
        debug_assert!(!value.contains(['"', '\\', '\n']), "the text would need escapes");
        self.key(key);
        self.0.push('"');
        self.0.push_str(value);
        self.0.push('"');
        self
    }

    /// JSON as it stands: a number, an object.
    pub(super) fn json(mut self, key: &str, value: &str) -> Object {
        self.key(key);
        self.0.push_str(value);
        self
    }

    /// An array of JSON; left out where it is empty, as FHIR wants.
    pub(super) fn list(mut self, key: &str, values: &[String]) -> Object {
        if !values.is_empty() {
            self.key(key);
            self.0.push('[');
            self.0.push_str(&values.join(","));
            self.0.push(']');
        }
        self
    }

    /// As [`Object::text`], if there is one.
    pub(super) fn maybe_text(self, key: &str, value: Option<&str>) -> Object {
        match value {
            Some(value) => self.text(key, value),
            None => self,
        }
    }

    /// As [`Object::json`], if there is one.
    pub(super) fn maybe_json(self, key: &str, value: Option<&str>) -> Object {
        match value {
            Some(value) => self.json(key, value),
            None => self,
        }
    }

    pub(super) fn end(mut self) -> String {
        if self.0.is_empty() {
            self.0.push('{');
        }
        self.0.push('}');
        self.0
    }

    fn key(&mut self, key: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        self.0.push('"');
        self.0.push_str(key);
        self.0.push_str("\":");
    }
}

/// The beginning of a resource: what every server writes first.
pub(super) fn resource(kind: impl Display, id: &str, updated: i64) -> Object {
    let profile = format!("[\"https://fhir.hl7.org.uk/StructureDefinition/UKCore-{kind}\"]");
    let meta = Object::new().text("versionId", "2").text("lastUpdated", &time(updated)).json("profile", &profile);
    Object(String::with_capacity(1536)).text("resourceType", &kind.to_string()).text("id", id).json("meta", &meta.end())
}

pub(super) fn narrative(words: &str) -> String {
    let div = format!(r#""<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>{words}</p></div>""#);
    Object::new().text("status", "generated").json("div", &div).end()
}

pub(super) fn coding(system: &str, code: &str, display: Option<&str>) -> String {
    Object::new().text("system", system).text("code", code).maybe_text("display", display).end()
}

/// A concept of one coding, with its words.
pub(super) fn concept(system: &str, code: &str, display: &str) -> String {
    Object::new().list("coding", &[coding(system, code, Some(display))]).text("text", display).end()
}

/// A concept as status elements have it: a code alone.
pub(super) fn status(system: &str, code: &str) -> String {
    Object::new().list("coding", &[coding(system, code, None)]).end()
}

pub(super) fn snomed(term: &Term) -> String {
    concept(SNOMED, term.code, term.words)
}

pub(super) fn identifier(system: &str, value: &str) -> String {
    Object::new().text("use", "official").text("system", system).text("value", value).end()
}

pub(super) fn reference(kind: impl Display, id: &str, display: Option<&str>) -> String {
    Object::new().text("reference", &format!("{kind}/{id}")).maybe_text("display", display).end()
}

pub(super) fn period(start: i64, end: Option<i64>) -> String {
    Object::new().text("start", &time(start)).maybe_text("end", end.map(time).as_deref()).end()
}

/// An instant as most servers write it.
pub(super) fn time(seconds: i64) -> String {
    let (day, second) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    format!("{}T{:02}:{:02}:{:02}+00:00", self::day(day * DAY), second / 3600, second / 60 % 60, second % 60)
}

/// The day of an instant: the algorithm is `civil_from_days` of
/// <https://howardhinnant.github.io/date_algorithms.html>.
pub(super) fn day(seconds: i64) -> String {
    let days = seconds.div_euclid(DAY) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{of_month:02}")
}

/// Seconds of a day.
pub(super) const DAY: i64 = 86_400;

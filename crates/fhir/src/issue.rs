//! Findings as DetectedIssue resources of a collection Bundle: <https://hl7.org/fhir/R4/detectedissue.html>.
//!
//! Records of a named source have no URL that others could follow, and several of them may have the same `Type/id`;
//! so a name that isn't plainly `Type/id` becomes a logical reference, whose identifier is the name as rows print it.

use std::borrow::Cow;

use answerable_care::{Instant, Severity};
use serde::Serialize;

use crate::date::Calendar;
use crate::reference::Type;

/// The system of ids of findings.
const FINDING_ID: &str = "https://answerable.example/fhir/id/finding";

/// The system of names as rows print them.
const NAME: &str = "https://answerable.example/fhir/id/name";

/// Of the words of findings.
const FINDING_CODES: &str = "https://answerable.example/fhir/CodeSystem/finding";

/// Of new, still and resolved.
const CHANGE_CODES: &str = "https://answerable.example/fhir/CodeSystem/change";

/// Of accepted and working.
const DECISION_CODES: &str = "https://answerable.example/fhir/CodeSystem/decision";

/// Of versions of what a finding has.
const SCHEMA_TAG: &str = "https://answerable.example/fhir/schema";

/// Of instants of judgement.
const AS_OF_TAG: &str = "https://answerable.example/fhir/as-of";

/// The id of the contained Device that found it.
const DEVICE: &str = "check";

/// The last digits of each entry's UUID: `answer` in ASCII.
const UUID_NODE: &str = "616e73776572";

/// The longest id that FHIR allows.
const ID_CHARS_MAX: usize = 64;

/// A finding, as a DetectedIssue says it.
#[derive(Clone, Debug)]
pub struct Issue<'i> {
    /// Its id.
    pub id: u64,
    /// The word of its kind.
    pub finding: &'i str,
    /// How bad; none if an earlier run didn't say.
    pub severity: Option<Severity>,
    /// The name of the patient, as rows print it; so are the others.
    pub patient: &'i str,
    /// The name of the need, none of a finding of a patient.
    pub need: Option<&'i str>,
    /// What, since when, whom to ask.
    pub message: &'i str,
    /// Since when.
    pub since: Option<Instant>,
    /// Until when.
    pub until: Option<Instant>,
    /// The names of the resources that show it.
    pub evidence: Vec<&'i str>,
    /// Whether an earlier run had it, and this one.
    pub change: IssueChange,
    /// What people decided about it.
    pub decision: Option<IssueDecision<'i>>,
    /// The version of the program that found it.
    pub version: &'i str,
}

/// Whether an earlier run had a finding, and this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssueChange {
    /// It wasn't asked.
    Unknown,
    /// This one alone.
    New,
    /// Both.
    Still,
    /// The earlier run alone.
    Resolved,
}

/// What people decided about a finding.
#[derive(Clone, Copy, Debug)]
pub struct IssueDecision<'i> {
    /// The word of what is done: accepted or working.
    pub state: &'i str,
    /// Why.
    pub why: &'i str,
    /// Who decided.
    pub by: &'i str,
    /// The last day it holds.
    pub until: &'i str,
}

impl Issue<'_> {
    /// Appends an entry of a Bundle: the resource under a `urn:uuid:` made of its finding's id.
    ///
    /// ```
    /// use answerable_care::Severity;
    /// use answerable_fhir::{Issue, IssueChange};
    ///
    /// let issue = Issue {
    ///     id: 0x3f0c_9a52_d1b8_4e67,
    ///     finding: "unheld",
    ///     severity: Some(Severity::Error),
    ///     patient: "Patient/88",
    ///     need: Some("adults/Condition/7"),
    ///     message: "Nobody is recorded as answering for it.",
    ///     since: None,
    ///     until: None,
    ///     evidence: Vec::new(),
    ///     change: IssueChange::Unknown,
    ///     decision: None,
    ///     version: "0.1.0",
    /// };
    /// let mut entry = Vec::new();
    /// issue.write_entry(&mut entry);
    /// let entry: serde_json::Value = serde_json::from_slice(&entry)?;
    /// assert_eq!(entry["fullUrl"], "urn:uuid:3f0c9a52-d1b8-84e6-8700-616e73776572");
    /// assert_eq!(entry["resource"]["severity"], "high");
    /// assert_eq!(entry["resource"]["patient"]["reference"], "Patient/88");
    /// assert_eq!(entry["resource"]["implicated"][0]["identifier"]["value"], "adults/Condition/7");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn write_entry(&self, out: &mut Vec<u8>) {
        let entry = Entry { full_url: format!("urn:uuid:{}", uuid(self.id)), resource: self.resource() };
        // Writing to a vector can't fail.
        let _ = serde_json::to_writer(out, &entry);
    }

    fn resource(&self) -> DetectedIssue<'_> {
        let id = format!("{:016x}", self.id);
        let is_not_among = |need: &&str| !self.evidence.contains(need);
        let evidence = self.need.filter(is_not_among).into_iter().chain(self.evidence.iter().copied());
        let detail: Vec<Reference> = evidence.map(Reference::to).collect();
        let tags = [
            self.change.as_str().map(|code| Coding { system: CHANGE_CODES, code }),
            self.decision.map(|decision| Coding { system: DECISION_CODES, code: decision.state }),
        ];
        let tag: Vec<Coding> = tags.into_iter().flatten().collect();
        DetectedIssue {
            resource_type: "DetectedIssue",
            id: id.clone(),
            meta: (!tag.is_empty()).then_some(Meta { tag }),
            contained: [Device {
                resource_type: "Device",
                id: DEVICE,
                device_name: [DeviceName { name: "answerable check", kind: "model-name" }],
                version: [DeviceVersion { value: self.version }],
            }],
            identifier: [Identifier { system: FINDING_ID, value: id.into() }],
            // What was resolved is not to be worked through: who knows nothing of tags leaves out what is cancelled.
            status: if self.change == IssueChange::Resolved { "cancelled" } else { "final" },
            code: Concept { coding: [Coding { system: FINDING_CODES, code: self.finding }], text: self.finding.into() },
            severity: self.severity.map(severity_code),
            patient: Reference::to(self.patient),
            identified_period: Period::of(self.since, self.until),
            author: Reference::literal(format!("#{DEVICE}")),
            implicated: self.need.map(|need| [Reference::to(need)]),
            evidence: (!detail.is_empty()).then_some([Evidence { detail }]),
            detail: Some(self.message).filter(|message| !message.trim().is_empty()),
            mitigation: self.decision.map(|decision| [mitigation(decision)]),
        }
    }
}

impl IssueChange {
    fn as_str(self) -> Option<&'static str> {
        match self {
            IssueChange::Unknown => None,
            IssueChange::New => Some("new"),
            IssueChange::Still => Some("still"),
            IssueChange::Resolved => Some("resolved"),
        }
    }
}

/// A Bundle of issues as JSON up to its entries: what follows is `,"entry":[…]` if there are any, for FHIR has no empty
/// arrays, and `}`.
///
/// `schema` is the version of what a finding has, `as_of` the instant of judgement.
#[must_use]
pub fn issues_start(schema: &str, as_of: Instant) -> String {
    let as_of = Calendar::write(as_of);
    let tag = vec![Coding { system: SCHEMA_TAG, code: schema }, Coding { system: AS_OF_TAG, code: &as_of }];
    let bundle = Bundle { resource_type: "Bundle", meta: Meta { tag }, kind: "collection" };
    let mut text = serde_json::to_string(&bundle).unwrap_or_default();
    text.pop();
    text
}

fn severity_code(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "high",
        Severity::Warning => "moderate",
        Severity::Note => "low",
    }
}

/// A UUID of the kind whose digits are one's own (version 8: RFC 9562, section 5.8).
fn uuid(id: u64) -> String {
    let (first, second, third, last) = (id >> 32, (id >> 16) & 0xffff, (id >> 4) & 0xfff, id & 0xf);
    format!("{first:08x}-{second:04x}-8{third:03x}-8{last:x}00-{UUID_NODE}")
}

fn mitigation<'i>(decision: IssueDecision<'i>) -> Mitigation<'i> {
    let IssueDecision { state, why, by, until } = decision;
    Mitigation {
        action: Concept {
            coding: [Coding { system: DECISION_CODES, code: state }],
            text: format!("{state} until {until}: {why}").into(),
        },
        author: Reference { display: Some(by), ..Reference::default() },
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bundle<'i> {
    resource_type: &'static str,
    meta: Meta<'i>,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'i> {
    full_url: String,
    resource: DetectedIssue<'i>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DetectedIssue<'i> {
    resource_type: &'static str,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<Meta<'i>>,
    contained: [Device<'i>; 1],
    identifier: [Identifier<'i>; 1],
    status: &'static str,
    code: Concept<'i>,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<&'static str>,
    patient: Reference<'i>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identified_period: Option<Period>,
    author: Reference<'i>,
    #[serde(skip_serializing_if = "Option::is_none")]
    implicated: Option<[Reference<'i>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<[Evidence<'i>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'i str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mitigation: Option<[Mitigation<'i>; 1]>,
}

#[derive(Serialize)]
struct Meta<'i> {
    tag: Vec<Coding<'i>>,
}

#[derive(Serialize)]
struct Coding<'i> {
    system: &'static str,
    code: &'i str,
}

#[derive(Serialize)]
struct Concept<'i> {
    coding: [Coding<'i>; 1],
    text: Cow<'i, str>,
}

#[derive(Serialize)]
struct Identifier<'i> {
    system: &'static str,
    value: Cow<'i, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Device<'i> {
    resource_type: &'static str,
    id: &'static str,
    device_name: [DeviceName; 1],
    version: [DeviceVersion<'i>; 1],
}

#[derive(Serialize)]
struct DeviceName {
    name: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
struct DeviceVersion<'i> {
    value: &'i str,
}

#[derive(Serialize)]
struct Evidence<'i> {
    detail: Vec<Reference<'i>>,
}

#[derive(Serialize)]
struct Mitigation<'i> {
    action: Concept<'i>,
    author: Reference<'i>,
}

#[derive(Default, Serialize)]
struct Reference<'i> {
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<Cow<'i, str>>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'i str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identifier: Option<Identifier<'i>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    display: Option<&'i str>,
}

impl<'i> Reference<'i> {
    fn literal(reference: impl Into<Cow<'i, str>>) -> Reference<'i> {
        Reference { reference: Some(reference.into()), ..Reference::default() }
    }

    /// A literal reference if a name is plainly `Type/id`, else a logical one.
    fn to(name: &'i str) -> Reference<'i> {
        let mut parts = name.rsplit('/');
        let id = parts.next().unwrap_or_default();
        // Of `Type/id#id`, a contained resource, the type is its container's.
        let kind = parts.next().filter(|kind| Type::named(kind).is_some() && !id.contains('#'));
        let is_id = (1..=ID_CHARS_MAX).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
        match kind {
            Some(_) if is_id && parts.next().is_none() => Reference::literal(name),
            _ => Reference {
                kind,
                identifier: Some(Identifier { system: NAME, value: name.into() }),
                ..Reference::default()
            },
        }
    }
}

#[derive(Serialize)]
struct Period {
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<String>,
}

impl Period {
    fn of(since: Option<Instant>, until: Option<Instant>) -> Option<Period> {
        // The year 0, which a zone east of Greenwich makes of the first hours of the year 1, is none to FHIR.
        let is_year = |text: &String| text.get(..4).is_some_and(|year| ("0001".."9999z").contains(&year));
        let written = |instant: Option<Instant>| instant.and_then(Instant::known).map(Calendar::write).filter(is_year);
        let (start, end) = (written(since), written(until));
        (start.is_some() || end.is_some()).then_some(Period { start, end })
    }
}

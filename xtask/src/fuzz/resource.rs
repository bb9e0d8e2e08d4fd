//! Resources that are right, or nearly so: the elements that the rules read, with values of their kinds.

use super::tree::Tree;
use crate::chance::Chance;

/// What an element holds.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Text,
    Flag,
    /// A date, or a date and time.
    Date,
    Code(&'static [&'static str]),
    Coding,
    Concept(&'static [&'static str]),
    Period,
    Reference(&'static [&'static str]),
    Name,
    Object(&'static [Element]),
}

/// How often an element stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Times {
    Once,
    Often,
}

/// An element: its name, how often it stands, and what it holds.
type Element = (&'static str, Times, Kind);

use Kind::{Code, Coding, Concept, Date, Flag, Name, Object, Period, Reference, Text};
use Times::{Often, Once};

const WHO: &[&str] =
    &["Practitioner", "PractitionerRole", "Organization", "CareTeam", "HealthcareService", "Patient", "RelatedPerson"];
const PATIENT: &[&str] = &["Patient", "Patient", "Patient", "Group"];
const CONDITION: &[&str] = &["Condition", "Condition", "Observation"];
const STATUS: &[&str] = &[
    "active",
    "on-hold",
    "onhold",
    "completed",
    "revoked",
    "inactive",
    "finished",
    "planned",
    "in-progress",
    "arrived",
    "triaged",
    "onleave",
    "cancelled",
    "entered-in-error",
    "accepted",
    "requested",
    "received",
    "rejected",
    "failed",
    "draft",
    "unknown",
];
const ACTIVITY: &[Element] = &[("detail", Once, Object(DETAIL))];
const DETAIL: &[Element] = &[
    ("status", Once, Code(STATUS)),
    ("kind", Once, Code(&["Task", "ServiceRequest"])),
    ("code", Once, Concept(&["prescribe", "overall", "review"])),
    ("description", Once, Text),
    ("performer", Often, Reference(WHO)),
];
const MEMBER: &[Element] = &[
    ("role", Often, Concept(&["768832004", "RESP", "17561000", "133932002"])),
    ("member", Once, Reference(WHO)),
    ("period", Once, Period),
];
const SEEN_BY: &[Element] = &[
    ("type", Often, Concept(&["ATND", "PPRF", "SPRF"])),
    ("individual", Once, Reference(WHO)),
    ("period", Once, Period),
];
const ABOUT: &[Element] = &[("condition", Once, Reference(CONDITION))];
const LINK: &[Element] =
    &[("other", Once, Reference(PATIENT)), ("type", Once, Code(&["replaced-by", "seealso", "refer"]))];

/// The types that the rules read, and one that they don't.
const TYPES: &[(&str, &[Element])] = &[
    (
        "Patient",
        &[
            ("active", Once, Flag),
            ("name", Often, Name),
            ("birthDate", Once, Date),
            ("deceasedBoolean", Once, Flag),
            ("deceasedDateTime", Once, Date),
            ("generalPractitioner", Often, Reference(WHO)),
            ("link", Often, Object(LINK)),
        ],
    ),
    ("Practitioner", &[("active", Once, Flag), ("name", Often, Name)]),
    (
        "PractitionerRole",
        &[
            ("active", Once, Flag),
            ("period", Once, Period),
            ("practitioner", Once, Reference(&["Practitioner"])),
            ("organization", Once, Reference(&["Organization"])),
            ("code", Often, Concept(&["doctor", "nurse"])),
            ("specialty", Often, Concept(&["394537008", "394582007"])),
        ],
    ),
    ("Organization", &[("active", Once, Flag), ("type", Often, Concept(&["prov", "dept"])), ("name", Once, Text)]),
    (
        "Condition",
        &[
            (
                "clinicalStatus",
                Once,
                Concept(&["active", "recurrence", "relapse", "inactive", "remission", "resolved"]),
            ),
            ("verificationStatus", Once, Concept(&["confirmed", "refuted", "entered-in-error"])),
            ("category", Often, Concept(&["problem-list-item", "health-concern", "encounter-diagnosis"])),
            ("code", Once, Concept(&["195967001", "J45", "84757009"])),
            ("subject", Once, Reference(PATIENT)),
            ("encounter", Once, Reference(&["Encounter"])),
            ("onsetDateTime", Once, Date),
            ("onsetPeriod", Once, Period),
            ("abatementDateTime", Once, Date),
            ("abatementPeriod", Once, Period),
            ("recordedDate", Once, Date),
        ],
    ),
    (
        "CarePlan",
        &[
            ("status", Once, Code(STATUS)),
            ("category", Often, Concept(&["assess-plan", "transition"])),
            ("title", Once, Text),
            ("subject", Once, Reference(PATIENT)),
            ("period", Once, Period),
            ("created", Once, Date),
            ("author", Once, Reference(WHO)),
            ("careTeam", Often, Reference(&["CareTeam"])),
            ("addresses", Often, Reference(CONDITION)),
            ("goal", Often, Reference(&["Goal"])),
            ("activity", Often, Object(ACTIVITY)),
        ],
    ),
    (
        "CareTeam",
        &[
            ("status", Once, Code(STATUS)),
            ("subject", Once, Reference(PATIENT)),
            ("period", Once, Period),
            ("participant", Often, Object(MEMBER)),
            ("reasonReference", Often, Reference(CONDITION)),
        ],
    ),
    (
        "EpisodeOfCare",
        &[
            ("status", Once, Code(STATUS)),
            ("diagnosis", Often, Object(ABOUT)),
            ("patient", Once, Reference(PATIENT)),
            ("managingOrganization", Once, Reference(&["Organization"])),
            ("period", Once, Period),
            ("referralRequest", Often, Reference(&["ServiceRequest"])),
            ("careManager", Once, Reference(WHO)),
            ("team", Often, Reference(&["CareTeam"])),
        ],
    ),
    (
        "Encounter",
        &[
            ("status", Once, Code(STATUS)),
            ("class", Once, Coding),
            ("subject", Once, Reference(PATIENT)),
            ("episodeOfCare", Often, Reference(&["EpisodeOfCare"])),
            ("basedOn", Often, Reference(&["ServiceRequest"])),
            ("participant", Often, Object(SEEN_BY)),
            ("period", Once, Period),
            ("reasonCode", Often, Concept(&["195967001", "J45"])),
            ("reasonReference", Often, Reference(CONDITION)),
            ("diagnosis", Often, Object(ABOUT)),
        ],
    ),
    (
        "ServiceRequest",
        &[
            ("status", Once, Code(STATUS)),
            ("intent", Once, Code(&["order", "plan", "proposal", "original-order"])),
            ("category", Often, Concept(&["3457005", "referral"])),
            ("doNotPerform", Once, Flag),
            ("subject", Once, Reference(PATIENT)),
            ("authoredOn", Once, Date),
            ("requester", Once, Reference(WHO)),
            ("performerType", Once, Concept(&["394537008"])),
            ("performer", Often, Reference(WHO)),
            ("reasonReference", Often, Reference(CONDITION)),
            ("code", Once, Concept(&["183561008"])),
        ],
    ),
    (
        "Task",
        &[
            ("status", Once, Code(STATUS)),
            ("basedOn", Often, Reference(&["ServiceRequest", "CarePlan"])),
            ("focus", Once, Reference(&["ServiceRequest", "Condition"])),
            ("for", Once, Reference(PATIENT)),
            ("executionPeriod", Once, Period),
            ("authoredOn", Once, Date),
            ("lastModified", Once, Date),
            ("requester", Once, Reference(WHO)),
            ("owner", Once, Reference(WHO)),
        ],
    ),
    (
        "Goal",
        &[
            ("lifecycleStatus", Once, Code(STATUS)),
            ("subject", Once, Reference(PATIENT)),
            ("startDate", Once, Date),
            ("expressedBy", Once, Reference(WHO)),
            ("addresses", Often, Reference(CONDITION)),
        ],
    ),
    ("Observation", &[("status", Once, Code(STATUS)), ("subject", Once, Reference(PATIENT))]),
];

/// A resource.
pub(super) fn resource(chance: &mut Chance) -> Tree {
    let (name, elements) = chance.pick(TYPES);
    let mut fields = vec![("resourceType".to_owned(), Tree::text(name))];
    if chance.percent(95) {
        fields.push(("id".to_owned(), Tree::text(id(chance))));
    }
    if chance.percent(40) {
        let updated = vec![("lastUpdated".to_owned(), Tree::text(date(chance)))];
        fields.push(("meta".to_owned(), Tree::Object(updated)));
    }
    if chance.percent(10) {
        let contained = (0..1 + chance.below(2)).map(|_| resource(chance)).collect();
        fields.push(("contained".to_owned(), Tree::List(contained)));
    }
    if chance.percent(30) {
        fields.push(("identifier".to_owned(), Tree::List(vec![identifier(chance)])));
    }
    fields.extend(object(elements, chance));
    if chance.percent(10) {
        let by = chance.below(fields.len());
        fields.rotate_left(by);
    }
    Tree::Object(fields)
}

/// A Bundle or an array of resources.
pub(super) fn bundle(chance: &mut Chance) -> Tree {
    let resources: Vec<Tree> = (0..chance.below(5)).map(|_| resource(chance)).collect();
    if chance.percent(20) {
        return Tree::List(resources);
    }
    let entries = resources.into_iter().map(|resource| {
        let mut fields = vec![("resource".to_owned(), resource)];
        if chance.percent(60) {
            let id = id(chance);
            let url = match chance.below(3) {
                0 => format!("urn:uuid:{id}"),
                1 => format!("https://ehr.example/fhir/Condition/{id}/_history/2"),
                _ => id,
            };
            fields.insert(0, ("fullUrl".to_owned(), Tree::text(url)));
        }
        if chance.percent(40) {
            let method = chance.pick(&["PUT", "POST", "DELETE"]);
            let url = format!("{}/{}", chance.pick(TYPES).0, id(chance));
            let request = vec![("method".to_owned(), Tree::text(method)), ("url".to_owned(), Tree::text(url))];
            fields.push(("request".to_owned(), Tree::Object(request)));
        }
        Tree::Object(fields)
    });
    let entries = Tree::List(entries.collect());
    Tree::Object(vec![
        ("resourceType".to_owned(), Tree::text("Bundle")),
        ("type".to_owned(), Tree::text("transaction")),
        ("entry".to_owned(), entries),
    ])
}

fn object(elements: &[Element], chance: &mut Chance) -> Vec<(String, Tree)> {
    let mut fields = Vec::new();
    for &(name, times, kind) in elements {
        if chance.percent(60) {
            let value = match times {
                Once => value(kind, chance),
                Often => Tree::List((0..chance.below(3)).map(|_| value(kind, chance)).collect()),
            };
            fields.push((name.to_owned(), value));
        }
    }
    fields
}

fn value(kind: Kind, chance: &mut Chance) -> Tree {
    let fields = match kind {
        Text => {
            return Tree::text(chance.pick(&["Asthma clinic", "", "Zoë O’Brien", "\u{1f9d1}\u{200d}\u{2695}\u{fe0f}"]));
        }
        Flag => return Tree::Word(chance.pick(&["true", "false"])),
        Date => return Tree::text(date(chance)),
        Code(codes) => return Tree::text(chance.pick(codes)),
        Coding => return coding(&["AMB", "IMP", "VR", "HH", "EMER"], chance),
        Concept(codes) => {
            let codings = (0..chance.below(3)).map(|_| coding(codes, chance)).collect();
            vec![("coding".to_owned(), Tree::List(codings)), ("text".to_owned(), Tree::text(chance.pick(codes)))]
        }
        Period => {
            let mut fields = Vec::new();
            for name in ["start", "end"] {
                if chance.percent(75) {
                    fields.push((name.to_owned(), Tree::text(date(chance))));
                }
            }
            fields
        }
        Reference(kinds) => vec![reference(kinds, chance)],
        Name => vec![
            ("use".to_owned(), Tree::text("official")),
            ("family".to_owned(), Tree::text("Okoro")),
            ("given".to_owned(), Tree::List(vec![Tree::text("Amara")])),
        ],
        Object(elements) => object(elements, chance),
    };
    Tree::Object(fields)
}

fn coding(codes: &[&str], chance: &mut Chance) -> Tree {
    let mut fields = Vec::new();
    if chance.percent(70) {
        let systems = ["http://snomed.info/sct", "http://hl7.org/fhir/sid/icd-10", ""];
        fields.push(("system".to_owned(), Tree::text(chance.pick(&systems))));
    }
    if chance.percent(90) {
        fields.push(("code".to_owned(), Tree::text(chance.pick(codes))));
    }
    if chance.percent(30) {
        fields.push(("display".to_owned(), Tree::text("words")));
    }
    Tree::Object(fields)
}

fn identifier(chance: &mut Chance) -> Tree {
    let systems = ["https://fhir.nhs.uk/Id/nhs-number", "https://fhir.hl7.org.uk/Id/gmc-number", ""];
    Tree::Object(vec![
        ("system".to_owned(), Tree::text(chance.pick(&systems))),
        ("value".to_owned(), Tree::text(chance.pick(&["943 476 5919", "9434765919", "1111111111", "C1234567", ""]))),
    ])
}

fn reference(kinds: &[&str], chance: &mut Chance) -> (String, Tree) {
    let (kind, id) = (chance.pick(kinds), id(chance));
    let text = match chance.below(12) {
        0 => format!("https://ehr.example/fhir/{kind}/{id}"),
        1 => format!("urn:uuid:{id}"),
        2 => format!("#{id}"),
        3 => format!("{kind}?identifier=https%3A%2F%2Ffhir.nhs.uk%2FId%2Fnhs-number%7C943%20476%205919"),
        4 => format!("{kind}/{id}/_history/3"),
        5 => return ("identifier".to_owned(), identifier(chance)),
        6 => return ("display".to_owned(), Tree::text("Dr Okoro")),
        _ => format!("{kind}/{id}"),
    };
    ("reference".to_owned(), Tree::text(text))
}

/// Few ids, so that references meet.
fn id(chance: &mut Chance) -> String {
    (chance.pick(&["a", "b", "c", "patient-1", "0b7e0d3c-5a4f-4f6e-9a8f-1d2c3b4a5e6f"])).to_owned()
}

/// A date that there is, mostly: in every precision, with and without zones, near the ends of months, years and time.
pub(super) fn date(chance: &mut Chance) -> String {
    let year = match chance.below(12) {
        0 => 1,
        1 => 9999,
        2 => 1900,
        3 => 0,
        _ => 1990 + chance.below(40),
    };
    let days_max = if chance.percent(15) { 31 } else { 28 };
    let (month, day) = (1 + chance.below(12), 1 + chance.below(days_max));
    let days = match chance.below(5) {
        0 => return format!("{year:04}"),
        1 => return format!("{year:04}-{month:02}"),
        2 => return format!("{year:04}-{month:02}-{day:02}"),
        _ => format!("{year:04}-{month:02}-{day:02}"),
    };
    let (hour, minute) = (chance.below(24), chance.below(60));
    let seconds = match chance.below(4) {
        0 => String::new(),
        1 => format!(":{:02}.{}", chance.below(60), chance.below(1_000_000_000)),
        _ => format!(":{:02}", chance.below(61)),
    };
    let zone = match chance.below(5) {
        0 => String::new(),
        1 => format!("+{:02}:{:02}", chance.below(15), 15 * chance.below(4)),
        2 => format!("-{:02}:{:02}", chance.below(15), 15 * chance.below(4)),
        _ => "Z".to_owned(),
    };
    format!("{days}T{hour:02}:{minute:02}{seconds}{zone}")
}

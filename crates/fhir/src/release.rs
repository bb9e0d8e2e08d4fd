//! Resources that are plainly of another FHIR release than R4.

use serde_json::Value;

use crate::reference::Type;

/// The message, for a type that only an earlier release has.
pub(crate) fn of_type(name: &str) -> Option<String> {
    matches!(name, "ReferralRequest" | "ProcedureRequest")
        .then(|| message("STU3 or DSTU2", &format!("a {name}, which R4 calls ServiceRequest")))
}

/// The message, if a resource that can't be read has an element that only another release has.
pub(crate) fn of_resource(kind: Type, text: &str) -> Option<String> {
    let value: Value = serde_json::from_str(text).ok()?;
    markers(kind).iter().find_map(|&(pointer, is, release)| {
        let found = value.pointer(pointer).is_some_and(|value| match is {
            Is::There => !value.is_null(),
            Is::Text => value.is_string(),
            Is::List => value.is_array(),
            Is::Object => value.is_object(),
        });
        let element = pointer.trim_start_matches('/').replace("/0", "").replace('/', ".");
        found.then(|| message(release, &format!("`{element}` as there")))
    })
}

fn message(release: &str, what: &str) -> String {
    format!("it is of FHIR {release}, not R4: it has {what}; export it as R4")
}

#[derive(Clone, Copy)]
enum Is {
    There,
    Text,
    List,
    Object,
}

/// Elements whose shape R4 doesn't know, or that stand where R4 has another that the rules read. What is merely left
/// over from an earlier release (`assertedDate`) makes no resource one of that release. From the pages of each resource
/// (<https://hl7.org/fhir/R5/diff.html>, <https://hl7.org/fhir/R4/diff.html>).
fn markers(kind: Type) -> &'static [(&'static str, Is, &'static str)] {
    match kind {
        Type::Patient | Type::PractitionerRole => &[],
        Type::Practitioner => &[("/name", Is::Object, "DSTU2")],
        Type::Organization => &[("/type", Is::Object, "DSTU2")],
        Type::Condition => &[
            ("/clinicalStatus", Is::Text, "STU3 or DSTU2"),
            ("/verificationStatus", Is::Text, "STU3 or DSTU2"),
            ("/patient", Is::There, "DSTU2"),
        ],
        Type::CarePlan => &[("/addresses/0/concept", Is::There, "R5"), ("/addresses/0/reference", Is::Object, "R5")],
        Type::CareTeam => &[
            ("/reason", Is::There, "R5"),
            ("/participant/0/role", Is::Object, "R5 or STU3"),
            ("/participant/0/coveragePeriod", Is::There, "R5"),
        ],
        Type::EpisodeOfCare => &[("/diagnosis/0/condition", Is::List, "R5"), ("/condition", Is::There, "DSTU2")],
        Type::Encounter => &[
            ("/class", Is::List, "R5"),
            ("/class", Is::Text, "DSTU2"),
            ("/actualPeriod", Is::There, "R5"),
            ("/participant/0/actor", Is::There, "R5"),
            ("/patient", Is::There, "DSTU2"),
        ],
        Type::ServiceRequest => &[("/reason", Is::There, "R5"), ("/code/concept", Is::There, "R5")],
        Type::Task => &[("/requester/agent", Is::There, "STU3")],
        Type::Goal => &[("/status", Is::There, "STU3 or DSTU2")],
    }
}

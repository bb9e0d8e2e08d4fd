//! ConceptMaps: which codings count as one.
//!
//! <https://hl7.org/fhir/R4/conceptmap.html>. Only `equal` and `equivalent` are used; what maps to something wider or
//! narrower isn't the same need. A map is read strictly: what is misread would join two needs that are two.

use std::collections::BTreeMap;
use std::path::Path;

use answerable_fhir::{CodingKey, Equivalents};
use serde::Deserialize;
use serde_json::Value;

use crate::error::Error;

/// What `target.equivalence` may be: <https://hl7.org/fhir/R4/valueset-concept-map-equivalence.html>.
const EQUIVALENCES: [&str; 10] = [
    "relatedto",
    "equivalent",
    "equal",
    "wider",
    "subsumes",
    "narrower",
    "specializes",
    "inexact",
    "unmatched",
    "disjoint",
];

/// Those that make two codings one.
const ONE: [&str; 2] = ["equal", "equivalent"];

#[derive(Deserialize)]
struct Bundle {
    #[serde(default)]
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    resource: Option<Value>,
}

#[derive(Deserialize)]
struct ConceptMap {
    #[serde(default)]
    group: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    source: Option<String>,
    target: Option<String>,
    #[serde(default)]
    element: Vec<Element>,
}

#[derive(Deserialize)]
struct Element {
    code: Option<String>,
    #[serde(default)]
    target: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    code: Option<String>,
    equivalence: Option<String>,
    relationship: Option<Value>,
    /// The mapping holds only where other elements have certain values: not one that always holds.
    #[serde(default, rename = "dependsOn")]
    depends_on: Vec<BTreeMap<String, Value>>,
}

/// Reads a FHIR R4 ConceptMap, or a Bundle of them, and makes one what it maps as equal or equivalent. Gives the number
/// of pairs.
///
/// # Errors
///
/// A usage error that names the file, if it can't be read or isn't what it should be.
pub fn read_concept_map(path: &Path, equivalents: &mut Equivalents) -> Result<u64, Error> {
    let wrong = |what: String| Error::usage(format!("the concept map `{}` {what}", path.display()));
    let bytes = std::fs::read(path).map_err(|error| wrong(format!("can't be read: {error}")))?;
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    let value: Value = serde_json::from_slice(bytes).map_err(|error| wrong(format!("isn't JSON: {error}")))?;
    let pairs = pairs(value).map_err(wrong)?;
    for ((system, code), (to_system, to_code)) in &pairs {
        equivalents.unite(CodingKey::new(system, code), CodingKey::new(to_system, to_code));
    }
    Ok(pairs.len() as u64)
}

type Pair = ((String, String), (String, String));

fn pairs(value: Value) -> Result<Vec<Pair>, String> {
    let mut pairs = Vec::new();
    match value.get("resourceType").and_then(Value::as_str) {
        Some("ConceptMap") => map(value, &mut pairs)?,
        Some("Bundle") => {
            let bundle: Bundle =
                serde_json::from_value(value).map_err(|error| format!("is no Bundle of R4: {error}"))?;
            for (number, resource) in
                bundle.entry.into_iter().enumerate().filter_map(|(number, entry)| Some((number + 1, entry.resource?)))
            {
                match resource.get("resourceType").and_then(Value::as_str) {
                    Some("ConceptMap") => {
                        map(resource, &mut pairs).map_err(|what| format!("{what} (entry {number})"))?
                    }
                    other => {
                        let other = other.unwrap_or("nothing with a resourceType");
                        return Err(format!("has {other} in entry {number}; give ConceptMaps alone"));
                    }
                }
            }
        }
        Some(other) => return Err(format!("is of type {other}; give a ConceptMap, or a Bundle of them")),
        None => return Err("has no resourceType; give a FHIR R4 ConceptMap, or a Bundle of them".to_owned()),
    }
    Ok(pairs)
}

fn map(value: Value, pairs: &mut Vec<Pair>) -> Result<(), String> {
    let map: ConceptMap = serde_json::from_value(value).map_err(|error| format!("is no ConceptMap of R4: {error}"))?;
    for (number, group) in map.group.into_iter().enumerate().map(|(number, group)| (number + 1, group)) {
        for element in group.element {
            for target in element.target {
                if target.relationship.is_some() {
                    return Err(format!(
                        "is of another FHIR release than R4: group {number} has `relationship`; export it as R4"
                    ));
                }
                let Some(equivalence) = target.equivalence else {
                    return Err(format!("has a target without `equivalence` in group {number}"));
                };
                if !EQUIVALENCES.contains(&equivalence.as_str()) {
                    return Err(format!(
                        "has the equivalence `{equivalence}` in group {number}, which R4 doesn't have"
                    ));
                }
                if !ONE.contains(&equivalence.as_str()) || !target.depends_on.is_empty() {
                    continue;
                }
                let (Some(source), Some(to)) = (&group.source, &group.target) else {
                    return Err(format!("has no source or no target in group {number}; a code alone is of no system"));
                };
                let (Some(code), Some(to_code)) = (&element.code, target.code) else {
                    return Err(format!("maps nothing as {equivalence} in group {number}: a code is missing"));
                };
                pairs.push(((source.clone(), code.clone()), (to.clone(), to_code)));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that fails should panic")]
    use super::*;
    use serde_json::json;

    fn group(source: &str, code: &str, equivalence: &str, target: &str, to: &str) -> Value {
        json!({"source": source, "target": target,
            "element": [{"code": code, "target": [{"code": to, "equivalence": equivalence}]}]})
    }

    fn of(groups: &[Value]) -> Value {
        json!({"resourceType": "ConceptMap", "status": "active", "group": groups})
    }

    #[test]
    fn equal_and_equivalent_make_one() {
        for (equivalence, expected) in
            [("equal", 1), ("equivalent", 1), ("wider", 0), ("relatedto", 0), ("unmatched", 0)]
        {
            assert_eq!(pairs(of(&[group("a", "1", equivalence, "b", "2")])).unwrap().len(), expected, "{equivalence}");
        }
    }

    #[test]
    fn chains_are_one() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [
            {"resource": of(&[group("a", "1", "equal", "b", "2")])},
            {"resource": of(&[group("c", "3", "equivalent", "b", "2")])},
        ]});
        std::fs::write(file.path(), bundle.to_string()).unwrap();
        let mut equivalents = Equivalents::default();
        assert_eq!(read_concept_map(file.path(), &mut equivalents).unwrap(), 2);
        let of = |system, code| equivalents.of(CodingKey::new(system, code));
        assert_eq!(of("a", "1"), of("c", "3"));
        assert_ne!(of("a", "1"), of("a", "2"));
    }

    #[test]
    fn what_depends_on_something_else_is_not_used() {
        let mut map = of(&[group("a", "1", "equal", "b", "2")]);
        map["group"][0]["element"][0]["target"][0]["dependsOn"] = json!([{"property": "x", "value": "y"}]);
        assert!(pairs(map).unwrap().is_empty());
    }

    #[test]
    fn mistakes_are_named() {
        let mut no_source = of(&[group("a", "1", "equal", "b", "2")]);
        no_source["group"][0].as_object_mut().unwrap().remove("source");
        let mut r5 = of(&[group("a", "1", "equal", "b", "2")]);
        r5["group"][0]["element"][0]["target"][0] = json!({"code": "2", "relationship": "equivalent"});
        let mut no_equivalence = of(&[group("a", "1", "equal", "b", "2")]);
        no_equivalence["group"][0]["element"][0]["target"][0] = json!({"code": "2"});
        for (value, expected) in [
            (json!({"resourceType": "ValueSet"}), "is of type ValueSet"),
            (json!([]), "no resourceType"),
            (
                json!({"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient"}}]}),
                "has Patient in entry 1",
            ),
            (json!({"resourceType": "ConceptMap", "group": {}}), "no ConceptMap of R4"),
            (of(&[group("a", "1", "same", "b", "2")]), "the equivalence `same`"),
            (no_source, "no source"),
            (r5, "another FHIR release"),
            (no_equivalence, "without `equivalence`"),
        ] {
            let what = pairs(value.clone()).unwrap_err();
            assert!(what.contains(expected), "{value}: {what}");
        }
    }
}

//! The hazard log is whole, and each of its controls is there.

use std::collections::BTreeSet;

use toml::{Table, Value};

use crate::lexer::{Kind, parts};
use crate::links::Targets;
use crate::{Complaint, File, files, none, only};

/// A risk from here on isn't released.
const RISK_MAX: i64 = 14;

/// A risk from here on needs a note that says why it is accepted.
const RISK_NOTED: i64 = 8;

fn wrong(log: &str, files: &[File]) -> Vec<Complaint> {
    let log: Table = match log.parse() {
        Ok(log) => log,
        Err(error) => return vec![format!("the log can't be read: {error}")],
    };
    let known = Targets::of(files);
    let hazards = log.get("hazard").and_then(Value::as_array).into_iter().flatten();
    let mut complaints = Vec::new();
    let mut ids = BTreeSet::new();
    for hazard in hazards.filter_map(Value::as_table) {
        let id = hazard.get("id").and_then(Value::as_str).unwrap_or("");
        let mut complain = |what: String| complaints.push(format!("hazard `{id}`: {what}"));
        if !ids.insert(id.to_owned()) || id.is_empty() {
            complain("its id is missing, or another's".to_owned());
        }
        for field in ["title", "cause", "effect"] {
            if hazard.get(field).and_then(Value::as_str).is_none_or(str::is_empty) {
                complain(format!("it has no {field}"));
            }
        }
        risks(hazard, &mut complain);
        let controls: Vec<&Table> = hazard
            .get("controls")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_table)
            .collect();
        if controls.is_empty() {
            complain("it has no control".to_owned());
        }
        for control in controls {
            let text = |key| control.get(key).and_then(Value::as_str).unwrap_or("");
            if text("what").is_empty() {
                complain("a control doesn't say what it is".to_owned());
            }
            let place = text("where");
            let is_there = match text("kind") {
                "test" => place.split_once("::").is_some_and(|(path, name)| has_test(files, path, name)),
                "document" => {
                    let (path, anchor) = place.split_once('#').map_or((place, None), |(path, at)| (path, Some(at)));
                    known.has(path, anchor)
                }
                kind => {
                    complain(format!("`{kind}` is no kind of control"));
                    true
                }
            };
            if !is_there {
                complain(format!("its control `{place}` isn't there"));
            }
        }
    }
    if ids.is_empty() {
        complaints.push("the log has no hazards".to_owned());
    }
    complaints
}

fn risks(hazard: &Table, complain: &mut impl FnMut(String)) {
    let figure = |name: &str| hazard.get(name).and_then(Value::as_integer).filter(|figure| (1..=5).contains(figure));
    let names = ["severity_before", "likelihood_before", "severity_after", "likelihood_after"];
    for name in names.iter().filter(|name| figure(name).is_none()) {
        complain(format!("its {name} isn't 1 to 5"));
    }
    let risk = figure("severity_after").unwrap_or(1) * figure("likelihood_after").unwrap_or(1);
    if risk > RISK_MAX {
        complain(format!("a risk of {risk} remains"));
    } else if risk >= RISK_NOTED && hazard.get("note").and_then(Value::as_str).is_none_or(str::is_empty) {
        complain(format!("a risk of {risk} remains, and no note says why"));
    }
}

/// Whether a file has a function of that name behind `#[test]`, perhaps with other attributes between.
fn has_test(files: &[File], path: &str, name: &str) -> bool {
    let Some(file) = files.iter().find(|file| file.path == path) else { return false };
    let parts = parts(&file.text);
    let code: String = parts.iter().filter(|part| part.kind == Kind::Code).map(|part| part.text).collect();
    code.split("#[test]").skip(1).any(|after| {
        let signature = after.split('(').find(|text| text.contains("fn ")).unwrap_or("");
        signature.trim_end().ends_with(&format!("fn {name}"))
    })
}

#[test]
fn every_control_is_there() {
    let files = files();
    let log = files.iter().find(|file| file.path == "safety/hazards.toml").unwrap();
    none(&wrong(&log.text, &files));
}

#[test]
fn a_control_that_is_gone_is_noticed() {
    let files = [
        File::new("a.rs", "#[test]\n#[cfg(unix)]\nfn one() {}\n\nfn two() {}\n// #[test]\n// fn three() {}\n"),
        File::new("a.md", "# One\n"),
    ];
    let hazard = |id: &str, after: &str, controls: &str| {
        format!(
            "[[hazard]]\nid = \"{id}\"\ntitle = \"t\"\ncause = \"c\"\neffect = \"e\"\nseverity_before = 4\n\
             likelihood_before = 4\n{after}\ncontrols = [{controls}]\n"
        )
    };
    let control = |kind, place| format!("{{ what = \"w\", kind = \"{kind}\", where = \"{place}\" }},");
    let low = "severity_after = 2\nlikelihood_after = 1";
    let good = hazard("good", low, &(control("test", "a.rs::one") + &control("document", "a.md#one")));
    none(&wrong(&good, &files));
    let gone = ["a.rs::two", "a.rs::three", "a.rs", "b.rs::one"].map(|place| control("test", place)).concat()
        + &["a.md#two", "b.md"].map(|place| control("document", place)).concat()
        + &control("hope", "a.md");
    let bad = good.clone()
        + &hazard("gone", low, &gone)
        + &hazard("high", "severity_after = 5\nlikelihood_after = 3", &control("document", "a.md"))
        + &hazard("noted", "severity_after = 4\nlikelihood_after = 2", &control("document", "a.md"))
        + &hazard("good", "severity_after = 0\nlikelihood_after = 1", "");
    only(
        &wrong(&bad, &files),
        &[
            "`a.rs::two`",
            "`a.rs::three`",
            "`a.rs` isn't",
            "`b.rs::one`",
            "`a.md#two`",
            "`b.md`",
            "`hope`",
            "a risk of 15",
            "a risk of 8 remains, and no note",
            "or another's",
            "severity_after isn't",
            "it has no control",
        ],
    );
    only(&wrong("", &files), &["no hazards"]);
}

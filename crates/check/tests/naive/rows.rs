//! Rows with the documented columns, in the documented order.

use super::dates::{BEFORE_ALL, Instant, show_or_null};
use super::findings::Finding;
use super::judge::{Case, basis_name, evidence, rules};
use super::read::Report;
use super::world::World;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

pub type Row = Map<String, Value>;

#[derive(Default)]
pub struct Rows {
    pub verdicts: Vec<Row>,
    pub timeline: Vec<Row>,
    pub findings: Vec<Row>,
    pub report: Report,
}

fn row(columns: Value) -> Row {
    columns.as_object().unwrap().clone()
}

fn list(names: &BTreeSet<String>) -> Value {
    names.iter().cloned().collect()
}

fn known(t: Instant) -> Option<Instant> {
    Some(t).filter(|t| *t != BEFORE_ALL)
}

pub fn rows(mut world: World) -> Rows {
    let needs = world.needs();
    let mut out = Rows::default();
    let mut findings: Vec<Finding> = vec![];
    for need in &needs {
        for duty in &world.duties(need) {
            let case = Case::new(&world, need, duty);
            let timeline = case.timeline();
            for (i, stretch) in timeline.iter().enumerate() {
                let end = timeline.get(i + 1).map_or(world.as_of, |s| s.from);
                // What changes at as-of itself shows in the verdict alone.
                let Some(v) = stretch.verdict.as_ref().filter(|_| stretch.from < world.as_of) else { continue };
                out.timeline.push(row(json!({
                    "patient": need.patient, "need": need.name, "duty": duty.name,
                    "start": show_or_null(known(stretch.from)), "end": show_or_null(Some(end)),
                    "verdict": v.word, "basis": v.basis.map(basis_name), "holders": list(&v.holders),
                })));
            }
            let Some(v) = case.verdict(world.as_of) else { continue };
            out.verdicts.push(row(json!({
                "patient": need.patient, "need": need.name, "duty": duty.name, "verdict": v.word,
                "severity": v.severity(), "basis": v.basis.map(basis_name), "holders": list(&v.holders),
                "since": show_or_null(case.since()),
                "rules": list(&rules(&v.claims)), "evidence": list(&evidence(&v.claims)),
            })));
            findings.extend(world.duty_findings(&case));
            if duty.name == "overall" {
                findings.extend(world.need_findings(need, &needs, &case));
            }
        }
    }
    for patient in world.patients() {
        findings.extend(world.voiceless(&patient, &needs));
    }
    for f in findings {
        out.findings.push(row(json!({
            "patient": f.patient, "need": f.need, "duty": f.duty, "finding": f.finding, "severity": f.severity,
            "holders": list(&f.holders), "since": show_or_null(f.since), "until": show_or_null(f.until),
            "rules": list(&f.rules), "evidence": list(&f.evidence),
        })));
    }
    sort(&mut out.verdicts, "duty");
    sort(&mut out.timeline, "start");
    sort(&mut out.findings, "finding");
    out.report = world.report;
    out
}

/// Patient, need, duty, start or finding, compared as bytes, null first.
fn sort(rows: &mut [Row], last: &str) {
    let text = |row: &Row, column: &str| row[column].as_str().map(str::to_string);
    rows.sort_by_cached_key(|r| ["patient", "need", "duty", last].map(|c| text(r, c)));
}

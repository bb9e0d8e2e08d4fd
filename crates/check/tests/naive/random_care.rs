//! The care of one random patient: conditions, requests, plans, teams, episodes, encounters, Tasks, goals.

use super::random::{ENDS, GMC, Rng, SNOMED, STARTS, concept, period, start};
use super::random_teams::{handover, participant};
use serde_json::{Value, json};

pub const ROLE: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";

/// A reference to someone who may hold a claim: mostly a few people, so that they meet again.
pub fn holder(rng: &mut Rng) -> Value {
    let common = [
        "Practitioner/ann",
        "Practitioner/ben",
        "Practitioner/cat",
        "PractitionerRole/ann-r",
        "PractitionerRole/ben-r",
        "PractitionerRole/cat-r",
        "Practitioner/dan",
    ];
    let odd = [
        "Organization/kids",
        "Organization/clinic",
        "Organization/trust",
        "PractitionerRole/vacant",
        "PractitionerRole/gone-r",
        "Practitioner/gone",
        "PractitionerRole/none",
        "Organization/gone",
        "HealthcareService/physio",
        "RelatedPerson/mum",
        "Device/d",
        "Patient/p",
        "CareTeam/t0",
        "Group/g",
    ];
    match rng.below(100) {
        0..=69 => json!({"reference": *rng.pick(&common)}),
        70..=91 => json!({"reference": *rng.pick(&odd)}),
        92 if rng.percent(50) => json!({"display": "Dr Display"}),
        92 => json!({"reference": "Practitioner/gone", "identifier": {"system": GMC, "value": "1"}}),
        93 => json!({"display": "The Practice", "type": "Organization"}),
        94 => json!({"identifier": {"system": GMC, "value": *rng.pick(&["1", "2", "9"])}, "type": "Practitioner"}),
        95 => json!({"identifier": {"system": "http://local.example/staff", "value": "7"}}),
        96 => json!({"reference": format!("Practitioner?identifier={GMC}|{}", rng.pick(&["1", "2", "3", "9"]))}),
        97 => json!({"reference": format!("Practitioner?identifier={GMC}%7C{}", rng.pick(&["1", "2"]))}),
        98 => json!({"reference": "Practitioner?identifier=http://local.example/staff|8"}),
        _ => json!({"reference": "urn:uuid:nowhere"}),
    }
}

/// Adds an element now and then.
pub fn maybe(rng: &mut Rng, p: usize, v: &mut Value, field: &str, value: impl FnOnce(&mut Rng) -> Value) {
    if rng.percent(p) {
        v[field] = value(rng);
    }
}

/// References to a few of them.
fn some(rng: &mut Rng, from: &[String], most: usize) -> Vec<Value> {
    let n = if from.is_empty() || rng.percent(12) { 0 } else { rng.between(1, most) };
    (0..n)
        .map(|_| {
            let id = rng.pick(from);
            // Now and then patient p's of the same number: a link between two patients.
            let id = if rng.percent(5) { id.split('-').next().unwrap() } else { id };
            json!({"reference": id})
        })
        .collect()
}

struct Ids {
    patient: String,
    conditions: Vec<String>,
    requests: Vec<String>,
    plans: Vec<String>,
    teams: Vec<String>,
    episodes: Vec<String>,
    encounters: Vec<String>,
    goals: Vec<String>,
}

pub fn care(rng: &mut Rng, patient: &str) -> Vec<Value> {
    let ids = |rng: &mut Rng, kind: &str, sizes: &[usize]| -> Vec<String> {
        // Patient p has plain ids; now and then a reference crosses to another patient's.
        let suffix = if patient == "p" { String::new() } else { format!("-{patient}") };
        (0..*rng.pick(sizes)).map(|i| format!("{kind}/{}{i}{suffix}", kind[..1].to_lowercase())).collect()
    };
    let all = Ids {
        patient: patient.to_string(),
        conditions: ids(rng, "Condition", &[0, 1, 1, 1, 2, 2, 3]),
        requests: ids(rng, "ServiceRequest", &[0, 0, 0, 1, 1, 2]),
        plans: ids(rng, "Plan", &[0, 0, 1, 1, 2]).iter().map(|p| p.replace("Plan", "CarePlan")).collect(),
        teams: ids(rng, "Team", &[0, 0, 1, 1, 1, 2]).iter().map(|t| t.replace("Team", "CareTeam")).collect(),
        episodes: ids(rng, "EpisodeOfCare", &[0, 0, 0, 1, 1, 2]),
        encounters: ids(rng, "Visit", &[0, 0, 1, 2, 2, 3, 4]).iter().map(|v| v.replace("Visit", "Encounter")).collect(),
        goals: ids(rng, "Goal", &[0, 0, 1, 1, 2]),
    };
    let mut out = vec![];
    let mut add = |rng: &mut Rng, ids: &[String], write: fn(&mut Rng, &Ids) -> Value| {
        for id in ids {
            let (kind, id) = id.split_once('/').unwrap();
            let mut v = write(rng, &all);
            v["resourceType"] = kind.into();
            v["id"] = id.into();
            let subject = match kind {
                "EpisodeOfCare" => "patient",
                "Task" => "for",
                _ => "subject",
            };
            v[subject] = match rng.below(150) {
                0 => json!({"reference": "Group/g"}),
                1 if kind == "Encounter" || kind == "Task" || kind == "CareTeam" => Value::Null,
                2 => json!({"reference": "Patient/gone"}),
                _ => json!({"reference": format!("Patient/{}", all.patient)}),
            };
            out.push(v);
        }
    };
    add(rng, &all.conditions, condition);
    add(rng, &all.requests, request);
    add(rng, &all.plans, plan);
    add(rng, &all.teams, team);
    add(rng, &all.episodes, episode);
    add(rng, &all.encounters, encounter);
    add(rng, &all.goals, goal);
    let tasks = ids(rng, "Task", &[0, 0, 1, 1, 2, 3]);
    let tasks: Vec<String> = tasks.iter().map(|t| t.replace("/t", "/task")).collect();
    add(rng, &tasks, task);
    out
}

fn condition(rng: &mut Rng, ids: &Ids) -> Value {
    let mut v = json!({});
    let status = *rng.pick(&[
        "active",
        "active",
        "active",
        "active",
        "recurrence",
        "relapse",
        "resolved",
        "inactive",
        "remission",
        "",
    ]);
    if !status.is_empty() {
        v["clinicalStatus"] = concept("http://terminology.hl7.org/CodeSystem/condition-clinical", status);
    }
    let sure = *rng.pick(&[
        "confirmed",
        "confirmed",
        "confirmed",
        "confirmed",
        "confirmed",
        "confirmed",
        "confirmed",
        "provisional",
        "refuted",
        "entered-in-error",
    ]);
    v["verificationStatus"] = concept("http://terminology.hl7.org/CodeSystem/condition-ver-status", sure);
    let category = *rng.pick(&[
        "problem-list-item",
        "problem-list-item",
        "health-concern",
        "encounter-diagnosis",
        "encounter-diagnosis",
    ]);
    v["category"] = json!([concept("http://terminology.hl7.org/CodeSystem/condition-category", category)]);
    maybe(rng, 75, &mut v, "code", |rng| match rng.below(10) {
        0 => concept(SNOMED, "160903007"),
        1 => json!({"text": "History of asthma", "coding": [{"system": SNOMED, "code": "111"}]}),
        2 => json!({"coding": [{"system": SNOMED, "code": "111"}, {"system": SNOMED, "code": "222"}]}),
        3 | 4 => concept(SNOMED, "222"),
        5 => json!({"coding": [{"code": "111"}]}),
        _ => concept(SNOMED, "111"),
    });
    match rng.below(20) {
        0 => {}
        1 => v["recordedDate"] = start(rng).into(),
        2 => v["onsetPeriod"] = json!({"start": start(rng)}),
        _ => v["onsetDateTime"] = start(rng).into(),
    }
    if rng.percent(25) {
        // One of a row of stretches that touch, nearly touch or overlap.
        let row = [
            ("2019-01-01", "2019-12-31"),
            ("2020-01-01", "2020-12-31"),
            ("2021-01-01", "2021-12-31T12:00:00Z"),
            ("2021-12-31T12:00:00Z", "2022-05-31"),
            ("2022-06-01", ""),
            ("2022-06-01T00:00:01Z", "2023"),
            ("2020", "2020"),
            ("2021-01-01", "2021-01-01"),
            ("2021-01-01T00:00:00Z", "2021-01-01T00:00:00Z"),
        ];
        let (onset, end) = *rng.pick(&row);
        for gone in ["recordedDate", "onsetPeriod"] {
            v.as_object_mut().unwrap().remove(gone);
        }
        v["onsetDateTime"] = onset.into();
        v["code"] = concept(SNOMED, "111");
        if !end.is_empty() {
            v["abatementDateTime"] = end.into();
        }
    } else if rng.percent(25) {
        let end = *rng.pick(&ENDS);
        if v["onsetDateTime"].as_str().is_none_or(|s| s <= end) {
            v["abatementDateTime"] = end.into();
        }
    }
    if rng.percent(15) && !ids.encounters.is_empty() {
        v["encounter"] = json!({"reference": rng.pick(&ids.encounters).clone()});
    }
    v
}

fn request(rng: &mut Rng, ids: &Ids) -> Value {
    let status =
        *rng.pick(&["active", "active", "active", "on-hold", "completed", "revoked", "draft", "entered-in-error"]);
    let intent = *rng.pick(&["order", "order", "order", "original-order", "plan", "proposal"]);
    let mut v = json!({"status": status, "intent": intent});
    maybe(rng, 88, &mut v, "authoredOn", |rng| start(rng).into());
    maybe(rng, 80, &mut v, "requester", holder);
    maybe(rng, 75, &mut v, "performer", |rng| match rng.below(4) {
        0 => json!([holder(rng)]),
        1 => json!([{"reference": "Patient/p"}]),
        _ => json!([{"reference": "Organization/clinic"}]),
    });
    maybe(rng, 8, &mut v, "performerType", |_| concept(SNOMED, "309343006"));
    maybe(rng, 5, &mut v, "doNotPerform", |rng| rng.percent(60).into());
    maybe(rng, 25, &mut v, "category", |rng| match rng.below(4) {
        0 => json!([{"text": "Referral to adult services"}]),
        1 => json!([concept(SNOMED, "3457005")]),
        2 => json!([concept(SNOMED, "108252007")]),
        _ => json!([{"text": "Other"}]),
    });
    maybe(rng, 50, &mut v, "reasonReference", |rng| some(rng, &ids.conditions, 2).into());
    v
}

fn plan(rng: &mut Rng, ids: &Ids) -> Value {
    let status = *rng.pick(&[
        "active",
        "active",
        "active",
        "active",
        "on-hold",
        "completed",
        "revoked",
        "draft",
        "entered-in-error",
    ]);
    let mut v = json!({"status": status, "intent": "plan"});
    let often = if status == "completed" || status == "revoked" { 75 } else { 30 };
    v["period"] = period(rng, 80, often);
    maybe(rng, 20, &mut v, "created", |rng| start(rng).into());
    maybe(rng, 75, &mut v, "addresses", |rng| some(rng, &ids.conditions, 2).into());
    maybe(rng, 45, &mut v, "author", holder);
    maybe(rng, 50, &mut v, "careTeam", |rng| some(rng, &ids.teams, 1).into());
    maybe(rng, 40, &mut v, "goal", |rng| some(rng, &ids.goals, 1).into());
    maybe(rng, 8, &mut v, "title", |_| "Transition plan".into());
    maybe(rng, 8, &mut v, "category", |_| json!([{"text": "Transition to adults"}]));
    if rng.percent(8) {
        v["contained"] = json!([
            {"resourceType": "CareTeam", "id": "t1", "status": "active", "participant": [participant(rng), {"member": {"reference": "#doc"}}]},
            {"resourceType": "Practitioner", "id": "doc", "active": !rng.percent(15)},
            {"resourceType": "PractitionerRole", "id": "role", "practitioner": {"reference": "#doc"}, "period": period(rng, 30, 50)},
        ]);
        v["careTeam"] = json!([{"reference": "#t1"}]);
        maybe(rng, 40, &mut v, "author", |rng| json!({"reference": *rng.pick(&["#doc", "#role"])}));
    }
    if rng.percent(45) {
        let activities = rng.between(1, 3);
        let list: Vec<Value> = (0..activities).map(|_| activity(rng)).collect();
        v["activity"] = list.into();
    }
    v
}

fn activity(rng: &mut Rng) -> Value {
    let status = *rng.pick(&["in-progress", "scheduled", "not-started", "completed", "stopped", "in-progress"]);
    let mut detail = json!({"status": status});
    match rng.below(8) {
        0 => detail["code"] = json!({"coding": [{"code": "11"}, {"code": "22", "display": "bloods"}]}),
        1 => detail["code"] = concept(SNOMED, "73"),
        2 => detail["kind"] = "Appointment".into(),
        3 => detail["description"] = "bloods".into(),
        4 => detail["code"] = json!({"text": "overall"}),
        5 => {}
        _ => detail["code"] = json!({"text": *rng.pick(&["bloods", "exercise"])}),
    }
    maybe(rng, 85, &mut detail, "performer", |rng| {
        let n = rng.between(1, 2);
        (0..n).map(|_| holder(rng)).collect::<Vec<Value>>().into()
    });
    json!({"detail": detail})
}

fn team(rng: &mut Rng, ids: &Ids) -> Value {
    let mut v = json!({});
    let status = *rng.pick(&[
        "active",
        "active",
        "active",
        "active",
        "inactive",
        "proposed",
        "suspended",
        "entered-in-error",
        "",
    ]);
    if !status.is_empty() {
        v["status"] = status.into();
    }
    maybe(rng, 40, &mut v, "period", |rng| period(rng, 60, 45));
    maybe(rng, 50, &mut v, "reasonReference", |rng| some(rng, &ids.conditions, 2).into());
    let n = rng.between(1, 3);
    v["participant"] = (0..n).map(|_| participant(rng)).collect::<Vec<Value>>().into();
    if rng.percent(30) {
        v["participant"] = handover(rng).into();
        maybe(rng, 80, &mut v, "status", |_| "active".into());
        maybe(
            rng,
            15,
            &mut v,
            "period",
            |rng| json!({"end": *rng.pick(&["2024-05-06T00:00:00Z", "2024-05-06T00:00:00", "2024-07-01T00:00:00Z", "2024-05-05"])}),
        );
    }
    v
}

fn episode(rng: &mut Rng, ids: &Ids) -> Value {
    let status =
        *rng.pick(&["active", "active", "active", "onhold", "finished", "finished", "planned", "entered-in-error"]);
    let mut v = json!({"status": status});
    v["period"] = period(rng, 85, if status == "finished" { 85 } else { 45 });
    if rng.percent(3) {
        // An end the day before its start.
        v["period"] = json!({"start": "2024-05-06", "end": "2024-05-05"});
    }
    if rng.percent(75) {
        let listed = some(rng, &ids.conditions, 2);
        v["diagnosis"] = listed.into_iter().map(|c| json!({"condition": c})).collect::<Vec<Value>>().into();
    }
    maybe(rng, 75, &mut v, "careManager", holder);
    maybe(
        rng,
        40,
        &mut v,
        "managingOrganization",
        |rng| json!({"reference": *rng.pick(&["Organization/kids", "Organization/trust", "Organization/gone"])}),
    );
    maybe(rng, 30, &mut v, "team", |rng| some(rng, &ids.teams, 1).into());
    maybe(rng, 40, &mut v, "referralRequest", |rng| some(rng, &ids.requests, 1).into());
    v
}

fn encounter(rng: &mut Rng, ids: &Ids) -> Value {
    let status = *rng.pick(&[
        "finished",
        "finished",
        "finished",
        "finished",
        "in-progress",
        "in-progress",
        "arrived",
        "onleave",
        "triaged",
        "planned",
        "cancelled",
        "entered-in-error",
        "unknown",
    ]);
    let class = *rng.pick(&["AMB", "AMB", "IMP", "IMP", "VR", "HH", "ACUTE", "EMER", "NONAC", "OBSENC"]);
    let mut v = json!({"status": status, "class": {"code": class}});
    v["period"] = period(rng, 95, if status == "finished" { 80 } else { 30 });
    if rng.percent(40) {
        // A short one.
        let day = &rng.pick(&STARTS)[..];
        if day.len() == 10 {
            v["period"] = json!({"start": format!("{day}T09:00:00Z"), "end": format!("{day}T10:00:00Z")});
        }
    }
    let n = rng.between(0, 3);
    let who: Vec<Value> = (0..n)
        .map(|_| {
            let mut p = json!({"individual": holder(rng)});
            match rng.below(6) {
                0..=2 => p["type"] = json!([concept(ROLE, "ATND")]),
                3 | 4 => p["type"] = json!([concept(ROLE, "PPRF")]),
                _ => {}
            }
            maybe(rng, 15, &mut p, "period", |rng| period(rng, 70, 70));
            p
        })
        .collect();
    v["participant"] = who.into();
    match rng.below(8) {
        0 => {
            v["diagnosis"] = some(rng, &ids.conditions, 1)
                .into_iter()
                .map(|c| json!({"condition": c}))
                .collect::<Vec<Value>>()
                .into()
        }
        1 => v["reasonCode"] = json!([concept(SNOMED, "111")]),
        2 => v["basedOn"] = some(rng, &ids.requests, 1).into(),
        3 => v["episodeOfCare"] = some(rng, &ids.episodes, 1).into(),
        4 => {}
        _ => v["reasonReference"] = some(rng, &ids.conditions, 2).into(),
    }
    v
}

fn task(rng: &mut Rng, ids: &Ids) -> Value {
    let status = *rng.pick(&[
        "requested",
        "requested",
        "received",
        "accepted",
        "accepted",
        "in-progress",
        "completed",
        "completed",
        "rejected",
        "rejected",
        "failed",
        "cancelled",
        "draft",
        "entered-in-error",
    ]);
    let mut v = json!({"status": status, "intent": "order"});
    let targets = [ids.requests.clone(), ids.conditions.clone(), ids.plans.clone(), ids.episodes.clone()];
    let mut about = targets[..2].concat();
    if rng.percent(20) {
        about = targets.concat();
    }
    if !about.is_empty() {
        maybe(rng, 85, &mut v, "focus", |rng| json!({"reference": rng.pick(&about).clone()}));
    }
    maybe(rng, 20, &mut v, "basedOn", |rng| some(rng, &about, 1).into());
    maybe(rng, 85, &mut v, "owner", holder);
    maybe(rng, 75, &mut v, "requester", holder);
    if status == "requested" && rng.percent(40) {
        v["owner"] = json!({"reference": "Organization/clinic"});
    }
    maybe(rng, 40, &mut v, "executionPeriod", |rng| period(rng, 80, 50));
    maybe(rng, 80, &mut v, "authoredOn", |rng| start(rng).into());
    maybe(rng, 60, &mut v, "lastModified", |rng| start(rng).into());
    v
}

fn goal(rng: &mut Rng, ids: &Ids) -> Value {
    let status = *rng.pick(&["active", "active", "completed", "proposed", "entered-in-error"]);
    let mut v = json!({"lifecycleStatus": status, "description": {"text": "walk to school"}});
    maybe(rng, 60, &mut v, "expressedBy", |rng| match rng.below(4) {
        0 => holder(rng),
        1 => json!({"reference": "RelatedPerson/mum"}),
        _ => json!({"reference": format!("Patient/{}", ids.patient)}),
    });
    maybe(rng, 30, &mut v, "startDate", |rng| start(rng).into());
    maybe(rng, 70, &mut v, "addresses", |rng| {
        let mut from = ids.conditions.clone();
        from.extend(ids.requests.clone());
        some(rng, &from, 1).into()
    });
    v
}

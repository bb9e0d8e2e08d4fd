//! The participants of a random team.

use super::random::{Rng, SNOMED, concept, period};
use super::random_care::{ROLE, holder, maybe};
use serde_json::{Value, json};

pub fn participant(rng: &mut Rng) -> Value {
    let mut v = json!({"member": holder(rng)});
    match rng.below(10) {
        0..=3 => v["role"] = json!([concept(ROLE, "RESP")]),
        4 => v["role"] = json!([concept(SNOMED, "768832004"), concept(SNOMED, "224535009")]),
        5 => v["role"] = json!([concept(SNOMED, "224535009")]),
        6 => {
            let codes = ["133932002", "116154003", "410534003"];
            v["role"] = json!([concept(SNOMED, codes[rng.below(3)])]);
        }
        _ => {}
    }
    maybe(rng, 65, &mut v, "period", |rng| period(rng, 75, 60));
    maybe(rng, 1, &mut v, "period", |_| json!({"start": "2024-05-05", "end": "2024-05-03"}));
    v
}

/// One place ends on a day and another begins about then: past, or to come.
pub fn handover(rng: &mut Rng) -> Vec<Value> {
    let (end, begins) = if rng.percent(60) {
        let begins =
            ["2024-05-05", "2024-05-05T09:00:00Z", "2024-05-05T12:00:00", "2024-05-05T10:00:00Z", "2024-05-06"];
        (*rng.pick(&["2024-05-05", "2024-05-05", "2024-05-05", "2024-05-05T10:00:00Z", "2024-05"]), begins)
    } else {
        let begins = ["2024-06-30", "2024-06-30T12:00:00Z", "2024-07-01", "2024-07-01T00:00:00Z", "2024-07-03"];
        (*rng.pick(&["2024-06-30", "2024-06-30", "2024-06-30", "2024-06-30T12:00:00Z"]), begins)
    };
    let roles = |rng: &mut Rng| if rng.percent(75) { json!([concept(ROLE, "RESP")]) } else { json!([]) };
    let role = roles(rng);
    let mut first = json!({"member": holder(rng), "role": role, "period": {"end": end}});
    maybe(rng, 70, &mut first["period"], "start", |rng| {
        (*rng.pick(&["2024-01-01", "2023", "2024-05-05", "2024-05-05T09:00:00Z"])).into()
    });
    let mut second = json!({"member": holder(rng), "role": role, "period": {"start": *rng.pick(&begins)}});
    maybe(rng, 40, &mut second["period"], "end", |rng| {
        (*rng.pick(&["2024-05-05T12:00:00Z", "2024-05-05", "2024-06-30", "2024-07", "2024-08-29", "2025"])).into()
    });
    if second["period"]["end"].as_str().is_some_and(|e| second["period"]["start"].as_str() > Some(e)) {
        second["period"].as_object_mut().unwrap().remove("end");
    }
    if rng.percent(30) {
        second["role"] = roles(rng);
    }
    let mut all = vec![first, second];
    if rng.percent(25) {
        all.push(participant(rng));
    }
    all
}

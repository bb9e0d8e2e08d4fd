//! Commands for tests: a ward with an organisation above it, roles, patients.

use serde_json::{Value, json};

/// An instant of the day on which everything happens.
pub fn at(minutes: u32) -> String {
    format!("2026-01-05T{:02}:{:02}:00Z", 8 + minutes / 60, minutes % 60)
}

/// A command at so many minutes past eight, as a line.
pub fn command(id: &str, by: &Value, minutes: u32, of: &str, mut fields: Value) -> String {
    let envelope = fields.as_object_mut().unwrap();
    for (name, value) in [("type", json!(of)), ("id", json!(id)), ("by", by.clone())] {
        envelope.insert(name.to_owned(), value);
    }
    for name in ["at", "recorded"] {
        envelope.entry(name).or_insert_with(|| json!(at(minutes)));
    }
    fields.to_string()
}

/// By a role.
pub fn role(id: &str) -> Value {
    json!({ "role": id })
}

/// An organisation `icb` led by `chair`, a `ward` led by `webb` with `okoro` and `silva`, a `surgery` led by `patel` with
/// `hale`, a service `clinic` at the surgery.
pub fn ward() -> Vec<String> {
    let system = json!({"system": "records"});
    let mut lines = Vec::new();
    let mut push = |of: &str, by: &Value, fields: Value| {
        let id = format!("ward-{}", lines.len());
        lines.push(command(&id, by, 0, of, fields));
    };
    push("register_organisation", &system, json!({"organisation": "icb", "name": "Board"}));
    for (organisation, name) in [("ward", "Children's ward"), ("surgery", "Surgery")] {
        let fields = json!({"organisation": organisation, "name": name, "parent": "icb", "until_age": 18});
        push("register_organisation", &system, fields);
    }
    for (id, organisation) in [
        ("chair", "icb"),
        ("webb", "ward"),
        ("okoro", "ward"),
        ("silva", "ward"),
        ("patel", "surgery"),
        ("hale", "surgery"),
    ] {
        let name = json!({"practitioner": format!("dr-{id}"), "name": format!("Dr {id}")});
        push("register_practitioner", &system, name);
        let fields = json!({
            "role": id, "practitioner": format!("dr-{id}"), "organisation": organisation,
            "profession": "clinician", "scope": ["*"], "start": "2020-01-01T00:00:00Z"
        });
        push("register_role", &system, fields);
    }
    for (organisation, lead) in [("icb", "chair"), ("ward", "webb"), ("surgery", "patel")] {
        push("set_lead", &system, json!({"organisation": organisation, "role": lead}));
        push("set_lead", &role(lead), json!({"organisation": organisation, "role": lead}));
    }
    push("register_service", &system, json!({"service": "clinic", "name": "Clinic", "organisation": "surgery"}));
    lines
}

/// A patient with a need and a duty held by a role: the duty is `PATIENT-decide`.
pub fn patient(id: &str, holder: &str) -> Vec<String> {
    let system = json!({"system": "records"});
    vec![
        command(
            &format!("register-{id}"),
            &system,
            1,
            "register_patient",
            json!({"patient": id, "birth_date": "2012-06-01"}),
        ),
        command(
            &format!("open-{id}"),
            &role(holder),
            2,
            "open_need",
            json!({
                "patient": id, "need": format!("{id}-asthma"), "title": "Asthma",
                "duties": [{"duty": format!("{id}-decide"), "kind": "decide"}]
            }),
        ),
    ]
}

/// An offer of a patient's duty, `o-PATIENT`.
pub fn offer(id: &str, from: &str, to: &Value, minutes: u32) -> String {
    command(
        &format!("offer-{id}"),
        &role(from),
        minutes,
        "offer",
        json!({
            "offer": format!("o-{id}"), "patient": id, "duties": [format!("{id}-decide")], "to": to,
            "reply_within": "P14D", "severity": "stable", "summary": "asthma", "actions": [],
            "contingency": "call the ward"
        }),
    )
}

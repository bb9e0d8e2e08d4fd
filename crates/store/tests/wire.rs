//! The wire: what is malformed, and why it says so; commands and events read as they are written.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it didn't expect")]

use answerable_store::wire;
use serde_json::{Value, json};

/// A command that is whole.
fn offer() -> Value {
    json!({
        "type": "offer", "id": "k1", "by": {"role": "okoro"}, "at": "2026-01-05T10:00:00Z", "offer": "o1",
        "patient": "amy", "duties": ["amy-decide"], "to": {"role": "hale"}, "reply_within": "P14D",
        "severity": "stable", "summary": "asthma", "actions": [], "contingency": "call the ward"
    })
}

fn with(change: impl Fn(&mut Value)) -> Value {
    let mut command = offer();
    change(&mut command);
    command
}

#[track_caller]
fn malformed(command: &Value, field: &str, why: &str) {
    let unreadable = wire::command(&command.to_string()).unwrap_err();
    assert_eq!(unreadable.malformed.field, field);
    assert!(unreadable.malformed.why.contains(why), "{}", unreadable.malformed.why);
    let answer: Value = serde_json::from_str(&wire::malformed(&unreadable)).unwrap();
    assert_eq!((&answer["ok"], &answer["refusal"]), (&json!(false), &json!("malformed")));
    assert!(answer["message"].as_str().unwrap().contains(why));
}

#[test]
fn a_whole_command_is_read_and_written_the_same() {
    let command = wire::command(&offer().to_string()).unwrap();
    let again: Value = serde_json::from_str(&wire::command_line(&command)).unwrap();
    assert_eq!(again, offer());
}

#[test]
fn what_is_not_as_the_page_says_is_malformed() {
    let set = |name: &'static str, value: Value| with(|command| command[name] = value.clone());
    malformed(&set("offer", json!("a/b")), "offer", "without `/`");
    malformed(&set("id", json!("a/b")), "id", "without `/`");
    malformed(&set("offer", json!("a b")), "offer", "without spaces");
    malformed(&set("offer", json!("é".repeat(256))), "offer", "at most 255");
    malformed(&set("id", json!("x".repeat(256))), "id", "at most 255");
    malformed(&set("offer", json!("")), "offer", "at least one character");
    malformed(&set("offer", json!(7)), "offer", "an id");
    malformed(&set("duties", json!([])), "duties", "at least one");
    malformed(&set("duties", json!(["a", "a"])), "duties", "names `a` twice");
    malformed(&set("duties", json!("a")), "duties", "a list");
    malformed(&set("duties", json!(["a", 1])), "duties[1]", "an id");
    malformed(&set("to", json!({"role": "hale", "service": "intake"})), "to.service", "no field");
    malformed(&set("to", json!({"patient": "amy"})), "to", "service");
    malformed(&set("reply_within", json!("P3661D")), "reply_within", "3660");
    malformed(&set("reply_within", json!("P0D")), "reply_within", "PnD");
    malformed(&set("reply_within", json!("PT1S")), "reply_within", "PnD");
    malformed(&set("reply_within", json!("P+1D")), "reply_within", "PnD");
    malformed(&set("severity", json!("bad")), "severity", "stable, watcher, unstable");
    malformed(&set("summary", json!("")), "summary", "at least one");
    malformed(&set("summary", json!("x".repeat(4001))), "summary", "at most 4000");
    malformed(&set("until", Value::Null), "until", "a text");
    malformed(&set("colour", json!("red")), "colour", "no field");
    malformed(&set("type", json!("give")), "type", "no command");
    malformed(&set("by", json!({"role": "okoro", "patient": "amy"})), "by", "should be");
    malformed(&set("by", json!({"clock": false})), "by.clock", "`true`");
    malformed(&json!([1]), "", "an object");
    malformed(&with(|command| drop(command.as_object_mut().unwrap().remove("duties"))), "duties", "is missing");
    for at in [
        "2026-01-05",
        "2026-01-05T10:00:00",
        "2026-01-05T10:00:00+00:00",
        "2026-02-30T10:00:00Z",
        "2026-01-05T24:00:00Z",
        "2026-01-05T10:00Z",
        "2026-01-05t10:00:00z",
        "2026-1-5T10:00:00Z",
        "now",
    ] {
        malformed(&set("at", json!(at)), "at", "an instant");
    }
    assert!(wire::command(&set("summary", json!("é".repeat(4000))).to_string()).is_ok());
    assert!(wire::command(&set("reply_within", json!("PT87840H")).to_string()).is_ok());
}

#[test]
fn texts_that_are_no_single_value_are_malformed() {
    let twice = offer().to_string().replacen('{', r#"{"offer":"o2","#, 1);
    let number = offer().to_string().replace(r#""P14D""#, "1.5");
    let deep = "[".repeat(100_000);
    for line in ["", "{", "{} {}", "nonsense", &twice, &number, &deep, "\u{0}"] {
        let unreadable = wire::command(line).unwrap_err();
        let answer: Value = serde_json::from_str(&wire::malformed(&unreadable)).unwrap();
        assert_eq!(answer["refusal"], "malformed");
        assert_eq!(answer["id"], Value::Null);
    }
    assert!(wire::command(&twice).unwrap_err().malformed.why.contains("`offer` stands twice"));
}

#[test]
fn content_is_the_same_whenever_it_is_recorded() {
    let bytes = |command: &Value| wire::command(&command.to_string()).unwrap().content_bytes();
    let recorded = with(|command| command["recorded"] = json!("2026-01-05T10:00:01Z"));
    let fraction = with(|command| command["at"] = json!("2026-01-05T10:00:00.000Z"));
    assert_eq!(bytes(&offer()), bytes(&recorded));
    assert_eq!(bytes(&offer()), bytes(&fraction));
    for (name, value) in [("summary", json!("other")), ("offer", json!("o2")), ("reason", json!("late"))] {
        assert_ne!(bytes(&offer()), bytes(&with(|command| command[name] = value.clone())));
    }
}

#[test]
fn an_event_of_another_version_is_not_guessed_at() {
    let read = |event: &str, version: u8, fields: &str| {
        let head = format!(r#"{{"event":"{event}","v":{version},"at":"2026-01-05T10:00:00Z""#);
        wire::read_body(&format!("{head}{fields}}}"))
    };
    let fields = r#","offer":"o1""#;
    assert!(read("offer_recalled", 1, fields).is_ok());
    assert!(read("offer_recalled", 2, fields).unwrap_err().why.contains("version 2"));
    assert!(read("offer_lost", 1, fields).unwrap_err().why.contains("no event"));
    assert!(read("offer_recalled", 1, "").unwrap_err().why.contains("is missing"));
    assert!(read("offer_recalled", 1, r#","offer":"o1","more":1"#).is_err());
}

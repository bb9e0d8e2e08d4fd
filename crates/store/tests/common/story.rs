//! Telling the stories of `conformance/ledger` to whatever answers commands.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

/// What answers commands, and says who is answerable.
pub trait Answers {
    /// Does a command, and answers it as `answerable ledger do --replay` does.
    fn answer(&mut self, line: &str) -> Value;
    /// Does several at once.
    fn answer_all(&mut self, lines: &[String]) -> Vec<Value> {
        lines.iter().map(|line| self.answer(line)).collect()
    }
    /// Duty to role, at an instant, as known at another.
    fn who(&mut self, at: &str, known_at: Option<&str>) -> BTreeMap<String, String>;
}

/// The names of all stories, in order.
pub fn names() -> Vec<String> {
    let entries = fs::read_dir(folder()).unwrap();
    let mut names: Vec<String> = entries
        .filter_map(|entry| Some(entry.unwrap().file_name().to_str()?.strip_suffix(".ndjson")?.to_owned()))
        .collect();
    names.sort();
    assert!(names.len() > 20, "only {} stories", names.len());
    names
}

pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../conformance/ledger")
}

pub fn lines(name: &str) -> Vec<Value> {
    let text = fs::read_to_string(folder().join(format!("{name}.ndjson"))).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What is expected is there, in order; an event named by a word is any of its fields.
fn differs(expected: &Value, answer: &Value) -> Option<String> {
    let mut expected = expected.clone();
    let events = expected.as_object_mut().unwrap().remove("events");
    for (name, value) in expected.as_object().unwrap() {
        if &answer[name] != value {
            return Some(format!("{name} is {} and not {value}", answer[name]));
        }
    }
    let events = events?;
    let (events, given) =
        (events.as_array().unwrap().clone(), answer["events"].as_array().cloned().unwrap_or_default());
    if events.len() != given.len() {
        return Some(format!("{} events and not {}", given.len(), events.len()));
    }
    events.iter().zip(&given).find_map(|(event, given)| {
        let fields = if event.is_string() { json!({ "event": event }) } else { event.clone() };
        let wrong = fields.as_object().unwrap().iter().find(|(name, value)| &given[name.as_str()] != *value);
        wrong.map(|(name, value)| format!("{name} is {} and not {value} in {given}", given[name]))
    })
}

/// How far a story was told.
#[derive(Debug, PartialEq, Eq)]
pub enum Told {
    /// To its end.
    Whole,
    /// Up to a command that there is not yet.
    UpTo(String),
}

/// Tells a story, up to a command that there is not yet, if one is named; an error says what goes wrong.
pub fn tell(ledger: &mut dyn Answers, name: &str, not_yet: Option<&str>) -> Result<Told, String> {
    for (number, line) in lines(name).iter().enumerate() {
        if let Some(given) = line["given"].as_str() {
            let given: Vec<Value> = lines(&format!("_{given}"));
            let (commands, expected): (Vec<String>, Vec<&Value>) = given
                .iter()
                .filter(|line| line["do"].is_object())
                .map(|line| (line["do"].to_string(), &line["expect"]))
                .unzip();
            for (answer, expected) in ledger.answer_all(&commands).iter().zip(expected) {
                if let Some(how) = differs(expected, answer) {
                    return Err(format!("{name}, what is given: {how}\n  {answer}"));
                }
            }
        } else if line["do"].is_object() {
            let command = &line["do"];
            let of = command["type"].as_str().unwrap();
            let answer = ledger.answer(&command.to_string());
            let message = answer["message"].as_str().unwrap_or_default();
            if not_yet == Some(of) && message.contains(&format!("`{of}` is no command of the ledger")) {
                return Ok(Told::UpTo(of.to_owned()));
            }
            if let Some(how) = differs(&line["expect"], &answer) {
                return Err(format!("{name} line {}: {how}\n  {command}\n  {answer}", number + 1));
            }
        } else if let Some(asked) = line["who"].as_object() {
            let expected: BTreeMap<String, String> = serde_json::from_value(line["expect"].clone()).unwrap();
            let got = ledger.who(asked["at"].as_str().unwrap(), asked.get("known_at").map(|at| at.as_str().unwrap()));
            if got != expected {
                return Err(format!("{name} line {}: {got:?}\n  and not {expected:?}", number + 1));
            }
        }
    }
    Ok(Told::Whole)
}

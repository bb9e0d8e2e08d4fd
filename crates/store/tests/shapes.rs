//! Every field of every command, from its description: a command made of it is read; one that lacks a field, holds a
//! null or something of another shape is malformed, and the answer says in which field.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at what it didn't expect"
)]

use answerable_care::ledger::command::{AskerKind, Line, lines};
use answerable_care::ledger::event::{Change, Kind, Stream};
use answerable_care::ledger::field::{Described, Shape};
use answerable_store::wire;
use serde_json::{Map, Value, json};

/// Something of a shape.
fn sample(shape: &Shape) -> Value {
    match shape {
        Shape::Id { of, .. } => json!(format!("some-{of}")),
        Shape::Text => json!("words"),
        Shape::Instant => json!("2026-01-05T10:00:00Z"),
        Shape::Date => json!("2012-06-01"),
        Shape::Within => json!("P14D"),
        Shape::Whole(first, _) => json!(first),
        Shape::True => json!(true),
        Shape::Code(words) => json!(words[0]),
        Shape::List { of, .. } => json!([sample(of)]),
        Shape::Record(fields) => record(fields),
        Shape::Either(shapes) => sample(&shapes[0]),
        Shape::Optional(of) | Shape::OrNull(of) => sample(of),
    }
}

fn record(fields: &[Described]) -> Value {
    fields.iter().map(|field| (field.name.to_owned(), sample(&field.shape))).collect::<Map<_, _>>().into()
}

/// A whole command of a type, asked by one who may.
fn whole(line: &Line) -> Value {
    let by = match line.who[0] {
        AskerKind::Role => json!({"role": "okoro"}),
        AskerKind::Patient => json!({"patient": "amy"}),
        AskerKind::Proxy => json!({"proxy": "mum", "for": "amy"}),
        AskerKind::Clock => json!({"clock": true}),
        AskerKind::System => json!({"system": "records"}),
    };
    let mut command = record(&line.fields);
    command["type"] = json!(line.of);
    command["id"] = json!("k1");
    command["by"] = by;
    command["at"] = json!("2026-01-05T10:00:00Z");
    command
}

/// The field that a command is malformed in, if it is.
fn wrong(command: &Value) -> Option<String> {
    wire::command(&command.to_string()).err().map(|unreadable| unreadable.malformed.field)
}

#[test]
fn every_command_is_read_as_it_is_described_and_written_the_same() {
    for line in lines() {
        let command = whole(&line);
        let read = wire::command(&command.to_string()).unwrap_or_else(|why| panic!("{}: {:?}", line.of, why.malformed));
        let again: Value = serde_json::from_str(&wire::command_line(&read)).unwrap();
        assert_eq!(again, command);
    }
}

#[test]
fn every_field_is_required_or_may_be_left_out_and_takes_nothing_else() {
    for line in lines() {
        for field in &line.fields {
            let mut without = whole(&line);
            without.as_object_mut().unwrap().remove(field.name);
            let is_optional = matches!(field.shape, Shape::Optional(_));
            let expected = (!is_optional).then(|| field.name.to_owned());
            assert_eq!(wrong(&without), expected, "{} without {}", line.of, field.name);
            let mut null = whole(&line);
            null[field.name] = Value::Null;
            let may_be_null = matches!(field.shape, Shape::OrNull(_));
            let expected = (!may_be_null).then(|| field.name.to_owned());
            assert_eq!(wrong(&null), expected, "{} with a null {}", line.of, field.name);
            for other in [json!(""), json!(0), json!(false), json!({"a": 1}), json!([["a"]])] {
                let mut changed = whole(&line);
                changed[field.name] = other;
                let is_in_field = wrong(&changed).is_some_and(|at| at.starts_with(field.name));
                assert!(is_in_field, "{} takes {} as {}", line.of, changed[field.name], field.name);
            }
        }
    }
}

#[test]
fn every_event_is_read_as_it_is_described() {
    for kind in Kind::ALL {
        let mut fields = record(&kind.fields());
        if *kind == Kind::Escalated {
            // The one text that has a form of its own.
            fields["about"] = json!("duty:some-duty");
        }
        let head = json!({ "event": kind.as_str(), "v": kind.version(), "at": "2026-01-05T10:00:00Z" });
        // The log keeps these three first, in this order.
        let mut pairs: Vec<String> = ["event", "v", "at"].map(|name| format!("\"{name}\":{}", head[name])).into();
        pairs.extend(fields.as_object().unwrap().iter().map(|(name, value)| format!("\"{name}\":{value}")));
        let body = format!("{{{}}}", pairs.join(","));
        let (at, event) = wire::read_body(&body).unwrap_or_else(|why| panic!("{}: {why}", kind.as_str()));
        let written = wire::body(&Change { stream: Stream::Directory, at, event });
        let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(parsed(&written), parsed(&body));
    }
}

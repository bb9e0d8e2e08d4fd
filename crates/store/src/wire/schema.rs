//! The JSON Schema of commands, from their declarations.

use answerable_care::ledger::command::{Asker, AskerKind, Line, lines};
use answerable_care::ledger::field::{Described, Field, Shape};
use serde_json::{Map, Value, json};

/// The JSON Schema of a command, on several lines.
#[must_use]
pub fn schema() -> String {
    let commands: Vec<Value> = lines().iter().map(command).collect();
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A command of the ledger",
        "type": "object",
        "oneOf": commands,
        "$defs": {
            "id": {"type": "string", "pattern": "^\\S+$", "maxLength": 4000},
            "newId": {"type": "string", "pattern": "^[^\\s/]+$", "maxLength": 4000},
            "text": {"type": "string", "minLength": 1, "maxLength": 4000},
            "instant": {
                "type": "string",
                "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z$",
                "description": "RFC 3339 in Z",
            },
            "date": {"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}$"},
            "within": {"type": "string", "pattern": "^P(\\d+D|T\\d+[HM])$", "description": "over 0, at most 3660 days"},
            "asker": of(&Asker::shape()),
        },
    });
    format!("{schema:#}")
}

fn command(line: &Line) -> Value {
    let mut properties = Map::new();
    properties.insert("type".to_owned(), json!({"const": line.of}));
    properties.insert("id".to_owned(), reference("newId"));
    properties.insert("by".to_owned(), reference("asker"));
    properties.insert("at".to_owned(), reference("instant"));
    properties.insert("reason".to_owned(), reference("text"));
    properties.insert("recorded".to_owned(), reference("instant"));
    let mut required = vec!["type", "id", "by", "at"];
    required.extend(fields(&line.fields, &mut properties));
    let who: Vec<&str> = line.who.iter().map(|kind: &AskerKind| kind.as_str()).collect();
    json!({
        "title": line.of,
        "description": format!("asked by: {}", who.join(", ")),
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// Adds fields; says which must be given.
fn fields(described: &[Described], properties: &mut Map<String, Value>) -> Vec<&'static str> {
    for field in described {
        properties.insert(field.name.to_owned(), of(&field.shape));
    }
    described
        .iter()
        .filter(|field| !matches!(field.shape, Shape::Optional(_) | Shape::True))
        .map(|field| field.name)
        .collect()
}

fn of(shape: &Shape) -> Value {
    match shape {
        Shape::Id { is_new: false, .. } => reference("id"),
        Shape::Id { is_new: true, .. } => reference("newId"),
        Shape::Text => reference("text"),
        Shape::Instant => reference("instant"),
        Shape::Date => reference("date"),
        Shape::Within => reference("within"),
        Shape::Whole(first, last) => json!({"type": "integer", "minimum": first, "maximum": last}),
        Shape::True => json!({"const": true}),
        Shape::Code(words) => json!({"enum": words}),
        Shape::List { of: item, may_be_empty } => {
            json!({"type": "array", "items": of(item), "minItems": u8::from(!may_be_empty)})
        }
        Shape::Record(described) => {
            let mut properties = Map::new();
            let required = fields(described, &mut properties);
            json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
        }
        Shape::Either(shapes) => json!({"oneOf": shapes.iter().map(of).collect::<Vec<Value>>()}),
        Shape::Optional(shape) => of(shape),
        Shape::OrNull(shape) => json!({"oneOf": [of(shape), {"type": "null"}]}),
    }
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}

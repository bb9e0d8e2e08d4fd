//! JSON to the core's values and back: each name once, whole numbers alone.

use std::fmt;

use answerable_care::ledger::field::{Malformed, Value};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

/// Reads a text that holds one value of JSON.
pub(super) fn read(text: &str) -> Result<Value, Malformed> {
    let Wire(value) = serde_json::from_str(text).map_err(|error| Malformed::new(error.to_string()))?;
    Ok(value)
}

/// Writes a value on one line.
pub(super) fn write(value: &Value) -> String {
    // Texts and whole numbers under names that are texts: there is nothing in it that JSON lacks.
    serde_json::to_string(&WireRef(value)).unwrap_or_default()
}

struct Wire(Value);
struct WireRef<'a>(&'a Value);

impl<'de> Deserialize<'de> for Wire {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Wire, D::Error> {
        deserializer.deserialize_any(Reading).map(Wire)
    }
}

struct Reading;

impl<'de> Visitor<'de> for Reading {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value of JSON, its numbers whole")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, is_true: bool) -> Result<Value, E> {
        Ok(Value::Bool(is_true))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Whole(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Value, E> {
        i64::try_from(number).map(Value::Whole).map_err(|_| E::custom(format!("`{number}` is too high a number")))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Wire(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    /// A name that stands twice has two meanings: neither is taken.
    fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut fields: Vec<(String, Value)> = Vec::new();
        while let Some((name, Wire(value))) = items.next_entry::<String, Wire>()? {
            if fields.iter().any(|(known, _)| *known == name) {
                return Err(de::Error::custom(format!("`{name}` stands twice")));
            }
            fields.push((name, value));
        }
        Ok(Value::Map(fields))
    }
}

impl Serialize for WireRef<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(is_true) => serializer.serialize_bool(*is_true),
            Value::Whole(number) => serializer.serialize_i64(*number),
            Value::Text(text) => serializer.serialize_str(text),
            Value::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(&WireRef(item))?;
                }
                list.end()
            }
            Value::Map(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (name, value) in fields {
                    map.serialize_entry(name, &WireRef(value))?;
                }
                map.end()
            }
        }
    }
}

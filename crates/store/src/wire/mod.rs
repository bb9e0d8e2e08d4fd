//! Commands, answers and events as JSON, and back. The shapes are those of `care::ledger`; here is only the text.

mod schema;
mod value;

use answerable_care::Instant;
use answerable_care::ledger::calendar;
use answerable_care::ledger::command::Command;
use answerable_care::ledger::event::{Change, Event, Kind};
use answerable_care::ledger::field::{Field, Malformed, Value};
use answerable_care::ledger::refusal::Refusal;
use answerable_care::ledger::who::Answerable;

pub use schema::schema;

/// A line that is no command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The command's id, where one could be read.
    pub id: Option<String>,
    /// What is wrong with it.
    pub malformed: Malformed,
}

/// Reads a command from a line of JSON.
///
/// # Errors
/// Where the line is no command: it is answered by [`malformed`].
pub fn command(line: &str) -> Result<Command, Unreadable> {
    let value = value::read(line).map_err(|malformed| Unreadable { id: None, malformed })?;
    Command::read(&value).map_err(|malformed| {
        let id = match &value {
            Value::Map(fields) => fields.iter().find(|(name, _)| name == "id"),
            _ => None,
        };
        let id = id.and_then(|(_, id)| if let Value::Text(id) = id { Some(id.clone()) } else { None });
        Unreadable { id, malformed }
    })
}

/// A command as a line of JSON.
#[must_use]
pub fn command_line(command: &Command) -> String {
    value::write(&command.write())
}

/// The answer to a command that was done, now or before.
#[must_use]
pub fn done(id: &str, changes: &[Change], is_repeated: bool) -> String {
    let mut fields = vec![text("id", id), ("ok".to_owned(), Value::Bool(true))];
    if is_repeated {
        fields.push(("repeated".to_owned(), Value::Bool(true)));
    }
    fields.push(("events".to_owned(), Value::List(changes.iter().map(event).collect())));
    value::write(&Value::Map(fields))
}

/// The answer to a command that is refused.
#[must_use]
pub fn refused(id: &str, refusal: Refusal) -> String {
    refused_because(Some(id), refusal, &refusal.message())
}

/// The answer to a line that is no command.
#[must_use]
pub fn malformed(unreadable: &Unreadable) -> String {
    let message = format!("{}: {}", Refusal::Malformed.sentence(), unreadable.malformed);
    refused_because(unreadable.id.as_deref(), Refusal::Malformed, &message)
}

fn refused_because(id: Option<&str>, refusal: Refusal, message: &str) -> String {
    let id = id.map_or(Value::Null, |id| Value::Text(id.to_owned()));
    value::write(&Value::Map(vec![
        ("id".to_owned(), id),
        ("ok".to_owned(), Value::Bool(false)),
        text("refusal", refusal.as_str()),
        text("message", message),
    ]))
}

fn text(name: &str, text: &str) -> (String, Value) {
    (name.to_owned(), Value::Text(text.to_owned()))
}

/// An event as an answer has it.
fn event(change: &Change) -> Value {
    let mut fields = vec![text("event", change.event.kind().as_str()), ("at".to_owned(), change.at.write())];
    fields.extend(change.event.write());
    Value::Map(fields)
}

/// Who is answerable, as a line of JSON.
#[must_use]
pub fn who(at: Instant, known_at: Instant, duties: &[Answerable]) -> String {
    let row = |one: &Answerable| {
        let mut fields = vec![
            text("patient", one.patient.as_str()),
            text("need", one.need.as_str()),
            text("duty", one.duty.as_str()),
            text("kind", one.kind.as_str()),
            text("holder", one.holder.as_str()),
            text("practitioner", one.practitioner.as_str()),
            text("organisation", one.organisation.as_str()),
            text("since", &calendar::say(one.since)),
            text("basis", one.basis.as_str()),
        ];
        let or_null = |id: Option<&str>| id.map_or(Value::Null, |id| Value::Text(id.to_owned()));
        fields.push(("offer".to_owned(), or_null(one.offer.as_ref().map(|offer| offer.as_str()))));
        fields.push(("dispute".to_owned(), or_null(one.dispute.as_ref().map(|dispute| dispute.as_str()))));
        fields.push(("told".to_owned(), Value::Bool(one.is_told)));
        Value::Map(fields)
    };
    value::write(&Value::Map(vec![
        text("at", &calendar::say(at)),
        text("known_at", &calendar::say(known_at)),
        ("duties".to_owned(), Value::List(duties.iter().map(row).collect())),
    ]))
}

/// The events of an answer, as it is kept to be given again.
#[must_use]
pub fn events(changes: &[Change]) -> String {
    value::write(&Value::List(changes.iter().map(event).collect()))
}

/// The answer to a command that was done, with events that [`events`] wrote.
#[must_use]
pub fn done_with(id: &str, events: &str, is_repeated: bool) -> String {
    let id = value::write(&Value::Text(id.to_owned()));
    let repeated = if is_repeated { "\"repeated\":true," } else { "" };
    format!("{{\"id\":{id},\"ok\":true,{repeated}\"events\":{events}}}")
}

/// As [`events`], from bodies of the log.
///
/// # Errors
/// As [`read_body`].
pub fn events_of(bodies: &[&str]) -> Result<String, Malformed> {
    let event = |body: &&str| {
        let Value::Map(mut fields) = value::read(body)? else {
            return Err(Malformed::new("an event should be an object"));
        };
        fields.retain(|(name, _)| name != "v");
        Ok(Value::Map(fields))
    };
    Ok(value::write(&Value::List(bodies.iter().map(event).collect::<Result<_, Malformed>>()?)))
}

/// Each event of an answer that was kept, as [`events`] wrote it.
///
/// # Errors
/// If it isn't a list of values.
pub fn each_event(events: &str, mut see: impl FnMut(&str)) -> Result<(), Malformed> {
    let events: Vec<&serde_json::value::RawValue> =
        serde_json::from_str(events).map_err(|error| Malformed::new(error.to_string()))?;
    events.into_iter().for_each(|event| see(event.get()));
    Ok(())
}

/// Whether an answer says that a command was done.
#[must_use]
pub fn is_done(answer: &str) -> bool {
    matches!(value::read(answer), Ok(Value::Map(fields)) if fields.contains(&("ok".to_owned(), Value::Bool(true))))
}

/// The answer to a command that is replayed and doesn't say when it was recorded.
#[must_use]
pub fn not_recorded(command: &Command) -> String {
    let malformed = Malformed::new("a command that is replayed says when it was recorded").within("recorded");
    let message = format!("{}: {malformed}", Refusal::Malformed.sentence());
    refused_because(Some(command.id.as_str()), Refusal::Malformed, &message)
}

/// An event as the log keeps it: as an answer has it, and after its name the version of its fields.
#[must_use]
pub fn body(change: &Change) -> String {
    let kind = change.event.kind();
    let mut fields = vec![text("event", kind.as_str()), ("v".to_owned(), Value::Whole(kind.version().into()))];
    fields.push(("at".to_owned(), change.at.write()));
    fields.extend(change.event.write());
    value::write(&Value::Map(fields))
}

/// Reads an event from the log: when it took effect, and what it is.
///
/// # Errors
/// Where there is no such type, its version is another than this program's, or its fields aren't those of the type.
pub fn read_body(body: &str) -> Result<(Instant, Event), Malformed> {
    let Value::Map(mut fields) = value::read(body)? else { return Err(Malformed::new("an event should be an object")) };
    let mut head = |name: &str| match fields.first() {
        Some((first, _)) if first == name => Ok(fields.remove(0).1),
        _ => Err(Malformed::new(format!("an event should have `{name}` before its fields")).within(name)),
    };
    let (Value::Text(kind), Value::Whole(version)) = (head("event")?, head("v")?) else {
        return Err(Malformed::new("an event should have a name and a version"));
    };
    let at = Instant::read(&head("at")?).map_err(|malformed| malformed.within("at"))?;
    let kind = known(&kind, version)?;
    Ok((at, Event::read(kind, &fields)?))
}

/// The type of an event that this program reads, in this version.
fn known(kind: &str, version: i64) -> Result<Kind, Malformed> {
    let known = Kind::ALL.iter().copied().find(|known| known.as_str() == kind);
    let known = known.ok_or_else(|| Malformed::new(format!("`{kind}` is no event of this version of the ledger")))?;
    if version == i64::from(known.version()) {
        return Ok(known);
    }
    let own = known.version();
    Err(Malformed::new(format!("`{kind}` is of version {version}; this program reads version {own}")))
}

/// Reads an instant: RFC 3339 in `Z`.
///
/// # Errors
/// Where it isn't one.
pub fn instant(text: &str) -> Result<Instant, Malformed> {
    Instant::read(&Value::Text(text.to_owned()))
}

/// Writes an instant, as [`instant`] reads it.
#[must_use]
pub fn say(at: Instant) -> String {
    calendar::say(at)
}

/// The clock's own command.
#[must_use]
pub fn tick_line(id: &str, at: Instant, is_confirmed: bool) -> String {
    let mut fields = vec![
        text("type", "tick"),
        text("id", id),
        ("by".to_owned(), Value::Map(vec![("clock".to_owned(), Value::Bool(true))])),
        ("at".to_owned(), at.write()),
    ];
    if is_confirmed {
        fields.push(("confirmed".to_owned(), Value::Bool(true)));
    }
    value::write(&Value::Map(fields))
}

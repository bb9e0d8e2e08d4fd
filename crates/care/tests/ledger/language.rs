//! The words of the stories: a line to a command, and what must come of it.
//!
//! | line | |
//! |---|---|
//! | `register organisation ID [below ID] [until 18]`, `register service ID at ID`, `register practitioner ID` | |
//! | `register role ID of ID at ID for KIND… [starts 2 days] [ends 30 days]` | a period from now |
//! | `register patient ID born 2012-06-01` | |
//! | `scope ROLE: KIND…`, `period ROLE ends 3 days`, `period ROLE never` | |
//! | `lead ORGANISATION: ROLE`, `end ROLE`, `shut ORGANISATION` | |
//! | `proxy ID of PATIENT: BASIS`, `unproxy ID of PATIENT` | |
//! | `open NEED of PATIENT: DUTY… [adopted]` | `DUTY=ROLE` where records show that the role accepted |
//! | `add DUTY to NEED`, `close DUTY`, `finish NEED`, `reopen NEED`, `correct NEED` | |
//! | `discharge PATIENT from ORGANISATION [overriding]` | |
//! | `offer ID of PATIENT: DUTY… to ROLE within 14 days [until 3 days] [actions 2]` | `to service ID` |
//! | `accept ID [part: DUTY…] [reads 2]`, `decline ID [CODE]`, `recall ID`, `agree ID` | |
//! | `counter ID with ID: DUTY… within 2 days [until 3 days] [reads 2]` | |
//! | `many ID: DUTY>ROLE… within 14 days` | |
//! | `late DUTY from ROLE to ROLE` | |
//! | `delegate ID: DUTY to ROLE for 5 days`, `cover …`, `advice ID: DUTY to ROLE`, `unhelp ID` | |
//! | `tell PATIENT of DUTY…`, `tick [confirmed]` | |
//! | `who [2 days ago] [known 1 days ago]` | |
//!
//! After any: `by ROLE`, `by patient ID`, `by proxy ID for ID`, `by clock`, `by system`; `at 2 days ago` or `at 3
//! minutes ahead`; `because WORD` where late; `as ID` gives the command an id.
//!
//! After `->`, by `;`: `refused CODE`, `ROLE holds DUTY…`, `ROLE caretakes DUTY…`, `nothing`, or the name of an event
//! that must be among those given, with words that its fields must hold.

use answerable_care::Instant;
use answerable_care::ledger::calendar;
use answerable_care::ledger::command::Command;
use answerable_care::ledger::event::Change;
use answerable_care::ledger::field::Value;
use answerable_care::ledger::refusal::Refusal;
use answerable_care::ledger::who::{Answerable, who};

use crate::words::{Fields, MINUTE, Read, Words};
use crate::world::World;

/// A ledger of which a story is told, and what time it is.
#[derive(Clone)]
pub(crate) struct Telling {
    pub(crate) world: World,
    pub(crate) now: Instant,
    lines: usize,
}

impl Telling {
    /// The people and places of every story.
    pub(crate) fn of_the_ward() -> Telling {
        Telling::after(include_str!("ward.txt"))
    }

    /// A ledger in which these lines were told.
    pub(crate) fn after(lines: &str) -> Telling {
        let now = calendar_instant("2026-01-05T07:00:00Z");
        let mut telling = Telling { world: World::default(), now, lines: 0 };
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            telling.line(line).unwrap_or_else(|why| panic!("{line}: {why}"));
        }
        telling
    }

    /// Tells a line; says what differs from what must come of it.
    pub(crate) fn line(&mut self, line: &str) -> Read<()> {
        let (asked, expected) = line.split_once("->").unwrap_or((line, ""));
        if let Some(time) = asked.trim().strip_prefix('+') {
            let mut words = Words::of(time);
            self.now = self.now + words.length()?;
            return words.end();
        }
        self.now = self.now + MINUTE;
        self.lines += 1;
        let mut words = Words::of(asked);
        if words.take("who") {
            return self.who(&mut words, expected);
        }
        let command = self.command(asked)?;
        let outcome = self.world.ask(&command, self.now);
        self.check(&outcome, expected)
    }

    /// A line as the command that it is.
    pub(crate) fn command(&self, asked: &str) -> Read<Command> {
        let mut words = Words::of(asked);
        let verb = words.one("a verb")?;
        let mut fields = Fields(Vec::new());
        let envelope = self.envelope(&mut words, verb)?;
        self.ask(verb, &mut words, &mut fields)?;
        words.end()?;
        fields.0.extend(envelope.0);
        Command::read(&Value::Map(fields.0)).map_err(|malformed| malformed.to_string())
    }

    fn instant(&self, length: Instant) -> String {
        calendar::say(self.now + length)
    }

    /// `by …`, `at …`, `because …`, `as …`, wherever they stand.
    fn envelope(&self, words: &mut Words<'_>, verb: &str) -> Read<Fields> {
        let mut fields = Fields(Vec::new());
        let id = words.cut("as", 1)?.map_or_else(|| format!("line{}", self.lines), |id| id.join(""));
        fields.text("id", &id);
        let mut by = Fields(Vec::new());
        match words.cut_asker()?.as_slice() {
            [] if verb == "tick" => by.0.push(("clock".to_owned(), Value::Bool(true))),
            [] | ["system"] => by.text("system", "records"),
            ["clock"] => by.0.push(("clock".to_owned(), Value::Bool(true))),
            ["patient", id] => by.text("patient", id),
            ["proxy", id, "for", patient] => {
                by.text("proxy", id);
                by.text("for", patient);
            }
            [role] => by.text("role", role),
            other => return Err(format!("{other:?} is nobody")),
        }
        fields.0.push(("by".to_owned(), Value::Map(by.0)));
        let at = words.cut_time()?;
        fields.text("at", &self.instant(at.unwrap_or_default()));
        if let Some(reason) = words.cut("because", 1)? {
            fields.text("reason", &reason.join(" "));
        }
        Ok(fields)
    }

    fn ask(&self, verb: &str, words: &mut Words<'_>, fields: &mut Fields) -> Read<()> {
        match verb {
            "register" => self.register(words, fields),
            "scope" | "period" | "lead" | "end" | "shut" | "proxy" | "unproxy" => self.directory(verb, words, fields),
            "open" | "add" | "close" | "finish" | "reopen" | "correct" | "discharge" => need(verb, words, fields),
            "offer" | "accept" | "decline" | "recall" | "agree" | "counter" | "many" | "late" => {
                self.handover(verb, words, fields)
            }
            "delegate" | "cover" | "advice" | "unhelp" => self.help(verb, words, fields),
            "tell" => {
                fields.text("type", "tell_patient");
                fields.text("patient", words.one("a patient")?);
                words.expect("of")?;
                fields.texts("duties", &words.rest());
                fields.text("words", "by telephone");
                Ok(())
            }
            "tick" => {
                fields.text("type", "tick");
                if words.take("confirmed") {
                    fields.0.push(("confirmed".to_owned(), Value::Bool(true)));
                }
                Ok(())
            }
            _ => Err(format!("`{verb}` isn't understood")),
        }
    }

    fn register(&self, words: &mut Words<'_>, fields: &mut Fields) -> Read<()> {
        let of = words.one("what")?;
        let id = words.one("an id")?;
        fields.text("type", &format!("register_{of}"));
        fields.text(of, id);
        match of {
            "organisation" => {
                fields.text("name", id);
                if words.take("below") {
                    fields.text("parent", words.one("an organisation")?);
                }
                if words.take("until") {
                    let age = words.one("an age")?.parse().map_err(|_| "no age".to_owned())?;
                    fields.0.push(("until_age".to_owned(), Value::Whole(age)));
                }
            }
            "service" => {
                fields.text("name", id);
                words.expect("at")?;
                fields.text("organisation", words.one("an organisation")?);
            }
            "practitioner" => fields.text("name", id),
            "patient" => {
                words.expect("born")?;
                fields.text("birth_date", words.one("a date")?);
            }
            _ => {
                words.expect("of")?;
                fields.text("practitioner", words.one("a practitioner")?);
                words.expect("at")?;
                fields.text("organisation", words.one("an organisation")?);
                fields.text("profession", "clinician");
                let start = words.cut_length("starts")?.unwrap_or(Instant::DAY * -365);
                fields.text("start", &self.instant(start));
                if let Some(end) = words.cut_length("ends")? {
                    fields.text("end", &self.instant(end));
                }
                words.expect("for")?;
                fields.texts("scope", &words.rest());
            }
        }
        Ok(())
    }

    fn directory(&self, verb: &str, words: &mut Words<'_>, fields: &mut Fields) -> Read<()> {
        let id = words.one("an id")?;
        match verb {
            "scope" => {
                fields.text("type", "set_scope");
                fields.text("role", id.trim_end_matches(':'));
                fields.texts("scope", &words.rest());
            }
            "period" => {
                fields.text("type", "set_period");
                fields.text("role", id);
                let end = if words.take("never") { None } else { words.cut_length("ends")? };
                let end = end.map_or(Value::Null, |end| Value::Text(self.instant(end)));
                fields.0.push(("end".to_owned(), end));
            }
            "lead" => {
                fields.text("type", "set_lead");
                fields.text("organisation", id.trim_end_matches(':'));
                fields.text("role", words.one("a role")?);
            }
            "end" => {
                fields.text("type", "end_role");
                fields.text("role", id);
            }
            "shut" => {
                fields.text("type", "close_organisation");
                fields.text("organisation", id);
            }
            _ => {
                fields.text("type", if verb == "proxy" { "record_proxy" } else { "end_proxy" });
                fields.text("proxy", id);
                words.expect("of")?;
                fields.text("patient", words.one("a patient")?.trim_end_matches(':'));
                if verb == "proxy" {
                    fields.text("name", id);
                    fields.text("basis", words.one("a basis")?);
                }
            }
        }
        Ok(())
    }

    fn terms(&self, words: &mut Words<'_>, fields: &mut Fields) -> Read<()> {
        let actions = words.cut("actions", 1)?.map_or(Ok(0), |count| count.join("").parse::<usize>());
        let actions = vec!["weigh"; actions.map_err(|_| "no number of actions".to_owned())?];
        fields.text("severity", "stable");
        fields.text("summary", "asthma, stable on preventer");
        fields.texts("actions", &actions);
        fields.text("contingency", "call the ward");
        Ok(())
    }

    fn handover(&self, verb: &str, words: &mut Words<'_>, fields: &mut Fields) -> Read<()> {
        let reads = words.cut("reads", 1)?.map_or(Ok(0), |count| count.join("").parse::<usize>());
        let reads = vec!["weigh"; reads.map_err(|_| "no number read back".to_owned())?];
        if let Some(until) = words.cut_length("until")? {
            fields.text("until", &self.instant(until));
        }
        if let Some(within) = words.cut_written_length("within")? {
            fields.text("reply_within", &within);
        }
        let id = words.one("an id")?.trim_end_matches(':');
        match verb {
            "offer" => {
                fields.text("type", "offer");
                fields.text("offer", id);
                words.expect("of")?;
                fields.text("patient", words.one("a patient")?.trim_end_matches(':'));
                self.terms(words, fields)?;
                fields.texts("duties", &words.until("to"));
                let to = if words.take("service") { "service" } else { "role" };
                fields.map("to", to, words.one("to whom")?);
            }
            "accept" => {
                fields.text("type", "accept");
                fields.text("offer", id);
                if words.take("part:") {
                    fields.texts("duties", &words.rest());
                }
                fields.texts("read_back", &reads);
            }
            "decline" => {
                fields.text("type", "decline");
                fields.text("offer", id);
                fields.text("code", words.peek().unwrap_or("no-capacity"));
                let _ = words.rest();
                fields.text("words", "we are full");
            }
            "counter" => {
                fields.text("type", "counter");
                fields.text("offer", id);
                words.expect("with")?;
                fields.text("counter", words.one("an id")?.trim_end_matches(':'));
                fields.texts("duties", &words.rest());
                fields.texts("read_back", &reads);
                fields.text("words", "this I can do");
            }
            "many" => {
                fields.text("type", "offer_many");
                fields.text("bulk", id);
                let items: Vec<Value> = words.rest().iter().map(|item| self.item(item)).collect::<Read<_>>()?;
                fields.0.push(("offers".to_owned(), Value::List(items)));
            }
            "late" => {
                fields.text("type", "late_handover");
                fields.text("duty", id);
                words.expect("from")?;
                fields.text("from", words.one("a role")?);
                words.expect("to")?;
                fields.text("to", words.one("a role")?);
            }
            _ => {
                fields.text("type", if verb == "agree" { "agree_counter" } else { "recall" });
                fields.text(if verb == "agree" { "counter" } else { "offer" }, id);
            }
        }
        Ok(())
    }

    fn item(&self, item: &str) -> Read<Value> {
        let (duty, to) = item.split_once('>').ok_or_else(|| format!("`{item}` isn't DUTY>ROLE"))?;
        let mut fields = Fields(Vec::new());
        fields.text("duty", duty);
        fields.map("to", "role", to);
        self.terms(&mut Words::of(""), &mut fields)?;
        Ok(Value::Map(fields.0))
    }

    fn help(&self, verb: &str, words: &mut Words<'_>, fields: &mut Fields) -> Read<()> {
        let id = words.one("an id")?.trim_end_matches(':');
        fields.text("contribution", id);
        if verb == "unhelp" {
            fields.text("type", "end_contribution");
            return Ok(());
        }
        fields.text("type", if verb == "advice" { "ask_advice" } else { verb });
        let start = words.cut_length("starting")?.unwrap_or_default();
        if let Some(length) = words.cut_length("for")? {
            fields.text("start", &self.instant(start));
            fields.text("end", &self.instant(start + length));
        }
        fields.text("duty", words.one("a duty")?);
        words.expect("to")?;
        fields.map("to", "role", words.one("a role")?);
        fields.text("words", "please");
        Ok(())
    }

    fn who(&self, words: &mut Words<'_>, expected: &str) -> Read<()> {
        let known = words.cut_length("known")?.map_or(Instant::MAX, |length| self.now - length);
        let at = if words.peek().is_some() { self.now - words.length()? } else { self.now };
        let _ = words.take("ago");
        let rows = who(&self.world.state, at, known);
        holders(expected, &rows)
    }

    fn check(&self, outcome: &Result<Vec<Change>, Refusal>, expected: &str) -> Read<()> {
        let refused = expected.split(';').find_map(|item| item.trim().strip_prefix("refused "));
        match (outcome, refused) {
            (Err(refusal), Some(code)) if refusal.as_str() == code.trim() => (),
            (Err(refusal), _) => return Err(format!("refused {refusal}")),
            (Ok(_), Some(code)) => return Err(format!("not refused {code}")),
            (Ok(changes), None) => {
                let said: Vec<String> = changes.iter().map(say).collect();
                for item in expected.split(';').map(str::trim).filter(|item| !item.is_empty()) {
                    given(item, &said)?;
                }
            }
        }
        holders(expected, &who(&self.world.state, Instant(i64::MAX - 1), Instant::MAX))
    }
}

/// Needs and duties. A duty's kind is what its name ends with.
fn need(verb: &str, words: &mut Words<'_>, fields: &mut Fields) -> Read<()> {
    let id = words.one("an id")?;
    let of = match verb {
        "open" => "open_need",
        "add" => "add_duty",
        "close" => "close_duty",
        "finish" => "close_need",
        "reopen" => "reopen_need",
        "correct" => "correct_need",
        _ => "discharge",
    };
    fields.text("type", of);
    match verb {
        "open" => {
            fields.text("need", id);
            words.expect("of")?;
            fields.text("patient", words.one("a patient")?.trim_end_matches(':'));
            fields.text("title", id);
            if words.cut("adopted", 0)?.is_some() {
                fields.0.push(("adopted".to_owned(), Value::Bool(true)));
            }
            let duties = words.rest().iter().map(|duty| opening(duty)).collect();
            fields.0.push(("duties".to_owned(), Value::List(duties)));
        }
        "add" => {
            fields.text("duty", id);
            fields.text("kind", kind(id));
            words.expect("to")?;
            fields.text("need", words.one("a need")?);
        }
        "discharge" => {
            fields.text("patient", id);
            words.expect("from")?;
            fields.text("organisation", words.one("an organisation")?);
            if words.take("overriding") {
                fields.map("override", "statement", "I take these until they are placed");
            }
        }
        _ => {
            fields.text(if verb == "close" { "duty" } else { "need" }, id);
            if verb == "correct" {
                fields.text("title", "as it is");
            }
            fields.text("words", "as agreed");
        }
    }
    Ok(())
}

fn kind(duty: &str) -> &str {
    duty.rsplit(['-', '/']).next().unwrap_or(duty)
}

fn opening(duty: &str) -> Value {
    let (duty, accepted) = duty.split_once('=').map_or((duty, None), |(duty, role)| (duty, Some(role)));
    let mut fields = Fields(Vec::new());
    fields.text("duty", duty);
    fields.text("kind", kind(duty));
    if let Some(role) = accepted {
        let mut of = Fields(Vec::new());
        of.text("role", role);
        of.text("evidence", "Task/7");
        fields.0.push(("accepted".to_owned(), Value::Map(of.0)));
    }
    Value::Map(fields.0)
}

/// Whether an item of what must come of a line did.
fn given(item: &str, said: &[String]) -> Read<()> {
    let mut words = item.split_whitespace();
    let first = words.next().unwrap_or_default();
    if matches!(words.clone().next(), Some("holds" | "caretakes")) {
        return Ok(());
    }
    if first == "nothing" {
        return if said.is_empty() { Ok(()) } else { Err(format!("gave {}", said.join("; "))) };
    }
    let wanted: Vec<&str> = words.collect();
    let has = |event: &&String| {
        let mut parts = event.split_whitespace();
        let is_named = parts.next() == Some(first);
        let parts: Vec<&str> = parts.collect();
        is_named && wanted.iter().all(|word| parts.contains(word))
    };
    if said.iter().any(|event| has(&event)) { Ok(()) } else { Err(format!("no `{item}` in: {}", said.join("; "))) }
}

/// An event in words: its name, and what its fields hold.
pub(crate) fn say(change: &Change) -> String {
    fn flat(value: &Value, out: &mut Vec<String>) {
        match value {
            Value::Text(text) => out.push(text.clone()),
            Value::List(items) => items.iter().for_each(|item| flat(item, out)),
            Value::Map(fields) => fields.iter().for_each(|(_, value)| flat(value, out)),
            Value::Whole(number) => out.push(number.to_string()),
            Value::Null | Value::Bool(_) => (),
        }
    }
    let mut words = vec![change.event.kind().as_str().to_owned()];
    change.event.write().iter().for_each(|(_, value)| flat(value, &mut words));
    words.join(" ")
}

/// Whether each of these roles holds, or caretakes, each of these duties.
fn holders(expected: &str, rows: &[Answerable]) -> Read<()> {
    for item in expected.split(';') {
        let words: Vec<&str> = item.split_whitespace().collect();
        let [role, how @ ("holds" | "caretakes"), duties @ ..] = words.as_slice() else { continue };
        for duty in duties {
            let row = rows.iter().find(|row| row.duty.as_str() == *duty);
            let row = row.ok_or_else(|| format!("`{duty}` isn't open"))?;
            let is_caretaker = row.basis.is_caretaking();
            if row.holder.as_str() != *role || is_caretaker != (*how == "caretakes") {
                return Err(format!("{} {} {duty}", row.holder, if is_caretaker { "caretakes" } else { "holds" }));
            }
        }
    }
    Ok(())
}

pub(crate) fn calendar_instant(text: &str) -> Instant {
    answerable_care::ledger::field::Field::read(&Value::Text(text.to_owned())).unwrap()
}

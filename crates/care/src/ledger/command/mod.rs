//! Commands: what is asked, by whom, and when it took effect. The page is `docs/reference/commands.md`.

pub mod contributor;
pub mod directory;
pub mod handover;
pub mod need;
pub mod rest;

use super::event::Kind as EventKind;
use super::field::{Described, Field, Malformed, Record, Shape, Value, codes, nothing_else, take};
use super::fields::{Text, True};
use super::id::{CommandId, Id, Mention, PatientId, ProxyId, RoleId};
use super::refusal::Refusal;
use crate::time::Instant;

codes! {
    /// The kind of who asks.
    AskerKind { Role = "role", Patient = "patient", Proxy = "proxy", Clock = "clock", System = "system" }
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asker {
    /// A practitioner role.
    Role(RoleId),
    /// A patient.
    Patient(PatientId),
    /// One who speaks for a patient.
    Proxy(ProxyId, PatientId),
    /// The store's own clock.
    Clock,
    /// A program, by its name: an import, an administrator's tool.
    System(Text),
}

impl Asker {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> AskerKind {
        match self {
            Asker::Role(_) => AskerKind::Role,
            Asker::Patient(_) => AskerKind::Patient,
            Asker::Proxy(..) => AskerKind::Proxy,
            Asker::Clock => AskerKind::Clock,
            Asker::System(_) => AskerKind::System,
        }
    }

    /// The role that asks, if one does.
    #[must_use]
    pub fn role(&self) -> Option<&RoleId> {
        if let Asker::Role(role) = self { Some(role) } else { None }
    }

    /// The patient whose record alone it may touch.
    #[must_use]
    pub fn own_record(&self) -> Option<&PatientId> {
        match self {
            Asker::Patient(patient) | Asker::Proxy(_, patient) => Some(patient),
            _ => None,
        }
    }
}

impl Field for Asker {
    fn read(value: &Value) -> Result<Asker, Malformed> {
        let wrong = || {
            let forms = "`{\"role\":id}`, `{\"patient\":id}`, `{\"proxy\":id,\"for\":patient}`, `{\"clock\":true}` or \
                         `{\"system\":name}`";
            Malformed::new(format!("should be {forms}"))
        };
        let Value::Map(fields) = value else { return Err(wrong()) };
        let mut names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        match names.as_slice() {
            ["role"] => take(fields, "role").map(Asker::Role),
            ["patient"] => take(fields, "patient").map(Asker::Patient),
            ["for", "proxy"] => Ok(Asker::Proxy(take(fields, "proxy")?, take(fields, "for")?)),
            ["clock"] => take::<True>(fields, "clock").map(|_| Asker::Clock),
            ["system"] => take(fields, "system").map(Asker::System),
            _ => Err(wrong()),
        }
    }

    fn write(&self) -> Value {
        let fields = match self {
            Asker::Role(id) => vec![("role", id.write())],
            Asker::Patient(id) => vec![("patient", id.write())],
            Asker::Proxy(id, patient) => vec![("proxy", id.write()), ("for", patient.write())],
            Asker::Clock => vec![("clock", Value::Bool(true))],
            Asker::System(name) => vec![("system", name.write())],
        };
        Value::Map(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    fn shape() -> Shape {
        let form = |fields: Vec<(&'static str, Shape)>| {
            Shape::Record(fields.into_iter().map(|(name, shape)| Described { name, shape }).collect())
        };
        let patient = PatientId::shape();
        Shape::Either(vec![
            form(vec![("role", RoleId::shape())]),
            form(vec![("patient", patient.clone())]),
            form(vec![("proxy", ProxyId::shape()), ("for", patient)]),
            form(vec![("clock", Shape::True)]),
            form(vec![("system", Shape::Text)]),
        ])
    }

    fn mention(&self, found: &mut Vec<Mention>) {
        match self {
            Asker::Role(role) => role.mention(found),
            Asker::Patient(patient) | Asker::Proxy(_, patient) => patient.mention(found),
            Asker::Clock | Asker::System(_) => (),
        }
    }
}

/// What is fixed for each type of command.
pub trait Asked: Record + Field {
    /// Its name.
    const TYPE: &'static str;
    /// What it does, in a sentence.
    const SAYS: &'static str;
    /// Who may ask, by kind.
    const WHO: &'static [AskerKind];
    /// Whether it may be recorded late (L on the page).
    const MAY_BE_LATE: bool;
    /// Its own refusals, in the order in which they are looked for.
    const REFUSALS: &'static [Refusal];
    /// The events that it can give.
    const EVENTS: &'static [EventKind];
}

/// Declares a command: its fields and what is fixed for it.
macro_rules! command {
    (
        $(#[doc = $says:literal])+
        $name:ident = $word:literal by [$($who:ident)*] $(may be $late:ident)?
        refuses [$($refusal:ident)*] gives [$($event:ident)*]
        { $($(#[$note:meta])* $field:ident: $type:ty),* $(,)? }
    ) => {
        $crate::ledger::field::record! {
            $(#[doc = $says])+
            $name { $($(#[$note])* $field: $type),* }
        }

        impl $crate::ledger::command::Asked for $name {
            const TYPE: &'static str = $word;
            const SAYS: &'static str = concat!($($says),+);
            const WHO: &'static [$crate::ledger::command::AskerKind] =
                &[$($crate::ledger::command::AskerKind::$who),*];
            const MAY_BE_LATE: bool = {
                const LATE: &[&str] = &[$(stringify!($late))?];
                !LATE.is_empty()
            };
            const REFUSALS: &'static [$crate::ledger::refusal::Refusal] =
                &[$($crate::ledger::refusal::Refusal::$refusal),*];
            const EVENTS: &'static [$crate::ledger::event::Kind] = &[$($crate::ledger::event::Kind::$event),*];
        }
    };
}
pub(crate) use command;

/// Declares what can be asked, and what follows from a command's type.
macro_rules! asks {
    ($($file:ident::$name:ident)*) => {
        /// What is asked: a type of command with its fields.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Ask {
            $(#[doc = concat!("See [`", stringify!($file), "::", stringify!($name), "`].")] $name($file::$name),)*
        }

        impl Ask {
            /// Reads the fields of a command of this type.
            fn read(of: &str, fields: &[(String, Value)]) -> Result<Ask, Malformed> {
                match of {
                    $(<$file::$name as Asked>::TYPE => $file::$name::read_fields(fields, ENVELOPE).map(Ask::$name),)*
                    _ => Err(Malformed::new(format!("`{of}` is no command of the ledger")).within("type")),
                }
            }

            fn write_fields(&self, out: &mut Vec<(String, Value)>) {
                match self { $(Ask::$name(ask) => ask.write_fields(out),)* }
            }

            /// The ids that it names, in order.
            pub fn mention(&self, found: &mut Vec<Mention>) {
                match self { $(Ask::$name(ask) => ask.mention(found),)* }
            }

            /// The page's line for it.
            #[must_use]
            pub fn line(&self) -> Line {
                match self { $(Ask::$name(_) => Line::of::<$file::$name>(),)* }
            }
        }

        /// The page's lines, in order.
        #[must_use]
        pub fn lines() -> Vec<Line> {
            vec![$(Line::of::<$file::$name>()),*]
        }
    };
}

asks! {
    directory::RegisterOrganisation directory::RegisterService directory::RegisterPractitioner directory::RegisterRole
    directory::SetScope directory::SetPeriod directory::SetLead directory::EndRole directory::CloseOrganisation
    directory::RegisterPatient directory::RecordProxy directory::EndProxy
    need::OpenNeed need::AddDuty need::CloseDuty need::CloseNeed need::ReopenNeed need::CorrectNeed need::Discharge
    handover::Offer handover::Accept handover::Decline handover::Counter handover::AgreeCounter handover::Recall
    handover::OfferMany handover::LateHandover
    contributor::Delegate contributor::Cover contributor::AskAdvice contributor::EndContribution
    rest::TellPatient rest::Tick
}

/// What the page says of a type of command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its name.
    pub of: &'static str,
    /// What it does, in a sentence.
    pub says: &'static str,
    /// Its fields.
    pub fields: Vec<Described>,
    /// Who may ask, by kind.
    pub who: &'static [AskerKind],
    /// Whether it may be recorded late.
    pub may_be_late: bool,
    /// Its own refusals, in order.
    pub refusals: &'static [Refusal],
    /// The events that it can give.
    pub events: &'static [EventKind],
}

impl Line {
    fn of<A: Asked>() -> Line {
        Line {
            of: A::TYPE,
            says: A::SAYS.trim_ascii(),
            fields: A::fields(),
            who: A::WHO,
            may_be_late: A::MAY_BE_LATE,
            refusals: A::REFUSALS,
            events: A::EVENTS,
        }
    }
}

/// A command: what is asked, in its envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The idempotency key.
    pub id: CommandId,
    /// Who asks.
    pub by: Asker,
    /// When it took effect.
    pub at: Instant,
    /// Why it is recorded late, where it is.
    pub reason: Option<Text>,
    /// The store's clock, which only a replay reads from here.
    pub recorded: Option<Instant>,
    /// What is asked.
    pub ask: Ask,
}

/// The envelope's fields.
const ENVELOPE: &[&str] = &["type", "id", "by", "at", "reason", "recorded"];

impl Command {
    /// Reads a command.
    ///
    /// # Errors
    /// What is not as the page says.
    pub fn read(value: &Value) -> Result<Command, Malformed> {
        let Value::Map(fields) = value else { return Err(Malformed::new("a command should be an object")) };
        let of: Text = take(fields, "type")?;
        Ok(Command {
            id: take(fields, "id")?,
            by: take(fields, "by")?,
            at: take(fields, "at")?,
            reason: take(fields, "reason")?,
            recorded: take(fields, "recorded")?,
            ask: Ask::read(of.as_str(), fields)?,
        })
    }

    /// Writes it, as [`Command::read`] reads it.
    #[must_use]
    pub fn write(&self) -> Value {
        let mut fields = self.content();
        if let Some(recorded) = self.recorded {
            fields.push(("recorded".to_owned(), recorded.write()));
        }
        Value::Map(fields)
    }

    /// Bytes that are equal for the same id and content, `recorded` aside: then it is the same command, sent again.
    #[must_use]
    pub fn content_bytes(&self) -> Vec<u8> {
        Value::Map(self.content()).bytes()
    }

    fn content(&self) -> Vec<(String, Value)> {
        let mut fields = vec![
            ("type".to_owned(), Value::Text(self.ask.line().of.to_owned())),
            ("id".to_owned(), self.id.write()),
            ("by".to_owned(), self.by.write()),
            ("at".to_owned(), self.at.write()),
        ];
        if let Some(reason) = &self.reason {
            fields.push(("reason".to_owned(), reason.write()));
        }
        self.ask.write_fields(&mut fields);
        fields
    }

    /// Every id that it names, the asker's first.
    #[must_use]
    pub fn mentions(&self) -> Vec<Mention> {
        let mut found = Vec::new();
        self.by.mention(&mut found);
        self.ask.mention(&mut found);
        found
    }

    /// The ids of [`Command::mentions`], whether they are to be there or not.
    pub(crate) fn ids(&self) -> Vec<Id> {
        self.mentions().into_iter().map(Mention::into_id).collect()
    }
}

/// Refuses an envelope's unknown fields too, where a record is read by hand.
pub(crate) fn only(fields: &[(String, Value)], known: &[&str]) -> Result<(), Malformed> {
    nothing_else(fields, &[], known)
}

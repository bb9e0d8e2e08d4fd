//! Ids: a type for each kind of thing, so that a duty can't be put where a need belongs.

use std::sync::Arc;

use super::field::{Field, Malformed, Shape, Value};
use super::fields::Text;

/// An id's characters: some, no more than a text has, none of them a space.
fn checked(text: &str) -> Result<&str, Malformed> {
    if text.is_empty() {
        return Err(Malformed::new("should be an id, which holds at least one character"));
    }
    if text.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
        return Err(Malformed::new(format!("`{}` should be an id, without spaces", text.escape_debug())));
    }
    if text.chars().nth(Text::CHARACTERS_MAX).is_some() {
        return Err(Malformed::new("should be an id, of at most 4000 characters"));
    }
    Ok(text)
}

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident $kind:ident = $word:literal),* $(,)?) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $name(Arc<str>);

            impl $name {
                /// What it is an id of.
                pub const OF: &'static str = $word;

                /// The id, if it has characters and none is a space.
                ///
                /// # Errors
                /// Where it isn't one.
                pub fn new(text: &str) -> Result<$name, Malformed> {
                    checked(text).map(|text| $name(text.into()))
                }

                /// As it is written.
                #[must_use]
                pub fn as_str(&self) -> &str {
                    &self.0
                }
            }

            impl std::fmt::Display for $name {
                fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    out.write_str(&self.0)
                }
            }

            impl From<$name> for Id {
                fn from(id: $name) -> Id {
                    Id::$kind(id)
                }
            }

            impl Field for $name {
                fn read(value: &Value) -> Result<$name, Malformed> {
                    match value {
                        Value::Text(text) => $name::new(text),
                        _ => Err(Malformed::new("should be an id")),
                    }
                }
                fn write(&self) -> Value {
                    Value::Text(self.0.to_string())
                }
                fn shape() -> Shape {
                    Shape::Id { of: $word, is_new: false }
                }
                fn mention(&self, found: &mut Vec<Mention>) {
                    found.push(Mention::Known(self.clone().into()));
                }
                fn key(&self) -> Option<&str> {
                    Some(&self.0)
                }
            }
        )*

        /// An id of any kind.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Id {
            $(#[doc = concat!("Of a ", $word, ".")] $kind($name),)*
        }

        impl Id {
            /// What it is an id of, and the id itself.
            #[must_use]
            pub fn parts(&self) -> (&'static str, &str) {
                match self { $(Id::$kind(id) => ($word, id.as_str()),)* }
            }
        }
    };
}

ids! {
    /// A hospital, a ward, a surgery.
    OrganisationId Organisation = "organisation",
    /// What an organisation offers, to which duties can be offered.
    ServiceId Service = "service",
    /// A person who works in health or social care.
    PractitionerId Practitioner = "practitioner",
    /// A named practitioner in a role at an organisation: the only thing that can be answerable.
    RoleId Role = "role",
    /// The person cared for.
    PatientId Patient = "patient",
    /// Who speaks for a patient; known within that patient's record alone.
    ProxyId Proxy = "proxy",
    /// What somebody must be answerable for.
    NeedId Need = "need",
    /// One decision right or task within a need.
    DutyId Duty = "duty",
    /// An offer of duties, or a counter to one.
    OfferId Offer = "offer",
    /// Several offers made together.
    BulkId Bulk = "bulk",
    /// Help with a duty.
    ContributionId Contribution = "contribution",
    /// A disagreement about who is answerable.
    DisputeId Dispute = "dispute",
}

impl OfferId {
    /// An id that the ledger gives itself: `first/second`.
    pub(crate) fn derive(first: &str, second: &str) -> OfferId {
        OfferId(format!("{first}/{second}").into())
    }
}

impl DisputeId {
    /// The id of a dispute that a command raises by itself: `clash/command/duty`.
    pub(crate) fn of_clash(command: &CommandId, duty: &DutyId) -> DisputeId {
        DisputeId(format!("clash/{command}/{duty}").into())
    }
}

/// A command's own id: sent twice, it is done once. New whenever it counts, so without `/`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId(Arc<str>);

impl CommandId {
    /// The id, if it has characters and none is a space or `/`.
    ///
    /// # Errors
    /// Where it isn't one.
    pub fn new(text: &str) -> Result<CommandId, Malformed> {
        fit_for_new(checked(text)?).map(|text| CommandId(text.into()))
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for CommandId {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

impl Field for CommandId {
    fn read(value: &Value) -> Result<CommandId, Malformed> {
        match value {
            Value::Text(text) => CommandId::new(text),
            _ => Err(Malformed::new("should be an id")),
        }
    }
    fn write(&self) -> Value {
        Value::Text(self.0.to_string())
    }
    fn shape() -> Shape {
        Shape::Id { of: "command", is_new: true }
    }
}

/// An id that a command names: what must be there already, or what must not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mention {
    /// Else the command is refused: unknown.
    Known(Id),
    /// Else the command is refused: already-exists.
    New(Id),
}

impl Mention {
    /// The id, whether it is to be there or not.
    #[must_use]
    pub fn into_id(self) -> Id {
        match self {
            Mention::Known(id) | Mention::New(id) => id,
        }
    }
}

/// The id of something that the command makes; ids with `/` are the ledger's own to give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct New<I>(pub I);

/// How many characters a new id has at most: the ledger makes longer ones of it, which databases keep as keys.
const NEW_CHARACTERS_MAX: usize = 255;

fn fit_for_new(text: &str) -> Result<&str, Malformed> {
    if text.contains('/') {
        return Err(Malformed::new(format!("`{text}` should be a new id, without `/`")));
    }
    if text.chars().nth(NEW_CHARACTERS_MAX).is_some() {
        return Err(Malformed::new("should be a new id, of at most 255 characters"));
    }
    Ok(text)
}

impl<I: Field + Clone + Into<Id>> Field for New<I> {
    fn read(value: &Value) -> Result<New<I>, Malformed> {
        let id = I::read(value)?;
        fit_for_new(id.key().unwrap_or_default())?;
        Ok(New(id))
    }
    fn write(&self) -> Value {
        self.0.write()
    }
    fn shape() -> Shape {
        match I::shape() {
            Shape::Id { of, .. } => Shape::Id { of, is_new: true },
            other => other,
        }
    }
    fn mention(&self, found: &mut Vec<Mention>) {
        found.push(Mention::New(self.0.clone().into()));
    }
    fn key(&self) -> Option<&str> {
        self.0.key()
    }
}

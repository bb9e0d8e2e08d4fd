//! How commands and events are written down: a small tree of values, and what each field of a record is.
//!
//! A command or an event is declared once, by `record!`; its reading, its writing, what it names, its description
//! in `docs/reference/commands.md` and its bytes for comparing all follow from that. Nothing here knows JSON: `store`
//! turns text into these values and back.

use super::id::Mention;

/// A value as any format for such things has it. Numbers are whole: no field has another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Whole(i64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// Named values, each name once, in the order in which they are declared.
    Map(Vec<(String, Value)>),
}

impl Value {
    /// Bytes that are equal where the values are: what tells a command sent twice from another one of the same id.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.append(&mut out);
        out
    }

    fn append(&self, out: &mut Vec<u8>) {
        match self {
            Value::Null => out.push(b'n'),
            Value::Bool(is_true) => out.push(if *is_true { b't' } else { b'f' }),
            Value::Whole(number) => out.extend(format!("i{number};").bytes()),
            Value::Text(text) => append_text(text, out),
            Value::List(items) => {
                out.extend(format!("l{};", items.len()).bytes());
                items.iter().for_each(|item| item.append(out));
            }
            Value::Map(fields) => {
                out.extend(format!("m{};", fields.len()).bytes());
                for (name, value) in fields {
                    append_text(name, out);
                    value.append(out);
                }
            }
        }
    }
}

/// A length before each text: no text can be taken for what follows it.
fn append_text(text: &str, out: &mut Vec<u8>) {
    out.extend(format!("s{};", text.len()).bytes());
    out.extend(text.bytes());
}

/// What is not as the page says, and where: the refusal `malformed`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The field, as `duties[0].kind`; empty of the whole.
    pub field: String,
    /// What is wrong with it, and what it should be.
    pub why: String,
}

impl Malformed {
    /// Wrong in itself; whoever reads the record says in which field.
    #[must_use]
    pub fn new(why: impl Into<String>) -> Malformed {
        Malformed { field: String::new(), why: why.into() }
    }

    /// The same, seen from the record or list that it stands in.
    #[must_use]
    pub fn within(self, field: &str) -> Malformed {
        let separator = if self.field.is_empty() || self.field.starts_with('[') { "" } else { "." };
        Malformed { field: format!("{field}{separator}{}", self.field), why: self.why }
    }
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.field.is_empty() { write!(out, "{}", self.why) } else { write!(out, "`{}`: {}", self.field, self.why) }
    }
}

impl std::error::Error for Malformed {}

/// What may stand in a field: from it, schema and reference are derived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// An id of a kind of thing; one that the command gives to something new has no `/`.
    Id {
        /// Of what: `duty`.
        of: &'static str,
        /// Whether the command makes it.
        is_new: bool,
    },
    /// 1 to 4000 characters.
    Text,
    /// RFC 3339 in `Z`.
    Instant,
    /// `2012-06-01`.
    Date,
    /// `PnD`, `PTnH` or `PTnM`.
    Within,
    /// A whole number from the first to the last.
    Whole(i64, i64),
    /// `true`; else it is left out.
    True,
    /// One of these words.
    Code(&'static [&'static str]),
    /// A list.
    List {
        /// Of what.
        of: Box<Shape>,
        /// Whether it may hold nothing.
        may_be_empty: bool,
    },
    /// Fields of its own.
    Record(Vec<Described>),
    /// One of these shapes.
    Either(Vec<Shape>),
    /// May be left out.
    Optional(Box<Shape>),
    /// Must be given, and may be null.
    OrNull(Box<Shape>),
}

/// A field's name and shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// As it is written.
    pub name: &'static str,
    /// What may stand in it.
    pub shape: Shape,
}

/// What can stand in a field of a record.
pub trait Field: Sized {
    /// Reads it; anything that the page doesn't allow is malformed.
    ///
    /// # Errors
    /// What is wrong, and where.
    fn read(value: &Value) -> Result<Self, Malformed>;
    /// Writes it, as [`Field::read`] reads it.
    fn write(&self) -> Value;
    /// What may stand in it.
    fn shape() -> Shape;
    /// What it is where the field is left out, if it may be.
    fn absent() -> Option<Self> {
        None
    }
    /// Whether it is left out when written.
    fn is_absent(&self) -> bool {
        false
    }
    /// The ids that it names, in order.
    fn mention(&self, _found: &mut Vec<Mention>) {}
    /// What must differ from item to item of a list: ids stand once each.
    fn key(&self) -> Option<&str> {
        None
    }
}

/// A struct declared by `record!`.
pub trait Record: Sized {
    /// Its fields, in order.
    fn fields() -> Vec<Described>;
    /// Reads it from the fields of a map, leaving alone those that are `beside` it.
    ///
    /// # Errors
    /// What is wrong, and where.
    fn read_fields(fields: &[(String, Value)], beside: &[&str]) -> Result<Self, Malformed>;
    /// Appends its fields.
    fn write_fields(&self, out: &mut Vec<(String, Value)>);
}

/// Reads one field of a map.
pub(crate) fn take<T: Field>(fields: &[(String, Value)], name: &str) -> Result<T, Malformed> {
    match fields.iter().find(|(key, _)| key == name) {
        Some((_, value)) => T::read(value).map_err(|malformed| malformed.within(name)),
        None => T::absent().ok_or_else(|| Malformed::new("is missing").within(name)),
    }
}

/// Refuses fields that nobody declared: what the sender meant by them would be lost in silence.
pub(crate) fn nothing_else(fields: &[(String, Value)], known: &[Described], beside: &[&str]) -> Result<(), Malformed> {
    let is_known = |key: &str| beside.contains(&key) || known.iter().any(|field| field.name == key);
    match fields.iter().find(|(key, _)| !is_known(key)) {
        Some((key, _)) => Err(Malformed::new("is no field of this command").within(key)),
        None => Ok(()),
    }
}

/// A field's name as it is written: without Rust's mark for names that are its own words.
pub(crate) fn plain(name: &'static str) -> &'static str {
    name.strip_prefix("r#").unwrap_or(name)
}

/// Declares a struct whose fields are read, written and described by their types.
macro_rules! record {
    ($(#[$meta:meta])* $name:ident { $($(#[$note:meta])* $field:ident: $type:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name {
            $(#[doc = concat!("The field `", stringify!($field), "`.")] $(#[$note])* pub $field: $type,)*
        }

        impl $crate::ledger::field::Record for $name {
            fn fields() -> Vec<$crate::ledger::field::Described> {
                vec![$($crate::ledger::field::Described {
                    name: $crate::ledger::field::plain(stringify!($field)),
                    shape: <$type as $crate::ledger::field::Field>::shape(),
                }),*]
            }

            fn read_fields(
                fields: &[(String, $crate::ledger::field::Value)],
                beside: &[&str],
            ) -> Result<Self, $crate::ledger::field::Malformed> {
                use $crate::ledger::field::{nothing_else, plain, take};
                nothing_else(fields, &<Self as $crate::ledger::field::Record>::fields(), beside)?;
                Ok($name { $($field: take(fields, plain(stringify!($field)))?,)* })
            }

            #[allow(unused_variables, reason = "a record may have no fields")]
            fn write_fields(&self, out: &mut Vec<(String, $crate::ledger::field::Value)>) {
                $(if !$crate::ledger::field::Field::is_absent(&self.$field) {
                    let name = $crate::ledger::field::plain(stringify!($field));
                    out.push((name.to_owned(), $crate::ledger::field::Field::write(&self.$field)));
                })*
            }
        }

        impl $crate::ledger::field::Field for $name {
            fn read(value: &$crate::ledger::field::Value) -> Result<Self, $crate::ledger::field::Malformed> {
                match value {
                    $crate::ledger::field::Value::Map(fields) => {
                        <Self as $crate::ledger::field::Record>::read_fields(fields, &[])
                    }
                    _ => Err($crate::ledger::field::Malformed::new("should be an object")),
                }
            }

            fn write(&self) -> $crate::ledger::field::Value {
                let mut fields = Vec::new();
                $crate::ledger::field::Record::write_fields(self, &mut fields);
                $crate::ledger::field::Value::Map(fields)
            }

            fn shape() -> $crate::ledger::field::Shape {
                $crate::ledger::field::Shape::Record(<Self as $crate::ledger::field::Record>::fields())
            }

            #[allow(unused_variables, reason = "a record may have no fields")]
            fn mention(&self, found: &mut Vec<$crate::ledger::id::Mention>) {
                $($crate::ledger::field::Field::mention(&self.$field, found);)*
            }

            /// Items of a list differ in their first field.
            #[allow(unreachable_code, reason = "only the first field counts")]
            fn key(&self) -> Option<&str> {
                $(return $crate::ledger::field::Field::key(&self.$field);)*
                None
            }
        }
    };
}

/// Declares an enum of words.
macro_rules! codes {
    ($(#[$meta:meta])* $name:ident { $($(#[$note:meta])* $code:ident = $word:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $(#[doc = concat!("`", $word, "`")] $(#[$note])* $code,)* }

        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [$name] = &[$($name::$code),*];
            /// Their words, in order.
            pub const WORDS: &'static [&'static str] = &[$($word),*];

            /// As it is written.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$code => $word),* }
            }
        }

        impl $crate::ledger::field::Field for $name {
            fn read(value: &$crate::ledger::field::Value) -> Result<Self, $crate::ledger::field::Malformed> {
                match value {
                    $crate::ledger::field::Value::Text(text) => match text.as_str() {
                        $($word => Ok($name::$code),)*
                        _ => Err($crate::ledger::field::Malformed::new(format!(
                            "`{text}` should be one of {}", $name::WORDS.join(", ")
                        ))),
                    },
                    _ => Err($crate::ledger::field::Malformed::new("should be a text")),
                }
            }

            fn write(&self) -> $crate::ledger::field::Value {
                $crate::ledger::field::Value::Text(self.as_str().to_owned())
            }

            fn shape() -> $crate::ledger::field::Shape {
                $crate::ledger::field::Shape::Code($name::WORDS)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(self.as_str())
            }
        }
    };
}

pub(crate) use {codes, record};

//! The tables beside the log, and rows in them, whichever the database.
//!
//! All rows of a patient are worked out from the patient's state, never changed on their own: what they say can be
//! dropped and made again from the log, to the same bytes.

/// A table.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its columns; the first is the patient, but for [`KNOWN`].
    pub columns: &'static [&'static str],
    /// How many of the first columns are its key.
    pub key: usize,
}

/// The columns that hold numbers; all others hold texts.
const NUMBERS: [&str; 7] = ["since", "until", "follows", "opened", "due", "recorded", "is_caretaken"];

impl Table {
    /// Whether a column holds numbers.
    #[must_use]
    pub fn is_number(column: &str) -> bool {
        NUMBERS.contains(&column)
    }

    /// The columns of its key.
    #[must_use]
    pub fn key_columns(&self) -> &'static [&'static str] {
        self.columns.get(..self.key).unwrap_or_default()
    }
}

/// A row: a cell for each column of its table.
pub type Row = Vec<Cell>;

/// What stands in a row under a column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A number, or an instant in microseconds since 1970.
    Int(i64),
    /// A text.
    Text(String),
}

impl Cell {
    /// The text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Cell::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is one.
    #[must_use]
    pub fn int(&self) -> Option<i64> {
        match self {
            Cell::Int(int) => Some(*int),
            _ => None,
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }
}

impl From<i64> for Cell {
    fn from(int: i64) -> Cell {
        Cell::Int(int)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Cell {
        value.map_or(Cell::Null, Into::into)
    }
}

/// Whose each id is that was ever given, by kind of thing: a command names an offer, and not its patient.
pub static KNOWN: Table = Table { name: "known", columns: &["kind", "id", "patient"], key: 2 };

/// Who has held each duty from when to when, as known now (I1). `follows` is when the holding before it ended, none of
/// the first since the duty was opened.
pub static HOLDING: Table = Table {
    name: "holding",
    columns: &[
        "patient",
        "duty",
        "since",
        "until",
        "follows",
        "opened",
        "need",
        "kind",
        "role",
        "basis",
        "is_caretaken",
    ],
    key: 3,
};

/// Open offers.
pub static OFFER: Table =
    Table { name: "offer", columns: &["patient", "offer", "offerer", "to_role", "to_service", "due", "until"], key: 2 };

/// Which open offer a duty is in (I3).
pub static OFFERED: Table = Table { name: "offered", columns: &["patient", "duty", "offer"], key: 2 };

/// Moves that the patient hasn't been told of (I14).
pub static UNTOLD: Table = Table { name: "untold", columns: &["patient", "duty", "recorded"], key: 2 };

/// Which roles something open of a patient names: who is to be visited when the role ends.
pub static INVOLVED: Table = Table { name: "involved", columns: &["patient", "role"], key: 2 };

/// From when on the clock does something for a patient, if nobody else does before.
pub static WAIT: Table = Table { name: "wait", columns: &["patient", "due"], key: 1 };

/// All tables, in the order in which they are made.
pub static TABLES: [&Table; 7] = [&KNOWN, &HOLDING, &OFFER, &OFFERED, &UNTOLD, &INVOLVED, &WAIT];

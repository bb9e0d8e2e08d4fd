//! The kinds of fields that aren't ids: texts, instants, dates, lengths of time, lists.

use std::sync::Arc;

use super::calendar;
use super::field::{Field, Malformed, Shape, Value};
use super::id::Mention;
use crate::time::Instant;

fn text(value: &Value) -> Result<&str, Malformed> {
    match value {
        Value::Text(text) => Ok(text),
        _ => Err(Malformed::new("should be a text")),
    }
}

/// Words of people: 1 to 4000 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Arc<str>);

impl Text {
    /// A page of prose: what doesn't fit belongs in a document of its own.
    pub const CHARACTERS_MAX: usize = 4000;

    /// The words, if they are neither none nor too many.
    ///
    /// # Errors
    /// Where they are.
    pub fn new(words: &str) -> Result<Text, Malformed> {
        match words.chars().take(Text::CHARACTERS_MAX + 1).count() {
            0 => Err(Malformed::new("should hold at least one character")),
            count if count > Text::CHARACTERS_MAX => Err(Malformed::new("should hold at most 4000 characters")),
            _ => Ok(Text(words.into())),
        }
    }

    /// The words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Text {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

impl Field for Text {
    fn read(value: &Value) -> Result<Text, Malformed> {
        Text::new(text(value)?)
    }
    fn write(&self) -> Value {
        Value::Text(self.0.to_string())
    }
    fn shape() -> Shape {
        Shape::Text
    }
}

/// How long: `P14D`, `PT4H` or `PT30M`; over nothing, at most 3660 days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Within {
    written: Arc<str>,
    length: Instant,
}

impl Within {
    /// Ten years and a little: nothing is put off for longer.
    pub const DAYS_MAX: i64 = 3660;
    const MINUTE: Instant = Instant(60_000_000);

    /// Reads it.
    ///
    /// # Errors
    /// Where it is none of the three forms, nothing, or too long.
    pub fn new(written: &str) -> Result<Within, Malformed> {
        let wrong = || Malformed::new(format!("`{written}` should be `PnD`, `PTnH` or `PTnM`, at most 3660 days"));
        let (digits, unit) = if let Some(rest) = written.strip_prefix("PT") {
            match rest.strip_suffix('H') {
                Some(digits) => (digits, Instant::HOUR),
                None => (rest.strip_suffix('M').ok_or_else(wrong)?, Within::MINUTE),
            }
        } else {
            let rest = written.strip_prefix('P').and_then(|rest| rest.strip_suffix('D'));
            (rest.ok_or_else(wrong)?, Instant::DAY)
        };
        let is_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let count: i64 = digits.parse().ok().filter(|_| is_digits).ok_or_else(wrong)?;
        let length = unit * count;
        let is_in_bounds = count > 0 && length <= Instant::DAY * Within::DAYS_MAX;
        if is_in_bounds { Ok(Within { written: written.into(), length }) } else { Err(wrong()) }
    }

    /// How long it is.
    #[must_use]
    pub fn length(&self) -> Instant {
        self.length
    }
}

impl Field for Within {
    fn read(value: &Value) -> Result<Within, Malformed> {
        Within::new(text(value)?)
    }
    fn write(&self) -> Value {
        Value::Text(self.written.to_string())
    }
    fn shape() -> Shape {
        Shape::Within
    }
}

impl Field for Instant {
    fn read(value: &Value) -> Result<Instant, Malformed> {
        let written = text(value)?;
        calendar::instant(written)
            .ok_or_else(|| Malformed::new(format!("`{written}` should be an instant as `2026-01-05T09:00:00Z`")))
    }
    fn write(&self) -> Value {
        Value::Text(calendar::say(*self))
    }
    fn shape() -> Shape {
        Shape::Instant
    }
}

/// A day of the calendar: of birth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    pub(crate) year: i64,
    pub(crate) month: i64,
    pub(crate) day: i64,
}

impl Date {
    /// The midnight (UTC) that begins the birthday of one born on this day. Born on 29 February, it is 1 March in
    /// years without that day.
    #[must_use]
    pub fn birthday(self, age: u8) -> Instant {
        calendar::midnight(self.year + i64::from(age), self.month, self.day)
    }
}

impl Field for Date {
    fn read(value: &Value) -> Result<Date, Malformed> {
        let written = text(value)?;
        calendar::day(written)
            .ok_or_else(|| Malformed::new(format!("`{written}` should be a day of the calendar as `2012-06-01`")))
    }
    fn write(&self) -> Value {
        Value::Text(format!("{:04}-{:02}-{:02}", self.year, self.month, self.day))
    }
    fn shape() -> Shape {
        Shape::Date
    }
}

/// A whole number of years, 1 to 30.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Age(pub u8);

impl Field for Age {
    fn read(value: &Value) -> Result<Age, Malformed> {
        match value {
            Value::Whole(years @ 1..=30) => u8::try_from(*years).map(Age).map_err(|_| Malformed::new("is too high")),
            _ => Err(Malformed::new("should be a whole number of years, 1 to 30")),
        }
    }
    fn write(&self) -> Value {
        Value::Whole(self.0.into())
    }
    fn shape() -> Shape {
        Shape::Whole(1, 30)
    }
}

/// `true`; what isn't so is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct True;

impl Field for True {
    fn read(value: &Value) -> Result<True, Malformed> {
        if *value == Value::Bool(true) { Ok(True) } else { Err(Malformed::new("should be `true`, or left out")) }
    }
    fn write(&self) -> Value {
        Value::Bool(true)
    }
    fn shape() -> Shape {
        Shape::True
    }
}

impl Field for bool {
    fn read(value: &Value) -> Result<bool, Malformed> {
        if let Value::Bool(is_so) = value { Ok(*is_so) } else { Err(Malformed::new("should be `true` or `false`")) }
    }
    fn write(&self) -> Value {
        Value::Bool(*self)
    }
    fn shape() -> Shape {
        Shape::Either(vec![Shape::True, Shape::Code(&["false"])])
    }
}

/// May be left out. A null isn't leaving it out.
impl<T: Field> Field for Option<T> {
    fn read(value: &Value) -> Result<Option<T>, Malformed> {
        T::read(value).map(Some)
    }
    fn write(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::write)
    }
    fn shape() -> Shape {
        Shape::Optional(Box::new(T::shape()))
    }
    fn absent() -> Option<Option<T>> {
        Some(None)
    }
    fn is_absent(&self) -> bool {
        self.is_none()
    }
    fn mention(&self, found: &mut Vec<Mention>) {
        self.iter().for_each(|item| item.mention(found));
    }
}

/// Must be given, and may be null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrNull<T>(pub Option<T>);

impl<T: Field> Field for OrNull<T> {
    fn read(value: &Value) -> Result<OrNull<T>, Malformed> {
        if *value == Value::Null { Ok(OrNull(None)) } else { T::read(value).map(|item| OrNull(Some(item))) }
    }
    fn write(&self) -> Value {
        self.0.as_ref().map_or(Value::Null, T::write)
    }
    fn shape() -> Shape {
        Shape::OrNull(Box::new(T::shape()))
    }
}

/// One or more; ids once each.
impl<T: Field> Field for Vec<T> {
    fn read(value: &Value) -> Result<Vec<T>, Malformed> {
        let items = list(value)?;
        if items.is_empty() { Err(Malformed::new("should hold at least one item")) } else { Ok(items) }
    }
    fn write(&self) -> Value {
        Value::List(self.iter().map(T::write).collect())
    }
    fn shape() -> Shape {
        Shape::List { of: Box::new(T::shape()), may_be_empty: false }
    }
    fn mention(&self, found: &mut Vec<Mention>) {
        self.iter().for_each(|item| item.mention(found));
    }
}

/// None or more; ids once each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Any<T>(pub Vec<T>);

impl<T: Field> Field for Any<T> {
    fn read(value: &Value) -> Result<Any<T>, Malformed> {
        list(value).map(Any)
    }
    fn write(&self) -> Value {
        self.0.write()
    }
    fn shape() -> Shape {
        Shape::List { of: Box::new(T::shape()), may_be_empty: true }
    }
    fn mention(&self, found: &mut Vec<Mention>) {
        self.0.mention(found);
    }
}

fn list<T: Field>(value: &Value) -> Result<Vec<T>, Malformed> {
    let Value::List(values) = value else { return Err(Malformed::new("should be a list")) };
    let read = |(index, value)| T::read(value).map_err(|malformed: Malformed| malformed.within(&format!("[{index}]")));
    let items = values.iter().enumerate().map(read).collect::<Result<Vec<T>, Malformed>>()?;
    let mut keys: Vec<&str> = items.iter().filter_map(T::key).collect();
    keys.sort_unstable();
    match keys.windows(2).find(|pair| pair.first() == pair.last()).and_then(|pair| pair.first()) {
        Some(key) => Err(Malformed::new(format!("names `{key}` twice"))),
        None => Ok(items),
    }
}

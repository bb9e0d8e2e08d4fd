//! The words of a line, and the fields that they become.

use answerable_care::Instant;
use answerable_care::ledger::field::Value;

pub(crate) type Read<T> = Result<T, String>;

pub(crate) const MINUTE: Instant = Instant(60_000_000);

/// The fields of a command in the making.
pub(crate) struct Fields(pub(crate) Vec<(String, Value)>);

impl Fields {
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.0.push((name.to_owned(), Value::Text(text.to_owned())));
    }
    pub(crate) fn texts(&mut self, name: &str, texts: &[&str]) {
        let items = texts.iter().map(|text| Value::Text((*text).to_owned())).collect();
        self.0.push((name.to_owned(), Value::List(items)));
    }
    pub(crate) fn map(&mut self, name: &str, inner: &str, text: &str) {
        let inner = vec![(inner.to_owned(), Value::Text(text.to_owned()))];
        self.0.push((name.to_owned(), Value::Map(inner)));
    }
}

/// The words of a line that haven't been read.
pub(crate) struct Words<'a>(pub(crate) Vec<&'a str>);

impl<'a> Words<'a> {
    pub(crate) fn of(line: &'a str) -> Words<'a> {
        Words(line.split_whitespace().collect())
    }
    pub(crate) fn peek(&self) -> Option<&'a str> {
        self.0.first().copied()
    }
    pub(crate) fn take(&mut self, word: &str) -> bool {
        let found = self.peek() == Some(word);
        if found {
            self.0.remove(0);
        }
        found
    }
    pub(crate) fn expect(&mut self, word: &str) -> Read<()> {
        if self.take(word) { Ok(()) } else { Err(format!("`{word}` is missing before {:?}", self.peek())) }
    }
    pub(crate) fn one(&mut self, what: &str) -> Read<&'a str> {
        if self.0.is_empty() { Err(format!("{what} is missing")) } else { Ok(self.0.remove(0)) }
    }
    pub(crate) fn rest(&mut self) -> Vec<&'a str> {
        std::mem::take(&mut self.0)
    }
    pub(crate) fn until(&mut self, word: &str) -> Vec<&'a str> {
        let place = self.0.iter().position(|one| *one == word).unwrap_or(self.0.len());
        let before = self.0.drain(..place).collect();
        let _ = self.take(word);
        before
    }
    pub(crate) fn end(&self) -> Read<()> {
        if self.0.is_empty() { Ok(()) } else { Err(format!("{:?} isn't understood here", self.0)) }
    }
    /// Takes a word out, with so many after it.
    pub(crate) fn cut(&mut self, word: &str, after: usize) -> Read<Option<Vec<&'a str>>> {
        let Some(place) = self.0.iter().position(|one| *one == word) else { return Ok(None) };
        if self.0.len() < place + 1 + after {
            return Err(format!("`{word}` lacks what follows it"));
        }
        Ok(Some(self.0.drain(place..=place + after).skip(1).collect()))
    }
    pub(crate) fn cut_length(&mut self, word: &str) -> Read<Option<Instant>> {
        self.cut(word, 2)?.map(|words| Words(words).length()).transpose()
    }
    pub(crate) fn cut_written_length(&mut self, word: &str) -> Read<Option<String>> {
        let Some(words) = self.cut(word, 2)? else { return Ok(None) };
        Ok(Some(match words[1] {
            "minutes" => format!("PT{}M", words[0]),
            "hours" => format!("PT{}H", words[0]),
            _ => format!("P{}D", words[0]),
        }))
    }
    /// `at 2 days ago`, `at 3 minutes ahead`: how long from now.
    pub(crate) fn cut_time(&mut self) -> Read<Option<Instant>> {
        let place = self.0.windows(4).position(|words| words[0] == "at" && matches!(words[3], "ago" | "ahead"));
        let Some(place) = place else { return Ok(None) };
        let words: Vec<&str> = self.0.drain(place..place + 4).collect();
        let length = Words(words[1..3].to_vec()).length()?;
        Ok(Some(if words[3] == "ago" { Instant(-length.0) } else { length }))
    }
    /// `by hale`, `by patient amy`, `by proxy mum for cal`.
    pub(crate) fn cut_asker(&mut self) -> Read<Vec<&'a str>> {
        let Some(place) = self.0.iter().position(|one| *one == "by") else { return Ok(Vec::new()) };
        let count = match self.0.get(place + 1) {
            Some(&"patient") => 2,
            Some(&"proxy") => 4,
            _ => 1,
        };
        Ok(self.cut("by", count)?.unwrap_or_default())
    }
    /// `14 days`.
    pub(crate) fn length(&mut self) -> Read<Instant> {
        let count: i64 = self.one("a number")?.parse().map_err(|_| "no number".to_owned())?;
        Ok(match self.one("a unit")? {
            "minutes" | "minute" => MINUTE * count,
            "hours" | "hour" => Instant::HOUR * count,
            "days" | "day" => Instant::DAY * count,
            unit => return Err(format!("`{unit}` is no unit of time")),
        })
    }
}

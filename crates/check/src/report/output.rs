//! A check written out in the format that was asked for.

use std::io::{BufWriter, Write};

use super::cases::Lists;
use super::encode::{LineFormat, Lines, Parts};
use super::explain::Explain;
use super::html::{self, Reader};
use super::json::Document;
use super::method::{Hashes, Method};
use super::rows::{Layout, Names, RowKind};
use super::text::{self, Paper};
use super::{fhir, parquet};
use crate::error::Error;
use crate::input::Meter;
use crate::run::{Check, Nothing, Outcome};
use crate::spill::Store;

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A summary for people.
    Text,
    /// Everything in one document.
    Json,
    /// Rows: a JSON object a line.
    Ndjson,
    /// Rows: RFC 4180.
    Csv,
    /// Rows: columns of their own types.
    Parquet,
    /// Findings as a Bundle of DetectedIssue.
    Fhir,
    /// A page, for a reader; the check must be made for it: [`Check::for_page`].
    Html(Reader),
}

impl Format {
    /// Whether the reading report is no part of it, so that it has to be told apart.
    #[must_use]
    pub fn is_without_reading(self) -> bool {
        !matches!(self, Format::Text | Format::Json | Format::Html(_))
    }
}

/// What is written, and how.
#[derive(Debug)]
pub struct Output {
    /// The format.
    pub format: Format,
    /// What a row is, in formats that have rows.
    pub rows: RowKind,
    /// Whether rows have columns with names.
    pub names: Names,
    /// What text is written on.
    pub paper: Paper,
    /// The time zone as it was named.
    pub timezone: String,
}

impl Check {
    /// Runs, and writes the report to `to`. What was found stays in the outcome, so that a page can be made of it too.
    ///
    /// `on_store` is given the temporary store at once, so that whoever handles an interruption can remove it.
    ///
    /// # Errors
    ///
    /// As [`Check::run`].
    pub fn report(
        &self,
        output: &Output,
        meter: &Meter,
        on_store: impl FnOnce(&Store),
        to: &mut dyn Write,
    ) -> Result<Outcome, Error> {
        let mut to = BufWriter::new(to);
        let layout = Layout {
            rows: output.rows,
            names: output.names,
            marks: &self.marks,
            as_of: self.as_of,
            calendar: &self.calendar,
        };
        let outcome = match output.format {
            Format::Text => {
                let outcome =
                    self.run_keeping(self.lists.max(Lists::People), meter, &Nothing, on_store, &mut |_| Ok(()))?;
                to.write_all(text::report(self, &outcome, output)?.as_bytes())?;
                outcome
            }
            Format::Json => {
                let mut document = Document::new(self.temp.as_deref())?;
                let outcome = self.run(meter, &Parts::new(&layout), on_store, &mut |bytes| document.write(bytes))?;
                let method = Method::of(self, &outcome, &output.timezone, Hashes::With);
                document.finish(&outcome, &method, &layout, &mut to)?;
                outcome
            }
            Format::Ndjson => self.lines(Lines::new(layout, LineFormat::Ndjson), meter, on_store, &mut to)?,
            Format::Csv => self.lines(Lines::new(layout, LineFormat::Csv), meter, on_store, &mut to)?,
            Format::Parquet => parquet::report(self, &layout, meter, on_store, &mut to)?,
            Format::Fhir => fhir::report(self, &layout, meter, on_store, &mut to)?,
            Format::Html(reader) => {
                let outcome = self.run(meter, &Nothing, on_store, &mut |_| Ok(()))?;
                let method = Method::of(self, &outcome, &output.timezone, Hashes::With);
                html::write(self, &outcome, &method, reader, &mut to)?;
                outcome
            }
        };
        to.flush()?;
        Ok(outcome)
    }

    fn lines(
        &self,
        lines: Lines,
        meter: &Meter,
        on_store: impl FnOnce(&Store),
        to: &mut dyn Write,
    ) -> Result<Outcome, Error> {
        // Not before it is certain that there is something to read.
        let mut header = Some(lines.header());
        let outcome = self.run(meter, &lines, on_store, &mut |bytes| {
            to.write_all(&header.take().unwrap_or_default())?;
            to.write_all(bytes)
        })?;
        to.write_all(&header.take().unwrap_or_default())?;
        lines.resolved(to)?;
        Ok(outcome)
    }

    /// Runs, and writes to `to` why check says what it says of one patient, named as rows name them.
    ///
    /// # Errors
    ///
    /// As [`Check::run`]; and a usage error that names patients like this one, if there is none of that name.
    pub fn explain(
        &self,
        patient: &str,
        paper: Paper,
        meter: &Meter,
        on_store: impl FnOnce(&Store),
        to: &mut dyn Write,
    ) -> Result<Outcome, Error> {
        let explain = Explain::new(self, patient, paper);
        let mut text = Vec::new();
        let outcome = self.run(meter, &explain, on_store, &mut |bytes| {
            text.extend_from_slice(bytes);
            Ok(())
        })?;
        explain.found()?;
        to.write_all(&text)?;
        to.flush()?;
        Ok(outcome)
    }
}

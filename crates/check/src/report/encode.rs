//! Persons as rows in bytes: what workers do side by side.

use std::io::Write;

use answerable_fhir::PersonJudgement;

use super::marks::Marks;
use super::rows::{Cell, Column, Layout, RowKind, write_csv, write_csv_header, write_json};
use super::view::View;
use crate::error::Error;
use crate::run::Encode;

/// Rows as lines of text.
#[derive(Debug)]
pub(crate) struct Lines<'l> {
    layout: Layout<'l>,
    columns: Vec<Column>,
    format: LineFormat,
}

/// A format of rows that is lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineFormat {
    Ndjson,
    Csv,
}

impl<'l> Lines<'l> {
    pub(crate) fn new(layout: Layout<'l>, format: LineFormat) -> Lines<'l> {
        Lines { columns: layout.columns(), layout, format }
    }

    /// What stands before the first row.
    pub(crate) fn header(&self) -> Vec<u8> {
        let mut header = Vec::new();
        if self.format == LineFormat::Csv {
            write_csv_header(&self.columns, &mut header);
        }
        header
    }

    /// Writes what stands after the last row: the findings that only the earlier run had.
    pub(crate) fn resolved(&self, to: &mut dyn Write) -> Result<(), Error> {
        let mut bytes = Vec::new();
        Marks::resolved_rows(&self.layout, &mut |cells| {
            bytes.clear();
            self.row(cells, &mut bytes);
            Ok(to.write_all(&bytes)?)
        })
    }

    fn row(&self, cells: &[Cell], bytes: &mut Vec<u8>) {
        match self.format {
            LineFormat::Csv => write_csv(cells, bytes),
            LineFormat::Ndjson => {
                write_json(&self.columns, cells, bytes);
                bytes.push(b'\n');
            }
        }
    }
}

impl Encode for Lines<'_> {
    fn person(&self, judgement: &PersonJudgement, bytes: &mut Vec<u8>) {
        self.layout.each(View::new(judgement), &mut |cells| self.row(cells, bytes));
    }
}

/// All three kinds of rows as lines of JSON, each line with its kind before it: the parts of one document.
#[derive(Debug)]
pub(crate) struct Parts<'l> {
    layouts: [(Layout<'l>, Vec<Column>); 3],
}

impl<'l> Parts<'l> {
    pub(crate) fn new(layout: &Layout<'l>) -> Parts<'l> {
        let of = |rows| {
            let layout = Layout { rows, ..layout.clone() };
            let columns = layout.columns();
            (layout, columns)
        };
        Parts { layouts: [RowKind::Findings, RowKind::Verdicts, RowKind::Timeline].map(of) }
    }
}

impl Encode for Parts<'_> {
    fn person(&self, judgement: &PersonJudgement, bytes: &mut Vec<u8>) {
        for (kind, (layout, columns)) in self.layouts.iter().enumerate() {
            layout.each(View::new(judgement), &mut |cells| {
                bytes.push(kind as u8);
                write_json(columns, cells, bytes);
                bytes.push(b'\n');
            });
        }
    }
}

//! Rows as a Parquet file: columns of their own types, with instants as timestamps and lists as lists.
//!
//! <https://parquet.apache.org/docs/file-format/types/logicaltypes/>. Workers turn persons into cells side by side;
//! one writer puts cells into columns, and columns into row groups.

use std::fs::File;
use std::io::{self, Write};
use std::mem;
use std::sync::Arc;

use answerable_care::Instant;
use answerable_fhir::{Calendar, PersonJudgement};
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::record::Field;
use parquet::schema::parser::parse_message_type;

use super::marks::{Marks, Refused, Row, Wrong, schema_fits};
use super::rows::{Cell, Column, ColumnKind, Layout, SCHEMA_VERSION};
use super::view::View;
use crate::error::Error;
use crate::input::Meter;
use crate::run::{Check, Encode, Outcome};
use crate::spill::Store;

/// How a Parquet file begins.
pub(crate) const MAGIC: &[u8] = b"PAR1";

/// The key of the file's metadata under which the version of the columns stands.
const SCHEMA_KEY: &str = "answerable.schema";

/// A row group is written when so much of it waits in memory: some ten thousand rows, enough for columns to compress
/// well and for readers to share out among threads.
const GROUP_BYTES_MAX: usize = 32 << 20;

/// What a text needs in memory besides its bytes; an instant and a null need less.
const VALUE_BYTES: usize = 48;

/// Runs, and writes rows as a Parquet file.
pub(crate) fn report(
    check: &Check,
    layout: &Layout,
    meter: &Meter,
    on_store: impl FnOnce(&Store),
    to: &mut dyn Write,
) -> Result<Outcome, Error> {
    let mut file = ParquetFile::new(layout, to)?;
    let outcome = check.run(meter, &ParquetRows { layout }, on_store, &mut |bytes| file.write(bytes))?;
    // Row formats end with what only the earlier run had.
    Marks::resolved_rows(layout, &mut |cells| Ok(file.row(cells.to_vec())?))?;
    file.finish()?;
    Ok(outcome)
}

/// Persons as cells in bytes, for a [`ParquetFile`].
#[derive(Debug)]
struct ParquetRows<'l> {
    layout: &'l Layout<'l>,
}

impl Encode for ParquetRows<'_> {
    fn person(&self, judgement: &PersonJudgement, bytes: &mut Vec<u8>) {
        self.layout.each(View::new(judgement), &mut |cells| {
            // Writing to a vector can't fail.
            let _ = postcard::to_io(cells, &mut *bytes);
        });
    }
}

/// A Parquet file that is being written.
struct ParquetFile<W> {
    /// Writes to memory, from where each row group goes to `to`: a row group is in memory anyway.
    file: SerializedFileWriter<Vec<u8>>,
    columns: Vec<Values>,
    /// About what `columns` needs in memory.
    bytes: usize,
    to: W,
}

impl<W: Write> ParquetFile<W> {
    /// A file of the rows of a layout.
    fn new(layout: &Layout, to: W) -> io::Result<ParquetFile<W>> {
        let columns = layout.columns();
        let schema = parse_message_type(&schema(&columns)).map_err(failed)?;
        let properties = WriterProperties::builder()
            .set_created_by(concat!("answerable version ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_compression(Compression::SNAPPY)
            .set_key_value_metadata(Some(vec![KeyValue::new(SCHEMA_KEY.to_owned(), SCHEMA_VERSION.to_owned())]))
            .build();
        let file = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties)).map_err(failed)?;
        let columns = columns.iter().map(|column| Values::new(column.kind)).collect();
        Ok(ParquetFile { file, columns, bytes: 0, to })
    }

    /// Takes whole rows of [`ParquetRows`].
    fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let (cells, rest) = postcard::take_from_bytes(bytes).map_err(io::Error::other)?;
            self.row(cells)?;
            bytes = rest;
        }
        Ok(())
    }

    fn row(&mut self, cells: Vec<Cell>) -> io::Result<()> {
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            self.bytes += column.push(cell);
        }
        if self.bytes >= GROUP_BYTES_MAX { self.group() } else { Ok(()) }
    }

    fn finish(mut self) -> io::Result<()> {
        if self.bytes > 0 {
            self.group()?;
        }
        let rest = self.file.into_inner().map_err(failed)?;
        self.to.write_all(&rest)
    }

    fn group(&mut self) -> io::Result<()> {
        let mut group = self.file.next_row_group().map_err(failed)?;
        for column in &mut self.columns {
            let Some(writer) = group.next_column().map_err(failed)? else { break };
            column.write(writer).map_err(failed)?;
        }
        group.close().map_err(failed)?;
        self.bytes = 0;
        self.file.flush()?;
        self.to.write_all(&mem::take(self.file.inner_mut()))
    }
}

fn failed(error: ParquetError) -> io::Error {
    io::Error::other(format!("the Parquet file can't be written: {error}"))
}

/// Columns in the language of Parquet's schemas.
fn schema(columns: &[Column]) -> String {
    let columns = columns.iter().map(|Column { name, kind }| match kind {
        ColumnKind::Text => format!("required binary {name} (STRING);"),
        ColumnKind::MaybeText => format!("optional binary {name} (STRING);"),
        ColumnKind::Time => format!("optional int64 {name} (TIMESTAMP(MICROS,true));"),
        ColumnKind::List => {
            format!("required group {name} (LIST) {{ repeated group list {{ required binary element (STRING); }} }}")
        }
    });
    format!("message rows {{ {} }}", columns.collect::<Vec<_>>().join(" "))
}

/// The values of a column in a row group, and where there are none. A definition level of 1 says that there is one; a
/// repetition level of 1, that it is in the list of the one before it.
enum Values {
    Text(Vec<ByteArray>),
    MaybeText(Vec<ByteArray>, Vec<i16>),
    Time(Vec<i64>, Vec<i16>),
    List(Vec<ByteArray>, Vec<i16>, Vec<i16>),
}

impl Values {
    fn new(kind: ColumnKind) -> Values {
        match kind {
            ColumnKind::Text => Values::Text(Vec::new()),
            ColumnKind::MaybeText => Values::MaybeText(Vec::new(), Vec::new()),
            ColumnKind::Time => Values::Time(Vec::new(), Vec::new()),
            ColumnKind::List => Values::List(Vec::new(), Vec::new(), Vec::new()),
        }
    }

    /// Takes a cell; says about how much memory that needs. A cell of another kind than its column's counts as null.
    fn push(&mut self, cell: Cell) -> usize {
        let array = |text: std::borrow::Cow<str>| ByteArray::from(text.into_owned().into_bytes());
        let size = VALUE_BYTES
            + match &cell {
                Cell::Text(text) => text.as_ref().map_or(0, |text| text.len()),
                Cell::Time(_) => 0,
                Cell::List(list) => list.iter().map(|text| VALUE_BYTES + text.len()).sum(),
            };
        match (self, cell) {
            (Values::Text(values), Cell::Text(text)) => values.push(text.map(array).unwrap_or_default()),
            (Values::Text(values), _) => values.push(ByteArray::default()),
            (Values::MaybeText(values, definitions), Cell::Text(Some(text))) => {
                values.push(array(text));
                definitions.push(1);
            }
            (Values::Time(values, definitions), Cell::Time(Some(micros))) => {
                values.push(micros);
                definitions.push(1);
            }
            (Values::MaybeText(_, definitions) | Values::Time(_, definitions), _) => definitions.push(0),
            (Values::List(values, definitions, repetitions), Cell::List(list)) if !list.is_empty() => {
                for (index, text) in list.into_iter().enumerate() {
                    values.push(array(text));
                    definitions.push(1);
                    repetitions.push(i16::from(index > 0));
                }
            }
            (Values::List(_, definitions, repetitions), _) => {
                definitions.push(0);
                repetitions.push(0);
            }
        }
        size
    }

    /// Writes what is there, and begins anew.
    fn write(&mut self, mut writer: SerializedColumnWriter) -> Result<(), ParquetError> {
        match self {
            Values::Text(values) => {
                writer.typed::<ByteArrayType>().write_batch(values, None, None)?;
                values.clear();
            }
            Values::MaybeText(values, definitions) => {
                writer.typed::<ByteArrayType>().write_batch(values, Some(definitions), None)?;
                values.clear();
                definitions.clear();
            }
            Values::Time(values, definitions) => {
                writer.typed::<Int64Type>().write_batch(values, Some(definitions), None)?;
                values.clear();
                definitions.clear();
            }
            Values::List(values, definitions, repetitions) => {
                writer.typed::<ByteArrayType>().write_batch(values, Some(definitions), Some(repetitions))?;
                values.clear();
                definitions.clear();
                repetitions.clear();
            }
        }
        writer.close()
    }
}

/// Gives `take` the rows of an earlier run.
pub(crate) fn read(file: File, take: &mut dyn FnMut(Row) -> Result<(), Refused>) -> Result<(), Wrong> {
    let whole = |error: ParquetError| Wrong::Whole(format!("it can't be read as Parquet: {error}"));
    let reader = SerializedFileReader::new(file).map_err(whole)?;
    let metadata = reader.metadata().file_metadata().key_value_metadata();
    let schema =
        metadata.into_iter().flatten().find(|pair| pair.key == SCHEMA_KEY).and_then(|pair| pair.value.as_ref());
    schema.map_or(Ok(()), |schema| schema_fits(schema))?;
    for (number, columns) in (1_u64..).zip(reader.get_row_iter(None).map_err(whole)?) {
        let mut row = Row::default();
        for (name, field) in columns.map_err(whole)?.into_columns() {
            cell(&mut row, &name, field)
                .map_err(|what| Wrong::At(format!("row {number}"), format!("`{name}` is {what}")))?;
        }
        take(row).map_err(|refused| Wrong::of_row(format_args!("row {number}"), refused))?;
    }
    Ok(())
}

fn cell(row: &mut Row, name: &str, field: Field) -> Result<(), &'static str> {
    if let Some(to) = row.text(name) {
        *to = match field {
            Field::Null => None,
            Field::Str(text) => Some(text),
            Field::TimestampMicros(micros) => Some(Calendar::write(Instant(micros))),
            _ => return Err("neither a text nor a timestamp in microseconds"),
        };
    } else if let Some(to) = row.list(name)
        && let Field::ListInternal(list) = field
    {
        let text = |field: &Field| match field {
            Field::Str(text) => Ok(text.clone()),
            _ => Err("a list of something else than texts"),
        };
        *to = Some(list.elements().iter().map(text).collect::<Result<_, _>>()?);
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests panic to fail")]
mod tests {
    use super::super::rows::{Names, RowKind};
    use super::*;

    /// The counts of rows of the row groups, and what is read back, of rows made of a number each.
    fn groups(count: usize, row: impl Fn(usize) -> Vec<Cell<'static>>) -> (Vec<i64>, usize) {
        let (marks, calendar) = (Marks::default(), Calendar::utc());
        let layout = Layout {
            rows: RowKind::Findings,
            names: Names::Without,
            marks: &marks,
            as_of: Instant(0),
            calendar: &calendar,
        };
        let mut bytes = Vec::new();
        let mut file = ParquetFile::new(&layout, &mut bytes).unwrap();
        for number in 0..count {
            file.write(&postcard::to_stdvec(&row(number)).unwrap()).unwrap();
        }
        file.finish().unwrap();
        let mut temporary = tempfile::tempfile().unwrap();
        temporary.write_all(&bytes).unwrap();
        let reader = SerializedFileReader::new(temporary.try_clone().unwrap()).unwrap();
        let counts = reader.metadata().row_groups().iter().map(|group| group.num_rows()).collect();
        let mut rows = 0;
        read(temporary, &mut |read| {
            assert_eq!(read.patient.unwrap(), format!("Patient/{rows}"));
            rows += 1;
            Ok(())
        })
        .unwrap();
        (counts, rows)
    }

    fn row(number: usize, message: String) -> Vec<Cell<'static>> {
        let text = |text: &'static str| Cell::Text(Some(text.into()));
        let list = || Cell::List(vec!["Practitioner/a".into(); number % 3]);
        let patient = Cell::Text(Some(format!("Patient/{number}").into()));
        let (none, time) = (Cell::Text(None), Cell::Time((number.is_multiple_of(2)).then_some(number as i64)));
        let message = Cell::Text(Some(message.into()));
        vec![
            patient,
            none.clone(),
            none,
            text("silent"),
            text("warning"),
            list(),
            time.clone(),
            time,
            list(),
            list(),
            message,
            text("00"),
        ]
    }

    #[test]
    fn row_groups_are_bounded_in_memory_and_lose_no_row() {
        assert_eq!(groups(0, |_| Vec::new()), (vec![], 0));
        let (counts, rows) = groups(70_000, |number| row(number, String::new()));
        assert_eq!((counts.len(), counts.iter().sum::<i64>(), rows), (2, 70_000, 70_000));
        let (counts, rows) = groups(5, |number| row(number, "x".repeat(GROUP_BYTES_MAX / 2)));
        assert_eq!((counts, rows), (vec![2, 2, 1], 5));
    }
}

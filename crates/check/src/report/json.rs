//! The whole of a run as one JSON document: findings, verdicts, timeline, reading report, method.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::engine::Reading;
use crate::error::Error;
use crate::run::Outcome;

use super::marks::Marks;
use super::method::Method;
use super::rows::{Layout, RowKind, SCHEMA_VERSION, write_json};

/// Sorts the lines of [`Parts`](super::encode::Parts) into the arrays of a document. Only one array can be written
/// while persons come one after another, so the others wait in temporary files.
#[derive(Debug)]
pub(crate) struct Document {
    parts: [BufWriter<File>; 3],
}

impl Document {
    /// A document whose parts wait in files of a folder, or where the system puts temporary files.
    pub(crate) fn new(temp: Option<&Path>) -> io::Result<Document> {
        let part = || Ok::<_, io::Error>(BufWriter::new(temp.map_or_else(tempfile::tempfile, tempfile::tempfile_in)?));
        Ok(Document { parts: [part()?, part()?, part()?] })
    }

    /// Takes lines of parts.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        for line in bytes.split_inclusive(|&byte| byte == b'\n') {
            let Some((&kind, row)) = line.split_first() else { continue };
            if let Some(part) = self.parts.get_mut(usize::from(kind)) {
                part.write_all(row)?;
            }
        }
        Ok(())
    }

    /// Writes the document.
    pub(crate) fn finish(
        self,
        outcome: &Outcome,
        method: &Method,
        layout: &Layout,
        to: &mut dyn Write,
    ) -> Result<(), Error> {
        write!(to, "{{\"schema\":\"{SCHEMA_VERSION}\",\n\"method\":{},\n", method.json())?;
        writeln!(to, "\"report\":{},", report(&outcome.reading))?;
        resolved(layout, to)?;
        for (index, (name, part)) in ["findings", "verdicts", "timeline"].iter().zip(self.parts).enumerate() {
            write!(to, "{}\"{name}\":[", if index > 0 { ",\n" } else { "" })?;
            let mut file = part.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.rewind()?;
            for (row, line) in BufReader::new(file).lines().enumerate() {
                write!(to, "{}{}", if row > 0 { ",\n" } else { "\n" }, line?)?;
            }
            write!(to, "]")?;
        }
        writeln!(to, "}}")?;
        Ok(())
    }
}

/// The findings that only the earlier run had.
fn resolved(layout: &Layout, to: &mut dyn Write) -> Result<(), Error> {
    let layout = Layout { rows: RowKind::Findings, ..layout.clone() };
    let columns = layout.columns();
    let (mut before, mut row) = ("\n", Vec::new());
    write!(to, "\"resolved\":[")?;
    Marks::resolved_rows(&layout, &mut |cells| {
        row.clear();
        write_json(&columns, cells, &mut row);
        to.write_all(before.as_bytes())?;
        before = ",\n";
        Ok(to.write_all(&row)?)
    })?;
    writeln!(to, "],")?;
    Ok(())
}

/// The reading report as JSON.
pub(crate) fn report(reading: &Reading) -> Value {
    let mut types = Map::new();
    for (kind, counts) in &reading.types {
        let counts =
            json!({"resources": counts.resources, "duplicates": counts.duplicates, "malformed": counts.malformed});
        types.insert(kind.as_str().to_owned(), counts);
    }
    let malformed: Vec<Value> = reading
        .malformed
        .iter()
        .map(|one| json!({"file": one.file, "line": one.line, "resource": one.resource, "what": one.what}))
        .collect();
    let mut report = Map::new();
    for (key, count) in counts(reading) {
        report.insert(key.to_owned(), count.into());
    }
    report.insert("types".to_owned(), Value::Object(types));
    let unused: Map<String, Value> =
        reading.unused.iter().map(|(kind, count)| (kind.clone(), (*count).into())).collect();
    report.insert("unused".to_owned(), Value::Object(unused));
    report.insert("malformed_resources".to_owned(), Value::Array(malformed));
    report.insert("clashing".to_owned(), json!(reading.clashes));
    Value::Object(report)
}

/// The counts of the reading report, in their order.
pub(crate) fn counts(reading: &Reading) -> Vec<(&'static str, u64)> {
    vec![
        ("persons", reading.persons),
        ("inactive_persons", reading.inactive_persons),
        ("resources", reading.resources()),
        ("duplicates", reading.duplicates()),
        ("malformed", reading.malformed_count),
        ("other", reading.unused.iter().map(|(_, count)| count).sum()),
        ("passed_over", reading.passed_over),
        ("no_subject", reading.no_subject),
        ("dangling", reading.dangling),
        ("undated", reading.undated),
        ("closed_unknown", reading.closed_unknown),
        ("open_at_death", reading.open_at_death),
        ("linked", reading.linked),
        ("clashes", reading.clashes.len() as u64),
        ("merged", reading.merged),
        ("merge_circles", reading.circles),
        ("cross_patient", reading.cross_patient),
        ("participants_left_out", reading.participants_left_out),
    ]
}

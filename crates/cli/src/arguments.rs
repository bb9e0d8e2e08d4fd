//! The arguments. Help, completions and the man page are made from them; docs/reference/options.md says more.

use std::ffi::OsString;
use std::path::PathBuf;

use answerable_check::{Format, Reader, RowKind, Severity};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::ledger::LedgerArguments;

/// Says who is answerable for what.
#[derive(Debug, Parser)]
#[command(name = "answerable", version, arg_required_else_help = true, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Check(Box<CheckArguments>),
    Ledger(LedgerArguments),
    /// Write completions for a shell to standard output
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write the man page to standard output, of `answerable` or of one of its commands
    Man {
        /// The command
        command: Option<String>,
    },
}

const EXAMPLES: &str = "\
Examples:

  Try it on the invented records that come with it:
    answerable check --config examples/riverside/check.toml \\
      --as-of 2026-03-02T09:00:00Z --timezone Europe/London --html report.html

  Your own export: every file under a folder, as of now:
    answerable check exports --timezone Europe/London --html report.html

  Three organisations that share patients, each a source with ids of its own:
    answerable check childrens=exports/childrens adults=exports/adults \\
      surgery=exports/surgery --as-of 2026-03-02T09:00:00Z --timezone Europe/London

  Why does it say so of this patient?
    answerable check --config riverside.toml --explain adults/Patient/88

  The same every week: what is new since last Monday, and what was decided:
    answerable check --config riverside.toml --since findings-last.ndjson \\
      --decisions decisions.toml --format ndjson --output findings.ndjson

  From a pipe; packed files need no unpacking:
    ssh ward cat export.ndjson.gz | answerable check - --format csv

  In a pipeline that fails if anything is wrong:
    answerable check exports --deny error --quiet

Exit status:
  0  read and judged
  1  --deny was given, and there are findings of that severity or worse
  2  a usage error, a wrong configuration, nothing to read, or no report could be written
  3  judged, but the input could not all be read: the reading report says what was left out";

/// Who is answerable for each need of each patient, from FHIR R4 exports
///
/// Reads what records say, and says for every continuing need of every patient who is answerable for it, on what
/// evidence, and what someone should look at: first who fell through, then the needs for which nobody is recorded.
/// Nothing is sent anywhere. The report names people: treat it as a clinical document.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES, after_help = "`--help` says more, with examples.")]
pub(crate) struct CheckArguments {
    /// Files and folders: NDJSON, Bundles, single resources; plain, gzip or zstd
    ///
    /// `-` is standard input. NAME=PATH is a source of its own: its ids are its own, and its resources are named
    /// NAME/Type/id. A path that holds `=` itself is written ./a=b. Without any, the sources of the configuration are
    /// read.
    #[arg(value_name = "INPUT", value_hint = clap::ValueHint::AnyPath)]
    pub(crate) inputs: Vec<OsString>,

    /// Sources, windows, code sets and identifier systems, in TOML
    ///
    /// What it leaves out keeps its default; an unknown key is an error.
    #[arg(long, value_name = "FILE", help_heading = "Input", value_hint = clap::ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,

    /// Write the configuration with every default and its comments, and stop
    #[arg(long, help_heading = "Input")]
    pub(crate) print_config: bool,

    /// FHIR R4 ConceptMaps: codings mapped as equal or equivalent count as one
    ///
    /// One ConceptMap, or a Bundle of them; may be given again. Used where a need is told from its coding (N1a), and
    /// where an encounter's reason is compared with a need (C4).
    #[arg(long, value_name = "FILE", help_heading = "Input", value_hint = clap::ValueHint::FilePath)]
    pub(crate) concept_map: Vec<PathBuf>,

    /// Judge as of this date or time, such as 2026-03-02T09:00 [default: now]
    ///
    /// A partial one is its first instant. Without it a run can't be repeated.
    #[arg(long, value_name = "INSTANT", help_heading = "The instant of judgement")]
    pub(crate) as_of: Option<String>,

    /// The time zone of dates, months and times without a zone, such as Europe/London
    #[arg(long, value_name = "ZONE", default_value = "UTC", help_heading = "The instant of judgement")]
    pub(crate) timezone: String,

    /// How the report is written
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t, help_heading = "Output")]
    pub(crate) format: FormatName,

    /// What a row of ndjson, csv and parquet is
    #[arg(long, value_name = "KIND", value_enum, default_value_t, help_heading = "Output")]
    pub(crate) rows: RowsName,

    /// Where the report goes, whole or not at all [default: standard output]
    #[arg(long, value_name = "FILE", help_heading = "Output", value_hint = clap::ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,

    /// The html report as well, whatever the format is
    #[arg(long, value_name = "FILE", help_heading = "Output", value_hint = clap::ValueHint::FilePath)]
    pub(crate) html: Option<PathBuf>,

    /// Who reads the html report
    #[arg(long = "for", value_name = "READER", value_enum, default_value_t, help_heading = "Output")]
    pub(crate) reader: ReaderName,

    /// Why it says what it says of one patient, named as in the rows; instead of a report
    #[arg(
        long, value_name = "PATIENT", help_heading = "Output",
        conflicts_with_all = ["format", "rows", "html", "with_names", "since", "decisions"]
    )]
    pub(crate) explain: Option<String>,

    /// Add columns with names of people and words of needs at the end of rows: personal data
    #[arg(long, help_heading = "Output")]
    pub(crate) with_names: bool,

    /// The whole reading report [default: with the row formats, in short, standard error]
    #[arg(long, value_name = "FILE", help_heading = "Output", value_hint = clap::ValueHint::FilePath)]
    pub(crate) report: Option<PathBuf>,

    /// The findings or the json of an earlier run: marks each finding new or still, lists the resolved
    #[arg(long, value_name = "EARLIER", help_heading = "Run over run", value_hint = clap::ValueHint::FilePath)]
    pub(crate) since: Option<PathBuf>,

    /// What people decided about findings, in TOML or CSV: those get a heading of their own
    #[arg(long, value_name = "FILE", help_heading = "Run over run", value_hint = clap::ValueHint::FilePath)]
    pub(crate) decisions: Option<PathBuf>,

    /// Exit with 1 if there are findings of this severity or worse
    #[arg(long, value_name = "SEVERITY", value_enum, help_heading = "Limits and manners")]
    pub(crate) deny: Option<SeverityName>,

    /// How much memory may be used, such as 512MiB; more than fits goes to temporary files
    #[arg(long, value_name = "SIZE", default_value = "1GiB", value_parser = size, help_heading = "Limits and manners")]
    pub(crate) memory: u64,

    /// How many threads [default: all processors]
    #[arg(
        long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=THREADS_MAX),
        help_heading = "Limits and manners"
    )]
    pub(crate) threads: Option<u16>,

    /// Where temporary files go, which hold patients' records [default: the system's temporary folder]
    #[arg(long, value_name = "FOLDER", help_heading = "Limits and manners", value_hint = clap::ValueHint::DirPath)]
    pub(crate) temp: Option<PathBuf>,

    /// No progress and no notes on standard error; errors stay
    #[arg(long, short, conflicts_with = "verbose", help_heading = "Limits and manners")]
    pub(crate) quiet: bool,

    /// Say what was read, linked, spilled and passed over, file by file
    #[arg(long, short, help_heading = "Limits and manners")]
    pub(crate) verbose: bool,
}

/// More threads than any machine that this is for has.
const THREADS_MAX: i64 = 1024;

/// More bytes than any machine has: what a slip of the finger asks for.
const MEMORY_BYTES_MAX: f64 = (1_u64 << 50) as f64;

/// Less can't hold the buffers of one thread.
const MEMORY_BYTES_MIN: f64 = (16_u64 << 20) as f64;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatName {
    /// A summary for people, worst patients first
    #[default]
    Text,
    /// Everything in one document: findings, verdicts, timeline, reading report, method
    Json,
    /// Rows: a JSON object a line
    Ndjson,
    /// Rows: comma-separated, with a header
    Csv,
    /// Rows: columns with types of their own
    Parquet,
    /// Findings: a FHIR R4 Bundle of DetectedIssue
    Fhir,
    /// One self-contained page with pictures
    Html,
}

impl CheckArguments {
    /// The format of the report.
    pub(crate) fn format(&self) -> Format {
        match self.format {
            FormatName::Text => Format::Text,
            FormatName::Json => Format::Json,
            FormatName::Ndjson => Format::Ndjson,
            FormatName::Csv => Format::Csv,
            FormatName::Parquet => Format::Parquet,
            FormatName::Fhir => Format::Fhir,
            FormatName::Html => Format::Html(self.reader()),
        }
    }

    /// Who reads the html report.
    pub(crate) fn reader(&self) -> Reader {
        match self.reader {
            ReaderName::Work => Reader::Work,
            ReaderName::Board => Reader::Board,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowsName {
    /// What someone should look at
    #[default]
    Findings,
    /// Who is answerable now, for each duty of each open need
    Verdicts,
    /// Who was answerable when
    Timeline,
}

impl From<RowsName> for RowKind {
    fn from(name: RowsName) -> RowKind {
        match name {
            RowsName::Findings => RowKind::Findings,
            RowsName::Verdicts => RowKind::Verdicts,
            RowsName::Timeline => RowKind::Timeline,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReaderName {
    /// To work through, with names
    #[default]
    Work,
    /// With nobody to be recognised
    Board,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SeverityName {
    Error,
    Warning,
    Note,
}

impl From<SeverityName> for Severity {
    fn from(name: SeverityName) -> Severity {
        match name {
            SeverityName::Error => Severity::Error,
            SeverityName::Warning => Severity::Warning,
            SeverityName::Note => Severity::Note,
        }
    }
}

/// Bytes: `512MiB`, `1GiB`, `1.5GB`, `1073741824`.
fn size(text: &str) -> Result<u64, String> {
    let hint = || "write it as 512MiB or 2GiB".to_owned();
    let digits = text.len() - text.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.').len();
    let (number, unit) = text.split_at_checked(digits).ok_or_else(hint)?;
    let number: f64 = number.parse().map_err(|_| hint())?;
    let unit: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "t" | "tib" => 1 << 40,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        _ => return Err(hint()),
    };
    match number * unit as f64 {
        bytes if bytes < MEMORY_BYTES_MIN => Err("less than 16MiB is too little".to_owned()),
        bytes if bytes > MEMORY_BYTES_MAX => Err("that is more than any machine has".to_owned()),
        bytes => Ok(bytes as u64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }

    #[test]
    fn sizes_are_read() {
        for (text, expected) in [
            ("512MiB", 512 << 20),
            ("1GiB", 1 << 30),
            ("1.5 gib", 3 << 29),
            ("2GB", 2_000_000_000),
            ("16777216", 16 << 20),
        ] {
            assert_eq!(size(text), Ok(expected), "{text}");
        }
        for text in ["", "GiB", "1.2.3GiB", "5 apples", "-1GiB", "1MiB", "9999TiB", "1e9"] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}

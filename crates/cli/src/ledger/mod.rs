//! `answerable ledger`: from arguments to the store, and what it says to people or programs.

mod arguments;
mod clock;
mod commands;
mod shown;

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use answerable_store::sqlite::{Access, Sqlite};
use answerable_store::{Ledger, StoreError, is_url, wire};

pub(crate) use arguments::LedgerArguments;
use arguments::{LedgerCommand, OutputFormat};

use crate::check::{FAILED, say};

/// Why it couldn't be done.
pub(crate) enum Failure {
    /// In words.
    Said(String),
    /// Whoever read the output went away.
    ClosedPipe,
}

impl From<String> for Failure {
    fn from(what: String) -> Failure {
        Failure::Said(what)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        Failure::Said(error.to_string())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::ClosedPipe,
            _ => Failure::Said(error.to_string()),
        }
    }
}

/// Runs it.
pub(crate) fn run(arguments: &LedgerArguments) -> ExitCode {
    match done(arguments) {
        Ok(()) | Err(Failure::ClosedPipe) => ExitCode::SUCCESS,
        Err(Failure::Said(what)) => {
            say(format_args!("error: {what}\n"));
            ExitCode::from(FAILED)
        }
    }
}

fn done(arguments: &LedgerArguments) -> Result<(), Failure> {
    if let LedgerCommand::Schema = arguments.command {
        return Ok(writeln!(io::stdout().lock(), "{}", wire::schema())?);
    }
    let place = arguments.ledger.as_deref().ok_or_else(|| {
        "where is the ledger? name a file or a URL with `--ledger`, or in ANSWERABLE_LEDGER".to_owned()
    })?;
    let mut out = BufWriter::new(io::stdout().lock());
    match &arguments.command {
        LedgerCommand::Init => {
            Ledger::open(place, Access::Create)?;
            writeln!(out, "there is a ledger at {}", shown::place(place))?;
        }
        LedgerCommand::Do { file, replay, confirm_clock } => {
            let mut ledger = Ledger::open(place, Access::Create)?;
            if *confirm_clock {
                commands::tick(&mut ledger, true)?;
            }
            drop(out);
            return commands::run(&mut ledger, file.as_deref(), *replay);
        }
        LedgerCommand::Who { patient, at, known_at, format } => {
            let instant = |text: &Option<String>| text.as_deref().map(shown::instant).transpose();
            let patient = patient.as_deref().map(shown::patient).transpose()?;
            let (at, known_at) = (instant(at)?, instant(known_at)?);
            let (at, known_at, rows) = Ledger::open(place, Access::Write)?.who(patient.as_ref(), at, known_at)?;
            match format {
                OutputFormat::Json => writeln!(out, "{}", wire::who(at, known_at, &rows))?,
                OutputFormat::Text => shown::who(&mut out, at, &rows)?,
            }
        }
        LedgerCommand::Story { patient, format } => {
            let id = shown::patient(patient)?;
            let story = Ledger::open(place, Access::Write)?.story(&id)?;
            let story = story.ok_or_else(|| format!("no patient is called `{patient}`"))?;
            shown::story(&mut out, &story, *format)?;
        }
        LedgerCommand::Worklist { role, format } => {
            let id = shown::role(role)?;
            let list = Ledger::open(place, Access::Write)?.worklist(&id)?;
            let list = list.ok_or_else(|| format!("no role is called `{role}`"))?;
            shown::worklist(&mut out, &list, *format)?;
        }
        LedgerCommand::Due { days, format } => {
            let by = clock::Clock::new().read() + answerable_store::Instant::DAY * i64::from(*days);
            shown::due(&mut out, &Ledger::open(place, Access::Write)?.due(by)?, *format)?;
        }
        LedgerCommand::Tick { confirm_clock } => {
            let answer = commands::tick(&mut Ledger::open(place, Access::Write)?, *confirm_clock)?;
            writeln!(out, "{answer}")?;
        }
        LedgerCommand::Verify => {
            if !is_url(place) {
                Sqlite::open(Path::new(place), Access::Write)?.check_file()?;
            }
            shown::verified(&mut out, &Ledger::open(place, Access::Write)?.verify()?)?;
        }
        LedgerCommand::Rebuild => {
            shown::verified(&mut out, &Ledger::open(place, Access::Write)?.rebuild()?)?;
        }
        LedgerCommand::Export { output } => export(place, output.as_deref(), &mut out)?,
        LedgerCommand::Import { file } => {
            let storage = answerable_store::open(place, Access::Create)?;
            let verified = match file {
                Some(path) => {
                    let file = File::open(path).map_err(|error| format!("can't read `{}`: {error}", path.display()))?;
                    Ledger::import(storage, &mut BufReader::new(file))?
                }
                None => Ledger::import(storage, &mut io::stdin().lock())?,
            };
            shown::verified(&mut out, &verified)?;
        }
        LedgerCommand::Backup { to } => {
            if is_url(place) {
                return Err(Failure::Said(
                    "a database on a server is copied by its own tools: pg_basebackup".to_owned(),
                ));
            }
            Sqlite::open(Path::new(place), Access::Read)?.backup(to)?;
            writeln!(out, "copied to {}", to.display())?;
        }
        LedgerCommand::Stats { format } => {
            shown::stats(&mut out, Ledger::open(place, Access::Write)?.stats()?, *format)?;
        }
        LedgerCommand::Schema => {}
    }
    Ok(out.flush()?)
}

/// Written whole or not at all, if it is a file.
fn export(place: &str, output: Option<&Path>, out: &mut dyn Write) -> Result<(), Failure> {
    let mut ledger = Ledger::open(place, Access::Write)?;
    let Some(path) = output else { return Ok(ledger.export(out)?) };
    let cannot = |error: io::Error| format!("can't write `{}`: {error}", path.display());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let file = tempfile::NamedTempFile::new_in(folder).map_err(cannot)?;
    let mut to = BufWriter::new(file);
    ledger.export(&mut to)?;
    let file = to.into_inner().map_err(|error| cannot(error.into_error()))?;
    file.as_file().sync_all().map_err(cannot)?;
    file.persist(path).map_err(|error| cannot(error.error))?;
    Ok(())
}

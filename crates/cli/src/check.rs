//! `answerable check`: from arguments to an exit status.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use answerable_check::{
    Calendar, Check, Config, DEFAULT_CONFIG, Error, Format, Hashes, Marks, Meter, Method, Names, Outcome, Output,
    Paper, html, read_concept_map, reading,
};

use crate::arguments::{CheckArguments, FormatName};
use crate::destination::{Colours, Destination, Wrong};
use crate::interrupt;
use crate::progress::Progress;

/// `--deny` was given, and there are such findings.
const DENIED: u8 = 1;
/// A usage error, a wrong configuration, nothing to read; or no report could be written.
pub(crate) const FAILED: u8 = 2;
/// The input could not all be read.
const INCOMPLETE: u8 = 3;

/// Wider lines are hard to read.
const WIDTH_MAX: usize = 120;

/// Why there is no report.
enum Failure {
    /// In words.
    Said(String),
    /// Whoever read the output went away, and nothing else was asked for.
    ClosedPipe,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        if error.is_closed_pipe() { Failure::ClosedPipe } else { Failure::Said(error.to_string()) }
    }
}

impl From<String> for Failure {
    fn from(what: String) -> Failure {
        Failure::Said(what)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Error::from(error).into()
    }
}

impl<E: Into<Failure>> From<Wrong<E>> for Failure {
    fn from(wrong: Wrong<E>) -> Failure {
        match wrong {
            Wrong::Written(what) => Failure::Said(what),
            Wrong::Closed => Failure::ClosedPipe,
            Wrong::Other(error) => error.into(),
        }
    }
}

/// Runs it.
pub(crate) fn run(arguments: &CheckArguments) -> ExitCode {
    let status = if arguments.print_config { print_config() } else { checked(arguments) };
    match status {
        Ok(status) => ExitCode::from(status),
        Err(Failure::ClosedPipe) => ExitCode::SUCCESS,
        Err(Failure::Said(what)) => {
            say(format_args!("error: {what}\n"));
            ExitCode::from(FAILED)
        }
    }
}

fn print_config() -> Result<u8, Failure> {
    let mut to = io::stdout().lock();
    to.write_all(DEFAULT_CONFIG.as_bytes())?;
    to.flush()?;
    Ok(0)
}

fn checked(arguments: &CheckArguments) -> Result<u8, Failure> {
    let check = check(arguments)?;
    let meter = Arc::new(Meter::default());
    interrupt::handle(&meter);
    let mut files = Files::open(arguments)?;
    let outcome = {
        let _progress = if arguments.quiet { Progress::none() } else { Progress::show(&meter) };
        let outcome = files.report(arguments, &check, &meter);
        interrupt::forget_store();
        outcome?
    };
    files.rest(arguments, &check, &outcome)?;
    files.keep()?;
    notes(arguments, &outcome);
    Ok(status(arguments, &outcome))
}

/// What to check, as the arguments and the configuration say.
fn check(arguments: &CheckArguments) -> Result<Check, Failure> {
    let mut settings_from = Vec::new();
    let mut config = Config::default();
    if let Some(path) = &arguments.config {
        config = Config::read(path)?;
        settings_from.push(format!("configuration {}", path.display()));
    }
    let mut settings = config.settings;
    for path in &arguments.concept_map {
        let pairs = read_concept_map(path, &mut settings.equivalents)?;
        settings_from.push(format!("concept map {}, pairs of codings that count as one: {pairs}", path.display()));
        if pairs == 0 && !arguments.quiet {
            say(format_args!(
                "note: `{}` maps nothing as equal or equivalent, so it changes nothing\n",
                path.display()
            ));
        }
    }
    let calendar = Calendar::new(&arguments.timezone).map_err(|error| format!("--timezone: {error}"))?;
    let mut check = Check::new(settings, calendar);
    if let Some(as_of) = &arguments.as_of {
        check.as_of = check.calendar.read(as_of).map_err(|error| format!("--as-of: {error}"))?.first;
    }
    let (since, decisions) = (arguments.since.as_deref(), arguments.decisions.as_deref());
    check.marks = Marks::load(since, decisions, check.as_of, &check.calendar)?;
    check.settings_from = settings_from;
    let beside =
        arguments.config.iter().chain(&arguments.concept_map).chain(&arguments.since).chain(&arguments.decisions);
    check.beside = beside.cloned().collect();
    check.inputs.clone_from(&arguments.inputs);
    check.sources = config.sources;
    check.memory_bytes = arguments.memory;
    check.temp.clone_from(&arguments.temp);
    check.threads = arguments.threads.map_or(check.threads, usize::from);
    if arguments.html.is_some() || arguments.format == FormatName::Html {
        check.for_page(arguments.reader());
    }
    Ok(check)
}

/// What is written, and where: opened before anything is read, put in its place when all of it is written.
struct Files {
    report: Destination,
    html: Option<Destination>,
    reading: Option<Destination>,
}

impl Files {
    fn open(arguments: &CheckArguments) -> Result<Files, Failure> {
        if arguments.output.is_none() && arguments.format == FormatName::Parquet && io::stdout().is_terminal() {
            return Err("parquet is no text to look at; give `--output FILE`".to_owned().into());
        }
        let open =
            |path: &Option<std::path::PathBuf>| path.as_deref().map(|path| Destination::open(Some(path))).transpose();
        let files = Files {
            report: Destination::open(arguments.output.as_deref())?,
            html: open(&arguments.html)?,
            reading: open(&arguments.report)?,
        };
        let all = [Some(&files.report), files.html.as_ref(), files.reading.as_ref()];
        let mut targets: Vec<&Path> = all.into_iter().flatten().filter_map(Destination::target).collect();
        targets.sort_unstable();
        if let Some([twice, _]) = targets.array_windows().find(|[one, other]| one == other) {
            return Err(
                format!("`{}` can't be two outputs at once; give each a file of its own", twice.display()).into()
            );
        }
        Ok(files)
    }

    fn report(&mut self, arguments: &CheckArguments, check: &Check, meter: &Meter) -> Result<Outcome, Failure> {
        let output = Output {
            format: arguments.format(),
            rows: arguments.rows.into(),
            names: if arguments.with_names { Names::With } else { Names::Without },
            paper: paper(),
            timezone: arguments.timezone.clone(),
        };
        let is_text = output.format == Format::Text;
        let colours = if is_text { Colours::OnTerminal } else { Colours::AsTheyAre };
        // What else was asked for is still wanted when whoever reads the report goes away.
        let is_all = self.html.is_none() && self.reading.is_none() && arguments.deny.is_none();
        let outcome = self.report.write(colours, |to| {
            let mut to = Patient { to, is_closed: false, goes_on: !is_all };
            match &arguments.explain {
                Some(patient) => check.explain(patient, output.paper, meter, interrupt::remove_store, &mut to),
                None => check.report(&output, meter, interrupt::remove_store, &mut to),
            }
        })?;
        Ok(outcome)
    }

    /// What is written once all is known.
    fn rest(&mut self, arguments: &CheckArguments, check: &Check, outcome: &Outcome) -> Result<(), Failure> {
        if let Some(html) = &mut self.html {
            let method = Method::of(check, outcome, &arguments.timezone, Hashes::With);
            html.write(Colours::AsTheyAre, |to| html::write(check, outcome, &method, arguments.reader(), to))?;
        }
        if let Some(file) = &mut self.reading {
            file.write(Colours::AsTheyAre, |to| to.write_all(reading::whole(&outcome.reading).as_bytes()))?;
        }
        Ok(())
    }

    fn keep(self) -> Result<(), Failure> {
        // The report last: whoever waits for it finds the others there.
        for file in self.reading.into_iter().chain(self.html).chain([self.report]) {
            file.keep()?;
        }
        Ok(())
    }
}

/// A reader of the report who may go away, while something else is wanted still.
struct Patient<'p> {
    to: &'p mut dyn Write,
    is_closed: bool,
    goes_on: bool,
}

impl Write for Patient<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_closed {
            return Ok(bytes.len());
        }
        match self.to.write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe && self.goes_on => {
                self.is_closed = true;
                Ok(bytes.len())
            }
            written => written,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.is_closed { Ok(()) } else { self.to.flush() }
    }
}

/// As wide as the terminal, within reason.
fn paper() -> Paper {
    let width = terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
    let default = Paper::default();
    Paper { width: width.map_or(default.width, |width| width.min(WIDTH_MAX)) }
}

/// What standard error says at the end.
fn notes(arguments: &CheckArguments, outcome: &Outcome) {
    let reading = &outcome.reading;
    if arguments.verbose {
        for (path, size) in &outcome.files {
            say(format_args!("read `{}`, {size} bytes\n", path.display()));
        }
        say(format_args!(
            "linked {}, passed over {}, {} bytes read, {} of them through temporary files\n",
            reading.linked, reading.passed_over, reading.bytes, reading.spilled
        ));
    }
    let is_told = arguments.explain.is_none() && !arguments.format().is_without_reading();
    let is_asked = arguments.report.is_some() || arguments.explain.is_some();
    if !is_told && !is_asked && !arguments.quiet {
        say(format_args!("{}", reading::short(reading)));
    }
    // What could not be read is an error, and stays.
    if !is_told || arguments.output.is_some() {
        say(format_args!("{}", reading::problems(reading)));
    }
}

fn status(arguments: &CheckArguments, outcome: &Outcome) -> u8 {
    let is_denied = arguments.deny.is_some_and(|severity| outcome.has(severity.into()));
    if outcome.is_incomplete() {
        INCOMPLETE
    } else if is_denied {
        DENIED
    } else {
        0
    }
}

/// Tells standard error; if that is closed, nobody.
pub(crate) fn say(what: fmt::Arguments) {
    let _ = io::stderr().lock().write_fmt(what);
}

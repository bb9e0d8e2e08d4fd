//! What the command line asks for.

use std::path::PathBuf;

use super::Result;
use super::generate::{Plan, Shape, Size};

pub(super) const HELP: &str = "\
cargo xtask bench check [--size small|full] [--only ARM]… [--rounds N] [--threads N]
                        [--dir FOLDER] [--keep] [--output PAGE] [--binary ANSWERABLE]
cargo xtask bench ledger [--full] [--postgres URL] [--dir FOLDER]
cargo xtask bench generate FOLDER (--patients N | --gigabytes G) [--seed N] [--sources 1|2|3]
                        [--shape usual|giant-patient|busy-practitioner|many-practitioners|unused]

arms: limit duckdb unused memory growth compressed shapes

--size small (the default) takes seconds and shows that everything works; --size full takes about six minutes and
6 GB of disk, and is what docs/reference/benchmarks.md records. --only may be given again. Inputs go to target/bench
and are removed at the end unless --keep is given.";

/// What is asked for.
pub(super) enum Ask {
    Help,
    Check(Options),
    Generate(Plan),
    /// What a peer does: for the benchmark itself.
    Part(Vec<String>),
}

/// What `bench check` is told.
#[derive(Clone, Debug)]
pub(super) struct Options {
    pub(super) scale: Scale,
    pub(super) only: Vec<String>,
    pub(super) rounds: usize,
    pub(super) threads: usize,
    pub(super) folder: Option<PathBuf>,
    pub(super) keep: bool,
    pub(super) output: Option<PathBuf>,
    pub(super) binary: Option<PathBuf>,
}

impl Options {
    /// Whether the figures are for the record.
    pub(super) fn is_recorded(&self) -> bool {
        self.scale.is_full && self.only.is_empty()
    }
}

/// How large inputs are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    pub(super) is_full: bool,
    /// The population of most arms.
    pub(super) gigabytes: f64,
    pub(super) unused_gigabytes: f64,
    /// The bound of the arm about memory: a tenth of the population or less.
    pub(super) memory_mebibytes: u64,
    /// Patients of the three populations that grow.
    pub(super) growing: [u64; 3],
    /// Patients of the busy practitioner.
    pub(super) of_one: u64,
}

const FULL: Scale = Scale {
    is_full: true,
    gigabytes: 1.3,
    unused_gigabytes: 2.0,
    memory_mebibytes: 120,
    growing: [10_000, 20_000, 40_000],
    of_one: 1_000_000,
};

const SMALL: Scale = Scale {
    is_full: false,
    gigabytes: 0.03,
    unused_gigabytes: 0.1,
    memory_mebibytes: 64,
    growing: [250, 500, 1_000],
    of_one: 5_000,
};

/// Pairs of the recorded run: fewer say nothing about chance.
const ROUNDS_FULL: usize = 5;
const ROUNDS_SMALL: usize = 2;

/// Reads the arguments.
pub(super) fn ask(arguments: &[String]) -> Result<Ask> {
    let Some((what, rest)) = arguments.split_first() else { return Ok(Ask::Help) };
    match what.as_str() {
        "check" => check(rest).map(Ask::Check),
        "generate" => generate(rest).map(Ask::Generate),
        "part" => Ok(Ask::Part(rest.to_vec())),
        "help" | "--help" | "-h" => Ok(Ask::Help),
        _ => Err(format!("there is no benchmark called `{what}`; `check` and `generate` are there").into()),
    }
}

fn check(arguments: &[String]) -> Result<Options> {
    let mut options = Options {
        scale: SMALL,
        only: Vec::new(),
        rounds: 0,
        threads: std::thread::available_parallelism().map_or(1, usize::from),
        folder: None,
        keep: false,
        output: None,
        binary: None,
    };
    let mut arguments = arguments.iter();
    while let Some(flag) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("`{flag}` needs a value"));
        match flag.as_str() {
            "--size" => {
                options.scale = match value()?.as_str() {
                    "full" => FULL,
                    "small" => SMALL,
                    other => return Err(format!("`{other}` is no size; small and full are").into()),
                }
            }
            "--only" => options.only.push(value()?.clone()),
            "--rounds" => options.rounds = value()?.parse()?,
            "--threads" => options.threads = value()?.parse()?,
            "--dir" => options.folder = Some(std::path::absolute(value()?)?),
            "--keep" => options.keep = true,
            "--output" => options.output = Some(std::path::absolute(value()?)?),
            "--binary" => options.binary = Some(std::path::absolute(value()?)?),
            _ => return Err(format!("`{flag}` is no option of bench check\n\n{HELP}").into()),
        }
    }
    if let Some(unknown) = options.only.iter().find(|name| super::arms::ALL.iter().all(|arm| arm.name != *name)) {
        return Err(format!("there is no arm called `{unknown}`\n\n{HELP}").into());
    }
    if options.rounds == 0 {
        options.rounds = if options.scale.is_full { ROUNDS_FULL } else { ROUNDS_SMALL };
    }
    Ok(options)
}

fn generate(arguments: &[String]) -> Result<Plan> {
    let (mut folder, mut size, mut seed, mut sources, mut shape) = (None, None, 1, 1, Shape::Usual);
    let mut arguments = arguments.iter();
    while let Some(flag) = arguments.next() {
        if !flag.starts_with("--") {
            folder = Some(PathBuf::from(flag));
            continue;
        }
        let value = arguments.next().ok_or_else(|| format!("`{flag}` needs a value"))?;
        match flag.as_str() {
            "--patients" => size = Some(Size::Patients(value.parse()?)),
            "--gigabytes" => size = Some(Size::Gigabytes(value.parse()?)),
            "--seed" => seed = value.parse()?,
            "--sources" => sources = value.parse()?,
            "--shape" => {
                shape = match value.as_str() {
                    "usual" => Shape::Usual,
                    "giant-patient" => Shape::GiantPatient,
                    "busy-practitioner" => Shape::BusyPractitioner,
                    "many-practitioners" => Shape::ManyPractitioners,
                    "unused" => Shape::Unused,
                    other => return Err(format!("`{other}` is no shape\n\n{HELP}").into()),
                }
            }
            _ => return Err(format!("`{flag}` is no option of bench generate\n\n{HELP}").into()),
        }
    }
    let (Some(folder), Some(size)) = (folder, size) else {
        return Err(format!("a folder and --patients or --gigabytes are needed\n\n{HELP}").into());
    };
    Ok(Plan { folder, seed, size, shape, sources })
}

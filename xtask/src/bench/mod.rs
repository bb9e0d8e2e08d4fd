//! `cargo xtask bench`: what check costs, against what else could be done with the same bytes.
//!
//! ```text
//! bench check     generate inputs, run every arm against its peers in turn, write docs/reference/benchmarks.md
//! bench generate  write an invented population
//! bench part      what a peer does, in a process of its own, so that all of them start alike
//! ```
//!
//! Figures of a machine say little; so each arm runs in turn with its peer, and what counts is the median of the
//! ratios of each turn. Absolute figures stand beside them.

mod arms;
mod generate;
mod ledger;
mod machine;
mod options;
mod part;
mod plot;
mod report;
mod timing;

use std::cell::OnceCell;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use crate::house::House;
use options::{Ask, Options};
use report::{Report, Section};

/// The allocator of the program that is measured, so that what differs is the work.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What goes wrong in a task is told to whoever started it, and that is all.
type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Runs `bench` with what stands behind it on the command line.
///
/// # Errors
///
/// If the arguments are wrong, something can't be built, written or run, or a limit wasn't met.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    if let [first, rest @ ..] = arguments
        && first == "ledger"
        && !cfg!(debug_assertions)
    {
        return ledger::run(rest);
    }
    match options::ask(arguments)? {
        Ask::Help => {
            println!("{}", options::HELP);
            Ok(())
        }
        Ask::Part(arguments) => part::run(&arguments),
        _ if cfg!(debug_assertions) => Err("a figure of an unoptimised build is none; build with --release".into()),
        Ask::Generate(plan) => {
            let generated = generate::generate(&plan)?;
            let (patients, resources, bytes) = (generated.patients, generated.resources, generated.bytes);
            println!("{patients} patients, {resources} resources, {bytes} bytes: {}", generated.inputs.join(" "));
            Ok(())
        }
        Ask::Check(options) => check(&options),
    }
}

/// What the arms have at hand.
struct Bench<'o> {
    options: &'o Options,
    /// The program that is measured.
    answerable: PathBuf,
    /// This program, for what peers do.
    own: PathBuf,
    /// Where inputs and rows are for as long as they are needed.
    folder: PathBuf,
    house: House,
    /// What most arms read.
    population: OnceCell<generate::Generated>,
}

/// Every arm, one after another; then the page.
fn check(options: &Options) -> Result<()> {
    let house = House::find()?;
    let answerable = match &options.binary {
        Some(binary) => binary.clone(),
        None => {
            house.cargo(&["build", "--quiet", "--release", "--package", "answerable"]).run()?;
            house.target.join("release/answerable")
        }
    };
    let folder = options.folder.clone().unwrap_or_else(|| house.target.join("bench"));
    fs::create_dir_all(&folder)?;
    let own = std::env::current_exe()?;
    let bench = Bench { options, answerable, own, folder, house, population: OnceCell::new() };
    let mut report = Report::new(machine::describe(&bench)?, options);
    for arm in arms::ALL {
        if options.only.is_empty() || options.only.iter().any(|name| name == arm.name) {
            eprintln!("{} …", arm.name);
            let mut section: Section = (arm.run)(&bench).map_err(|error| format!("{}: {error}", arm.name))?;
            section.limits.iter_mut().for_each(|limit| limit.is_judged = options.scale.is_full);
            println!("{section}");
            report.sections.push(section);
        }
    }
    if !options.keep {
        for name in arms::FOLDERS {
            remove(&bench.folder.join(name))?;
        }
    }
    let page = match &options.output {
        Some(page) => page.clone(),
        None if options.is_recorded() => bench.house.root.join("docs/reference/benchmarks.md"),
        None => bench.folder.join("benchmarks.md"),
    };
    report.write(&page)?;
    println!("written to {}", page.display());
    match report.missed() {
        missed if missed.is_empty() => Ok(()),
        missed => Err(format!("limits not met: {}", missed.join("; ")).into()),
    }
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(())
}

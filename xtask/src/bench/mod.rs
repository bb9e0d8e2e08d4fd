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
mod machine;
mod options;
mod part;
mod plot;
mod report;
mod timing;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use options::{Ask, Options};
use report::{Report, Section};

/// What goes wrong in a task is told to whoever started it, and that is all.
type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Runs `bench` with what stands behind it on the command line.
///
/// # Errors
///
/// If the arguments are wrong, something can't be built, written or run, or a limit wasn't met.
pub(crate) fn run(arguments: &[String]) -> std::result::Result<(), Box<dyn Error>> {
    match options::ask(arguments)? {
        Ask::Help => {
            println!("{}", options::HELP);
            Ok(())
        }
        Ask::Part(arguments) => part::run(&arguments),
        // A figure of an unoptimised build is none: the task builds itself again.
        _ if cfg!(debug_assertions) => optimised(arguments),
        Ask::Generate(plan) => {
            let generated = generate::generate(&plan)?;
            let (patients, resources, bytes) = (generated.patients, generated.resources, generated.bytes);
            println!("{patients} patients, {resources} resources, {bytes} bytes: {}", generated.inputs.join(" "));
            Ok(())
        }
        Ask::Check(options) => check(&options),
    }
}

/// The workspace.
fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

fn cargo(arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    command.current_dir(root()).args(arguments);
    Ok(command)
}

fn done(mut command: Command) -> Result<()> {
    match command.status()? {
        status if status.success() => Ok(()),
        status => Err(format!("{command:?} ended with {status}").into()),
    }
}

fn optimised(arguments: &[String]) -> Result<()> {
    let mut command = cargo(&["run", "--quiet", "--release", "--package", "xtask", "--", "bench"])?;
    command.args(arguments);
    match command.status()? {
        status if status.success() => Ok(()),
        status => Err(format!("the optimised build of the task ended with {status}").into()),
    }
}

/// What the arms have at hand.
struct Bench<'o> {
    options: &'o Options,
    /// The program that is measured.
    answerable: PathBuf,
    /// This program, for what peers do.
    own: PathBuf,
    folder: PathBuf,
}

/// Every arm, one after another; then the page.
fn check(options: &Options) -> Result<()> {
    let answerable = match &options.binary {
        Some(binary) => binary.clone(),
        None => {
            done(cargo(&["build", "--quiet", "--release", "--package", "answerable"])?)?;
            std::env::current_exe()?.with_file_name("answerable")
        }
    };
    let folder = options.folder.clone().unwrap_or_else(|| root().join("target/bench"));
    fs::create_dir_all(&folder)?;
    let bench = Bench { options, answerable, own: std::env::current_exe()?, folder };
    let mut report = Report::new(machine::describe(&bench)?, options);
    for arm in arms::ALL {
        if options.only.is_empty() || options.only.iter().any(|name| name == arm.name) {
            eprintln!("{} …", arm.name);
            let section: Section = (arm.run)(&bench).map_err(|error| format!("{}: {error}", arm.name))?;
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
        None if options.is_recorded() => root().join("docs/reference/benchmarks.md"),
        None => bench.folder.join("benchmarks.md"),
    };
    report.write(&page)?;
    println!("written to {}", page.display());
    match report.missed() {
        missed if missed.is_empty() || !options.is_recorded() => Ok(()),
        missed => Err(format!("limits not met: {}", missed.join("; ")).into()),
    }
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(())
}

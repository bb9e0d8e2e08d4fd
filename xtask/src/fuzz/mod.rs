//! Bad input thrown at the readers for a bounded time.
//!
//! Each target runs in a process of its own, so that an abort, a stack that overflows and an input that never ends are
//! seen as well as a panic: the child keeps the input that it is about to try in a file, and what stands there when it
//! dies is the culprit. Inputs are made from a seed by a grammar of the resources that the rules read, then broken;
//! no corpus is kept, since every input comes again from its seed and number.

mod child;
mod mutate;
mod naive;
mod resource;
mod target;
mod tree;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::house::House;
use target::{CANARIES, TARGETS, Target};

const HELP: &str = "\
cargo xtask fuzz [SECONDS] [--target NAME] [--seed NUMBER] [--inputs NUMBER] [--patience SECONDS]
cargo xtask fuzz replay NAME FILE

Makes inputs for SECONDS (60), or as many as --inputs says, and tries each target on them, all at once, each in a
process of its own. An input that makes one panic, abort, take longer than --patience (10 seconds) or give a wrong
answer is kept below the target folder; replay tries it again.";

/// What was asked for.
#[derive(Debug)]
struct Plan {
    targets: Vec<Target>,
    seed: u64,
    seconds: u64,
    inputs: u64,
    patience_seconds: u64,
}

/// Reads the arguments after `fuzz`, and does what they say.
pub(crate) fn run(house: &House, arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["help" | "--help" | "-h"] => {
            println!("{HELP}\n\nTargets:");
            TARGETS.iter().for_each(|target| println!("  {:8} {}", target.name, target.about));
            Ok(())
        }
        ["replay", name, file] => replay(named(name)?, Path::new(file)),
        ["child", name, note, rest @ ..] => child::run(named(name)?, Path::new(note), &Plan::read(rest)?),
        rest => hunt(house, &Plan::read(rest)?),
    }
}

impl Plan {
    fn read(words: &[&str]) -> Result<Plan, Box<dyn Error>> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
        let seed = u64::from(now.subsec_nanos()) ^ now.as_secs();
        let mut plan = Plan { targets: Vec::new(), seed, seconds: 60, inputs: u64::MAX, patience_seconds: 10 };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("`{word}` needs a value"));
            match *word {
                "--target" => plan.targets.push(named(value()?)?),
                "--seed" => plan.seed = value()?.parse()?,
                "--inputs" => (plan.inputs, plan.seconds) = (value()?.parse()?, u64::MAX),
                "--patience" => plan.patience_seconds = value()?.parse()?,
                seconds => {
                    plan.seconds = seconds.parse().map_err(|_| format!("`{seconds}` is no number of\n{HELP}"))?
                }
            }
        }
        if plan.targets.is_empty() {
            plan.targets = TARGETS.to_vec();
        }
        Ok(plan)
    }
}

fn named(name: &str) -> Result<Target, Box<dyn Error>> {
    let mut all = TARGETS.iter().chain(&CANARIES);
    let target = all.find(|target| target.name == name);
    Ok(*target.ok_or_else(|| format!("`{name}` is no target; `cargo xtask fuzz help` lists them"))?)
}

/// All targets at once, each in its process.
fn hunt(house: &House, plan: &Plan) -> Result<(), Box<dyn Error>> {
    let folder = house.target.join("fuzz");
    fs::create_dir_all(&folder)?;
    println!("seed {}", plan.seed);
    let mut hunts = Vec::new();
    for target in &plan.targets {
        let note = folder.join(format!("{}-{}.trying", target.name, plan.seed));
        hunts.push((target, start(target, &note, plan)?, note));
    }
    let mut failed = Vec::new();
    for (target, child, note) in hunts {
        if let Err(kept) = end(target, child, &note, plan)? {
            println!(
                "{}: the input is kept; `cargo xtask fuzz replay {0} {}` tries it again",
                target.name,
                kept.display()
            );
            failed.push(target.name);
        }
        // What is kept was renamed.
        let _ = fs::remove_file(&note);
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", ")).into()) }
}

fn start(target: &Target, note: &Path, plan: &Plan) -> Result<Child, Box<dyn Error>> {
    let mut child = Command::new(std::env::current_exe()?);
    child.args(["fuzz", "child", target.name]).arg(note);
    child.args(["--seed", &plan.seed.to_string(), "--patience", &plan.patience_seconds.to_string()]);
    if plan.inputs < u64::MAX {
        child.args(["--inputs", &plan.inputs.to_string()]);
    } else {
        child.arg(plan.seconds.to_string());
    }
    Ok(child.stdin(Stdio::null()).stdout(Stdio::inherit()).spawn()?)
}

/// Waits for a child; if it came to grief, the inner error is the file of the input that it was trying.
fn end(target: &Target, mut child: Child, note: &Path, plan: &Plan) -> Result<Result<(), PathBuf>, Box<dyn Error>> {
    let status = child.wait()?;
    if status.success() {
        return Ok(Ok(()));
    }
    println!("{}: {}", target.name, if status.code().is_some() { "failed".to_owned() } else { status.to_string() });
    let kept = note.with_file_name(format!("{}-{}.input", target.name, plan.seed));
    fs::write(&kept, child::noted(note)?)?;
    Ok(Err(kept))
}

/// One input once more.
fn replay(target: Target, file: &Path) -> Result<(), Box<dyn Error>> {
    let input = fs::read(file).map_err(|error| format!("`{}` can't be read: {error}", file.display()))?;
    println!("{}", String::from_utf8_lossy(input.get(..2_000).unwrap_or(&input)));
    let tried = thread::Builder::new()
        .stack_size(answerable_fhir::STACK_BYTES)
        .spawn(move || (target.try_it)(&target::Subject::new().map_err(|error| error.to_string())?, &input))?;
    match tried.join() {
        Ok(Ok(())) => {
            println!("nothing is wrong with it");
            Ok(())
        }
        Ok(Err(wrong)) => Err(wrong.into()),
        Err(_) => Err("it panicked".into()),
    }
}

/// How often the watchdog looks.
const LOOK_EVERY: Duration = Duration::from_millis(100);

//! Check against what an analyst would write: `peer.sql`, in DuckDB.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::super::generate::AS_OF_TEXT;
use super::super::report::{Bound, Limit, Section};
use super::super::timing::{Arm, in_turn};
use super::super::{Bench, Result};
use super::described;
use crate::setup;

/// How many times as long as check it must take, which does more.
const SLOWER_MIN: f64 = 10.0;

const SQL: &str = include_str!("../peer.sql");
const RUNNER: &str = include_str!("../peer.py");

pub(super) fn run(bench: &Bench) -> Result<Section> {
    let python = setup::python(&bench.house)?;
    let (sql, runner) = (bench.folder.join("peer.sql"), bench.folder.join("peer.py"));
    fs::write(&sql, SQL)?;
    fs::write(&runner, RUNNER)?;
    let input = bench.population()?;
    let (inputs, threads) = (&input.inputs, bench.options.threads);
    let (folder, rows) = (bench.folder.join("population"), bench.folder.join("peer.ndjson"));
    let judge = |columns: &str| {
        let mut command = Command::new(&python);
        command.args([&runner, Path::new("judge"), &sql, &folder, Path::new(AS_OF_TEXT), &rows]);
        command.args([&threads.to_string(), columns]);
        command
    };
    let arms = [
        Arm::new("check, all rules and findings", || bench.answerable(inputs, threads)),
        Arm::new("DuckDB, a part of the rules, columns guessed", || judge("guessed")),
        Arm::new("DuckDB, the same, columns told", || judge("told")),
    ];
    let times = in_turn(bench.options.rounds, &arms)?;
    let about = format!(
        "{}, {threads} threads. The [script](../../xtask/src/bench/peer.sql) computes the verdicts of needs under N1 \
         by C3, C4, C5, C7 and C8 as of one instant; check does all of its rules, timelines and findings. *Columns \
         guessed* is what an analyst writes first: DuckDB looks at every record to find out which columns there are \
         and of which types (`sample_size = -1`: a sample misses what few records have), and reads all of them. \
         *Columns told* is what they write once they know which: DuckDB reads these and no others, and guesses none. \
         Both come to the same rows. Guessing knows no column that the invented records never have, so the script \
         loses eight pieces that name one (`ABSENT` in [peer.py](../../xtask/src/bench/peer.py)).",
        described(&input)
    );
    let mut section = Section::times("Against DuckDB", about, &times, input.bytes);
    if let [check, guessed, told] = times.as_slice() {
        let ratio = guessed.over(check).median;
        let name = "DuckDB that guesses columns, in times of check";
        section.limits.push(Limit::new(name, ratio, Bound::AtLeast(SLOWER_MIN)));
        let tuned = told.over(check);
        section.notes.push(format!("DuckDB that is told the columns takes {tuned} times as long as check."));
    }
    section.notes.push(agreement(bench, inputs, &python, &runner, &rows)?);
    Ok(section)
}

/// How many rows of the two are the same: whether they do the same work at all.
fn agreement(bench: &Bench, inputs: &[String], python: &Path, runner: &Path, rows: &Path) -> Result<String> {
    let ours = bench.folder.join("check.ndjson");
    let status = bench.answerable(inputs, bench.options.threads).stdout(fs::File::create(&ours)?).status()?;
    if !status.success() {
        return Err(format!("check ended with {status}").into());
    }
    let output = Command::new(python).args([runner, Path::new("compare"), rows, &ours]).output()?;
    if !output.status.success() {
        return Err(format!("rows can't be compared: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    eprint!("{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let count = |key: &str| -> u64 {
        let value = said.split_whitespace().find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
        value.and_then(|value| value.parse().ok()).unwrap_or_default()
    };
    let (compared, agreed) = (count("compared"), count("agreed"));
    for file in [rows, &ours] {
        fs::remove_file(file)?;
    }
    Ok(format!(
        "Of {} needs under N1, check decides {} by the script's rules alone; verdict and holders are the same for \
         {agreed} \
         of them ({:.2}%). The rest are needs of several Conditions (N1a), which the script doesn't merge: it has {} \
         rows \
         that check has under another name. {} needs are decided by rules that the script leaves out.",
        count("needs"),
        compared,
        100.0 * agreed as f64 / compared.max(1) as f64,
        count("only_peer"),
        count("beyond"),
    ))
}

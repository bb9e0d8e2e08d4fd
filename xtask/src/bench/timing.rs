//! Running arms in turn, and what their times come to.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::Result;

/// One of what is compared: a name and how to run it.
pub(super) struct Arm<'a> {
    pub(super) name: String,
    pub(super) command: Box<dyn Fn() -> Command + 'a>,
}

impl<'a> Arm<'a> {
    pub(super) fn new(name: impl Into<String>, command: impl Fn() -> Command + 'a) -> Arm<'a> {
        Arm { name: name.into(), command: Box::new(command) }
    }
}

/// The times of an arm, one for each round.
#[derive(Clone, Debug)]
pub(super) struct Times {
    pub(super) name: String,
    pub(super) seconds: Vec<f64>,
}

impl Times {
    pub(super) fn median(&self) -> f64 {
        median(&self.seconds)
    }

    /// Both, one after the other.
    pub(super) fn and(&self, other: &Times) -> Times {
        let seconds = self.seconds.iter().zip(&other.seconds).map(|(this, other)| this + other).collect();
        Times { name: format!("{}, then {}", self.name, other.name), seconds }
    }

    /// How many times as long it takes as another: the ratio of each round, in order of size.
    pub(super) fn over(&self, other: &Times) -> Ratio {
        let mut ratios: Vec<f64> = self.seconds.iter().zip(&other.seconds).map(|(this, other)| this / other).collect();
        ratios.sort_by(f64::total_cmp);
        Ratio {
            median: median(&ratios),
            low: ratios.first().copied().unwrap_or_default(),
            high: ratios.last().copied().unwrap_or_default(),
        }
    }
}

/// The median of ratios, the lowest and the highest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ratio {
    pub(super) median: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl std::fmt::Display for Ratio {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "{:.2} ({:.2} to {:.2})", self.median, self.low, self.high)
    }
}

pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match (sorted.get(middle), sorted.len() % 2) {
        (Some(value), 1) => *value,
        (Some(above), _) => (above + sorted.get(middle.saturating_sub(1)).unwrap_or(above)) / 2.0,
        (None, _) => f64::NAN,
    }
}

/// What all rounds of the arms that are compared may take. Beyond, they end once enough were measured.
pub(super) const BUDGET: Duration = Duration::from_secs(100);

/// Rounds that are measured at least.
pub(super) const ROUNDS_MIN: usize = 3;

/// Runs the arms in turn (A B A B …), once unmeasured, to have the files in the page cache, and `rounds` times
/// measured, or fewer where the [`BUDGET`] ends before.
pub(super) fn in_turn(rounds: usize, arms: &[Arm]) -> Result<Vec<Times>> {
    let mut times: Vec<Times> = arms.iter().map(|arm| Times { name: arm.name.clone(), seconds: Vec::new() }).collect();
    let start = Instant::now();
    for round in 0..=rounds {
        if round > ROUNDS_MIN && start.elapsed() > BUDGET {
            break;
        }
        for (arm, times) in arms.iter().zip(&mut times) {
            let seconds = seconds((arm.command)())?;
            if round > 0 {
                times.seconds.push(seconds);
            }
            eprintln!("  {round}/{rounds} {:40} {seconds:8.3} s", arm.name);
        }
    }
    Ok(times)
}

/// How long a command runs, from start to end of its process.
fn seconds(mut command: Command) -> Result<f64> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let start = Instant::now();
    let output = command.output()?;
    let seconds = start.elapsed().as_secs_f64();
    succeeded(&command, &output)?;
    Ok(seconds)
}

fn succeeded(command: &Command, output: &std::process::Output) -> Result<()> {
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let tail: Vec<&str> = said.lines().rev().take(10).collect();
    let tail = tail.into_iter().rev().collect::<Vec<_>>().join("\n");
    Err(format!("{command:?} ended with {}:\n{tail}", output.status).into())
}

/// What a command took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    pub(super) seconds: f64,
    /// The most of it that was in memory at once.
    pub(super) peak_bytes: u64,
}

/// Runs a command under GNU time, its standard output going to a file.
pub(super) fn with_peak(command: &Command, output: &Path) -> Result<Taken> {
    const TIME: &str = "/usr/bin/time";
    if !Path::new(TIME).exists() {
        return Err(format!("{TIME} isn't there; install GNU time (the package `time` on Debian)").into());
    }
    let mut timed = Command::new(TIME);
    timed.args(["--format", "peak %M"]).arg(command.get_program()).args(command.get_args());
    for (key, value) in command.get_envs() {
        match value {
            Some(value) => timed.env(key, value),
            None => timed.env_remove(key),
        };
    }
    timed.stdin(Stdio::null()).stdout(fs::File::create(output)?).stderr(Stdio::piped());
    let start = Instant::now();
    let ended = timed.output()?;
    let seconds = start.elapsed().as_secs_f64();
    succeeded(&timed, &ended)?;
    let said = String::from_utf8_lossy(&ended.stderr);
    let peak = said.lines().rev().find_map(|line| line.strip_prefix("peak ")?.trim().parse::<u64>().ok());
    let peak = peak.ok_or_else(|| format!("{TIME} didn't say how much memory was used: {said}"))?;
    Ok(Taken { seconds, peak_bytes: peak * 1024 })
}

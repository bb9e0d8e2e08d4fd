//! The machine that the figures are of.

use std::fs;
use std::process::Command;

use super::{Bench, Result};

/// Pairs of what and which.
pub(super) fn describe(bench: &Bench) -> Result<Vec<(&'static str, String)>> {
    let cpu = fs::read_to_string("/proc/cpuinfo")?;
    let of_cpu = |key: &str| {
        let line = cpu.lines().find(|line| line.starts_with(key));
        line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let memory = fs::read_to_string("/proc/meminfo")?;
    let kibibytes: f64 = memory
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix("kB")?.trim().parse().ok())
        .unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let load = fs::read_to_string("/proc/loadavg")?;
    Ok(vec![
        ("date", said(Command::new("date").args(["--utc", "+%F"]))?),
        ("processor", format!("{} (family {}, model {})", of_cpu("model name"), of_cpu("cpu family"), of_cpu("model"))),
        ("cores", cores.to_string()),
        ("cache", of_cpu("cache size")),
        ("memory", format!("{:.1} GiB", kibibytes / f64::from(1 << 20))),
        ("system", said(Command::new("uname").args(["--kernel-name", "--kernel-release", "--machine"]))?),
        ("load before", load.split(' ').next().unwrap_or_default().to_owned()),
        ("compiler", said(Command::new("rustc").arg("--version"))?),
        ("program", said(Command::new(&bench.answerable).arg("--version"))?),
    ])
}

fn said(command: &mut Command) -> Result<String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

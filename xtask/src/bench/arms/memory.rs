//! Memory: bounded however many patients there are, and the rows the same to the byte.

use std::fs;
use std::io::{BufReader, Read};
use std::path::Path;

use super::super::report::{Bound, Limit, Section};
use super::super::timing::with_peak;
use super::super::{Bench, Result, remove};
use super::{described, mebibytes};

pub(super) fn run(bench: &Bench) -> Result<Section> {
    let input = bench.population()?;
    let bound = bench.options.scale.memory_mebibytes;
    let (free, bounded) = (bench.folder.join("free.ndjson"), bench.folder.join("bounded.ndjson"));
    let spill = bench.folder.join("spill");
    fs::create_dir_all(&spill)?;
    let run = |memory: &str, rows: &Path| {
        let mut command = bench.answerable(&input.inputs, bench.options.threads);
        command.args(["--memory", memory]).env("TMPDIR", &spill);
        with_peak(&command, rows)
    };
    let mut section = Section {
        title: "Memory".to_owned(),
        about: format!(
            "{}, {} threads: {:.1} times the bound. Peak resident memory as the kernel counts it, by GNU time.",
            described(&input),
            bench.options.threads,
            input.bytes as f64 / (bound << 20) as f64
        ),
        head: vec!["`--memory`", "seconds", "peak"],
        ..Section::default()
    };
    let without = run("1TiB", &free)?;
    section.rows.push(vec!["unbounded".to_owned(), format!("{:.3}", without.seconds), mebibytes(without.peak_bytes)]);
    let with = run(&format!("{bound}MiB"), &bounded)?;
    section.rows.push(vec![format!("{bound} MiB"), format!("{:.3}", with.seconds), mebibytes(with.peak_bytes)]);
    let (same, rows) = compare(&free, &bounded)?;
    let left = fs::read_dir(&spill)?.count();
    let of_bound = with.peak_bytes as f64 / (bound << 20) as f64;
    section.limits.push(Limit::new("peak, in times of the bound", of_bound, Bound::AtMost(1.0)));
    section.limits.push(Limit::new("files of rows that differ", f64::from(u8::from(!same)), Bound::AtMost(0.0)));
    section.limits.push(Limit::new("temporary files left over", left as f64, Bound::AtMost(0.0)));
    section
        .notes
        .push(format!("Rows: {rows} bytes, byte for byte {}.", if same { "the same" } else { "NOT the same" }));
    for file in [free, bounded] {
        fs::remove_file(file)?;
    }
    remove(&spill)?;
    Ok(section)
}

/// Whether two files have the same bytes, and how many the first has.
fn compare(one: &Path, other: &Path) -> Result<(bool, u64)> {
    let (length, other_length) = (fs::metadata(one)?.len(), fs::metadata(other)?.len());
    let open = |path: &Path| -> Result<_> { Ok(BufReader::with_capacity(1 << 20, fs::File::open(path)?).bytes()) };
    let mut pairs = open(one)?.zip(open(other)?);
    let same = pairs.all(|pair| matches!(pair, (Ok(one), Ok(other)) if one == other));
    Ok((same && length == other_length && length > 0, length))
}

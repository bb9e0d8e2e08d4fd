//! Compressed inputs: decompressing goes on beside judging.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter};
use std::path::{Path, PathBuf};

use super::super::report::{Bound, Limit, Section};
use super::super::timing::{Arm, in_turn};
use super::super::{Bench, Result, remove};
use super::{described, files};

/// How long check of one gzip file may take, in times of decompressing it and checking it plain one after the other:
/// less shows that they go on side by side. With two threads and as much to do in both, it can't be less than half.
const OF_BOTH_MAX: f64 = 0.9;

pub(super) fn run(bench: &Bench) -> Result<Section> {
    let input = bench.population()?;
    let folder = |name: &str| bench.folder.join("compressed").join(name);
    let (gzip, zstd, single) = (folder("gzip"), folder("zstd"), folder("single"));
    for folder in [&gzip, &zstd, &single] {
        fs::create_dir_all(folder)?;
    }
    for file in files(&bench.folder.join("population"))? {
        compress(&file, &gzip, Form::Gzip)?;
        compress(&file, &zstd, Form::Zstd)?;
    }
    join(&gzip, &single.join("all.ndjson.gz"))?;
    let text = |path: &Path| vec![path.display().to_string()];
    let (gzip, zstd, single) = (text(&gzip), text(&zstd), text(&single));
    let (plain, threads) = (&input.inputs, bench.options.threads);
    let arms = [
        Arm::new("check, plain", || bench.answerable(plain, threads)),
        Arm::new("check, gzip", || bench.answerable(&gzip, threads)),
        Arm::new("decompressing gzip alone", || bench.part("inflate", &gzip, threads)),
        Arm::new("check, zstd", || bench.answerable(&zstd, threads)),
        Arm::new("decompressing zstd alone", || bench.part("inflate", &zstd, threads)),
        Arm::new("check, one gzip file", || bench.answerable(&single, threads)),
        Arm::new("decompressing one gzip file alone", || bench.part("inflate", &single, threads)),
    ];
    let times = in_turn(bench.options.rounds, &arms)?;
    remove(&bench.folder.join("compressed"))?;
    let about = format!(
        "{}, {threads} threads; GB/s of what is decompressed. Of several files each thread decompresses one; of one \
         file \
         one thread decompresses and the others parse.",
        described(&input)
    );
    let mut section = Section::times("Compressed inputs", about, &times, input.bytes);
    if let [plain, .., check, inflate] = times.as_slice() {
        let ratio = check.over(&plain.and(inflate)).median;
        let what = "check of one gzip file, in times of decompressing it and then checking it";
        section.limits.push(Limit::new(what, ratio, Bound::AtMost(OF_BOTH_MAX)));
    }
    Ok(section)
}

#[derive(Clone, Copy)]
enum Form {
    Gzip,
    Zstd,
}

fn compress(file: &Path, folder: &Path, form: Form) -> io::Result<()> {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(match form {
        Form::Gzip => ".gz",
        Form::Zstd => ".zst",
    });
    let mut from = BufReader::with_capacity(1 << 20, File::open(file)?);
    let to = BufWriter::with_capacity(1 << 20, File::create(folder.join(name))?);
    match form {
        Form::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(to, flate2::Compression::new(6));
            io::copy(&mut from, &mut encoder)?;
            encoder.finish()?;
        }
        Form::Zstd => {
            let mut encoder = zstd::Encoder::new(to, 3)?;
            io::copy(&mut from, &mut encoder)?;
            encoder.finish()?;
        }
    }
    Ok(())
}

/// One file of several members, which gzip takes for one.
fn join(folder: &Path, into: &PathBuf) -> io::Result<()> {
    let mut to = File::create(into)?;
    for file in files(folder)? {
        io::copy(&mut File::open(file)?, &mut to)?;
    }
    Ok(())
}

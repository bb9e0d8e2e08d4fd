//! What peers do with the bytes that check reads, each in a process of its own.
//!
//! ```text
//! read       read the bytes, and no more
//! split      find the ends of lines
//! parse      parse the lines into the structs that check parses them into, and throw those away
//! records    make records of the lines, as check does, and throw those away
//! inflate    decompress gzip or zstd
//! ```

use std::fs::{self, File};
use std::hint::black_box;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use answerable_fhir::{Calendar, Found, Reader, STACK_BYTES, Settings, is_parsed};

use super::Result;

/// As check reads: see `crates/check/src/input/block.rs`.
const BLOCK_BYTES: u64 = 1 << 20;

/// What is read beyond a block for the rest of its last line.
const OVERHANG_BYTES: u64 = 32 << 10;

/// `PART THREADS PATH…`.
pub(super) fn run(arguments: &[String]) -> Result<()> {
    let [part, threads, paths @ ..] = arguments else {
        return Err("a part is written `PART THREADS PATH…`".into());
    };
    let threads = threads.parse()?;
    let mut files = Vec::new();
    for path in paths {
        // A source's path stands behind its name.
        list(Path::new(path.split_once('=').map_or(path.as_str(), |(_, path)| path)), &mut files)?;
    }
    let settings = Settings::default();
    let count = match part.as_str() {
        "read" => blocks(&files, threads, || |block: &[u8]| usize::from(!black_box(block).is_empty()))?,
        "split" => blocks(&files, threads, || |block: &[u8]| memchr::memchr_iter(b'\n', block).count())?,
        "parse" => blocks(&files, threads, || {
            |block: &[u8]| {
                let mut parsed = 0;
                each_line(block, |line| parsed += usize::from(is_parsed(line)));
                parsed
            }
        })?,
        "records" => blocks(&files, threads, || {
            let reader = Reader::new(&settings, Calendar::utc());
            move |block: &[u8]| {
                let mut found = 0;
                let mut count = |thing: Found| {
                    black_box(&thing);
                    found += 1;
                };
                each_line(block, |line| reader.read(line, &mut count));
                found
            }
        })?,
        "inflate" => inflate(&files, threads)?,
        _ => return Err(format!("there is no part called `{part}`").into()),
    };
    println!("{count}");
    Ok(())
}

fn list(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_dir() {
        let mut inside = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
        inside.sort();
        return inside.iter().try_for_each(|path| list(path, files));
    }
    files.push(path.to_owned());
    Ok(())
}

fn each_line(block: &[u8], mut each: impl FnMut(&[u8])) {
    let mut rest = block;
    while !rest.is_empty() {
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let (line, after) = rest.split_at_checked(end).unwrap_or((rest, &[]));
        if !line.is_empty() {
            each(line);
        }
        rest = after.get(1..).unwrap_or_default();
    }
}

/// Runs what `make` makes over blocks of whole lines, on several threads, and adds up what it counts.
fn blocks<Work: FnMut(&[u8]) -> usize>(
    files: &[PathBuf],
    threads: usize,
    make: impl Fn() -> Work + Sync,
) -> io::Result<usize> {
    let mut jobs = Vec::new();
    for path in files {
        let size = fs::metadata(path)?.len();
        jobs.extend((0..size.div_ceil(BLOCK_BYTES)).map(|block| (path, block * BLOCK_BYTES)));
    }
    let next = AtomicUsize::new(0);
    on_threads(threads, || {
        let (mut work, mut count, mut buffer) = (make(), 0, Vec::new());
        let mut open: Option<(&PathBuf, File)> = None;
        while let Some(&(path, start)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let file = match open.take() {
                Some((same, file)) if same == path => file,
                _ => File::open(path)?,
            };
            count += work(lines(&file, start, &mut buffer)?);
            open = Some((path, file));
        }
        Ok(count)
    })
}

/// The lines that begin in a block: from behind the first newline at or before its start to the first behind its end.
fn lines<'b>(file: &File, start: u64, buffer: &'b mut Vec<u8>) -> io::Result<&'b [u8]> {
    let from = start.saturating_sub(1);
    let mut wanted = (start + BLOCK_BYTES - from + OVERHANG_BYTES) as usize;
    let nominal = (start + BLOCK_BYTES - from) as usize;
    let mut filled = 0;
    let end = loop {
        if buffer.len() < wanted {
            buffer.resize(wanted, 0);
        }
        while let Some(room @ [_, ..]) = buffer.get_mut(filled..wanted) {
            match file.read_at(room, from + filled as u64)? {
                0 => break,
                count => filled += count,
            }
        }
        let last = buffer.get(nominal - 1..filled).and_then(|rest| memchr::memchr(b'\n', rest));
        match last {
            Some(newline) => break nominal + newline,
            None if filled < wanted => break filled,
            None => wanted *= 2,
        }
    };
    let text = buffer.get(..end).unwrap_or_default();
    let first = if start == 0 { Some(0) } else { memchr::memchr(b'\n', text).map(|newline| newline + 1) };
    Ok(first.and_then(|first| text.get(first..)).unwrap_or_default())
}

/// Decompresses files, as many at once as there are threads.
fn inflate(files: &[PathBuf], threads: usize) -> io::Result<usize> {
    let next = AtomicUsize::new(0);
    on_threads(threads, || {
        let (mut count, mut buffer) = (0, vec![0; BLOCK_BYTES as usize]);
        while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let file = io::BufReader::with_capacity(256 << 10, File::open(path)?);
            let mut reader: Box<dyn Read> = match path.extension().and_then(|extension| extension.to_str()) {
                Some("gz") => Box::new(flate2::bufread::MultiGzDecoder::new(file)),
                Some("zst") => Box::new(zstd::Decoder::with_buffer(file)?),
                _ => Box::new(file),
            };
            loop {
                match reader.read(&mut buffer)? {
                    0 => break,
                    bytes => count += bytes,
                }
            }
        }
        Ok(count)
    })
}

fn on_threads(threads: usize, work: impl Fn() -> io::Result<usize> + Sync) -> io::Result<usize> {
    let work = &work;
    thread::scope(|scope| {
        let mut workers = Vec::new();
        for _ in 0..threads.max(1) {
            workers.push(thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work)?);
        }
        workers.into_iter().try_fold(0, |sum, worker| match worker.join() {
            Ok(count) => Ok(sum + count?),
            Err(_) => Err(io::Error::other("a thread panicked")),
        })
    })
}

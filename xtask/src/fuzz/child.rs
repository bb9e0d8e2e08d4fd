//! The process that tries inputs and may die of one.

use std::error::Error;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::target::{Subject, Target};
use super::{LOOK_EVERY, Plan};
use crate::chance::Chance;

/// Tries inputs on a stack as large as check's own workers have.
pub(super) fn run(target: Target, note: &Path, plan: &Plan) -> Result<(), Box<dyn Error>> {
    let (note, begun) = (File::create(note)?, Instant::now());
    let (seed, inputs, seconds) = (plan.seed, plan.inputs, plan.seconds);
    let tried = Arc::new(AtomicU64::new(0));
    watch(&tried, Duration::from_secs(plan.patience_seconds));
    let counted = Arc::clone(&tried);
    let trying = thread::Builder::new().stack_size(answerable_fhir::STACK_BYTES).spawn(move || {
        let subject = Subject::new().map_err(|error| error.to_string())?;
        for number in 0..inputs {
            if begun.elapsed().as_secs() >= seconds {
                break;
            }
            let input = (target.make)(&mut Chance::of(seed, number));
            write(&note, &input).map_err(|error| format!("the input can't be noted: {error}"))?;
            (target.try_it)(&subject, &input).map_err(|wrong| format!("input {number}: {wrong}"))?;
            counted.fetch_add(1, Ordering::Relaxed);
        }
        Ok::<(), String>(())
    })?;
    match trying.join() {
        Ok(result) => result?,
        // The panic has said why.
        Err(_) => return Err(format!("{} panicked", target.name).into()),
    }
    println!("{}: {} inputs in {:.0?}", target.name, tried.load(Ordering::Relaxed), begun.elapsed());
    Ok(())
}

/// Ends the process if one input takes too long.
fn watch(tried: &Arc<AtomicU64>, patience: Duration) {
    let tried = Arc::clone(tried);
    thread::spawn(move || {
        let (mut last, mut since) = (0, Instant::now());
        loop {
            thread::sleep(LOOK_EVERY);
            let now = tried.load(Ordering::Relaxed);
            if now != last {
                (last, since) = (now, Instant::now());
            } else if since.elapsed() > patience {
                eprintln!("one input took longer than {patience:?}");
                process::exit(1);
            }
        }
    });
}

/// The length, then the input; what a longer one left behind it is ignored.
fn write(note: &File, input: &[u8]) -> std::io::Result<()> {
    let mut bytes = (input.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(input);
    note.write_all_at(&bytes, 0)
}

/// The input that was noted last.
pub(super) fn noted(note: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut file = File::open(note)?;
    let mut length = [0; 8];
    file.read_exact(&mut length)?;
    let mut input = Vec::new();
    file.take(u64::from_le_bytes(length)).read_to_end(&mut input)?;
    Ok(input)
}

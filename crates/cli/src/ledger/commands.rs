//! `answerable ledger do`: lines of commands in, lines of answers out.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use answerable_store::writer::{Reading, Request};
use answerable_store::{Instant, Ledger, StoreError, wire};

use super::Failure;
use super::clock::Clock;

/// How many commands become durable together at most: those that have come while the last were being written.
const TOGETHER_MAX: usize = 256;

/// Longer lines are refused unread: the longest command that there can be is far shorter.
const LINE_BYTES_MAX: usize = 16 << 20;

/// Does all commands of a file, or of standard input, each as soon as it has come.
pub(super) fn run(ledger: &mut Ledger, file: Option<&Path>, replay: bool) -> Result<(), Failure> {
    let from: Box<dyn io::Read + Send> = match file {
        Some(path) => Box::new(File::open(path).map_err(|error| format!("can't read `{}`: {error}", path.display()))?),
        None => Box::new(io::stdin()),
    };
    let (clock, lines) = (Clock::new(), read(from));
    let mut out = io::stdout().lock();
    while let Ok(first) = lines.recv() {
        let mut together = vec![first?];
        while together.len() < TOGETHER_MAX
            && let Ok(next) = lines.try_recv()
        {
            together.push(next?);
        }
        let reading = if replay { Reading::Replay } else { Reading::Clock(clock.read()) };
        let requests: Vec<Request> = together.into_iter().map(|line| Request { line, reading }).collect();
        for answer in ledger.answer(&requests)? {
            writeln!(out, "{answer}")?;
        }
        out.flush()?;
    }
    Ok(())
}

/// Lines as they come, read on a thread of their own; blank ones are passed over.
fn read(from: Box<dyn io::Read + Send>) -> Receiver<io::Result<String>> {
    let (send, lines) = sync_channel(2 * TOGETHER_MAX);
    thread::spawn(move || {
        let mut from = BufReader::new(from);
        loop {
            match line(&mut from) {
                Ok(None) => break,
                Ok(Some(line)) if line.trim().is_empty() => {}
                line => {
                    let is_over = line.is_err();
                    // Nobody waits for it any more.
                    if send.send(line.map(Option::unwrap_or_default)).is_err() || is_over {
                        break;
                    }
                }
            }
        }
    });
    lines
}

/// The next line; of one that is too long or no UTF-8 what can't be a command either, so that it gets its answer.
fn line(from: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    let mut is_too_long = false;
    loop {
        let (used, is_end) = {
            let buffer = from.fill_buf()?;
            let end = memchr::memchr(b'\n', buffer);
            let part = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
            is_too_long |= bytes.len() + part.len() > LINE_BYTES_MAX;
            if !is_too_long {
                bytes.extend_from_slice(part);
            }
            (end.map_or(buffer.len(), |end| end + 1), end.is_some() || buffer.is_empty())
        };
        let was_read = used > 0 || !bytes.is_empty() || is_too_long;
        from.consume(used);
        if is_end {
            if !was_read {
                return Ok(None);
            }
            let text = String::from_utf8_lossy(&bytes).into_owned();
            return Ok(Some(if is_too_long { "a line that is too long".to_owned() } else { text }));
        }
    }
}

/// The clock's own command: what is due is done.
pub(super) fn tick(ledger: &mut Ledger, is_confirmed: bool) -> Result<String, StoreError> {
    let now = Clock::new().read();
    let line = wire::tick_line(&format!("tick-{}", now.0), now, is_confirmed);
    let request = Request { line, reading: Reading::Clock(Instant(now.0)) };
    Ok(ledger.answer(&[request])?.pop().unwrap_or_default())
}

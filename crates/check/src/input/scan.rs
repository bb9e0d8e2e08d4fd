//! Reading everything once, on several threads: who does what next, and what it came to.

use super::block::{Buffer, SIZES, Sizes, Split};
use super::list::Listing;
use super::worker::{Extent, Gathered, Worker};
use super::{Meter, Place, Problem, Sink};
use std::collections::{HashMap, VecDeque};
use std::io;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// The stack of a worker, since parsers of JSON recurse. Virtual: memory is taken only as deep as one really goes.
pub(crate) const STACK_BYTES: usize = 256 << 20;

/// Blocks of streams that wait to be parsed, for each worker: enough that the one who decompresses seldom stops,
/// few enough that they stay in the cache.
const CHUNKS_WAITING_MAX: usize = 2;

/// What reading came to, beside what the sinks were given.
#[derive(Debug, Default)]
pub(crate) struct Scanned {
    /// Bytes read, as they lie on disk.
    pub(crate) bytes: u64,
    /// Files of walked folders that aren't JSON.
    pub(crate) passed_over: u64,
    /// Files and lines that could not be read, in order.
    pub(crate) problems: Vec<Problem>,
    /// Of files of several blocks: the lines before each block.
    lines_before: HashMap<u32, Vec<u64>>,
}

impl Scanned {
    /// The line of its file, from 1, of what stood at `place`.
    pub(crate) fn line_number(&self, place: Place) -> u64 {
        let before = self.lines_before.get(&place.file).and_then(|file| file.get(place.block as usize));
        before.copied().unwrap_or_default() + u64::from(place.line) + 1
    }
}

/// Reads the files of `listing` on `threads` threads, each with a sink of its own, which are given back. `is_json`
/// tells whether a text is one JSON value; it must bear hostile text, and is asked about few lines of each file.
///
/// If fewer threads can be had, fewer sinks come back.
///
/// # Errors
///
/// No thread can be had at all.
///
/// # Panics
///
/// If a sink does: the others finish the block they are in, and the panic goes on in the caller.
pub(crate) fn scan<S: Sink>(
    listing: &Listing,
    threads: usize,
    make_sink: impl Fn(usize) -> S + Sync,
    is_json: fn(&[u8]) -> bool,
    meter: &Meter,
) -> io::Result<(Vec<S>, Scanned)> {
    scan_sized(listing, threads, make_sink, is_json, meter, SIZES)
}

pub(super) fn scan_sized<S: Sink>(
    listing: &Listing,
    threads: usize,
    make_sink: impl Fn(usize) -> S + Sync,
    is_json: fn(&[u8]) -> bool,
    meter: &Meter,
    sizes: Sizes,
) -> io::Result<(Vec<S>, Scanned)> {
    meter.begin(listing.files.iter().fold(0, |sum, file| sum.saturating_add(file.size)));
    let threads = threads.max(1);
    let shared = Shared::new(listing, meter, is_json, sizes, threads);
    let (make_sink, shared) = (&make_sink, &shared);
    let results = thread::scope(|scope| {
        let mut workers = Vec::new();
        for number in 0..threads {
            let builder = thread::Builder::new().name(format!("read-{number}")).stack_size(STACK_BYTES);
            match builder.spawn_scoped(scope, move || Worker::new(shared, make_sink(number)).run()) {
                Ok(worker) => workers.push(worker),
                Err(error) if workers.is_empty() => return Err(error),
                Err(_) => break,
            }
        }
        // All are waited for before a panic goes on, or the scope would wait for them while unwinding.
        Ok(workers.into_iter().map(thread::ScopedJoinHandle::join).collect::<Vec<_>>())
    })?;
    let mut sinks = Vec::new();
    let mut gathered = Gathered::default();
    for result in results {
        let (sink, more) = result.unwrap_or_else(|panic| resume_unwind(panic));
        sinks.push(sink);
        gathered.merge(more);
    }
    meter.finish();
    Ok((sinks, Scanned::from(gathered, listing)))
}

impl Scanned {
    fn from(mut gathered: Gathered, listing: &Listing) -> Scanned {
        gathered.lines.sort_unstable();
        let mut lines_before: HashMap<u32, Vec<u64>> = HashMap::new();
        let mut after = 0;
        for Place { file, block, line: lines } in gathered.lines {
            let before = lines_before.entry(file).or_default();
            after = if before.is_empty() { 0 } else { after };
            // Blocks that were never read, in a run that was stopped, have no lines.
            before.resize(block as usize + 1, after);
            after += u64::from(lines);
        }
        let mut scanned =
            Scanned { bytes: gathered.bytes, passed_over: gathered.passed_over, problems: Vec::new(), lines_before };
        gathered.problems.sort();
        for (place, extent, what) in gathered.problems {
            let path = listing.files.get(place.file as usize).map(super::File::shown).unwrap_or_default();
            scanned.problems.push(Problem {
                path,
                line: (extent == Extent::Line).then(|| scanned.line_number(place)),
                what,
            });
        }
        scanned
    }
}

/// What the workers share.
pub(super) struct Shared<'a> {
    pub(super) listing: &'a Listing,
    pub(super) meter: &'a Meter,
    pub(super) is_json: fn(&[u8]) -> bool,
    pub(super) sizes: Sizes,
    threads: usize,
    state: Mutex<State>,
    /// Told when there is more to do, or never will be.
    wake: Condvar,
    /// A worker panicked.
    stopped: AtomicBool,
}

#[derive(Default)]
struct State {
    next_file: u32,
    /// Files being read in blocks, with the next block of each.
    splits: VecDeque<(Arc<Split>, u32)>,
    /// Blocks of streams that wait to be parsed.
    chunks: VecDeque<Chunk>,
    /// Buffers of chunks that were parsed.
    spare: Vec<Buffer>,
    /// Workers who have a file, out of which splits or chunks may come.
    opening: usize,
}

/// A block of a stream: whole lines.
pub(super) struct Chunk {
    pub(super) file: u32,
    pub(super) block: u32,
    pub(super) buffer: Buffer,
}

/// What a worker does next.
pub(super) enum Job {
    /// Open a file and see. Said to be over by [`Shared::close`].
    Open(u32),
    /// Read a block of a split file.
    Block(Arc<Split>, u32),
    /// Parse a block of a stream that another decompressed.
    Chunk(Chunk),
}

impl<'a> Shared<'a> {
    fn new(
        listing: &'a Listing,
        meter: &'a Meter,
        is_json: fn(&[u8]) -> bool,
        sizes: Sizes,
        threads: usize,
    ) -> Shared<'a> {
        let (state, wake, stopped) = Default::default();
        Shared { listing, meter, is_json, sizes, threads, state, wake, stopped }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that can panic runs under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next job, or none when everything is done or was stopped. What is nearest to being done comes first, so
    /// that little waits in memory.
    pub(super) fn claim(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if self.is_stopped() {
                return None;
            }
            if let Some(chunk) = state.chunks.pop_front() {
                return Some(Job::Chunk(chunk));
            }
            if let Some((split, block)) = state.splits.pop_front() {
                if block + 1 < split.blocks(&self.sizes) {
                    state.splits.push_front((Arc::clone(&split), block + 1));
                }
                return Some(Job::Block(split, block));
            }
            if (state.next_file as usize) < self.listing.files.len() {
                let file = state.next_file;
                state.next_file += 1;
                state.opening += 1;
                return Some(Job::Open(file));
            }
            if state.opening == 0 {
                return None;
            }
            state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Says that a job to open a file is over.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.opening -= 1;
        if state.opening == 0 {
            self.wake.notify_all();
        }
    }

    /// Lets everyone read blocks of a file.
    pub(super) fn split(&self, split: Split) {
        self.lock().splits.push_back((Arc::new(split), 0));
        self.wake.notify_all();
    }

    /// Leaves a chunk to another worker, or gives it back if all of them have enough to do.
    pub(super) fn offer(&self, chunk: Chunk) -> Option<Chunk> {
        let mut state = self.lock();
        let nobody_parses = state.opening >= self.threads;
        if nobody_parses || state.chunks.len() >= CHUNKS_WAITING_MAX * self.threads {
            return Some(chunk);
        }
        state.chunks.push_back(chunk);
        self.wake.notify_one();
        None
    }

    pub(super) fn spare_buffer(&self) -> Buffer {
        self.lock().spare.pop().unwrap_or_default()
    }

    pub(super) fn give_back(&self, mut buffer: Buffer) {
        buffer.clear();
        self.lock().spare.push(buffer);
    }

    /// Whether to leave off: looked at once a block.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire) || self.meter.is_cancelled()
    }

    /// Makes everyone leave off.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
        // Under the lock, so that nobody misses it between looking and waiting.
        let _state = self.lock();
        self.wake.notify_all();
    }
}

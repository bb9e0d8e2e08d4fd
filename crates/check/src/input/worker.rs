//! A worker: opens files, tells what they are, and gives its sink what is in them.

use super::block::{Buffer, Split, give_lines};
use super::list::{File, Kind};
use super::scan::{Chunk, Job, Shared};
use super::sniff::{self, Format, looks_like, without_mark};
use super::stream::Stream;
use super::{Place, Sink, cannot_be_read};
use std::fs;
use std::io;
use std::mem::take;
use std::sync::atomic::{AtomicBool, Ordering};

pub(super) struct Worker<'a, S> {
    pub(super) shared: &'a Shared<'a>,
    sink: S,
    /// Used again for every block.
    pub(super) buffer: Buffer,
    gathered: Gathered,
}

/// What a worker found, beside what its sink was given.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) bytes: u64,
    pub(super) passed_over: u64,
    /// The ends of blocks, of files of several.
    pub(super) lines: Vec<Place>,
    pub(super) problems: Vec<Found>,
}

/// A problem: where, what, and of how much.
pub(super) type Found = (Place, Extent, String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Extent {
    File,
    Line,
}

impl Gathered {
    pub(super) fn merge(&mut self, other: Gathered) {
        self.bytes += other.bytes;
        self.passed_over += other.passed_over;
        self.lines.extend(other.lines);
        self.problems.extend(other.problems);
    }
}

/// Stops the others if its worker unwinds, who would wait for ever for what it was to give them.
struct StopOnPanic<'a>(&'a Shared<'a>);

impl Drop for StopOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop();
        }
    }
}

impl<'a, S: Sink> Worker<'a, S> {
    pub(super) fn new(shared: &'a Shared<'a>, sink: S) -> Self {
        Worker { shared, sink, buffer: Buffer::default(), gathered: Gathered::default() }
    }

    /// Works until nothing is left.
    pub(super) fn run(mut self) -> (S, Gathered) {
        let _guard = StopOnPanic(self.shared);
        while let Some(job) = self.shared.claim() {
            match job {
                Job::Open(index) => {
                    self.open(index);
                    self.shared.close();
                }
                Job::Block(split, number) => self.block(&split, number),
                Job::Chunk(chunk) => self.chunk(chunk),
            }
        }
        (self.sink, self.gathered)
    }

    fn open(&mut self, index: u32) {
        let Some(file) = self.shared.listing.files.get(index as usize) else { return };
        let result = match file.kind {
            Kind::StandardInput => {
                self.stream(index, file, Box::new(io::stdin().lock()));
                Ok(())
            }
            Kind::Stream => fs::File::open(&file.path).map(|opened| self.stream(index, file, Box::new(opened))),
            Kind::Regular => fs::File::open(&file.path).and_then(|opened| self.regular(index, file, opened)),
        };
        if let Err(error) = result {
            self.problem(index, cannot_be_read(&error));
        }
    }

    /// A file that can be read from anywhere: in one go if it is small or a document, else in blocks.
    fn regular(&mut self, index: u32, listed: &File, file: fs::File) -> io::Result<()> {
        let sizes = self.shared.sizes;
        let size = file.metadata()?.len();
        let whole = usize::try_from(size).unwrap_or(usize::MAX);
        let mut was_cut = size < listed.size;
        let mut wanted = if whole <= sizes.block { whole } else { sizes.head.min(whole) };
        self.buffer.clear();
        let (format, complete) = loop {
            self.buffer.fill_at(wanted, &file, 0)?;
            let text = self.buffer.text();
            if sniff::compression(text).is_some() {
                self.stream(index, listed, Box::new(file));
                return Ok(());
            }
            let complete = wanted == whole || text.len() < wanted;
            was_cut |= text.len() < wanted;
            if let Some(format) = sniff::format(text, complete, self.shared.is_json) {
                break (format, complete);
            }
            if wanted > sizes.line_max {
                break (sniff::format_of_giant(text), false);
            }
            wanted = whole.min(sizes.next_head(wanted));
        };
        match format {
            Format::Lines if complete => self.only_block(index),
            Format::Lines => {
                let was_cut = AtomicBool::new(was_cut);
                self.split(Split { index, file, size, was_cut });
                return Ok(());
            }
            Format::Document if whole > sizes.document_max => self.too_long_a_document(index),
            Format::Document => {
                self.buffer.fill_at(whole, &file, 0)?;
                was_cut |= self.buffer.text().len() < whole;
                self.document(index);
            }
            Format::Blank | Format::Utf16 | Format::NotJson => self.not_read(index, listed, format),
        }
        self.count_bytes(size);
        if was_cut {
            self.cut(index);
        }
        Ok(())
    }

    /// Lets everyone read the blocks of a file.
    fn split(&mut self, split: Split) {
        if split.was_cut.load(Ordering::Relaxed) {
            self.cut(split.index);
        }
        self.shared.split(split);
    }

    fn block(&mut self, split: &Split, number: u32) {
        let block = split.read(number, &self.shared.sizes, &mut self.buffer);
        let buffer = take(&mut self.buffer);
        let text = buffer.text().get(block.lines).unwrap_or_default();
        let mut place = Place { file: split.index, block: number, line: 0 };
        place.line = self.give(text, place);
        if block.too_long_next {
            self.too_long_a_line(place);
            place.line += 1;
        }
        self.buffer = buffer;
        self.count_lines(place);
        self.count_bytes(block.bytes);
        if let Some(error) = block.error {
            self.problem(split.index, cannot_be_read(&error));
        }
        if block.was_cut && !split.was_cut.swap(true, Ordering::Relaxed) {
            self.cut(split.index);
        }
    }

    /// Gives the lines of a block of a stream.
    pub(super) fn chunk(&mut self, chunk: Chunk) {
        let mut place = Place { file: chunk.file, block: chunk.block, line: 0 };
        place.line = self.give(chunk.buffer.text(), place);
        self.count_lines(place);
        self.shared.give_back(chunk.buffer);
    }

    /// Gives the lines of the buffer, which holds a whole file: its lines need no counting.
    pub(super) fn only_block(&mut self, file: u32) {
        let buffer = take(&mut self.buffer);
        self.give(buffer.text(), Place { file, block: 0, line: 0 });
        self.buffer = buffer;
    }

    /// Gives lines, and says which are too long. Returns how many there were.
    fn give(&mut self, text: &[u8], start: Place) -> u32 {
        let line_max = self.shared.sizes.line_max;
        let problems = &mut self.gathered.problems;
        give_lines(text, start, line_max, &mut self.sink, |place| problems.push(too_long(place, line_max)))
    }

    /// Gives the buffer as a document.
    pub(super) fn document(&mut self, file: u32) {
        self.sink.document(Place { file, block: 0, line: 0 }, without_mark(self.buffer.text()));
        self.buffer.clear();
    }

    /// Says of a file what keeps it from being read, if anything does.
    pub(super) fn not_read(&mut self, index: u32, listed: &File, format: Format) {
        match format {
            Format::Utf16 => self.problem(index, "is UTF-16; convert it to UTF-8".into()),
            Format::NotJson if listed.named_by_user => self.problem(index, looks_like(self.buffer.text()).into()),
            Format::NotJson => self.gathered.passed_over += 1,
            Format::Blank | Format::Lines | Format::Document => {}
        }
    }

    pub(super) fn too_long_a_line(&mut self, place: Place) {
        self.gathered.problems.push(too_long(place, self.shared.sizes.line_max));
    }

    pub(super) fn too_long_a_document(&mut self, index: u32) {
        let most = self.shared.sizes.document_max;
        self.problem(index, format!("is one JSON document of more than {most} bytes; export it as NDJSON"));
    }

    /// Says that a file was shorter than it had been.
    pub(super) fn cut(&mut self, index: u32) {
        self.problem(index, "became shorter while it was read; run again when nothing writes to it".into());
    }

    /// Notes how many lines a block had, of a file of several: as many as the line that `end` says.
    pub(super) fn count_lines(&mut self, end: Place) {
        self.gathered.lines.push(end);
    }

    /// Counts bytes that this worker read.
    fn count_bytes(&mut self, bytes: u64) {
        self.shared.meter.add(bytes);
        self.gathered.bytes += bytes;
    }

    /// Counts bytes that the meter was told of as they came.
    pub(super) fn count_metered_bytes(&mut self, bytes: u64) {
        self.gathered.bytes += bytes;
    }

    pub(super) fn problem(&mut self, file: u32, what: String) {
        self.gathered.problems.push((Place { file, block: 0, line: 0 }, Extent::File, what));
    }

    fn stream(&mut self, index: u32, listed: &File, reader: Box<dyn io::Read + '_>) {
        Stream::read(self, index, listed, reader);
    }
}

fn too_long(place: Place, line_max: usize) -> Found {
    (place, Extent::Line, format!("is longer than {line_max} bytes and was left out"))
}

//! Blocks: the parts in which files are read, and the lines in them.

use super::sniff::{trim, without_mark};
use super::{Place, Sink};
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::FileExt;
use std::sync::atomic::AtomicBool;

/// How much is read at a time. In one place, so that tests can have them small.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// A block. Large enough that opening, claiming and looking for its first line cost nothing beside reading it;
    /// small enough that it stays in the cache between being read and being parsed, and that the last blocks of a
    /// file keep all workers busy.
    pub(super) block: usize,
    /// What is read to tell the format.
    pub(super) head: usize,
    /// What is read beyond a block for the rest of its last line: most lines are shorter.
    pub(super) overhang: usize,
    /// A longer line is a problem: it is beyond any resource, attachments included. Not less than a block.
    pub(super) line_max: usize,
    /// A longer document is a problem: it is held whole.
    pub(super) document_max: usize,
}

pub(super) const SIZES: Sizes = Sizes {
    block: 1 << 20,
    head: 64 << 10,
    overhang: 32 << 10,
    line_max: LINE_BYTES_MAX,
    document_max: DOCUMENT_BYTES_MAX,
};

impl Sizes {
    /// How much to read where `head` bytes did not tell the format: no more than shows that a line is too long.
    pub(super) fn next_head(&self, head: usize) -> usize {
        head.saturating_mul(4).min(self.line_max + 1)
    }
}

/// The longest line that is read; see [`Sizes::line_max`].
pub(super) const LINE_BYTES_MAX: usize = 1 << 30;

/// The longest document that is read; see [`Sizes::document_max`].
pub(super) const DOCUMENT_BYTES_MAX: usize = 1 << 30;

/// A buffer that is used again grows with the longest line or document; beyond this it is given back.
const BUFFER_BYTES_KEPT_MAX: usize = 16 << 20;

/// Bytes read so far, in memory that is used again without being cleared.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    filled: usize,
}

impl Buffer {
    /// What was read.
    pub(super) fn text(&self) -> &[u8] {
        self.bytes.get(..self.filled).unwrap_or_default()
    }

    pub(super) fn clear(&mut self) {
        self.filled = 0;
        if self.bytes.len() > BUFFER_BYTES_KEPT_MAX {
            self.bytes = Vec::new();
        }
    }

    /// Cuts off what is beyond `length`.
    pub(super) fn truncate(&mut self, length: usize) {
        self.filled = self.filled.min(length);
    }

    pub(super) fn append(&mut self, text: &[u8]) {
        let end = self.filled + text.len();
        self.make_room(end);
        if let Some(room) = self.bytes.get_mut(self.filled..end) {
            room.copy_from_slice(text);
            self.filled = end;
        }
    }

    /// Reads on until `length` bytes are there or the end is reached; what was read stays when an error comes.
    pub(super) fn fill(
        &mut self,
        length: usize,
        mut read: impl FnMut(&mut [u8], usize) -> io::Result<usize>,
    ) -> io::Result<()> {
        self.make_room(length);
        while let Some(room @ [_, ..]) = self.bytes.get_mut(self.filled..length) {
            match read(room, self.filled) {
                Ok(0) => break,
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    pub(super) fn fill_from(&mut self, length: usize, reader: &mut dyn Read) -> io::Result<()> {
        self.fill(length, |room, _| reader.read(room))
    }

    /// As [`fill`](Self::fill), where the buffer began at `offset` of the file.
    pub(super) fn fill_at(&mut self, length: usize, file: &File, offset: u64) -> io::Result<()> {
        self.fill(length, |room, filled| file.read_at(room, offset + filled as u64))
    }

    fn make_room(&mut self, length: usize) {
        if self.bytes.len() < length {
            // By half as much again at least, for lines that are read on and on.
            let capacity = length.max(self.bytes.len() + self.bytes.len() / 2);
            self.bytes.resize(capacity, 0);
        }
    }
}

/// Gives the lines of a block to `sink`, and says where those are that are longer than `line_max`. Returns how many
/// lines there were, blank and long ones too.
pub(super) fn give_lines(
    text: &[u8],
    start: Place,
    line_max: usize,
    sink: &mut impl Sink,
    mut too_long: impl FnMut(Place),
) -> u32 {
    let mut text = if start.block == 0 { without_mark(text) } else { text };
    let mut place = start;
    while !text.is_empty() {
        let end = memchr::memchr(b'\n', text).unwrap_or(text.len());
        let (this, rest) = text.split_at_checked(end).unwrap_or((text, &[]));
        if this.len() > line_max {
            too_long(place);
        } else if let this @ [_, ..] = trim(this) {
            sink.line(place, this);
        }
        place.line += 1;
        text = rest.get(1..).unwrap_or_default();
    }
    place.line
}

/// A file of lines that is read in blocks by whoever has time.
#[derive(Debug)]
pub(super) struct Split {
    pub(super) index: u32,
    pub(super) file: File,
    pub(super) size: u64,
    /// Set by whoever finds out first, so that it is said once.
    pub(super) was_cut: AtomicBool,
}

/// What reading a block came to.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// Where in the buffer its lines are.
    pub(super) lines: std::ops::Range<usize>,
    /// Whether a line longer than `line_max` begins after them, whose rest is in later blocks.
    pub(super) too_long_next: bool,
    /// Bytes that this block, and no other, accounts for.
    pub(super) bytes: u64,
    /// Whether the file ended before its size.
    pub(super) was_cut: bool,
    /// What kept the rest from being read.
    pub(super) error: Option<io::Error>,
}

impl Split {
    pub(super) fn blocks(&self, sizes: &Sizes) -> u32 {
        u32::try_from(self.size.div_ceil(sizes.block as u64)).unwrap_or(u32::MAX)
    }

    /// Reads block `number`: from the first newline at or after its nominal start (block 0 from the start of the file)
    /// up to and with the first newline at or after its nominal end. So each line is in the one block in which the
    /// newline before it is, whatever the sizes are, and no worker needs to know what another has found.
    pub(super) fn read(&self, number: u32, sizes: &Sizes, buffer: &mut Buffer) -> Block {
        let offset = u64::from(number) * sizes.block as u64;
        let left = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let nominal = sizes.block.min(left);
        let mut block = Block { bytes: nominal as u64, ..Block::default() };
        buffer.clear();
        let mut wanted = left.min(nominal + sizes.overhang);
        self.fill(wanted, offset, buffer, &mut block);

        let own = buffer.text().get(..nominal).unwrap_or(buffer.text());
        let start = if number == 0 { Some(0) } else { memchr::memchr(b'\n', own).map(|at| at + 1) };
        let Some(start) = start else { return block };
        // Where the last line begins, and, read on for as long as that takes, where it ends.
        let last = own.get(start..).and_then(|own| memchr::memrchr(b'\n', own)).map_or(start, |at| start + at + 1);
        let mut looked_at = nominal;
        loop {
            let text = buffer.text();
            let newline = text.get(looked_at..).and_then(|fresh| memchr::memchr(b'\n', fresh));
            let end = newline.map_or(text.len(), |at| looked_at + at);
            if end.saturating_sub(last) > sizes.line_max {
                block.lines = start..last;
                block.too_long_next = true;
                return block;
            }
            if newline.is_some() || wanted == left || block.was_cut || block.error.is_some() {
                block.lines = start..text.len().min(end + 1);
                return block;
            }
            looked_at = text.len();
            wanted = left.min(wanted.saturating_mul(2));
            self.fill(wanted, offset, buffer, &mut block);
        }
    }

    fn fill(&self, wanted: usize, offset: u64, buffer: &mut Buffer, block: &mut Block) {
        match buffer.fill_at(wanted, &self.file, offset) {
            Ok(()) => block.was_cut = buffer.text().len() < wanted,
            Err(error) => block.error = Some(error),
        }
    }
}

//! Streams: what can only be read from start to end, because it is compressed or comes from a pipe.
//!
//! One worker reads (and decompresses) a stream and cuts it into blocks at line ends; whoever has nothing better to do
//! parses them, so that even a single compressed file keeps two threads busy.

use super::block::Buffer;
use super::list::{File, Kind};
use super::scan::Chunk;
use super::sniff::{self, Compression, Format};
use super::worker::Worker;
use super::{Meter, Place, Sink, cannot_be_read};
use flate2::bufread::MultiGzDecoder;
use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};
use std::mem::{swap, take};

/// What is read of a compressed file at a time.
const COMPRESSED_BYTES: usize = 256 << 10;

/// A stream, decompressed.
pub(super) struct Stream<'a> {
    reader: Box<dyn Read + 'a>,
    compression: Option<Compression>,
    /// Nothing more comes, because it was all or because of the error.
    ended: bool,
    error: Option<io::Error>,
}

impl<'a> Stream<'a> {
    /// Reads a stream to its end and hands on what is in it.
    pub(super) fn read<S: Sink>(worker: &mut Worker<'_, S>, index: u32, listed: &File, reader: Box<dyn Read + '_>) {
        let read = Cell::new(0);
        let counted = Counted { reader, meter: worker.shared.meter, read: &read };
        match Stream::new(counted) {
            Ok(mut stream) => {
                worker.hand_on(index, listed, &mut stream);
                if let Some(error) = stream.error.take() {
                    worker.problem(index, stream.what_is_wrong(&error));
                } else if stream.ended && listed.kind == Kind::Regular && read.get() < listed.size {
                    worker.cut(index);
                }
            }
            Err(error) => worker.problem(index, cannot_be_read(&error)),
        }
        worker.count_metered_bytes(read.get());
    }

    fn new(reader: Counted<'a>) -> io::Result<Stream<'a>> {
        let mut head = Buffer::default();
        let mut reader = reader;
        head.fill_from(sniff::MAGIC_BYTES, &mut reader)?;
        let compression = sniff::compression(head.text());
        let reader = io::Cursor::new(head.text().to_vec()).chain(reader);
        let reader: Box<dyn Read + 'a> = match compression {
            None => Box::new(reader),
            Some(Compression::Gzip) => Box::new(MultiGzDecoder::new(buffered(reader))),
            Some(Compression::Zstd) => Box::new(zstd::Decoder::with_buffer(buffered(reader))?),
        };
        Ok(Stream { reader, compression, ended: false, error: None })
    }

    /// Reads on until `length` bytes are in the buffer, or to the end.
    fn fill(&mut self, buffer: &mut Buffer, length: usize) {
        if self.ended {
            return;
        }
        match buffer.fill_from(length, &mut self.reader) {
            Ok(()) => self.ended = buffer.text().len() < length,
            Err(error) => {
                self.error = Some(error);
                self.ended = true;
            }
        }
    }

    fn what_is_wrong(&self, error: &io::Error) -> String {
        let name = match self.compression {
            Some(Compression::Gzip) => "gzip",
            Some(Compression::Zstd) => "zstd",
            None => return cannot_be_read(error),
        };
        if error.raw_os_error().is_some() {
            cannot_be_read(error)
        } else if error.kind() == io::ErrorKind::UnexpectedEof {
            format!("is {name} that was cut off; what is there was read; get the whole file and run again")
        } else {
            format!("is damaged {name} ({error}); what stands before that was read; get the file again")
        }
    }
}

fn buffered<R: Read>(reader: R) -> impl BufRead {
    BufReader::with_capacity(COMPRESSED_BYTES, reader)
}

impl<S: Sink> Worker<'_, S> {
    fn hand_on(&mut self, index: u32, listed: &File, stream: &mut Stream<'_>) {
        let sizes = self.shared.sizes;
        let mut wanted = sizes.head;
        self.buffer.clear();
        let format = loop {
            stream.fill(&mut self.buffer, wanted);
            let text = self.buffer.text();
            if let Some(format) = sniff::format(text, stream.ended, self.shared.is_json) {
                break format;
            }
            if wanted > sizes.line_max {
                break sniff::format_of_giant(text);
            }
            wanted = sizes.next_head(wanted);
        };
        match format {
            Format::Lines if stream.ended => self.only_block(index),
            Format::Lines => self.hand_on_lines(index, stream),
            Format::Document => self.hand_on_document(index, stream),
            // Damage that left nothing to tell the format by is said in its own words.
            Format::NotJson if stream.error.is_some() => {}
            Format::Blank | Format::Utf16 | Format::NotJson => self.not_read(index, listed, format),
        }
    }

    fn hand_on_document(&mut self, index: u32, stream: &mut Stream<'_>) {
        let most = self.shared.sizes.document_max;
        while !stream.ended && self.buffer.text().len() <= most {
            let wanted = self.buffer.text().len().saturating_mul(2).max(self.shared.sizes.block);
            stream.fill(&mut self.buffer, wanted.min(most + 1));
        }
        if self.buffer.text().len() > most {
            self.too_long_a_document(index);
            return;
        }
        self.document(index);
    }

    /// Hands on the lines of a stream, the first of which are in the buffer already.
    fn hand_on_lines(&mut self, file: u32, stream: &mut Stream<'_>) {
        let mut buffer = take(&mut self.buffer);
        let mut block = 0;
        loop {
            let mut next = self.shared.spare_buffer();
            let is_lines = self.cut_at_line_end(stream, &mut buffer, &mut next);
            if is_lines {
                let chunk = Chunk { file, block, buffer };
                if let Some(chunk) = self.shared.offer(chunk) {
                    self.chunk(chunk);
                }
                buffer = next;
            } else {
                self.skip_line(Place { file, block, line: 0 }, stream, &mut buffer);
                self.shared.give_back(next);
            }
            if self.shared.is_stopped() || (stream.ended && buffer.text().is_empty()) {
                break;
            }
            block += 1;
        }
        self.shared.give_back(buffer);
    }

    /// Fills a block and moves what is after its last newline to the next. False if it holds but the beginning of a
    /// line that is too long.
    fn cut_at_line_end(&self, stream: &mut Stream<'_>, buffer: &mut Buffer, next: &mut Buffer) -> bool {
        let sizes = self.shared.sizes;
        let mut wanted = sizes.block;
        let mut looked_at = 0;
        loop {
            stream.fill(buffer, wanted);
            if stream.ended {
                return true;
            }
            let text = buffer.text();
            let newline = text.get(looked_at..).and_then(|fresh| memchr::memrchr(b'\n', fresh));
            if let Some(newline) = newline {
                let end = looked_at + newline + 1;
                next.append(text.get(end..).unwrap_or_default());
                buffer.truncate(end);
                return true;
            }
            looked_at = text.len();
            if looked_at > sizes.line_max {
                return false;
            }
            wanted = looked_at.saturating_mul(2).min(sizes.line_max + 1);
        }
    }

    /// Reads past the end of a line of which the buffer holds the beginning.
    fn skip_line(&mut self, place: Place, stream: &mut Stream<'_>, buffer: &mut Buffer) {
        self.too_long_a_line(place);
        self.count_lines(Place { line: 1, ..place });
        let mut rest = self.shared.spare_buffer();
        while !stream.ended && !self.shared.is_stopped() {
            buffer.clear();
            stream.fill(buffer, self.shared.sizes.block);
            let text = buffer.text();
            if let Some(end) = memchr::memchr(b'\n', text) {
                rest.append(text.get(end + 1..).unwrap_or_default());
                break;
            }
        }
        swap(buffer, &mut rest);
        self.shared.give_back(rest);
    }
}

/// Counts what is read.
struct Counted<'a> {
    reader: Box<dyn Read + 'a>,
    meter: &'a Meter,
    read: &'a Cell<u64>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.meter.add(count as u64);
        self.read.set(self.read.get() + count as u64);
        Ok(count)
    }
}

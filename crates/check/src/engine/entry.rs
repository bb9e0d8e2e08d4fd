//! Entries: records as bytes, with where they were read and when they were last updated.
//!
//! `[length: u32][hash of the name: u64][head][record]`; the record in postcard. Entries are only ever read by
//! the process that wrote them.

use answerable_fhir::{IdentifierKey, NameRef, Record, Reference, Said, SourceIndex, Target, Type};
use postcard::ser_flavors::Flavor;
use serde::Serialize;

use super::EngineError;
use crate::input::Place;

/// Where a record was read: file, block, line, and byte in the line.
pub(super) type Order = (u32, u32, u32, u64);

/// What is known of a record before it is read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Head<'e> {
    pub(super) source: SourceIndex,
    pub(super) kind: Type,
    /// `Type/id`.
    pub(super) name: &'e str,
    pub(super) last_updated: i64,
    /// Where it was read.
    pub(super) order: Order,
    /// What a Bundle knows it by.
    pub(super) urn: Option<&'e str>,
    /// Whom it is about, which the record behind it leaves out: so that it can be routed without reading the rest.
    pub(super) subject: Option<Reference<'e>>,
    /// The keys of its identifiers, which the record leaves out too: few ask for them, and none while judging.
    pub(super) identifiers: &'e [u8],
}

impl<'e> Head<'e> {
    pub(super) fn named(&self) -> NameRef<'e> {
        NameRef { source: self.source, name: self.name }
    }

    /// The patient whom it is about, where its subject is a patient's plain name.
    pub(super) fn patient(&self) -> Option<NameRef<'e>> {
        match self.subject?.target {
            Target::Named(Said::Used(Type::Patient), name) => Some(NameRef { source: self.source, name }),
            _ => None,
        }
    }

    /// The keys of its identifiers.
    pub(super) fn identifiers(&self) -> impl Iterator<Item = IdentifierKey> + use<'e> {
        self.identifiers.as_chunks().0.iter().map(|&bytes| IdentifierKey::from_bytes(bytes))
    }

    /// Of the same resource twice, the later lastUpdated wins, else the later read.
    pub(super) fn is_newer_than(&self, other: &Head) -> bool {
        (self.last_updated, self.order) > (other.last_updated, other.order)
    }
}

/// Of which fields a head has whole numbers: source, lastUpdated, order, type, and which of the others there are.
const NUMBERS_BYTES: usize = 2 + 8 + 4 + 4 + 4 + 8 + 1 + 1;

const HAS_URN: u8 = 1;
const HAS_SUBJECT: u8 = 2;

impl<'e> Head<'e> {
    /// Written by hand, for it is written and read once for each record: numbers in one piece, then texts.
    fn write(&self, buffer: &mut Vec<u8>) -> Result<(), postcard::Error> {
        let (file, block, line, offset) = self.order;
        let has = [(self.urn.is_some(), HAS_URN), (self.subject.is_some(), HAS_SUBJECT)];
        let has = has.into_iter().filter(|(has, _)| *has).map(|(_, flag)| flag).sum::<u8>();
        let mut numbers = [0; NUMBERS_BYTES];
        let parts: [&[u8]; 8] = [
            &self.source.to_le_bytes(),
            &self.last_updated.to_le_bytes(),
            &file.to_le_bytes(),
            &block.to_le_bytes(),
            &line.to_le_bytes(),
            &offset.to_le_bytes(),
            &[self.kind as u8],
            &[has],
        ];
        let mut rest = numbers.as_mut_slice();
        for part in parts {
            let (slot, after) = rest.split_at_mut(part.len());
            slot.copy_from_slice(part);
            rest = after;
        }
        buffer.extend_from_slice(&numbers);
        write_bytes(buffer, self.name.as_bytes());
        write_bytes(buffer, self.identifiers);
        self.urn.into_iter().for_each(|urn| write_bytes(buffer, urn.as_bytes()));
        self.subject.map_or(Ok(()), |subject| append(buffer, &subject))
    }

    fn read(bytes: &'e [u8]) -> Option<(Head<'e>, &'e [u8])> {
        let (source, rest) = bytes.split_first_chunk()?;
        let (last_updated, rest) = rest.split_first_chunk()?;
        let (file, rest) = rest.split_first_chunk()?;
        let (block, rest) = rest.split_first_chunk()?;
        let (line, rest) = rest.split_first_chunk()?;
        let (offset, rest) = rest.split_first_chunk()?;
        let (&[kind, has], rest) = rest.split_first_chunk()?;
        let (name, rest) = read_bytes(rest)?;
        let (identifiers, mut rest) = read_bytes(rest)?;
        let (mut urn, mut subject) = (None, None);
        if has & HAS_URN > 0 {
            let (bytes, after) = read_bytes(rest)?;
            (urn, rest) = (Some(std::str::from_utf8(bytes).ok()?), after);
        }
        if has & HAS_SUBJECT > 0 {
            let (reference, after) = postcard::take_from_bytes(rest).ok()?;
            (subject, rest) = (Some(reference), after);
        }
        let number = |bytes: &[u8; 4]| u32::from_le_bytes(*bytes);
        let head = Head {
            source: u16::from_le_bytes(*source),
            kind: *Type::ALL.get(usize::from(kind))?,
            name: std::str::from_utf8(name).ok()?,
            last_updated: i64::from_le_bytes(*last_updated),
            order: (number(file), number(block), number(line), u64::from_le_bytes(*offset)),
            urn,
            subject,
            identifiers,
        };
        Some((head, rest))
    }
}

/// A length of more than one byte is told by this one.
const LONG: u8 = u8::MAX;

fn write_bytes(buffer: &mut Vec<u8>, bytes: &[u8]) {
    match u8::try_from(bytes.len()) {
        Ok(length) if length != LONG => buffer.push(length),
        _ => {
            buffer.push(LONG);
            buffer.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        }
    }
    buffer.extend_from_slice(bytes);
}

fn read_bytes(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&length, rest) = bytes.split_first()?;
    if length != LONG {
        return rest.split_at_checked(usize::from(length));
    }
    let (length, rest) = rest.split_first_chunk()?;
    rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)
}

pub(super) fn order(place: Place, offset: usize) -> Order {
    (place.file, place.block, place.line, offset as u64)
}

const LENGTH_BYTES: usize = 4;
const HASH_BYTES: usize = 8;

/// An entry as it lies in a buffer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'e> {
    /// The hash of the name.
    pub(super) hash: u64,
    /// All of it, to be copied.
    pub(super) bytes: &'e [u8],
    body: &'e [u8],
}

/// Appends an entry.
pub(super) fn write(buffer: &mut Vec<u8>, hash: u64, head: &Head, record: &Record) -> Result<(), EngineError> {
    let start = buffer.len();
    buffer.extend_from_slice(&[0; LENGTH_BYTES]);
    buffer.extend_from_slice(&hash.to_le_bytes());
    let results = [head.write(buffer), append(buffer, record)];
    if results.iter().any(Result::is_err) {
        buffer.truncate(start);
        return Err(EngineError::Internal("a record could not be set aside"));
    }
    finish(buffer, start)
}

/// Appends a record of something of ours behind what is there already.
pub(super) fn append(buffer: &mut Vec<u8>, value: &impl Serialize) -> Result<(), postcard::Error> {
    postcard::serialize_with_flavor(value, Behind(buffer))
}

/// Writes behind what a buffer has. Postcard's own way of extending a vector goes byte by byte.
struct Behind<'b>(&'b mut Vec<u8>);

impl Flavor for Behind<'_> {
    type Output = ();

    #[inline]
    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    #[inline]
    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

fn finish(buffer: &mut [u8], start: usize) -> Result<(), EngineError> {
    let length = u32::try_from(buffer.len() - start)
        .map_err(|_| EngineError::Internal("a single record is larger than 4 GiB"))?;
    if let Some(slot) = buffer.get_mut(start..start + LENGTH_BYTES) {
        slot.copy_from_slice(&length.to_le_bytes());
    }
    Ok(())
}

impl<'e> Entry<'e> {
    /// The head, and what the record is read from.
    pub(super) fn head(&self) -> Result<(Head<'e>, &'e [u8]), EngineError> {
        Head::read(self.body).ok_or(EngineError::Internal("a record that was set aside can't be read"))
    }
}

/// The record behind a head, with what only the head has, identifiers aside.
pub(super) fn record<'e>(head: &Head<'e>, bytes: &'e [u8]) -> Result<Record<'e>, EngineError> {
    let mut record: Record<'e> =
        postcard::from_bytes(bytes).map_err(|_| EngineError::Internal("a record that was set aside can't be read"))?;
    (record.name, record.subject) = (head.name, head.subject);
    Ok(record)
}

/// The entries of a buffer.
pub(super) fn entries(mut buffer: &[u8]) -> impl Iterator<Item = Entry<'_>> {
    std::iter::from_fn(move || {
        let (length, _) = buffer.split_first_chunk::<LENGTH_BYTES>()?;
        let (bytes, rest) = buffer.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        buffer = rest;
        let (hash, body) = bytes.get(LENGTH_BYTES..)?.split_first_chunk::<HASH_BYTES>()?;
        Some(Entry { hash: u64::from_le_bytes(*hash), bytes, body })
    })
}

/// Copies an entry behind the name of the person whom it is about.
pub(super) fn write_of_person(buffer: &mut Vec<u8>, person: &str, is_replaced: bool, entry: &[u8]) {
    let length = person.len() as u32;
    buffer.extend_from_slice(&length.to_le_bytes());
    buffer.extend_from_slice(person.as_bytes());
    buffer.push(u8::from(is_replaced));
    buffer.extend_from_slice(entry);
}

/// What [`write_of_person`] wrote: person, whether replaced, entry.
pub(super) fn entries_of_persons(mut buffer: &[u8]) -> impl Iterator<Item = (&str, bool, Entry<'_>)> {
    std::iter::from_fn(move || {
        let (length, rest) = buffer.split_first_chunk::<LENGTH_BYTES>()?;
        let (person, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        let (replaced, rest) = rest.split_first()?;
        let entry = entries(rest).next()?;
        buffer = rest.get(entry.bytes.len()..)?;
        Some((std::str::from_utf8(person).ok()?, *replaced != 0, entry))
    })
}

const _: () = assert!(HASH_BYTES == size_of::<u64>() && LENGTH_BYTES == size_of::<u32>());

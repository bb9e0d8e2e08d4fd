//! What a file is, told from its content and never from its name.

/// Compression, by the first bytes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    Gzip,
    Zstd,
}

/// What the text of a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// NDJSON.
    Lines,
    /// One value, over however many lines; or what was meant to be one.
    Document,
    /// White space or nothing: there is nothing to read in it.
    Blank,
    /// JSON in UTF-16, which is neither FHIR nor worth a guess at what else is wrong with it.
    Utf16,
    /// Neither its first nor its second line begins as JSON does.
    NotJson,
}

/// How many bytes [`compression`] wants to see.
pub(super) const MAGIC_BYTES: usize = 4;

/// The compression of a file that begins with `head`.
pub(super) fn compression(head: &[u8]) -> Option<Compression> {
    match head {
        [0x1f, 0x8b, ..] => Some(Compression::Gzip),
        // A frame, or a skippable one, which some tools write first to hold the length or a name.
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Compression::Zstd),
        _ => None,
    }
}

/// What people may have meant to name when they named something that isn't JSON.
pub(super) fn looks_like(head: &[u8]) -> &'static str {
    match head {
        [b'P', b'K', 3, 4, ..] => "is a zip archive; unpack it first",
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => "is compressed with xz; decompress it, or use gzip or zstd",
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => "is compressed with bzip2; decompress it, or use gzip or zstd",
        head if head.get(257..262) == Some(b"ustar") => "is a tar archive; unpack it first",
        _ => "isn't JSON: neither its first nor its second line begins with `{` or `[`; name files of FHIR resources",
    }
}

/// `text` without the byte-order mark of UTF-8 that some tools write first.
pub(super) fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

/// Tells the format of a text that begins with `head`, or none if that takes more of it. With `complete`, `head` is
/// all of the text, and there is an answer.
///
/// Lines, if the first line that isn't blank is a whole JSON object or array, or if the second is and the whole isn't
/// one JSON value; else a document. The second half of that rule keeps a torn first line from costing the file. Where
/// the first lines leave it open, the answer waits for the whole; [`may_hold_a_value_next`] makes that rare.
pub(super) fn format(head: &[u8], complete: bool, is_json: fn(&[u8]) -> bool) -> Option<Format> {
    if let Some(order) = utf16(head) {
        return Some(if begins_as_json_in_utf16(head, order) { Format::Utf16 } else { Format::NotJson });
    }
    let text = without_mark(head);
    let (first, rest) = match next_line(text, complete) {
        Next::Line(line, rest) => (line, rest),
        Next::End => return Some(Format::Blank),
        Next::More => return None,
    };
    // A single line is read alike as a line and as a document, so that many of it are spared being parsed twice.
    let is_single = complete && begins_as_json(first) && first_character(rest).is_none();
    if is_single || is_whole(first, is_json) {
        return Some(Format::Lines);
    }
    let otherwise = if begins_as_json(first) { Format::Document } else { Format::NotJson };
    let (second, rest) = match next_line(rest, complete) {
        Next::Line(line, rest) => (line, rest),
        Next::End => return Some(otherwise),
        // A line whose end isn't there yet tells by its first character when it can't be a value.
        Next::More => return begins_otherwise(rest).then_some(otherwise),
    };
    if !begins_as_json(second) {
        return Some(otherwise);
    }
    if !is_whole(second, is_json) {
        return Some(Format::Document);
    }
    if !may_hold_a_value_next(first) {
        return Some(Format::Lines);
    }
    match first_character(rest) {
        Some(b',' | b']' | b'}') if complete && is_json(text) => Some(Format::Document),
        Some(b',' | b']' | b'}') if !complete => None,
        None if !complete => None,
        _ => Some(Format::Lines),
    }
}

/// The format of a text so long that no more of it can be held, when [`format()`] still asks for more: lines, of which
/// one is too long and the others can be read, unless the first isn't even JSON.
pub(super) fn format_of_giant(head: &[u8]) -> Format {
    let text = without_mark(head);
    let has_second = matches!(next_line(text, false), Next::Line(..));
    if has_second || !begins_otherwise(text) { Format::Lines } else { Format::NotJson }
}

enum Next<'a> {
    /// A line that isn't blank, trimmed, and what follows it.
    Line(&'a [u8], &'a [u8]),
    /// Nothing but blank lines.
    End,
    /// Its end isn't there yet.
    More,
}

fn next_line(text: &[u8], complete: bool) -> Next<'_> {
    let text = trim_start(text);
    match memchr::memchr(b'\n', text).and_then(|end| text.split_at_checked(end)) {
        Some((line, rest)) => Next::Line(trim(line), rest),
        None if !complete => Next::More,
        None if text.is_empty() => Next::End,
        None => Next::Line(trim(text), &[]),
    }
}

/// `line` without the white space of JSON around it.
pub(super) fn trim(line: &[u8]) -> &[u8] {
    let mut line = trim_start(line);
    while let [rest @ .., b' ' | b'\t' | b'\r' | b'\n'] = line {
        line = rest;
    }
    line
}

fn trim_start(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t' | b'\r' | b'\n', rest @ ..] = text {
        text = rest;
    }
    text
}

fn first_character(text: &[u8]) -> Option<u8> {
    trim_start(text).first().copied()
}

fn begins_as_json(line: &[u8]) -> bool {
    matches!(line, [b'{' | b'[', ..])
}

fn begins_otherwise(text: &[u8]) -> bool {
    first_character(text).is_some_and(|first| !matches!(first, b'{' | b'['))
}

/// Whether a line is an object or array by itself. Its last character spares a parse of nearly every line that isn't.
fn is_whole(line: &[u8], is_json: fn(&[u8]) -> bool) -> bool {
    matches!(line, [b'{', .., b'}'] | [b'[', .., b']']) && is_json(line)
}

/// Whether JSON that begins with `line` can go on with an object or array: in no other place than after these. A line
/// that was torn where the next begins ends so by chance only.
fn may_hold_a_value_next(line: &[u8]) -> bool {
    matches!(line, [.., b'[' | b',' | b':'])
}

#[derive(Clone, Copy)]
enum Order {
    BigEndian,
    LittleEndian,
}

/// UTF-16 by its byte-order mark, or by a zero in every other byte, since JSON begins with ASCII. Four bytes of it,
/// so that one stray NUL before a line doesn't count.
fn utf16(head: &[u8]) -> Option<Order> {
    match head {
        [0xfe, 0xff, ..] | [0, 1..=255, 0, 1..=255, ..] => Some(Order::BigEndian),
        [0xff, 0xfe, ..] | [1..=255, 0, 1..=255, 0, ..] => Some(Order::LittleEndian),
        _ => None,
    }
}

fn begins_as_json_in_utf16(head: &[u8], order: Order) -> bool {
    let first = head.as_chunks::<2>().0.iter().map(|pair| match order {
        Order::BigEndian => u16::from_be_bytes(*pair),
        Order::LittleEndian => u16::from_le_bytes(*pair),
    });
    const MARK: u16 = 0xfeff;
    let blank = [MARK, u16::from(b' '), u16::from(b'\t'), u16::from(b'\r'), u16::from(b'\n')];
    first.into_iter().find(|unit| !blank.contains(unit)).is_some_and(|unit| [b'{', b'['].map(u16::from).contains(&unit))
}

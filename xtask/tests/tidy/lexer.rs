//! Rust as code, comments and strings: no more than the other checks need.

/// What a part of a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Code,
    Comment,
    Text,
}

/// A part of a file, and the line on which it begins, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part<'a> {
    pub(crate) kind: Kind,
    pub(crate) text: &'a str,
    pub(crate) line: usize,
}

/// The parts of a file, in order; strings and characters without what is around them.
pub(crate) fn parts(file: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut rest, mut line) = (file, 1);
    while !rest.is_empty() {
        let (kind, length, quotes) = first(rest);
        let text = rest.get(..length).unwrap_or(rest);
        let inner = text.get(quotes.0..text.len().saturating_sub(quotes.1)).unwrap_or("");
        match (parts.last_mut(), kind) {
            // Code comes a token at a time.
            (Some(Part { kind: Kind::Code, text: before, .. }), Kind::Code) => {
                let end = file.len() - rest.len() + length;
                let begin = file.len() - rest.len() - before.len();
                *before = file.get(begin..end).unwrap_or("");
            }
            _ => parts.push(Part { kind, text: inner, line }),
        }
        line += text.matches('\n').count();
        rest = rest.get(length..).unwrap_or("");
    }
    parts
}

/// What comes first: its kind, its length in bytes, and how much of that is quotes before and behind.
fn first(rest: &str) -> (Kind, usize, (usize, usize)) {
    if rest.starts_with("//") {
        return (Kind::Comment, rest.find('\n').unwrap_or(rest.len()), (0, 0));
    }
    if rest.starts_with("/*") {
        return (Kind::Comment, block(rest), (0, 0));
    }
    if rest.starts_with('"') {
        return (Kind::Text, quoted(rest, '"'), (1, 1));
    }
    if let Some((begin, end)) = raw(rest) {
        let body = rest.get(begin..).unwrap_or("");
        let length = begin + body.find(&end).map_or(body.len(), |at| at + end.len());
        return (Kind::Text, length, (begin, end.len()));
    }
    if is_character(rest) {
        return (Kind::Text, quoted(rest, '\''), (1, 1));
    }
    // A whole name, so that the r of `for` doesn't begin a raw string.
    let name = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
    let letter = rest.chars().next().map_or(1, char::len_utf8);
    (Kind::Code, name.max(letter), (0, 0))
}

fn block(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(here) = rest.get(at..).filter(|here| !here.is_empty()) {
        match (here.starts_with("/*"), here.starts_with("*/")) {
            (true, _) => (depth, at) = (depth + 1, at + 2),
            (_, true) if depth == 1 => return at + 2,
            (_, true) => (depth, at) = (depth - 1, at + 2),
            _ => at += here.chars().next().map_or(1, char::len_utf8),
        }
    }
    rest.len()
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            _ if letter == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// How long the opening of a raw string is that begins here, and how it closes.
fn raw(rest: &str) -> Option<(usize, String)> {
    let opening = rest.strip_prefix(['b', 'c']).unwrap_or(rest).strip_prefix('r')?;
    let hashes = opening.find(|letter| letter != '#')?;
    let before = rest.len() - opening.len();
    opening.get(hashes..)?.starts_with('"').then(|| (before + hashes + 1, format!("\"{}", "#".repeat(hashes))))
}

/// Whether a character begins here, not a lifetime.
fn is_character(rest: &str) -> bool {
    let mut letters = rest.chars();
    letters.next() == Some('\'') && (letters.next() == Some('\\') || letters.next() == Some('\''))
}

#[test]
fn code_comments_and_strings_are_told_apart() {
    let file = concat!(
        "fn a<'x>(b: &'x str) { // say \"no\"\n    c(\"// not \\\" one\", 'd', '\\'', r#\"raw \"e\" \"#, br\"f\");\n",
        "    /* in /* it */ \"still\" */ g()\n}\n"
    );
    let parts = parts(file);
    let of = |kind| parts.iter().filter(|part| part.kind == kind).map(|part| part.text).collect::<Vec<_>>();
    assert_eq!(of(Kind::Comment), ["// say \"no\"", "/* in /* it */ \"still\" */"]);
    assert_eq!(of(Kind::Text), ["// not \\\" one", "d", "\\'", "raw \"e\" ", "f"]);
    assert!(of(Kind::Code).concat().contains("fn a<'x>(b: &'x str) { \n    c("));
    assert_eq!(parts.iter().find(|part| part.text.starts_with("/* in")).unwrap().line, 3);
}

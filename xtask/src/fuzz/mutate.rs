//! What is right made wrong: first as a tree, so that much of it still reads; then as bytes, so that little does.

use super::resource;
use super::tree::Tree;
use crate::chance::Chance;

/// Words that a reader of JSON may stumble over.
const WORDS: [&str; 12] =
    ["null", "true", "0", "-1", "1e999", "-0.0", "99999999999999999999", "nul", "NaN", "01", "1.", "\"\\ud800\""];

/// Text that a reader of FHIR may stumble over.
const TEXTS: [&str; 34] = [
    "",
    " ",
    "\0",
    "#",
    "#a",
    "/",
    "Patient/",
    "/a",
    "Patient/a/_history/",
    "Patient//a",
    "?",
    "Practitioner?",
    "Practitioner?identifier=",
    "Practitioner?identifier=%",
    "Practitioner?identifier=%7C%C3",
    "urn:uuid:",
    "urn:",
    "https://",
    "https://ehr.example",
    "https://ehr.example/fhir/Patient/a?_format=json#b",
    "\u{feff}",
    "\u{202e}abc",
    "2023-02-30",
    "2024-02-29T24:00:00Z",
    "2016-12-31T23:59:60Z",
    "0000-01-01",
    "9999-12-31",
    "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00+14:00",
    "2024-3-1",
    "2024-03-31T01:30:00",
    "20240331",
    "-2024",
    "２０２４",
];

/// Names that mean another release of FHIR, another thing, or nothing.
const KEYS: [&str; 10] =
    ["resourceType", "id", "subject", "contained", "careProvider", "actualPeriod", "agent", "concept", "coverage", ""];

/// Makes some values of a tree wrong.
pub(super) fn tree(tree: &mut Tree, chance: &mut Chance) {
    for _ in 0..1 + chance.below(3) {
        let mut number = chance.below(tree.count());
        if let Some(value) = tree.nth(&mut number) {
            spoil(value, chance);
        }
    }
}

fn spoil(value: &mut Tree, chance: &mut Chance) {
    match chance.below(12) {
        0 => *value = Tree::Word(chance.pick(&WORDS)),
        1 => *value = Tree::Object(Vec::new()),
        2 => *value = Tree::List(vec![value.clone()]),
        3 => *value = Tree::Object(vec![(chance.pick(&KEYS).to_owned(), value.clone())]),
        4 => *value = resource::resource(chance),
        5 => {
            let levels = match chance.below(40) {
                0 => 200_000,
                1 | 2 => chance.below(20_000),
                _ => chance.below(200),
            };
            *value = Tree::Deep { levels, of_objects: chance.percent(50) };
        }
        6 => match value {
            Tree::List(items) if items.len() < 100 => *items = vec![items.clone(); 1 + chance.below(20)].concat(),
            Tree::Text(text) if text.len() < 100 => *text = text.repeat(1 + chance.below(1_000)),
            _ => *value = Tree::text(resource::date(chance)),
        },
        7 | 8 => match value {
            Tree::Object(fields) if !fields.is_empty() => {
                let at = chance.below(fields.len());
                match chance.below(4) {
                    0 => drop(fields.remove(at)),
                    1 => fields.extend(fields.get(at).cloned()),
                    2 => fields.insert(0, (chance.pick(&KEYS).to_owned(), Tree::Word(chance.pick(&WORDS)))),
                    _ => fields.rotate_left(at),
                }
            }
            _ => *value = Tree::Word("null"),
        },
        _ => *value = Tree::text(chance.pick(&TEXTS)),
    }
}

/// Changes, removes, repeats and inserts bytes.
pub(super) fn bytes(bytes: &mut Vec<u8>, chance: &mut Chance) {
    const INSERTED: [&[u8]; 15] = [
        b"\0",
        b"\"",
        b"\\",
        b"\\u",
        b"\\ud83e",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"\xff",
        b"\xed\xa0\x80",
        b"\xef\xbb\xbf",
        b"\n",
    ];
    for _ in 0..1 + chance.below(4) {
        let at = chance.below(bytes.len() + 1);
        let until = (at + 1 + chance.below(20)).min(bytes.len());
        match chance.below(7) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..until.max(at))),
            2 => drop(bytes.splice(at..at, chance.pick(&INSERTED).iter().copied())),
            3 => {
                let copy: Vec<u8> = bytes.get(at..until).unwrap_or_default().to_vec();
                let to = chance.below(bytes.len() + 1);
                bytes.splice(to..to, copy);
            }
            4 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << chance.below(8);
                }
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = chance.next() as u8;
                }
            }
        }
    }
}

//! JSON as a tree that can be wrong: keys twice and in any order, numbers as written, text that needs no escapes.

use crate::chance::Chance;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tree {
    /// A word or number as written: null, true, 1e999.
    Word(&'static str),
    Text(String),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
    /// A list in a list in a list, so often, with `{"a":` instead of `[` if it is of objects.
    Deep {
        levels: usize,
        of_objects: bool,
    },
}

impl Tree {
    pub(super) fn text(text: impl Into<String>) -> Tree {
        Tree::Text(text.into())
    }

    /// As text; `chance` puts white space in and writes letters as escapes, so that not only the fast ways are tried.
    pub(super) fn write(&self, style: Style, chance: &mut Chance, to: &mut Vec<u8>) {
        match self {
            Tree::Word(word) => to.extend_from_slice(word.as_bytes()),
            Tree::Text(text) => write_text(text, style, chance, to),
            Tree::List(items) => {
                to.push(b'[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        to.push(b',');
                    }
                    space(style, chance, to);
                    item.write(style, chance, to);
                }
                to.push(b']');
            }
            Tree::Object(fields) => {
                to.push(b'{');
                for (at, (key, value)) in fields.iter().enumerate() {
                    if at > 0 {
                        to.push(b',');
                    }
                    space(style, chance, to);
                    write_text(key, style, chance, to);
                    to.push(b':');
                    space(style, chance, to);
                    value.write(style, chance, to);
                }
                to.push(b'}');
            }
            Tree::Deep { levels, of_objects } => {
                let (open, close): (&[u8], &[u8]) = if *of_objects { (b"{\"a\":", b"}") } else { (b"[", b"]") };
                to.extend(open.repeat(*levels));
                to.extend_from_slice(b"1");
                to.extend(close.repeat(*levels));
            }
        }
    }

    /// How many values there are in it, itself included.
    pub(super) fn count(&self) -> usize {
        1 + match self {
            Tree::List(items) => items.iter().map(Tree::count).sum(),
            Tree::Object(fields) => fields.iter().map(|(_, value)| value.count()).sum(),
            _ => 0,
        }
    }

    /// The value of that number in it, counted from 0, itself first.
    pub(super) fn nth(&mut self, number: &mut usize) -> Option<&mut Tree> {
        if *number == 0 {
            return Some(self);
        }
        *number -= 1;
        let inner: Vec<&mut Tree> = match self {
            Tree::List(items) => items.iter_mut().collect(),
            Tree::Object(fields) => fields.iter_mut().map(|(_, value)| value).collect(),
            _ => Vec::new(),
        };
        for value in inner {
            let count = value.count();
            if *number < count {
                return value.nth(number);
            }
            *number -= count;
        }
        None
    }
}

/// How a tree is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// As servers do: nothing that needn't be.
    Tight,
    /// With white space and escapes here and there.
    Loose,
}

fn space(style: Style, chance: &mut Chance, to: &mut Vec<u8>) {
    if style == Style::Loose && chance.percent(15) {
        to.extend_from_slice(chance.pick(&[" ", "  ", "\n", "\t", "\r\n"]).as_bytes());
    }
}

fn write_text(text: &str, style: Style, chance: &mut Chance, to: &mut Vec<u8>) {
    to.push(b'"');
    for letter in text.chars() {
        let is_escaped = matches!(letter, '"' | '\\' | '\0'..='\u{1f}');
        if is_escaped || (style == Style::Loose && chance.percent(1)) {
            let mut units = [0; 2];
            for unit in letter.encode_utf16(&mut units) {
                to.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
            }
        } else {
            to.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    to.push(b'"');
}

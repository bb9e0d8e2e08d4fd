//! JSON text -> records: which resources are in a line or a document, and which of them can be read.

use std::borrow::Cow;

use hashbrown::HashMap;
use serde::Deserialize;

use crate::date::Calendar;
use crate::json::{self, Obj, Raw, Seq};
use crate::record::Record;
use crate::reference::{Reference, Type, Urns};
use crate::release;
use crate::settings::Settings;
use crate::shape::{Malformed, Parsed, Shape};

/// How deep JSON may nest. The parser recurses, and aborts the process where the stack ends (sonic-rs issues 232 and
/// 239): [`STACK_BYTES`] is enough for this many levels, in builds without optimisation too. What is shorter can't
/// nest deeper, so that few lines are looked at for it.
pub const DEPTH_MAX: usize = 4096;

/// The stack that a thread needs which reads JSON.
pub const STACK_BYTES: usize = 256 * 1024 * 1024;

/// How deep Bundles may stand in Bundles.
const BUNDLES_MAX: usize = 8;

/// One thing that was found in a text.
#[derive(Debug)]
pub enum Found<'a, 'r> {
    /// A resource that the rules read.
    Record {
        /// Its type.
        kind: Type,
        /// Its id.
        id: &'r str,
        /// Whom it is about.
        subject: Option<Reference<'a>>,
        /// What the rules need of it beside these.
        record: &'r Record<'a>,
        /// `meta.lastUpdated` in microseconds; [`i64::MIN`] where there is none.
        last_updated: i64,
        /// The `urn:` that a Bundle knows it by.
        urn: Option<&'r str>,
        /// Where in the text it begins, in bytes.
        offset: usize,
    },
    /// A resource of a type that the rules don't read: its name.
    Unused(&'r str),
    /// Something that is no resource to read: an entry that deletes, JSON without a resourceType.
    PassedOver,
    /// A resource that can't be read, and is left out.
    Malformed {
        /// Its name, as far as it can be told.
        name: String,
        /// What is wrong and what to do.
        what: String,
        /// Where in the text it begins, in bytes.
        offset: usize,
    },
}

/// Reads resources, in one time zone, by one set of settings.
#[derive(Clone, Debug)]
pub struct Reader<'s> {
    pub(crate) settings: &'s Settings,
    pub(crate) calendar: Calendar,
}

impl<'s> Reader<'s> {
    /// A reader with these settings.
    #[must_use]
    pub fn new(settings: &'s Settings, calendar: Calendar) -> Reader<'s> {
        Reader { settings, calendar }
    }

    /// Reads one JSON value: a resource, a Bundle or an array; calls `found` for each thing in it.
    pub fn read(&self, text: &[u8], found: &mut impl FnMut(Found)) {
        if let Some(name) = type_at_once(text)
            && Type::named(name).is_none()
            && !matches!(name, "Bundle" | "ReferralRequest" | "ProcedureRequest")
        {
            found(Found::Unused(name));
            return;
        }
        let text = match std::str::from_utf8(text) {
            Ok(text) => text,
            Err(error) => {
                let what = format!("byte {} isn't UTF-8; write the file as UTF-8", error.valid_up_to() + 1);
                return found(Found::Malformed { name: String::new(), what, offset: 0 });
            }
        };
        if nests_too_deep(text.as_bytes()) {
            let what = format!("it nests deeper than {DEPTH_MAX} levels");
            return found(Found::Malformed { name: String::new(), what, offset: 0 });
        }
        self.value(text, &Within::default(), found);
    }

    fn value(&self, text: &str, within: &Within, found: &mut impl FnMut(Found)) {
        if text.starts_with('[') {
            return match sonic_rs::from_str::<Seq<Raw>>(text) {
                Ok(items) => {
                    let entries = items.iter().map(|raw| Entry { text: &raw.0, full_url: None, put: None });
                    self.entries(text, &entries.collect::<Vec<_>>(), within, found);
                }
                Err(error) => found(broken(String::new(), &error, within.offset)),
            };
        }
        let header;
        let name = match type_at_once(text.as_bytes()) {
            Some(name) => name,
            None => match sonic_rs::from_str::<Obj<json::Header>>(text) {
                Ok(parsed) => {
                    header = parsed;
                    match header.resource_type.as_deref() {
                        Some(name) => name,
                        None => return found(Found::PassedOver),
                    }
                }
                Err(error) => return found(broken(String::new(), &error, within.offset)),
            },
        };
        if name == "Bundle" {
            self.bundle(text, within, found);
        } else if let Some(kind) = Type::named(name) {
            self.resource(kind, text, within, found);
        } else if let Some(what) = release::of_type(name) {
            found(Found::Malformed { name: name.to_owned(), what, offset: within.offset });
        } else {
            found(Found::Unused(name));
        }
    }

    fn bundle(&self, text: &str, within: &Within, found: &mut impl FnMut(Found)) {
        let bundle = match sonic_rs::from_str::<Obj<json::Bundle>>(text) {
            Ok(bundle) if within.depth < BUNDLES_MAX => bundle,
            Ok(_) => {
                let what = format!("Bundles stand in Bundles deeper than {BUNDLES_MAX} levels");
                return found(Found::Malformed { name: "Bundle".to_owned(), what, offset: within.offset });
            }
            Err(error) => return found(broken("Bundle".to_owned(), &error, within.offset)),
        };
        let mut entries = Vec::with_capacity(bundle.entry.len());
        for entry in bundle.entry.iter() {
            let method = entry.request.as_ref().and_then(|request| request.method.as_deref());
            if method == Some("DELETE") {
                found(Found::PassedOver);
            } else if let Some(raw) = &entry.resource {
                let url = entry.request.as_ref().and_then(|request| request.url.as_deref());
                let put = url.filter(|_| method == Some("PUT"));
                entries.push(Entry { text: &raw.0, full_url: entry.full_url.as_deref(), put });
            }
        }
        self.entries(text, &entries, within, found);
    }

    /// Entries are read twice: once for the names that `urn:uuid:` references lead to, in any order.
    fn entries(&self, whole: &str, entries: &[Entry], within: &Within, found: &mut impl FnMut(Found)) {
        let mut urns = Urns::new();
        let ids: Vec<Option<String>> = entries.iter().map(|entry| entry.id(&mut urns)).collect();
        for (entry, id) in entries.iter().zip(&ids) {
            let offset = (entry.text.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize).min(whole.len());
            let inner = Within {
                depth: within.depth + 1,
                offset: within.offset + offset,
                urns: Some(&urns),
                urn: entry.full_url.filter(|url| url.starts_with("urn:")),
                id: id.as_deref(),
            };
            if entry.text.starts_with('[') {
                found(Found::PassedOver);
            } else {
                self.value(entry.text, &inner, found);
            }
        }
    }

    fn resource(&self, kind: Type, text: &str, within: &Within, found: &mut impl FnMut(Found)) {
        let parsed = match Parsed::parse(kind, text) {
            Ok(parsed) => parsed,
            Err(malformed) => return found(left_out(kind, text, within, malformed)),
        };
        let mut record = match self.record(&parsed, within.id, within.urns) {
            Ok(record) => record,
            Err(malformed) => return found(left_out(kind, text, within, malformed)),
        };
        if record.needs_subject() && record.subject.is_none_or(|subject| subject.as_written().is_none()) {
            let what = Malformed("it doesn't say whom it is about: it has no subject".to_owned());
            return found(left_out(kind, text, within, what));
        }
        let last_updated = match self.last_updated(&parsed) {
            Ok(last_updated) => last_updated,
            Err(malformed) => return found(left_out(kind, text, within, malformed)),
        };
        let (id, subject) = (std::mem::take(&mut record.name), record.subject.take());
        let (urn, offset) = (within.urn, within.offset);
        found(Found::Record { kind, id, subject, record: &record, last_updated, urn, offset });
    }
}

/// What is said of a resource that can't be read.
fn left_out<'a, 'r>(kind: Type, text: &str, within: &Within, malformed: Malformed) -> Found<'a, 'r> {
    let id = sonic_rs::from_str::<Obj<json::Header>>(text).ok();
    let id = id.as_ref().and_then(|header| header.id.as_deref()).or(within.id).unwrap_or("(no id)");
    let what = release::of_resource(kind, text).unwrap_or(malformed.0);
    Found::Malformed { name: format!("{kind}/{id}"), what, offset: within.offset }
}

/// What a value stands in.
#[derive(Default)]
struct Within<'b> {
    depth: usize,
    offset: usize,
    urns: Option<&'b Urns>,
    urn: Option<&'b str>,
    /// The id that the Bundle gives it, if it has none.
    id: Option<&'b str>,
}

struct Entry<'b> {
    text: &'b str,
    full_url: Option<&'b str>,
    put: Option<&'b str>,
}

impl Entry<'_> {
    /// Notes where the entry's `urn:` leads; and says the id that the Bundle gives it.
    fn id(&self, urns: &mut Urns) -> Option<String> {
        let header = sonic_rs::from_str::<Obj<json::Header>>(self.text).ok();
        let last = |url: &str| {
            let url = url.split(['?', '#']).next().unwrap_or(url);
            let url = url.split("/_history/").next().unwrap_or(url);
            url.rsplit(['/', ':']).next().filter(|id| !id.is_empty()).map(str::to_owned)
        };
        let given = self.full_url.and_then(last).or_else(|| self.put.and_then(last));
        if let (Some(url), Some(header)) = (self.full_url.filter(|url| url.starts_with("urn:")), &header) {
            let id = header.id.as_deref().filter(|id| !id.is_empty()).map(str::to_owned).or_else(|| given.clone());
            if let (Some(kind), Some(id)) = (header.resource_type.as_deref(), id) {
                urns.insert(url.to_owned(), format!("{kind}/{id}"));
            }
        }
        given
    }
}

/// Parses a resource into its narrow struct and drops that; says whether it could be parsed. What reading costs at the
/// least: for benchmarks.
#[must_use]
pub fn is_parsed(text: &[u8]) -> bool {
    let kind = type_at_once(text).and_then(Type::named);
    let text = std::str::from_utf8(text).ok();
    kind.zip(text).is_some_and(|(kind, text)| Shape::parse(kind, text).is_ok())
}

/// The resourceType, where it is the first thing in the text, as nearly every server writes it.
fn type_at_once(text: &[u8]) -> Option<&str> {
    let rest = text.strip_prefix(b"{\"resourceType\":")?;
    let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b" \""))?;
    let end = rest.iter().take(64).position(|byte| !byte.is_ascii_alphanumeric())?;
    let (name, rest) = rest.split_at_checked(end)?;
    if rest.first() != Some(&b'"') || name.is_empty() {
        return None;
    }
    std::str::from_utf8(name).ok()
}

/// Whether the text nests deeper than [`DEPTH_MAX`]. First the brackets are counted, which is fast, wherever they
/// stand.
fn nests_too_deep(text: &[u8]) -> bool {
    let is_opening = |byte: &&u8| matches!(byte, b'[' | b'{');
    text.len() > DEPTH_MAX && text.iter().filter(is_opening).count() > DEPTH_MAX && depth(text) > DEPTH_MAX
}

/// How deep the text nests, counting brackets outside strings.
fn depth(text: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for &byte in text {
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
        } else {
            match byte {
                b'"' => in_string = true,
                b'[' | b'{' => {
                    depth += 1;
                    deepest = deepest.max(depth);
                }
                b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
    }
    deepest
}

/// Whether a text is a whole JSON object or array: what tells lines from a document.
#[must_use]
pub fn is_json(text: &[u8]) -> bool {
    let is_container = matches!(text.iter().find(|byte| !byte.is_ascii_whitespace()), Some(b'{' | b'['));
    let Ok(text) = std::str::from_utf8(text) else { return false };
    is_container && !nests_too_deep(text.as_bytes()) && sonic_rs::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

fn broken<'a, 'r>(name: String, error: &sonic_rs::Error, offset: usize) -> Found<'a, 'r> {
    Found::Malformed { name, what: format!("it is no JSON that can be read: {}", reason(error)), offset }
}

/// The first line of the parser's message, without the excerpt.
fn reason(error: &sonic_rs::Error) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.split(" at line").next().unwrap_or(line).to_lowercase()
}

/// Parses a shape; where that fails, again for the path of the element that is wrong.
pub(crate) fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Malformed> {
    sonic_rs::from_str::<Obj<T>>(text).map(|object| object.0).map_err(|error| {
        let mut deserializer = sonic_rs::Deserializer::from_str(text);
        match serde_path_to_error::deserialize::<_, Obj<T>>(&mut deserializer) {
            Err(traced) if !error.is_syntax() && !error.is_eof() && is_path(&traced.path().to_string()) => {
                Malformed(format!("`{}` is wrong: {}", traced.path(), reason(traced.inner())))
            }
            _ => Malformed(format!("it is no JSON that can be read: {}", reason(&error))),
        }
    })
}

/// Whether the tracer knows where it was.
fn is_path(path: &str) -> bool {
    !matches!(path, "" | "." | "?")
}

/// Text that is surely borrowed.
pub(crate) fn borrowed<'a>(raw: &Raw<'a>) -> Option<&'a str> {
    match raw.0 {
        Cow::Borrowed(text) => Some(text),
        Cow::Owned(_) => None,
    }
}

/// How many resources of each type that the rules don't read.
pub type Unused = HashMap<String, u64>;

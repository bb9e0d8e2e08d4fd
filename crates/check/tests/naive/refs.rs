//! References: what one resolves to, of which type it is and how it is named.

use super::shape;
use super::world::{World, prefixed};
use serde_json::Value;

pub struct Target {
    /// The resource, if it is of a type used and among those read.
    pub res: Option<usize>,
    pub kind: String,
    /// After replacing and linking.
    pub name: String,
    pub dangling: bool,
}

/// What the text of a reference, or an identifier, came to.
enum Found {
    Resource(usize),
    /// Something that is there, but of a type not used.
    Other(String, String),
    /// Nothing; perhaps the type that the text says, and a name.
    Nothing(Option<String>, String),
}

impl World {
    pub fn target(&self, from: usize, r: &Value) -> Target {
        self.resolve(from, r, "Practitioner")
    }

    /// Where no type is told, a subject is a Patient.
    pub fn subject(&self, from: usize, r: &Value) -> Target {
        self.resolve(from, r, "Patient")
    }

    fn resolve(&self, from: usize, r: &Value, otherwise: &str) -> Target {
        let source = &self.res[from].source;
        let said = r["type"].as_str().map(str::to_string);
        // `reference` first, then `identifier`.
        let mut found = match r["reference"].as_str() {
            Some(text) => self.by_text(from, text),
            None => Found::Nothing(None, String::new()),
        };
        if let (Found::Nothing(kind, name), Some(value)) = (&found, r["identifier"]["value"].as_str()) {
            let kind = kind.clone().or(said.clone());
            let system = r["identifier"]["system"].as_str();
            let written = format!("{}|{value}", system.unwrap_or_default());
            if kind.as_deref().is_none_or(shape::is_used) {
                let name = if name.is_empty() { written } else { name.clone() };
                found = match self.by_identifier(from, kind.as_deref(), system, value) {
                    Some(at) => Found::Resource(at),
                    None => Found::Nothing(kind, name),
                };
            } else if name.is_empty() {
                found = Found::Nothing(kind, written);
            }
        }
        match found {
            Found::Resource(at) => {
                Target { res: Some(at), kind: self.res[at].kind.clone(), name: self.canon[at].clone(), dangling: false }
            }
            Found::Other(kind, name) => Target { res: None, kind, name, dangling: false },
            Found::Nothing(kind, name) => {
                let kind = kind.or(said).unwrap_or(otherwise.to_string());
                let name = match name.as_str() {
                    "" => r["display"].as_str().unwrap_or_default().to_string(),
                    _ => name,
                };
                let dangling = shape::is_used(&kind);
                Target { res: None, kind, name: prefixed(source, &name), dangling }
            }
        }
    }

    fn by_text(&self, from: usize, text: &str) -> Found {
        let here = &self.res[from];
        // Contained: of the same container.
        if let Some(id) = text.strip_prefix('#') {
            let root = here.container.unwrap_or(from);
            let name = format!("{}#{id}", self.res[root].name);
            return match (self.by_name.get(&name), self.contained_in(root, id)) {
                (Some(at), _) => Found::Resource(*at),
                (None, Some(c)) => Found::Other(c["resourceType"].as_str().unwrap_or_default().into(), name),
                (None, None) => Found::Nothing(None, text.into()),
            };
        }
        // Conditional: Type?identifier=system|value.
        if let Some((kind, query)) = text.split_once('?') {
            let kind = kind.rsplit('/').next().unwrap_or_default();
            let kind = is_type(kind).then(|| kind.to_string());
            let found = query.strip_prefix("identifier=").filter(|q| !q.contains('&')).and_then(|q| {
                let q = percent_decoded(q);
                let (system, value) = match q.split_once('|') {
                    Some((s, v)) => (Some(s).filter(|s| !s.is_empty()), v),
                    None => (None, q.as_str()),
                };
                self.by_identifier(from, kind.as_deref(), system, value)
            });
            return found.map_or(Found::Nothing(kind, text.into()), Found::Resource);
        }
        // A Bundle's fullUrl: of its own Bundle first.
        let urls = || self.full_urls.iter().filter(|u| u.source == here.source && u.url == text);
        let own = urls().rev().find(|u| Some(u.bundle) == here.bundle).or(urls().next_back());
        if let Some(url) = own {
            return self.by_type_and_id(from, &url.kind, &url.id);
        }
        // Type/id, whatever the server; /_history/n is cut off.
        let cut = text.split("/_history/").next().unwrap_or(text);
        let segments: Vec<&str> = cut.split('/').collect();
        match segments[..] {
            [kind, id] if is_type(kind) => self.by_type_and_id(from, kind, id),
            [.., kind, id] if cut.contains("://") && is_type(kind) => self.by_type_and_id(from, kind, id),
            _ => Found::Nothing(None, text.into()),
        }
    }

    fn by_type_and_id(&self, from: usize, kind: &str, id: &str) -> Found {
        let name = format!("{kind}/{id}");
        let full = prefixed(&self.res[from].source, &name);
        match self.by_name.get(&full) {
            Some(at) => Found::Resource(*at),
            None if shape::is_used(kind) => Found::Nothing(Some(kind.into()), name),
            None => Found::Other(kind.into(), full),
        }
    }

    /// Conditional and logical ones resolve where the resources read, of that type if one is said, that
    /// have the identifier are one after linking.
    fn by_identifier(&self, from: usize, kind: Option<&str>, system: Option<&str>, value: &str) -> Option<usize> {
        let mut found: Vec<usize> = vec![];
        for (at, res) in self.res.iter().enumerate() {
            let here = res.container.is_none() && res.source == self.res[from].source;
            let of_type = kind.is_none_or(|k| k == res.kind);
            let has = shape::all(&res.value, "identifier[]")
                .iter()
                .any(|i| i["value"] == value && system.is_none_or(|s| i["system"] == s));
            if here && of_type && has && res.live && !self.replaced.contains(&at) {
                found.push(at);
            }
        }
        let first = *found.first()?;
        found.iter().all(|at| self.canon[*at] == self.canon[first]).then_some(first)
    }
}

fn is_type(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase()) && text.chars().all(|c| c.is_ascii_alphabetic())
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = vec![];
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match hex.and_then(|h| u8::from_str_radix(h, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

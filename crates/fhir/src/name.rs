//! Names: a resource is `Type/id` in a source, and is printed with the source's name before it.

use hashbrown::Equivalent;
use std::hash::{Hash, Hasher};

use crate::settings::hash_of;

/// A source's place among the sources.
pub type SourceIndex = u16;

/// A resource's name in its source, owned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The source.
    pub source: SourceIndex,
    /// `Type/id`.
    pub name: Box<str>,
}

/// A resource's name in its source, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NameRef<'a> {
    /// The source.
    pub source: SourceIndex,
    /// `Type/id`.
    pub name: &'a str,
}

impl NameRef<'_> {
    /// A hash that is the same in every run.
    #[must_use]
    pub fn hash64(self) -> u64 {
        hash_of(&self)
    }

    /// An owned copy.
    #[must_use]
    pub fn to_owned(self) -> Name {
        Name { source: self.source, name: self.name.into() }
    }
}

impl Name {
    /// The same, borrowed.
    #[must_use]
    pub fn borrow(&self) -> NameRef<'_> {
        NameRef { source: self.source, name: &self.name }
    }
}

impl Hash for NameRef<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.source.hash(state);
        self.name.hash(state);
    }
}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.borrow().hash(state);
    }
}

impl Equivalent<Name> for NameRef<'_> {
    fn equivalent(&self, name: &Name) -> bool {
        *self == name.borrow()
    }
}

/// The names of the sources, as they are printed: `NAME/`, or nothing for the one without a name.
#[derive(Clone, Debug, Default)]
pub struct Sources(pub Vec<String>);

impl Sources {
    /// The sources by name; none is the one without a name.
    #[must_use]
    pub fn new(names: &[Option<String>]) -> Sources {
        Sources(names.iter().map(|name| name.as_ref().map_or_else(String::new, |name| format!("{name}/"))).collect())
    }

    /// What stands before the names of a source's resources.
    #[must_use]
    pub fn prefix(&self, source: SourceIndex) -> &str {
        self.0.get(usize::from(source)).map_or("", String::as_str)
    }

    /// A name as it is printed.
    #[must_use]
    pub fn print(&self, name: NameRef) -> String {
        format!("{}{}", self.prefix(name.source), name.name)
    }
}

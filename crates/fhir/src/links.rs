//! Linking: records that share an identifier are of one person or organisation, in any chain.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::reference::IdentifierKey;

/// Sets of things that are one, in any chain.
#[derive(Clone, Debug, Default)]
pub struct Unions(Vec<u32>);

impl Unions {
    /// Each of so many things on its own.
    #[must_use]
    pub fn new(count: usize) -> Unions {
        Unions((0..count as u32).collect())
    }

    /// What stands for all that this is one with: the first of them.
    pub fn of(&mut self, index: u32) -> u32 {
        let mut root = index;
        while let Some(&next) = self.0.get(root as usize)
            && next != root
        {
            root = next;
        }
        let mut at = index;
        while at != root {
            let Some(slot) = self.0.get_mut(at as usize) else { break };
            at = std::mem::replace(slot, root);
        }
        root
    }

    /// Makes two one; says whether they weren't.
    pub fn unite(&mut self, one: u32, other: u32) -> bool {
        let (one, other) = (self.of(one), self.of(other));
        if let Some(slot) = self.0.get_mut(one.max(other) as usize) {
            *slot = one.min(other);
        }
        one != other
    }
}

/// Unites those that share a key.
#[must_use]
pub fn link<'a>(count: usize, keys: impl Iterator<Item = (u32, &'a [IdentifierKey])>) -> Unions {
    let mut unions = Unions::new(count);
    let mut first: HashMap<IdentifierKey, u32, FixedState> = HashMap::default();
    for (index, keys) in keys {
        for &key in keys {
            let known = *first.entry(key).or_insert(index);
            unions.unite(known, index);
        }
    }
    unions
}

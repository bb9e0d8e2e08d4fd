//! Each stream is a chain of hashes: who changes, drops or reorders an event afterwards breaks all that follow.
//!
//! An entry's hash is SHA-256 over the hash of the entry before it in its stream (32 zero bytes for the first) and then,
//! each after its length in bytes as eight bytes, lowest first: the patient's id (empty for the directory), the version
//! in decimal digits, the recorded instant in microseconds since 1970 in decimal digits, the command's id, the place
//! among the command's events in decimal digits, and the body.
//! The position in the log isn't part of it: it says nothing about the patient.

use sha2::{Digest, Sha256};

use crate::storage::Entry;

/// A SHA-256.
pub type Hash = [u8; 32];

/// Before the first entry of a stream.
pub const START: Hash = [0; 32];

/// The hash of an entry, after that of the one before it in its stream; the entry's own `hash` isn't read.
#[must_use]
pub fn link(before: &Hash, entry: &Entry) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(before);
    let fields = [
        entry.patient.as_str(),
        &entry.version.to_string(),
        &entry.recorded.to_string(),
        &entry.command,
        &entry.place.to_string(),
        &entry.body,
    ];
    for field in fields {
        hasher.update((field.len() as u64).to_le_bytes());
        hasher.update(field);
    }
    hasher.finalize().into()
}

/// The hash of bytes.
#[must_use]
pub fn of(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// The first entry of a stream that doesn't follow from those before it; entries are all of the stream, in order.
#[must_use]
pub fn broken(entries: &[Entry]) -> Option<&Entry> {
    let mut before = START;
    let mut version = 0;
    entries.iter().find(|entry| {
        version += 1;
        let is_whole = entry.version == version && entry.hash == link(&before, entry);
        before = entry.hash;
        !is_whole
    })
}

/// In hexadecimal digits.
#[must_use]
pub fn hex(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::indexing_slicing, reason = "a test that fails should panic")]
    use super::*;

    fn stream() -> Vec<Entry> {
        let mut before = START;
        (1..=3)
            .map(|version| {
                let mut entry = Entry {
                    patient: "amy".to_owned(),
                    version,
                    position: version * 10,
                    recorded: 1_700_000_000_000_000,
                    command: format!("c{version}"),
                    place: 0,
                    body: "{}".to_owned(),
                    hash: START,
                };
                entry.hash = link(&before, &entry);
                before = entry.hash;
                entry
            })
            .collect()
    }

    #[test]
    fn any_change_of_a_stream_is_noticed_where_it_begins() {
        assert_eq!(broken(&stream()), None);
        type Change = fn(&mut Vec<Entry>);
        let changes: [(&str, Change, u64); 6] = [
            ("another body", |entries| entries[1].body.push(' '), 2),
            ("another time", |entries| entries[0].recorded += 1, 1),
            ("another command", |entries| entries[2].command.push('x'), 3),
            ("another patient", |entries| entries[1].patient.push('x'), 2),
            ("one is gone", |entries| drop(entries.remove(1)), 3),
            ("two changed places", |entries| entries.swap(0, 1), 2),
        ];
        for (what, change, version) in changes {
            let mut entries = stream();
            change(&mut entries);
            assert_eq!(broken(&entries).map(|entry| entry.version), Some(version), "{what}");
        }
    }
}

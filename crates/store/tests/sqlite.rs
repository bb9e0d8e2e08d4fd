//! What SQLite alone must do: its settings, files that are no ledger, copies.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests panic to fail")]

mod common;

use std::fs;

use answerable_store::sqlite::{Access, Sqlite};
use answerable_store::storage::{Batch, Storage};
use answerable_store::tables::KNOWN;

use common::Place;

#[test]
fn files_that_are_no_ledger_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("text"), "The quick brown fox jumps over the lazy dog. ".repeat(100)).unwrap();
    fs::write(path("empty"), "").unwrap();
    for (name, access, words) in [
        ("missing", Access::Write, "can't open"),
        ("missing", Access::Read, "can't open"),
        ("text", Access::Create, "no ledger"),
        ("empty", Access::Write, "no ledger"),
        (".", Access::Create, "can't open"),
    ] {
        let error = Sqlite::open(&path(name), access).unwrap_err().to_string();
        assert!(error.contains(words), "{name} {access:?}: {error}");
    }
    assert!(!path("missing").exists());
}

#[test]
fn who_reads_cannot_write() {
    let place = Place::sqlite();
    drop(place.open());
    let mut storage = Sqlite::open(&place.file(), Access::Read).unwrap();
    let batch = Batch { inserted: vec![(&KNOWN, vec!["need".into(), "n".into(), "amy".into()])], ..Batch::default() };
    assert!(storage.write().and_then(|mut transaction| transaction.put(&batch)).is_err());
}

#[test]
fn a_copy_is_whole_while_others_write() {
    let place = Place::sqlite();
    let (mut storage, reader) = (place.open(), Sqlite::open(&place.file(), Access::Read).unwrap());
    let row = |id: &str| vec!["need".into(), id.into(), "amy".into()];
    let mut transaction = storage.write().unwrap();
    transaction.put(&Batch { inserted: vec![(&KNOWN, row("n1"))], ..Batch::default() }).unwrap();
    transaction.commit().unwrap();
    let mut transaction = storage.write().unwrap();
    transaction.put(&Batch { inserted: vec![(&KNOWN, row("n2"))], ..Batch::default() }).unwrap();
    let copy = place.file().with_extension("copy");
    reader.backup(&copy).unwrap();
    transaction.commit().unwrap();
    let rows = |path: &std::path::Path| {
        let mut storage = Sqlite::open(path, Access::Read).unwrap();
        storage.check_file().unwrap();
        storage.read().unwrap().rows(&KNOWN, answerable_store::storage::Filter::All).unwrap()
    };
    assert_eq!(rows(&copy), [row("n1")]);
    assert_eq!(rows(&place.file()), [row("n1"), row("n2")]);
    assert!(reader.backup(&copy).unwrap_err().is_unfit());
}

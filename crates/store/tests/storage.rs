//! What both kinds of database must do: one suite, run against each.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests panic to fail")]

mod common;

use answerable_store::chain;
use answerable_store::storage::{Answered, Batch, Entry, Filter, Head, Step, Storage};
use answerable_store::tables::{HOLDING, KNOWN, OFFERED, Row};

use common::{Place, on_each};

fn entry(position: u64, patient: &str, version: u64) -> Entry {
    Entry {
        patient: patient.to_owned(),
        version,
        position,
        recorded: 1_000 + position.cast_signed(),
        command: format!("c{position}"),
        place: 0,
        body: format!("{{\"event\":\"x\",\"é\":{position}}}"),
        hash: chain::of(position.to_string().as_bytes()),
    }
}

fn known(kind: &str, id: &str, patient: &str) -> Row {
    vec![kind.into(), id.into(), patient.into()]
}

fn batch() -> Batch {
    Batch {
        entries: vec![entry(1, "", 1), entry(2, "amy", 1), entry(3, "amy", 2), entry(4, "ben", 1)],
        answered: vec![Answered {
            command: "c1".to_owned(),
            content: chain::of(b"c1"),
            recorded: 1_001,
            answer: "[]".to_owned(),
        }],
        inserted: vec![(&KNOWN, known("need", "n1", "amy")), (&KNOWN, known("duty", "d1", "amy"))],
        begun: vec![Step {
            command: "c9".to_owned(),
            line: "{}".to_owned(),
            recorded: 9,
            roles: "okoro".to_owned(),
            plan: vec!["amy\t{}".to_owned(), "\t{}".to_owned()],
        }],
        ..Batch::default()
    }
}

fn put(storage: &mut dyn Storage, batch: &Batch) -> Result<(), answerable_store::StoreError> {
    let mut transaction = storage.write()?;
    transaction.put(batch)?;
    transaction.commit()
}

#[test]
fn what_is_committed_is_read_back_by_whoever_opens_it_next() {
    on_each(|place| {
        let batch = batch();
        put(place.open().as_mut(), &batch).unwrap();
        let mut storage = place.open();
        let mut read = storage.read().unwrap();
        assert_eq!(read.head().unwrap(), Head { position: 4, recorded: Some(1_004) });
        assert_eq!(read.log(0, 10).unwrap(), batch.entries);
        assert_eq!(read.log(1, 2).unwrap(), batch.entries[1..3]);
        assert_eq!(read.stream("amy").unwrap(), batch.entries[1..3]);
        assert_eq!(read.stream("").unwrap(), batch.entries[..1]);
        assert_eq!(read.stream("nobody").unwrap(), []);
        assert_eq!(read.answered("c1").unwrap().as_ref(), batch.answered.first());
        assert_eq!(read.answered("c2").unwrap(), None);
        assert_eq!(read.steps().unwrap(), batch.begun);
        let rows = |filter| -> Vec<Row> { place.open().read().unwrap().rows(&KNOWN, filter).unwrap() };
        assert_eq!(rows(Filter::All), [known("duty", "d1", "amy"), known("need", "n1", "amy")]);
        assert_eq!(rows(Filter::Is("patient", "amy")).len(), 2);
        assert_eq!(rows(Filter::Both("kind", "need", "id", "n1")), [known("need", "n1", "amy")]);
        assert_eq!(rows(Filter::Both("kind", "need", "id", "d1")), Vec::<Row>::new());
    });
}

#[test]
fn what_is_not_committed_was_never_there() {
    on_each(|place| {
        let mut storage = place.open();
        let mut transaction = storage.write().unwrap();
        transaction.put(&batch()).unwrap();
        assert_eq!(transaction.head().unwrap().position, 4);
        drop(transaction);
        assert_eq!(storage.read().unwrap().head().unwrap(), Head::default());
        assert_eq!(storage.read().unwrap().steps().unwrap(), []);
    });
}

#[test]
fn a_place_of_a_stream_or_of_the_log_is_taken_once() {
    on_each(|place| {
        let mut storage = place.open();
        put(storage.as_mut(), &batch()).unwrap();
        for again in [entry(5, "amy", 2), entry(4, "cat", 1)] {
            let batch = Batch { entries: vec![again], ..Batch::default() };
            assert!(put(storage.as_mut(), &batch).is_err(), "{batch:?}");
        }
        assert_eq!(storage.read().unwrap().head().unwrap().position, 4);
    });
}

#[test]
fn rows_go_before_rows_come() {
    on_each(|place| {
        let mut storage = place.open();
        put(storage.as_mut(), &batch()).unwrap();
        let change = Batch {
            removed: vec![(&KNOWN, known("need", "n1", "amy"))],
            inserted: vec![(&KNOWN, known("need", "n1", "ben"))],
            ended: vec!["c9".to_owned()],
            ..Batch::default()
        };
        put(storage.as_mut(), &change).unwrap();
        let rows = storage.read().unwrap().rows(&KNOWN, Filter::Is("id", "n1")).unwrap();
        assert_eq!(rows, [known("need", "n1", "ben")]);
        assert_eq!(storage.read().unwrap().steps().unwrap(), []);
        let mut transaction = storage.write().unwrap();
        transaction.clear_tables().unwrap();
        transaction.commit().unwrap();
        assert_eq!(storage.read().unwrap().rows(&KNOWN, Filter::All).unwrap(), Vec::<Row>::new());
        assert_eq!(storage.read().unwrap().head().unwrap().position, 4);
    });
}

#[test]
fn who_reads_sees_one_moment_and_waits_for_nobody() {
    on_each(|place| {
        let (mut one, mut other) = (place.open(), place.open());
        put(one.as_mut(), &batch()).unwrap();
        let mut read = one.read().unwrap();
        assert_eq!(read.head().unwrap().position, 4);
        let mut transaction = other.write().unwrap();
        transaction.put(&Batch { entries: vec![entry(5, "cat", 1)], ..Batch::default() }).unwrap();
        assert_eq!(read.log(0, 10).unwrap().len(), 4);
        transaction.commit().unwrap();
        assert_eq!(read.head().unwrap().position, 4);
        drop(read);
        assert_eq!(one.read().unwrap().head().unwrap().position, 5);
    });
}

/// `amy`'s duty `d1`, from when to when, after what, opened when, by whom.
fn holding(since: i64, until: Option<i64>, follows: Option<i64>, opened: i64, role: &str) -> String {
    let sql = |value: Option<i64>| value.map_or_else(|| "NULL".to_owned(), |value| value.to_string());
    format!(
        "INSERT INTO {} VALUES ('amy', 'd1', {since}, {}, {}, {opened}, 'n1', 'decide', '{role}', 'accepted', 0)",
        HOLDING.name,
        sql(until),
        sql(follows)
    )
}

#[test]
fn the_database_refuses_two_holders_and_a_gap_from_whoever_goes_past_the_program() {
    let (okoro, hale) = (holding(10, Some(20), None, 10, "okoro"), holding(20, None, Some(20), 10, "hale"));
    on_each(|place| {
        drop(place.open());
        for (what, rows) in [
            ("two without an end", vec![holding(10, None, None, 10, "okoro"), holding(20, None, None, 20, "hale")]),
            ("two that overlap", vec![okoro.clone(), holding(19, None, None, 19, "hale")]),
            ("one within another", vec![holding(10, None, None, 10, "okoro"), holding(15, Some(16), None, 15, "hale")]),
            ("the same twice", vec![okoro.clone(), okoro.clone()]),
            ("a gap", vec![okoro.clone(), holding(21, None, Some(21), 10, "hale")]),
            ("a gap not said", vec![okoro.clone(), holding(21, None, None, 10, "hale")]),
            ("after what it doesn't follow", vec![okoro.clone(), holding(20, None, Some(19), 10, "hale")]),
            ("nobody before", vec![hale.clone()]),
            ("an end before its start", vec![holding(10, Some(10), None, 10, "okoro")]),
        ] {
            assert!(place.run(&rows.join(";")).is_err(), "{}: {what}", place.name());
        }
        place.run(&[okoro.as_str(), &hale].join(";")).unwrap();
        let closed = "DELETE FROM holding WHERE until IS NULL";
        place.run(closed).unwrap();
        assert!(place.run(&holding(15, None, None, 15, "nia")).is_err(), "{}: overlaps one that ended", place.name());
        place.run(&holding(30, None, None, 30, "nia")).unwrap();
    });
}

#[test]
fn the_database_refuses_two_open_offers_of_a_duty() {
    let offer = |id: &str| format!("INSERT INTO offer VALUES ('amy', '{id}', 'okoro', 'hale', NULL, 5, NULL)");
    let offered = |id: &str| format!("INSERT INTO {} VALUES ('amy', 'd1', '{id}')", OFFERED.name);
    on_each(|place| {
        drop(place.open());
        assert!(place.run(&offered("o1")).is_err(), "{}: an offer that isn't there", place.name());
        place.run(&[offer("o1"), offered("o1")].join(";")).unwrap();
        assert!(place.run(&[offer("o2"), offered("o2")].join(";")).is_err(), "{}", place.name());
        let to_nobody = "INSERT INTO offer VALUES ('amy', 'o3', 'okoro', NULL, NULL, 5, NULL)";
        assert!(place.run(to_nobody).is_err(), "{}", place.name());
    });
}

#[test]
fn a_database_of_another_program_is_left_alone() {
    on_each(|place| {
        place.run("CREATE TABLE other (id INTEGER)").unwrap();
        let Err(error) = place.try_open() else { panic!("opened another's database") };
        assert!(error.is_unfit(), "{error}");
        assert!(error.to_string().contains("another program's"), "{error}");
    });
}

#[test]
fn a_later_version_is_refused() {
    on_each(|place| {
        drop(place.open());
        let sql = match place {
            Place::Sqlite { .. } => "PRAGMA user_version = 99",
            Place::Postgres { .. } => "UPDATE meta SET value = '99' WHERE name = 'schema'",
        };
        place.run(sql).unwrap();
        let Err(error) = place.try_open() else { panic!("opened a later version") };
        assert!(error.is_unfit() && error.to_string().contains("99"), "{error}");
    });
}

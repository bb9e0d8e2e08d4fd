//! Many who ask at once, through two programs that opened one database each for itself, with replies lost on the way:
//! afterwards each duty has one unbroken chain of holders, and what was seen is in an order in which it can have happened.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests panic to fail")]

mod common;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use answerable_store::postgres::{Options, Postgres, Turns};
use answerable_store::service::{Asks, Service};
use answerable_store::storage::{Filter, Storage};
use answerable_store::tables::{Cell, HOLDING};
use answerable_store::writer::{Reading, Request};
use answerable_store::{Instant, Ledger, say};
use postgres::IsolationLevel;
use serde_json::{Value, json};

use common::ward::{command, patient, role, ward};
use common::{Place, on_each};

const CLIENTS: usize = 16;
const TURNS: usize = 25;
const PATIENTS: [&str; 2] = ["amy", "ben"];
const ROLES: [&str; 4] = ["okoro", "silva", "webb", "hale"];

/// The hour at which the tests begin: every reading is a millisecond later than the one before, wherever it is read.
const BEGAN: i64 = 1_767_610_800_000_000;
static NOW: AtomicI64 = AtomicI64::new(BEGAN);

fn now() -> Instant {
    Instant(NOW.fetch_add(1_000, Ordering::SeqCst))
}

/// What a client saw: between which readings of the clock, and who it was told holds what from then on.
#[derive(Debug)]
struct Seen {
    before: Instant,
    after: Instant,
    duty: String,
    from: String,
    to: String,
}

/// A generator of chance with a seed that is printed: splitmix64.
struct Chance(u64);

impl Chance {
    fn below(&mut self, number: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % number as u64).unwrap()
    }
}

/// What clients tell each other, so that they meet: who seems to hold what, and which offers seem to be open.
#[derive(Debug)]
struct Board {
    holders: BTreeMap<&'static str, String>,
    offers: Vec<(String, String, String)>,
    seen: Vec<Seen>,
}

/// Offers, accepts, recalls the same duties as all others.
fn client(number: usize, asks: &Asks, seed: u64, board: &Mutex<Board>) {
    let mut chance = Chance(seed ^ (number as u64) << 32);
    for turn in 0..TURNS {
        let (asker, of, fields) = {
            let board = board.lock().unwrap();
            let open = board.offers.iter().rev().nth(chance.below(3)).cloned();
            match (chance.below(5), open) {
                (1..=3, Some((name, _, to))) => (to, "accept", json!({"offer": name, "read_back": []})),
                (4, Some((name, from, _))) => (from, "recall", json!({ "offer": name })),
                _ => {
                    let patient = PATIENTS[chance.below(PATIENTS.len())];
                    let to = ROLES[chance.below(ROLES.len())];
                    let fields = json!({
                        "offer": format!("o{number}-{turn}"), "patient": patient,
                        "duties": [format!("{patient}-decide")], "to": {"role": to}, "reply_within": "P14D",
                        "severity": "stable", "summary": "asthma", "actions": [], "contingency": "call"
                    });
                    (board.holders[patient].clone(), "offer", fields)
                }
            }
        };
        let before = now();
        let line = command(&format!("c{number}-{turn}"), &role(&asker), 0, of, fields);
        let mut line: Value = serde_json::from_str(&line).unwrap();
        line["at"] = json!(say(before));
        line.as_object_mut().unwrap().remove("recorded");
        let mut answer = asks.ask(line.to_string()).unwrap();
        // The reply is lost: it is asked again, and may be told that it was done.
        while chance.below(4) == 0 {
            answer = asks.ask(line.to_string()).unwrap();
        }
        let after = now();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let mut board = board.lock().unwrap();
        for event in answer["events"].as_array().into_iter().flatten() {
            let text = |name: &str| event[name].as_str().unwrap().to_owned();
            if event["event"] == "offer_made" {
                let to = event["to"]["role"].as_str().unwrap().to_owned();
                board.offers.push((text("offer"), text("from"), to));
            }
            if event["event"] == "answerability_moved" {
                let patient = PATIENTS.into_iter().find(|id| event["patient"] == *id).unwrap();
                board.holders.insert(patient, text("to"));
                board.seen.push(Seen { before, after, duty: text("duty"), from: text("from"), to: text("to") });
            }
        }
    }
}

/// Runs all clients against two programs, and checks what there is then.
fn run(what: &str, open: &dyn Fn() -> Box<dyn Storage + Send>) {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(7);
    println!("{what}: SEED={seed}");
    let mut ledger = Ledger::new(open()).unwrap();
    let lines = ward().into_iter().chain(PATIENTS.iter().flat_map(|id| patient(id, "okoro")));
    let requests: Vec<Request> = lines.map(|line| Request { line, reading: Reading::Replay }).collect();
    for answer in ledger.answer(&requests).unwrap() {
        assert!(answer.contains("\"ok\":true"), "{answer}");
    }
    let services: Vec<(Service, Asks)> =
        (0..2).map(|_| Service::start(Ledger::new(open()).unwrap(), Box::new(now))).collect();
    let holders = PATIENTS.into_iter().map(|id| (id, "okoro".to_owned())).collect();
    let board = Mutex::new(Board { holders, offers: Vec::new(), seen: Vec::new() });
    std::thread::scope(|scope| {
        for number in 0..CLIENTS {
            let (asks, board) = (services[number % 2].1.clone(), &board);
            scope.spawn(move || client(number, &asks, seed, board));
        }
    });
    for (service, asks) in services {
        assert_eq!(asks.stopped(), None);
        drop(asks);
        service.end().unwrap();
    }
    check(what, ledger, &board.into_inner().unwrap().seen);
}

/// One chain a duty, without gap or overlap; every move that was seen is in it once; moves seen one after the other are
/// in that order.
fn check(what: &str, mut ledger: Ledger, seen: &[Seen]) {
    ledger.verify().unwrap_or_else(|error| panic!("{what}: {error}"));
    let rows = ledger.storage().read().unwrap().rows(&HOLDING, Filter::All).unwrap();
    let mut chains: BTreeMap<String, Vec<(i64, Option<i64>, String)>> = BTreeMap::new();
    for row in &rows {
        let (Cell::Text(duty), Cell::Int(since), until, Cell::Text(role)) = (&row[1], &row[2], &row[3], &row[8]) else {
            panic!("{what}: {row:?}");
        };
        chains.entry(duty.clone()).or_default().push((*since, until.int(), role.clone()));
    }
    let mut moves = 0;
    for (duty, chain) in &chains {
        for pair in chain.windows(2) {
            assert_eq!(pair[0].1, Some(pair[1].0), "{what}: {duty} has a gap or two holders: {pair:?}");
            moves += 1;
        }
        assert_eq!(chain.last().unwrap().1, None, "{what}: {duty} has no holder in the end");
        let mut of_it: Vec<&Seen> = seen.iter().filter(|one| one.duty == *duty).collect();
        of_it.sort_by_key(|one| one.before);
        for one in &of_it {
            let steps = chain
                .windows(2)
                .filter(|pair| pair[1].0 == one.before.0 && pair[0].2 == one.from && pair[1].2 == one.to);
            // Who offers to themselves moves nothing that a table shows.
            assert!(steps.count() == 1, "{what}: {one:?} isn't once in {chain:?}");
        }
        // A move that was seen before another was asked for comes first.
        for (place, one) in of_it.iter().enumerate() {
            assert!(of_it[place + 1..].iter().all(|later| one.before < later.after), "{what}: {one:?}");
        }
    }
    assert_eq!(moves, seen.len(), "{what}: moves that nobody saw, or saw twice");
    assert!(moves > 5, "{what}: only {moves} moves happened");
}

#[test]
fn two_programs_and_sixteen_clients_leave_one_unbroken_chain_of_holders() {
    on_each(|place| run(place.name(), &|| place.open()));
}

/// Without waiting for each other, two programs are kept apart by the constraints alone, whatever they see of each other.
#[test]
fn the_constraints_alone_keep_two_programs_apart_at_every_isolation_level() {
    for isolation in [IsolationLevel::ReadCommitted, IsolationLevel::RepeatableRead, IsolationLevel::Serializable] {
        let Some(place) = Place::postgres() else { return };
        drop(place.open());
        let Place::Postgres { url, .. } = &place else { panic!("no server") };
        let options = Options { isolation, turns: Turns::NotTaken };
        run(&format!("{isolation:?}"), &|| Box::new(Postgres::connect(url, options, true).unwrap()));
    }
}

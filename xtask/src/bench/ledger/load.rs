//! Commands as a busy ward gives them, from one client or many.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use answerable_store::service::Service;
use answerable_store::storage::Storage;
use answerable_store::writer::{Reading, Request};
use answerable_store::{Ledger, say};

use super::Result;

/// How many commands are sent together where throughput alone counts.
const TOGETHER: usize = 256;

/// How long something lasted, time by time.
#[derive(Debug)]
pub(super) struct Lasted {
    pub(super) whole: Duration,
    /// In milliseconds.
    pub(super) each: Vec<f64>,
    /// What the process wrote to the disk meanwhile.
    pub(super) bytes: u64,
}

impl Lasted {
    pub(super) fn per_second(&self) -> f64 {
        self.each.len() as f64 / self.whole.as_secs_f64()
    }

    /// In milliseconds.
    pub(super) fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.each.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
    }

    pub(super) fn kibibytes_each(&self) -> f64 {
        self.bytes as f64 / 1024.0 / self.each.len().max(1) as f64
    }
}

/// Does something again and again for so long.
pub(super) fn again(turn: Duration, mut one: impl FnMut(usize) -> Result<()>) -> Result<Lasted> {
    let (began, before, mut each) = (Instant::now(), written(), Vec::new());
    while began.elapsed() < turn {
        let one_began = Instant::now();
        one(each.len())?;
        each.push(one_began.elapsed().as_secs_f64() * 1e3);
    }
    Ok(Lasted { whole: began.elapsed(), each, bytes: written() - before })
}

/// What this process has had written to disks, as the kernel counts it; a server's writes aren't among it.
fn written() -> u64 {
    let io = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    io.lines().find_map(|line| line.strip_prefix("write_bytes: ")?.parse().ok()).unwrap_or_default()
}

pub(super) fn patient(number: usize) -> String {
    format!("p{number}")
}

/// A clock that reads a millisecond more each time.
static NOW: AtomicI64 = AtomicI64::new(1_767_610_800_000_000);

fn now() -> answerable_store::Instant {
    answerable_store::Instant(NOW.fetch_add(1_000, Ordering::Relaxed))
}

fn line(id: &str, by: &str, of: &str, fields: &str) -> String {
    let at = say(now());
    format!(r#"{{"type":"{of}","id":"{id}","by":{by},"at":"{at}","recorded":"{at}",{fields}}}"#)
}

fn role(id: &str) -> String {
    format!(r#"{{"role":"{id}"}}"#)
}

fn ward() -> Vec<String> {
    let system = r#"{"system":"bench"}"#;
    let mut lines = vec![line("w0", system, "register_organisation", r#""organisation":"ward","name":"Ward""#)];
    for (number, id) in ["okoro", "hale"].into_iter().enumerate() {
        let name = format!(r#""practitioner":"dr-{id}","name":"Dr {id}""#);
        lines.push(line(&format!("w1{number}"), system, "register_practitioner", &name));
        let fields = [
            format!(r#""role":"{id}","practitioner":"dr-{id}","organisation":"ward""#),
            r#""profession":"doctor","scope":["*"],"start":"2020-01-01T00:00:00Z""#.to_owned(),
        ]
        .join(",");
        lines.push(line(&format!("w2{number}"), system, "register_role", &fields));
    }
    lines.push(line("w3", system, "set_lead", r#""organisation":"ward","role":"okoro""#));
    lines.push(line("w4", &role("okoro"), "set_lead", r#""organisation":"ward","role":"okoro""#));
    lines
}

fn opened(number: usize, duties: usize) -> [String; 2] {
    let id = patient(number);
    let system = r#"{"system":"bench"}"#;
    let duties: Vec<String> = (0..duties).map(|duty| format!(r#"{{"duty":"{id}-d{duty}","kind":"decide"}}"#)).collect();
    let fields = format!(r#""patient":"{id}","need":"{id}-n","title":"Asthma","duties":[{}]"#, duties.join(","));
    [
        line(
            &format!("r{number}"),
            system,
            "register_patient",
            &format!(r#""patient":"{id}","birth_date":"2012-06-01""#),
        ),
        line(&format!("n{number}"), &role("okoro"), "open_need", &fields),
    ]
}

/// The nth handover of a patient's first duty: offered by one, accepted by the other, and next time back.
fn handover(number: usize, time: usize) -> [String; 2] {
    let (from, to) = if time.is_multiple_of(2) { ("okoro", "hale") } else { ("hale", "okoro") };
    let (id, offer) = (patient(number), format!("o{number}-{time}"));
    let offered = [
        format!(r#""offer":"{offer}","patient":"{id}","duties":["{id}-d0"],"to":{{"role":"{to}"}}"#),
        r#""reply_within":"P14D","severity":"stable","actions":["spirometry in June"]"#.to_owned(),
        r#""summary":"Asthma, well on a low dose; spirometry in June was as expected.""#.to_owned(),
        r#""contingency":"ring the ward""#.to_owned(),
    ]
    .join(",");
    let accepted = format!(r#""offer":"{offer}","read_back":["spirometry here in June"]"#);
    [
        line(&format!("{offer}-a"), &role(from), "offer", &offered),
        line(&format!("{offer}-b"), &role(to), "accept", &accepted),
    ]
}

fn done(answer: &str) -> Result<()> {
    if answer.contains(r#""ok":true"#) { Ok(()) } else { Err(format!("refused: {answer}").into()) }
}

/// A ledger that is filled by one client, many commands together.
pub(super) struct Load {
    ledger: Ledger,
    times: std::collections::BTreeMap<usize, usize>,
}

impl Load {
    pub(super) fn new(ledger: Ledger) -> Result<Load> {
        let mut load = Load { ledger, times: std::collections::BTreeMap::new() };
        load.send(&ward())?;
        Ok(load)
    }

    /// As another program that has just opened it.
    pub(super) fn anew(&mut self, storage: Box<dyn Storage + Send>) -> Result<()> {
        self.ledger = Ledger::new(storage)?;
        Ok(())
    }

    pub(super) fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    pub(super) fn patients(&mut self, numbers: std::ops::Range<usize>, duties: usize) -> Result<()> {
        let mut lines = Vec::with_capacity(2 * TOGETHER);
        for number in numbers {
            lines.extend(opened(number, duties));
            if lines.len() >= TOGETHER {
                self.send(&std::mem::take(&mut lines))?;
            }
        }
        self.send(&lines)
    }

    pub(super) fn handovers(&mut self, numbers: &[usize]) -> Result<()> {
        let mut lines = Vec::new();
        for &number in numbers {
            let time = self.times.entry(number).or_default();
            lines.extend(handover(number, *time));
            *time += 1;
        }
        lines.chunks(TOGETHER).try_for_each(|lines| self.send(lines))
    }

    fn send(&mut self, lines: &[String]) -> Result<()> {
        let request = |line: &String| Request { line: line.clone(), reading: Reading::Replay };
        let answers = self.ledger.answer(&lines.iter().map(request).collect::<Vec<Request>>())?;
        answers.iter().try_for_each(|answer| done(answer))
    }
}

/// How many patients each client has, whose duties it hands over in turn.
const PATIENTS_EACH: usize = 100;

/// So many clients at once, each with patients of its own, hand over and accept for so long.
pub(super) fn clients(
    count: usize,
    turn: Duration,
    open: &dyn Fn() -> Result<Box<dyn Storage + Send>>,
    round: usize,
) -> Result<Lasted> {
    let mut load = Load::new(Ledger::new(open()?)?)?;
    load.patients(0..count * PATIENTS_EACH, 3)?;
    let (service, asks) = Service::start(load.ledger, Box::new(now));
    let (began, before) = (Instant::now(), written());
    let each: Vec<std::result::Result<Vec<f64>, String>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..count)
            .map(|client| {
                let asks = asks.clone();
                scope.spawn(move || {
                    let mut each = Vec::new();
                    for time in 0.. {
                        let patient = client * PATIENTS_EACH + time % PATIENTS_EACH;
                        for line in handover(patient, time / PATIENTS_EACH) {
                            let one = Instant::now();
                            let answer = asks.ask(line).map_err(|stopped| stopped.to_string())?;
                            each.push(one.elapsed().as_secs_f64() * 1e3);
                            done(&answer).map_err(|error| error.to_string())?;
                        }
                        if began.elapsed() >= turn {
                            break;
                        }
                    }
                    Ok(each)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err("a client panicked".to_owned())))
            .collect()
    });
    let (whole, bytes) = (began.elapsed(), written() - before);
    drop(asks);
    let mut ledger = service.end().ok_or("the writer panicked")?;
    // What was measured is what was kept.
    if round == 0 {
        ledger.verify()?;
    }
    let mut all = Vec::new();
    for each in each {
        all.extend(each?);
    }
    Ok(Lasted { whole, each: all, bytes })
}

//! The program is killed at random moments under load: whatever it answered is there afterwards, and nothing is there by
//! half. On both kinds of database, with the real program.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests panic to fail"
)]

#[path = "../../store/tests/common/mod.rs"]
mod place;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use place::ward::{command, offer, patient, role, ward};
use place::{Place, on_each};
use serde_json::{Value, json};

const PATIENTS: usize = 60;
const KILLS: usize = 12;

fn location(place: &Place) -> String {
    match place {
        Place::Sqlite { .. } => place.file().display().to_string(),
        Place::Postgres { url, .. } => url.clone(),
    }
}

fn ledger(place: &Place, arguments: &[&str]) -> Command {
    let mut program = Command::new(assert_cmd::cargo::cargo_bin!("answerable"));
    program.args(["ledger", "--ledger", &location(place)]).args(arguments);
    program
}

/// Patients offered and accepted one by one, and in the end a leaver with all of them.
fn load() -> Vec<String> {
    let mut lines = ward();
    for number in 0..PATIENTS {
        let id = format!("p{number}");
        lines.extend(patient(&id, "okoro"));
        lines.push(offer(&id, "okoro", &json!({"role": "hale"}), 3));
        if number % 2 == 0 {
            let accept = json!({"offer": format!("o-{id}"), "read_back": []});
            lines.push(command(&format!("accept-{id}"), &role("hale"), 4, "accept", accept));
        }
    }
    lines.push(command("hale-leaves", &role("hale"), 5, "end_role", json!({"role": "hale"})));
    lines.push(command("okoro-leaves", &role("okoro"), 6, "end_role", json!({"role": "okoro"})));
    lines
}

/// Sends all lines; kills the program after so many answers, if it is to be. What was answered.
fn run(place: &Place, lines: &[String], kill_after: Option<usize>) -> Vec<Value> {
    let mut program = ledger(place, &["do", "--replay"]);
    let mut child: Child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let lines = lines.to_vec();
    let writer = std::thread::spawn(move || {
        // The program may be gone by now.
        lines.iter().try_for_each(|line| writeln!(stdin, "{line}")).ok()
    });
    let mut answers = Vec::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    loop {
        if kill_after == Some(answers.len()) {
            child.kill().unwrap();
        }
        let mut line = String::new();
        // The last line may have been cut off: that is no answer.
        if output.read_line(&mut line).unwrap() == 0 || !line.ends_with('\n') {
            break;
        }
        answers.push(serde_json::from_str(&line).unwrap());
    }
    let status = child.wait().unwrap();
    assert!(kill_after.is_some() || status.success(), "{status}");
    writer.join().unwrap();
    answers
}

fn said(place: &Place, arguments: &[&str]) -> String {
    let output = ledger(place, arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn what_was_answered_is_there_after_the_program_was_killed() {
    let lines = load();
    let expected = {
        let place = Place::sqlite();
        let answers = run(&place, &lines, None);
        assert!(answers.iter().all(|answer| answer["ok"] == true), "{answers:?}");
        (answers, said(&place, &["who", "--format", "json"]))
    };
    on_each(|place| {
        let mut answered = 0;
        for kill in 0..KILLS {
            // At moments that differ, most of them while much is under way.
            let after = (kill * 7919 + 3) % (lines.len() / 2);
            place.empty();
            let answers = run(place, &lines, Some(after));
            answered += answers.len();
            let what = format!("{}, killed after {after}, {} answers", place.name(), answers.len());
            let again = run(place, &lines, None);
            for (number, (answer, again)) in answers.iter().zip(&again).enumerate() {
                assert_eq!(again["repeated"], true, "{what}: command {number} was lost");
                assert_eq!(answer["events"], again["events"], "{what}: command {number} was done in another way");
            }
            for (again, expected) in again.iter().zip(&expected.0) {
                assert_eq!(again["events"], expected["events"], "{what}");
            }
            assert_eq!(again.len(), expected.0.len(), "{what}");
            assert_eq!(said(place, &["who", "--format", "json"]), expected.1, "{what}");
            assert!(said(place, &["verify"]).starts_with("whole: "), "{what}");
        }
        assert!(answered > 0, "it was always killed before the first answer");
    });
}

//! `answerable ledger`: what it says when asked for what isn't there, and what a timer is told.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests panic to fail"
)]

mod common;

use std::path::Path;

use common::{Ran, answerable, ran};
use serde_json::Value;

fn ledger(file: &Path, arguments: &[&str], input: &str) -> Ran {
    ran(answerable().args(["ledger", "--ledger"]).arg(file).args(arguments).write_stdin(input))
}

/// One organisation, recorded long ago.
const OLD: &str = r#"{"type":"register_organisation","id":"w1","by":{"system":"records"},"at":"2020-01-05T07:00:00Z","recorded":"2020-01-05T07:00:00Z","organisation":"board","name":"Board"}"#;

#[test]
fn what_is_not_there_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    for arguments in [&["who"][..], &["verify"], &["story", "amy"], &["stats"], &["tick"], &["backup", "copy.db"]] {
        let ran = ledger(&file, arguments, "");
        assert_eq!(ran.status, 2, "{arguments:?}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains("ledger.db"), "{arguments:?}: {}", ran.err);
        assert!(!file.exists(), "{arguments:?} made a file");
    }
    assert_eq!(ledger(&file, &["init"], "").status, 0);
    for (arguments, words) in [
        (&["who", "--patient", "amy"][..], "no patient is called `amy`"),
        (&["story", "amy"], "no patient is called `amy`"),
        (&["worklist", "hale"], "no role is called `hale`"),
        (&["who", "--at", "yesterday"], "`yesterday`"),
        (&["import", "nowhere"], "can't read `nowhere`"),
    ] {
        let ran = ledger(&file, arguments, "");
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.err.contains(words), "{arguments:?}: {}", ran.err);
    }
    let nowhere = ran(answerable().args(["ledger", "who"]).env_remove("ANSWERABLE_LEDGER"));
    assert!(nowhere.status == 2 && nowhere.err.contains("--ledger"), "{}", nowhere.err);
}

#[test]
fn a_tick_that_is_refused_fails() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    assert_eq!(ledger(&file, &["do", "--replay"], OLD).status, 0);
    let refused = ledger(&file, &["tick"], "");
    assert!(refused.status == 1 && refused.out.contains("clock-ahead"), "{}", refused.out);
    let confirmed = ledger(&file, &["tick", "--confirm-clock"], "");
    assert!(confirmed.status == 0 && confirmed.out.contains("clock_read"), "{}", confirmed.out);
    assert_eq!(ledger(&file, &["tick"], "").status, 0);
}

#[test]
fn each_line_has_its_answer_in_order_whatever_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    let long = format!("{{\"type\":\"{}\"}}", "x".repeat(17 << 20));
    let input = format!("{OLD}\nnot JSON\n\n{long}\n[]\n{OLD}\n{{\"type\":\"give\",\"id\":\"k\"}}");
    let ran = ledger(&file, &["do", "--replay"], &input);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    let answers: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let said: Vec<&str> = answers
        .iter()
        .map(|answer| match answer["repeated"].as_bool() {
            Some(true) => "repeated",
            _ => answer["refusal"].as_str().unwrap_or("done"),
        })
        .collect();
    assert_eq!(said, ["done", "malformed", "malformed", "malformed", "repeated", "malformed"]);
}

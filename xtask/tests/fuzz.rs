//! The readers stand a bounded number of bad inputs; and the alarm is raised for mistakes planted in the harness.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Runs `xtask fuzz` with a target folder of its own.
fn fuzz(arguments: &[&str], folder: &str) -> (Output, std::path::PathBuf) {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    // Left by a run before.
    let _ = fs::remove_dir_all(&target);
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("fuzz")
        .args(arguments)
        .env("CARGO_TARGET_DIR", &target)
        .output()
        .unwrap();
    (output, target.join("fuzz"))
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// As many inputs as a few seconds are enough for; `cargo xtask fuzz` tries more, and others each time.
#[track_caller]
fn stands(target: &str, inputs: u32) {
    let (output, _) = fuzz(&["--target", target, "--seed", "20240531", "--inputs", &inputs.to_string()], target);
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    assert!(said.contains(&format!("{target}: {inputs} inputs")), "{said}");
}

#[test]
fn the_reader_stands_anything() {
    stands("reader", 20_000);
}

#[test]
fn dates_are_read_if_there_are_such() {
    stands("dates", 50_000);
}

#[test]
fn a_check_of_anything_ends() {
    stands("check", 500);
}

#[test]
fn the_alarm_is_raised_and_the_input_kept() {
    for (target, said_of_it, in_the_input) in [
        ("canary-panic", "the canary sings", "1999-12-"),
        ("canary-abort", "signal: 6", "2023-02-30"),
        ("canary-hang", "one input took longer than 1s", "\"CareTeam\""),
        ("canary-wrong", "this year has 367 days", "2000"),
    ] {
        let arguments = ["--target", target, "--seed", "1", "--inputs", "1000000", "--patience", "1"];
        let (output, folder) = fuzz(&arguments, target);
        let said = said(&output);
        assert!(!output.status.success(), "{target} passed: {said}");
        assert!(said.contains(said_of_it), "{target}: {said}");
        let kept = fs::read(folder.join(format!("{target}-1.input"))).unwrap();
        assert!(String::from_utf8_lossy(&kept).contains(in_the_input), "{target} kept another input");
    }
}

#[test]
fn an_input_comes_again_from_its_seed() {
    let run = || {
        let (output, folder) = fuzz(&["--target", "canary-panic", "--seed", "7", "--inputs", "1000000"], "again");
        assert!(!output.status.success());
        fs::read(folder.join("canary-panic-7.input")).unwrap()
    };
    assert_eq!(run(), run());
}

//! Where output goes: whole or not at all; quietly where nobody listens.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests panic to fail"
)]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{PLAN, RIVERSIDE, answerable, file, names, ran, riverside, root};

fn child(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_answerable"));
    command.current_dir(root()).args(arguments);
    command
}

#[test]
fn files_hold_what_standard_output_would() {
    let folder = tempfile::tempdir().unwrap();
    for format in ["text", "json", "ndjson", "csv", "fhir"] {
        let path = folder.path().join(format);
        let to_file = ran(riverside().args(["--format", format, "--output"]).arg(&path));
        assert_eq!((to_file.status, to_file.out.as_str()), (0, ""));
        let expected = ran(riverside().args(["--format", format])).out;
        assert_eq!(std::fs::read_to_string(&path).unwrap(), expected, "{format}");
        assert!(!expected.contains('\u{1b}'), "no colours where there is no terminal");
    }
    assert_eq!(names(&folder), ["csv", "fhir", "json", "ndjson", "text"], "and nothing beside them");
}

#[test]
fn files_are_whole_or_absent() {
    let folder = tempfile::tempdir().unwrap();
    let empty = tempfile::tempdir().unwrap();
    let report = file(&folder, "report.csv", "last week's");
    let ran = ran(answerable().arg("check").arg(empty.path()).args(["--format", "csv", "--output"]).arg(&report));
    assert_eq!(ran.status, 2);
    assert_eq!(std::fs::read_to_string(&report).unwrap(), "last week's");
    assert_eq!(names(&folder), ["report.csv"]);
}

#[test]
fn places_that_cannot_be_written_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder_name = folder.path().to_str().unwrap();
    for (output, expected) in [
        ("is-not-there/report.csv", "its folder isn't there"),
        (folder_name, "it is a folder"),
        ("/dev/full", "the disk is full"),
    ] {
        let ran = ran(riverside().args(["--format", "csv", "--output", output]));
        assert_eq!(ran.status, 2, "{output}");
        assert!(ran.err.contains(output) && ran.err.contains(expected), "{output}: {}", ran.err);
    }
    let same = folder.path().join("same");
    let ran = ran(riverside().arg("--output").arg(&same).arg("--html").arg(&same));
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("two outputs"), "{}", ran.err);
    assert!(names(&folder).is_empty());
}

#[test]
fn a_full_disk_behind_standard_output_is_an_error() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = child(&RIVERSIDE).stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("the disk is full"));
}

#[test]
fn a_device_stays_one() {
    assert_eq!(ran(riverside().args(["--output", "/dev/null"])).status, 0);
    assert!(!std::path::Path::new("/dev/null").metadata().unwrap().is_file());
}

/// So many rows that no pipe holds them.
fn many() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let plans = (0..5_000).map(|number| {
        PLAN.replace("amy", &format!("amy{number}")).replace("\"plan\",\"status", &format!("\"plan{number}\",\"status"))
    });
    file(&folder, "plans.ndjson", plans.collect::<String>());
    folder
}

/// Reads one line, as `| head -1` does, and goes.
fn head(command: &mut Command) -> (Option<i32>, String) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(!line.is_empty());
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let many = many();
    let (status, err) = head(child(&["check", "--format", "csv"]).arg(many.path()));
    assert_eq!((status, err.as_str()), (Some(0), ""));
}

#[test]
fn what_else_was_asked_for_is_done_though_the_pipe_is_closed() {
    let (many, folder) = (many(), tempfile::tempdir().unwrap());
    let reading = folder.path().join("reading.txt");
    let mut command = child(&["check", "--format", "csv", "--deny", "error", "--quiet", "--report"]);
    let (status, err) = head(command.arg(&reading).arg(many.path()));
    assert_eq!((status, err.as_str()), (Some(1), ""));
    assert!(std::fs::read_to_string(reading).unwrap().contains("CarePlan"));
}

#[test]
fn temporary_files_are_removed_on_every_way_out() {
    let (folder, temp) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let name =
        |number| PLAN.replace("amy", &format!("amy{number}")).replace("\"plan\",\"s", &format!("\"plan{number}\",\"s"));
    file(&folder, "plans.ndjson", (0..70_000).map(name).collect::<String>());
    for output in ["/dev/null", "/dev/full"] {
        let mut command = answerable();
        command.args(["check", "--format", "csv", "--memory", "16MiB", "--verbose", "--output", output, "--temp"]);
        let ran = ran(command.arg(temp.path()).arg(folder.path()));
        if output == "/dev/null" {
            assert_eq!(ran.status, 0, "{}", ran.err);
            assert!(!ran.err.contains(", 0 of them through temporary files"), "a test of nothing: {}", ran.err);
        } else {
            assert_eq!(ran.status, 2, "{}", ran.err);
        }
        assert!(names(&temp).is_empty(), "{output}: {:?}", names(&temp));
    }
}

#[test]
fn an_interruption_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.csv");
    // Standard input stays open: it would wait for ever.
    let mut command = child(&["check", "-", "--format", "csv", "--output"]);
    command.arg(&report).env("TMPDIR", folder.path()).stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.as_mut().unwrap().write_all(PLAN.as_bytes()).unwrap();
    let begun = Instant::now();
    while names(&folder).is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it never began");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let stdin = child.stdin.take();
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    assert_eq!(output.status.code(), Some(130));
    assert!(names(&folder).is_empty(), "{:?}", names(&folder));
}

#[test]
fn names_only_when_asked_for() {
    let plain = ran(riverside().args(["--format", "csv"])).out;
    let named = ran(riverside().args(["--format", "csv", "--with-names"])).out;
    for (plain, named) in plain.lines().zip(named.lines()) {
        assert!(named.starts_with(&format!("{plain},")), "{named}");
    }
    assert!(named.lines().next().unwrap().ends_with(",id,patient_name,need_name,holder_names"));
    assert!(named.contains("Posy Examplar") && !plain.contains("Posy Examplar"));
}

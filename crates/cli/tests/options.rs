//! The options, each once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests panic to fail"
)]

mod common;

use std::io::Write;

use common::{PLAN, answerable, file, ran, riverside, rows};

#[test]
fn help_teaches_and_is_as_it_was_reviewed() {
    insta::assert_snapshot!("help", ran(answerable().args(["check", "--help"])).out);
}

#[test]
fn every_option_is_in_the_reference() {
    let help = ran(answerable().args(["check", "--help"])).out;
    let reference = std::fs::read_to_string(common::root().join("docs/reference/options.md")).unwrap();
    let options =
        help.lines().filter_map(|line| line.trim_start().split([' ', ',']).find(|word| word.starts_with("--")));
    let mut known = 0;
    for option in options.filter(|option| *option != "--help") {
        assert!(reference.contains(&format!("`{option}")), "{option} isn't in docs/reference/options.md");
        known += 1;
    }
    assert!(known > 15);
}

#[test]
fn quiet_is_quiet() {
    for format in ["text", "json", "ndjson", "csv"] {
        let ran = ran(riverside().args(["--format", format, "--quiet"]));
        assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{format}");
    }
    assert_eq!(ran(riverside().args(["--quiet", "--verbose"])).status, 2);
}

#[test]
fn the_reading_report_goes_where_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("reading.txt");
    let short = ran(riverside().args(["--format", "csv"]));
    assert_eq!(short.err, "read 163 resources of 20 people; duplicates 1; other 7; dangling 1; linked 21\n");
    let whole = ran(riverside().args(["--format", "csv", "--report"]).arg(&path));
    assert_eq!((whole.err.as_str(), whole.out), ("", short.out));
    let whole = std::fs::read_to_string(path).unwrap();
    assert!(whole.contains("        21  linked") && whole.contains("Schema of rows: 1.0"), "{whole}");
    assert_eq!(ran(&mut riverside()).err, "", "text has it in itself");
}

#[test]
fn verbose_names_every_file() {
    let ran = ran(riverside().arg("--verbose"));
    let files = ["adults", "childrens", "surgery"]
        .map(|source| common::root().join("examples/riverside").join(source).read_dir().unwrap().count());
    assert_eq!(ran.err.matches("read `examples/riverside/").count(), files.iter().sum::<usize>());
    assert!(ran.err.contains("linked 21, passed over 0"), "{}", ran.err);
}

#[test]
fn every_rows_of_every_row_format() {
    for (kind, first) in [("findings", "finding"), ("verdicts", "verdict"), ("timeline", "start")] {
        let csv = ran(riverside().args(["--format", "csv", "--rows", kind])).out;
        let ndjson = rows(&ran(riverside().args(["--format", "ndjson", "--rows", kind])).out);
        assert_eq!(csv.lines().count(), ndjson.len() + 1, "{kind}");
        assert!(ndjson.iter().all(|row| row.get(first).is_some()), "{kind}");
    }
}

#[test]
fn threads_and_memory_change_no_byte() {
    let expected = ran(riverside().args(["--format", "json"])).out;
    for arguments in [["--threads", "1"], ["--threads", "7"], ["--memory", "16MiB"]] {
        assert_eq!(ran(riverside().args(["--format", "json"]).args(arguments)).out, expected, "{arguments:?}");
    }
}

#[test]
fn standard_input_and_packed_files_read_as_plain_ones() {
    let folder = tempfile::tempdir().unwrap();
    let plain = ran(answerable().args(["check", "--as-of", "2026-03-02", "--format", "csv"]).arg(file(
        &folder,
        "plan.ndjson",
        PLAN,
    )));
    assert!(plain.out.contains("CarePlan/plan"));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(PLAN.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let zstd = zstd::encode_all(PLAN.as_bytes(), 3).unwrap();
    for bytes in [PLAN.as_bytes().to_vec(), gzip.clone(), zstd.clone()] {
        let ran = ran(answerable().args(["check", "-", "--as-of", "2026-03-02", "--format", "csv"]).write_stdin(bytes));
        assert_eq!((ran.status, ran.out), (0, plain.out.clone()));
    }
    for (name, bytes) in [("plan.ndjson.gz", gzip), ("plan.ndjson.zst", zstd)] {
        let path = file(&folder, name, bytes);
        let ran = ran(answerable().args(["check", "--as-of", "2026-03-02", "--format", "csv"]).arg(path));
        assert_eq!((ran.status, ran.out), (0, plain.out.clone()), "{name}");
    }
}

#[test]
fn a_name_makes_a_source() {
    let folder = tempfile::tempdir().unwrap();
    let mut input = std::ffi::OsString::from("ward=");
    input.push(file(&folder, "plan.ndjson", PLAN));
    let ran = ran(answerable().args(["check", "--as-of", "2026-03-02", "--format", "csv"]).arg(input));
    assert!(ran.out.contains("\nward/Patient/amy,ward/CarePlan/plan,overall,unheld,"), "{}", ran.out);
}

#[test]
fn the_printed_configuration_can_be_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let printed = ran(answerable().args(["check", "--print-config"]));
    assert_eq!(printed.status, 0);
    let config = file(&folder, "config.toml", printed.out);
    let plan = file(&folder, "plan.ndjson", PLAN);
    let ran = ran(answerable().arg("check").arg(plan).arg("--config").arg(config));
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(ran.out.contains("every setting has its default") || ran.out.contains("configuration "), "{}", ran.out);
    assert!(!ran.out.contains("accept_within = "), "nothing differs from the default");
}

#[test]
fn a_page_is_written_beside_any_format() {
    let folder = tempfile::tempdir().unwrap();
    let (work, board) = (folder.path().join("work.html"), folder.path().join("board.html"));
    assert_eq!(ran(riverside().args(["--format", "csv", "--html"]).arg(&work)).status, 0);
    assert_eq!(ran(riverside().args(["--for", "board", "--html"]).arg(&board)).status, 0);
    let (work, board) = (std::fs::read_to_string(work).unwrap(), std::fs::read_to_string(board).unwrap());
    assert!(work.contains("Posy Examplar") && !board.contains("Posy") && !board.contains("999 178"));
}

#[test]
fn completions_and_man_pages_come_from_the_arguments() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = ran(answerable().args(["completions", shell]));
        assert!(ran.status == 0 && ran.out.contains("concept-map"), "{shell}");
    }
    let man = ran(answerable().args(["man", "check"]));
    assert!(man.status == 0 && man.out.contains(".TH") && man.out.contains("riverside"), "{}", man.out);
    assert_eq!(ran(answerable().args(["man", "nothing"])).status, 2);
}

#[test]
fn narrow_paper_is_kept_to() {
    // Standard output is no terminal here: 100 letters a line, but for names, which are never broken.
    let text = ran(&mut riverside()).out;
    let long: Vec<&str> = text
        .lines()
        .take_while(|line| !line.starts_with("WHAT WAS READ"))
        .filter(|line| line.chars().count() > 100)
        .collect();
    assert!(long.is_empty(), "{long:?}");
}

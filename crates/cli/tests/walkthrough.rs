//! The walk-through of the ledger, run as its page says: each command prints what stands below it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests panic to fail"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A block of code of a page: its language, its text.
fn blocks(page: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```").filter(|language| !language.is_empty()) {
            let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push((language.to_owned(), text.join("\n")));
        }
    }
    blocks
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

#[test]
fn the_walk_through_prints_what_its_page_says() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(root().join("examples"), folder.path().join("examples")).unwrap();
    let page = fs::read_to_string(root().join("docs/start/ledger.md")).unwrap();
    let blocks = blocks(&page);
    let (mut commands, mut differs) = (0, String::new());
    for (place, (language, text)) in blocks.iter().enumerate() {
        if language != "sh" || !text.starts_with("answerable ") {
            continue;
        }
        commands += 1;
        let program = env!("CARGO_BIN_EXE_answerable");
        let script = text.replace("answerable ledger", &format!("{program} ledger"));
        let output = Command::new("sh").args(["-c", &script]).current_dir(folder.path()).output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        let Some((_, expected)) = blocks.get(place + 1).filter(|(language, _)| language == "text") else {
            assert!(output.status.success(), "{text}: {printed}");
            continue;
        };
        if printed.trim_end() != expected.trim_end() {
            differs.push_str(&format!("$ {text}\n{printed}\n"));
        }
    }
    assert!(differs.is_empty(), "printed, and not on the page:\n{differs}");
    assert!(commands > 10, "only {commands} commands");
}

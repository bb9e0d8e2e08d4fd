//! The house's own rules, as tests of the ordinary suite. Each has a checker, which takes texts and gives complaints; a
//! test that it has none about the repository; and a canary: bad input that it must complain of.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod crates;
mod hazards;
mod lexer;
mod links;
mod rules;
mod source;

use std::fs;
use std::path::{Path, PathBuf};

/// Something that is not as it should be, with where.
type Complaint = String;

/// A file of the repository, its path from the root with `/`.
#[derive(Debug)]
struct File {
    path: String,
    text: String,
}

impl File {
    #[cfg(test)]
    fn new(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    fn is_markdown(&self) -> bool {
        self.path.ends_with(".md")
    }

    /// Whether it is code of a crate that is built into the product: no test, no task.
    fn is_product(&self) -> bool {
        let mut parts = self.path.split('/');
        let is_in_src = parts.next() == Some("crates") && parts.nth(1) == Some("src");
        self.is_rust() && is_in_src && !self.is_test()
    }

    /// Whether it is a file of tests, or of their cases.
    fn is_test(&self) -> bool {
        let parts: Vec<&str> = self.path.split('/').collect();
        self.path.starts_with("conformance/")
            || parts.contains(&"tests")
            || parts.last().is_some_and(|name| matches!(*name, "tests.rs" | "test.rs") && parts.contains(&"crates"))
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every file of the checkout: what git would take in, without asking git, which a released archive lacks.
fn files() -> Vec<File> {
    let root = root();
    let ignored = fs::read_to_string(root.join(".gitignore")).unwrap();
    let ignored: Vec<PathBuf> = ignored.lines().map(|line| root.join(line.trim_matches('/'))).collect();
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            if path.ends_with(".git") || ignored.contains(&path) {
                continue;
            }
            if kind.is_dir() {
                folders.push(path);
            } else {
                // What is no text can be linked to; there is nothing to read in it.
                let text = fs::read_to_string(&path).unwrap_or_default();
                let path = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                files.push(File { path, text });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(files.len() > 50, "only {} files were found", files.len());
    files
}

/// Fails with every complaint.
#[track_caller]
fn none(complaints: &[Complaint]) {
    assert!(complaints.is_empty(), "\n  {}\n", complaints.join("\n  "));
}

/// That a checker complains of each of these words, and of nothing else.
#[track_caller]
fn only(complaints: &[Complaint], words: &[&str]) {
    assert_eq!(complaints.len(), words.len(), "{complaints:#?}");
    for word in words {
        assert!(complaints.iter().any(|complaint| complaint.contains(word)), "nothing of {word}: {complaints:#?}");
    }
}

/// Whether a word stands in a text, not as a part of another.
fn has_word(text: &str, word: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (text.get(..at).unwrap_or(""), text.get(at + word.len()..).unwrap_or(""));
        !before.ends_with(is_part) && !after.starts_with(is_part)
    })
}

#[test]
fn words_are_whole() {
    assert!(has_word("by C3, which", "C3") && has_word("C3", "C3") && has_word("(C3)", "C3"));
    assert!(!has_word("C3a", "C3") && !has_word("AC3", "C3") && !has_word("C30", "C3") && !has_word("C_3", "C"));
}

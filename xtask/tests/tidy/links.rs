//! Links of the documents lead somewhere.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Complaint, File, files, none, only};

/// What can be linked to: each file with its headings, and each folder.
#[derive(Debug, Default)]
pub(crate) struct Targets {
    files: BTreeMap<String, BTreeSet<String>>,
    folders: BTreeSet<String>,
}

impl Targets {
    pub(crate) fn of(files: &[File]) -> Targets {
        let mut targets = Targets::default();
        for file in files {
            let anchors = if file.is_markdown() { anchors(&file.text) } else { BTreeSet::new() };
            targets.files.insert(file.path.clone(), anchors);
            for (at, _) in file.path.match_indices('/') {
                targets.folders.insert(file.path.get(..at).unwrap_or("").to_owned());
            }
        }
        targets
    }

    /// Whether there is such a path from the root, with such a heading if one is said.
    pub(crate) fn has(&self, path: &str, anchor: Option<&str>) -> bool {
        match (self.files.get(path), anchor) {
            (Some(anchors), Some(anchor)) => anchors.contains(anchor),
            (Some(_), None) => true,
            (None, anchor) => anchor.is_none() && self.folders.contains(path.trim_end_matches('/')),
        }
    }
}

/// The lines of a document that aren't code.
fn prose(text: &str) -> impl Iterator<Item = (usize, String)> {
    let mut fence = None;
    text.lines().enumerate().filter_map(move |(number, line)| {
        let mark = ["```", "~~~"].into_iter().find(|mark| line.trim_start().starts_with(mark));
        match (fence, mark) {
            (None, Some(_)) => fence = mark,
            (Some(open), Some(mark)) if open == mark => fence = None,
            (None, None) => return Some((number + 1, without_code(line))),
            _ => {}
        }
        None
    })
}

/// A line without what stands between back-ticks.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

/// The anchors of headings, as forges make them: letters, digits, `-` and `_` stay, spaces become `-`.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut fence = false;
    let mut anchors = BTreeSet::new();
    for line in text.lines() {
        fence ^= line.starts_with("```");
        let heading = line.trim_start_matches('#');
        if fence || heading.len() == line.len() || !heading.starts_with(' ') {
            continue;
        }
        // Of a link in a heading only the words count.
        let words = heading.trim().split("](").map(|part| part.rsplit(')').next().unwrap_or(part)).collect::<String>();
        let kept = words.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
        let anchor: String =
            kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect::<String>().to_lowercase();
        let again = (1..).map(|count| format!("{anchor}-{count}"));
        let free = std::iter::once(anchor.clone()).chain(again).find(|anchor| !anchors.contains(anchor));
        anchors.extend(free);
    }
    anchors
}

/// Where the links of a line lead: `[words](target "title")`, `[words]: target`, `src="target"`, `href="target"`.
fn targets(line: &str) -> Vec<&str> {
    let inline = line.match_indices("](").filter_map(|(at, opening)| {
        let rest = line.get(at + opening.len()..)?;
        rest.split([')', ' ']).next()
    });
    let definition = line.strip_prefix('[').and_then(|rest| rest.split_once("]: ")).map(|(_, target)| target.trim());
    let attributes = ["src=\"", "href=\""].into_iter().flat_map(|attribute| {
        line.match_indices(attribute).filter_map(move |(at, _)| line.get(at + attribute.len()..)?.split('"').next())
    });
    inline.chain(definition).chain(attributes).collect()
}

/// A path from a file's folder, as one from the root; none where it leaves the repository.
fn resolve(from: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn dead(file: &File, known: &Targets) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (number, line) in prose(&file.text) {
        for target in targets(&line) {
            let is_elsewhere = ["https://", "http://", "mailto:"].iter().any(|scheme| target.starts_with(scheme));
            let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
            let path = if path.is_empty() { Some(file.path.clone()) } else { resolve(&file.path, path) };
            let is_known = path.is_some_and(|path| known.has(&path, anchor) || (path.is_empty() && anchor.is_none()));
            if !is_elsewhere && !is_known {
                complaints.push(format!("{}:{number}: `{target}` leads nowhere", file.path));
            }
        }
    }
    complaints
}

/// Documents that code, settings and other documents name by their path from the root.
fn unnamed(file: &File, known: &Targets) -> Vec<Complaint> {
    let is_end = |letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '/' | '-' | '_' | '.');
    let mut complaints = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        for (at, _) in line.match_indices("docs/") {
            let rest = line.get(at..).unwrap_or("");
            let path = rest.split(is_end).next().unwrap_or(rest).trim_end_matches('.');
            let is_whole = !line.get(..at).unwrap_or("").ends_with(|letter| !is_end(letter));
            if is_whole && path.ends_with(".md") && !known.has(path, None) {
                complaints.push(format!("{}:{}: `{path}` isn't there", file.path, number + 1));
            }
        }
    }
    complaints
}

#[test]
fn no_link_is_dead() {
    let files = files();
    let known = Targets::of(&files);
    let documents = files.iter().filter(|file| file.is_markdown());
    none(&documents.flat_map(|file| dead(file, &known)).collect::<Vec<_>>());
}

#[test]
fn documents_that_are_named_are_there() {
    let files = files();
    let known = Targets::of(&files);
    let others = files.iter().filter(|file| !file.path.starts_with("xtask/tests/tidy/"));
    none(&others.flat_map(|file| unnamed(file, &known)).collect::<Vec<_>>());
}

#[test]
fn dead_links_are_noticed() {
    let good = concat!(
        "# What it is, `really`\n\n[a](b.md#the-second) ![c](../c.png \"d\") [e](#what-it-is-really) [f](../docs)\n",
        "[g](https://example.org/none)\n`[h](none.md)`\n```\n[i](none.md)\n```\n[j]: b.md\n<img src=\"../c.png\">\n"
    );
    let bad = concat!(
        "[a](none.md) [b](b.md#none)\n[c](#none)\n[d](../../out.md)\n[e]: none.md\n<img src=\"none.png\"> [f](b.md/g)\n",
        "see docs/none.md and docs/b.md.\n"
    );
    let files = [
        File::new("docs/good.md", good),
        File::new("docs/bad.md", bad),
        File::new("docs/b.md", "## The second\n## The second\n"),
        File::new("c.png", ""),
    ];
    let known = Targets::of(&files);
    let [good, bad, ..] = &files;
    none(&dead(good, &known));
    assert!(known.has("docs/b.md", Some("the-second-1")));
    let said =
        ["`none.md`", "`b.md#none`", "bad.md:2: `#none`", "`../../out.md`", "bad.md:4", "`none.png`", "`b.md/g`"];
    only(&dead(bad, &known), &said);
    only(&unnamed(bad, &known), &["bad.md:6: `docs/none.md`"]);
}

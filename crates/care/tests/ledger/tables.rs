//! The stories of `cases`: every line of every one is told as it must be, and every refusal is produced by one.

use std::collections::BTreeSet;

use answerable_care::ledger::refusal::Refusal;

use crate::language::Telling;

const FILES: [(&str, &str); 8] = [
    ("asking", include_str!("cases/asking.txt")),
    ("clock", include_str!("cases/clock.txt")),
    ("contributors", include_str!("cases/contributors.txt")),
    ("directory", include_str!("cases/directory.txt")),
    ("handover", include_str!("cases/handover.txt")),
    ("late", include_str!("cases/late.txt")),
    ("leaving", include_str!("cases/leaving.txt")),
    ("needs", include_str!("cases/needs.txt")),
];

/// Paragraphs of a file, each with the number of its first line.
fn stories(text: &str) -> Vec<Vec<(usize, &str)>> {
    let mut stories: Vec<Vec<(usize, &str)>> = vec![Vec::new()];
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            stories.push(Vec::new());
        } else if let Some(story) = stories.last_mut()
            && !line.starts_with('#')
        {
            story.push((index + 1, line));
        }
    }
    stories.retain(|story| !story.is_empty());
    stories
}

/// How many lines there are, and which are not told as they must be.
pub(crate) fn told() -> (usize, Vec<String>) {
    let ward = Telling::of_the_ward();
    let (mut failures, mut lines) = (Vec::new(), 0);
    for (file, text) in FILES {
        for story in stories(text) {
            let mut telling = ward.clone();
            for (number, line) in story {
                lines += 1;
                if let Err(why) = telling.line(line) {
                    failures.push(format!("{file}.txt:{number}: {line}\n    {why}"));
                    break;
                }
            }
        }
    }
    (lines, failures)
}

#[test]
fn every_line_is_told_as_it_must_be() {
    let (lines, failures) = told();
    assert!(lines >= 120, "only {lines} lines");
    assert!(failures.is_empty(), "\n{}\n", failures.join("\n"));
}

#[test]
fn every_refusal_is_produced_by_a_story() {
    let refused = |text: &'static str| text.lines().filter_map(|line| line.split("refused ").nth(1)).map(str::trim);
    let told: BTreeSet<&str> = FILES.iter().flat_map(|(_, text)| refused(text)).collect();
    // What the store and the wire refuse before the core is asked: see the stories of `store`.
    let before = [Refusal::Malformed, Refusal::IdReused];
    let untold: Vec<&str> = Refusal::ALL
        .iter()
        .filter(|refusal| !before.contains(refusal))
        .map(|refusal| refusal.as_str())
        .filter(|code| !told.contains(code))
        .collect();
    assert!(untold.is_empty(), "no story is refused {}", untold.join(", "));
}

#[test]
fn a_wrong_expectation_is_noticed() {
    let mut telling = Telling::of_the_ward();
    let line = "open asthma of amy: amy-decide by okoro -> hale holds amy-decide";
    assert!(telling.line(line).unwrap_err().contains("okoro holds amy-decide"));
    assert!(telling.line("accept o9 by hale -> refused not-addressee").unwrap_err().contains("refused unknown"));
    assert!(telling.line("tick -> offer_expired").unwrap_err().contains("no `offer_expired`"));
    assert!(telling.line("tick -> refused asker-may-not").unwrap_err().contains("not refused"));
}

#[test]
fn every_refusal_has_a_sentence_and_a_next_step() {
    let mut sentences = BTreeSet::new();
    for refusal in Refusal::ALL {
        let (sentence, next) = (refusal.sentence(), refusal.next());
        assert!(sentences.insert(sentence), "{refusal} says the same as another");
        for part in [sentence, next] {
            let is_plain = part.len() > 10 && !part.ends_with('.') && part.starts_with(char::is_lowercase);
            assert!(is_plain || part.starts_with("I "), "{refusal}: {part}");
        }
    }
}

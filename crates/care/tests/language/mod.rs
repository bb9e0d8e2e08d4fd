//! The small language of the cases: reading a file, judging each case, saying what differs.

mod calendar;
mod read;
mod say;

use answerable_care::{Finding, Instant, Kind, NeedJudgement, Severity, Verdict, judge};
use read::Story;

/// One case: a sentence, what the records say, what must come out.
pub(crate) struct Case<'a> {
    sentence: String,
    first_line: usize,
    lines: Vec<(usize, &'a str)>,
    /// Of a case that the code is known to get wrong: how. It must fail until it is put right.
    bug: Option<&'a str>,
}

/// Judges every case of a file, and fails with all that differ.
#[track_caller]
pub(crate) fn check(file: &str, text: &str) {
    let failures = failures(file, text);
    assert!(failures.is_empty(), "\n{}\n", failures.join("\n"));
}

/// What differs, a text for each case that does.
pub(crate) fn failures(file: &str, text: &str) -> Vec<String> {
    let cases = cases(text);
    assert!(!cases.is_empty(), "{file} has no cases");
    cases.iter().filter_map(|case| fails(file, case).map(|why| case.says(file, &why))).collect()
}

/// Paragraphs are cases; their lines of `#` are the sentence. A paragraph of nothing else is a heading.
pub(crate) fn cases(text: &str) -> Vec<Case<'_>> {
    let mut cases: Vec<Case<'_>> = Vec::new();
    let mut is_inside = false;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            is_inside = false;
            continue;
        }
        if !is_inside {
            cases.push(Case { sentence: String::new(), first_line: index + 1, lines: Vec::new(), bug: None });
            is_inside = true;
        }
        let Some(case) = cases.last_mut() else { continue };
        if let Some(words) = line.strip_prefix('#') {
            case.sentence += words;
        } else if let Some(how) = line.strip_prefix("bug ") {
            case.bug = Some(how.trim());
        } else {
            case.lines.push((index + 1, line));
        }
    }
    cases.retain(|case| !case.lines.is_empty());
    cases
}

impl Case<'_> {
    fn says(&self, file: &str, why: &str) -> String {
        format!("tests/cases/{file}:{}:{}\n{why}", self.first_line, self.sentence)
    }
}

fn fails(file: &str, case: &Case<'_>) -> Option<String> {
    if case.sentence.is_empty() {
        return Some("    a case needs its sentence".to_owned());
    }
    let story = match read::story(&case.lines) {
        Ok(story) => story,
        Err(wrong) => return Some(format!("    {wrong}")),
    };
    let judgement = judge(&story.need, &story.patient, &story.moment);
    let mut wrong = differences(&story, &judgement);
    wrong.extend(inconsistencies(&judgement, story.moment.as_of));
    match (case.bug, wrong.is_empty()) {
        (None, true) => None,
        (Some(how), false) => {
            println!("{}", case.says(file, &format!("    known bug: {how}\n{}", wrong.join("\n"))));
            None
        }
        (None, false) => Some(wrong.join("\n")),
        (Some(how), true) => Some(format!("    put right: remove the line `bug {how}`")),
    }
}

/// Where what came out isn't what the case says.
fn differences(story: &Story, judgement: &NeedJudgement) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut compare = |what: String, expected: &str, actual: &str| {
        if expected != actual {
            wrong.push(format!("    {what:<10} {expected}\n    but was    {actual}"));
        }
    };
    let names = &story.names;
    let name = |duty: usize| names.duties.get(duty).filter(|_| duty > 0).map(|duty| format!(" of {duty}"));
    for (duty, expected) in &story.expected.verdicts {
        let Some(judged) = judgement.duties.get(*duty) else { continue };
        let actual = say::timeline(&judged.timeline, names);
        compare(format!("verdict{}", name(*duty).unwrap_or_default()), expected, &actual);
    }
    for (duty, expected) in &story.expected.decided {
        let Some(judged) = judgement.duties.get(*duty) else { continue };
        compare(format!("decided{}", name(*duty).unwrap_or_default()), expected, &say::decided(judged, names));
    }
    if let Some(expected) = &story.expected.findings {
        let is_verdict = |finding: &&Finding| matches!(finding.kind, Kind::Verdict(_));
        let found = judgement.findings.iter().filter(|finding| !is_verdict(finding));
        // Resources are compared where the case names some.
        let names_resources = expected.iter().any(|said| said.contains(" from "));
        let say = |finding: &Finding| {
            let said = say::finding(finding, names);
            let short = said.split(" from ").next().unwrap_or_default().to_owned();
            if names_resources { said } else { short }
        };
        let mut actual: Vec<String> = found.map(say).collect();
        let mut expected = expected.clone();
        actual.sort_unstable();
        expected.sort_unstable();
        let lines =
            |said: Vec<String>| if said.is_empty() { "none".to_owned() } else { said.join("\n               ") };
        compare("finding".to_owned(), &lines(expected), &lines(actual));
    }
    wrong
}

/// What must hold of every case: the verdict is that of the last interval, its finding repeats it, the severity
/// is the kind's, and holders come sorted.
fn inconsistencies(judgement: &NeedJudgement, as_of: Instant) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut must = |holds: bool, what: &str| {
        if !holds {
            wrong.push(format!("    inconsistent: {what}"));
        }
    };
    for (index, duty) in judgement.duties.iter().enumerate() {
        let is_its = |finding: &&Finding| matches!(finding.kind, Kind::Verdict(_)) && finding.duty == Some(index);
        let found: Vec<&Finding> = judgement.findings.iter().filter(is_its).collect();
        let Some(now) = &duty.timeline.now else {
            must(found.is_empty(), "a duty that isn't open has a verdict's finding");
            continue;
        };
        if now.since < as_of {
            let last = duty.timeline.segments.last();
            let same = last.is_some_and(|last| {
                (last.interval.start, last.interval.end) == (now.since, as_of)
                    && (last.verdict, last.basis, &last.holders) == (now.verdict, now.basis, &now.holders)
            });
            must(same, "the verdict isn't that of the last interval");
        }
        must(found.len() == usize::from(now.verdict != Verdict::Held), "an open duty has a finding unless it is held");
        for finding in found {
            must(finding.kind == Kind::Verdict(now.verdict), "the verdict's finding is another verdict");
            must(finding.holders == now.holders, "the verdict's finding names others");
            must(finding.since == now.since.known(), "the verdict's finding has another since");
            must((&finding.rules, &finding.evidence) == (&duty.rules, &duty.evidence), "other rules or evidence");
        }
        let is_shown = !duty.rules.is_empty() && !duty.evidence.is_empty();
        must(is_shown == (now.verdict != Verdict::Unheld), "a verdict has the rules and evidence that decide it");
    }
    for finding in &judgement.findings {
        must(severity(finding.kind).is_none_or(|severity| severity == finding.severity), "another severity");
        must(finding.holders.is_sorted_by(|a, b| a < b), "holders aren't sorted, each once");
        must(finding.rules.is_sorted_by(|a, b| a < b), "rules aren't sorted, each once");
        must(finding.until.is_some() == (finding.kind == Kind::Expiring), "only expiring has an until");
    }
    wrong
}

/// The severity of the kinds that have one (in-flight and ageing-out have two).
fn severity(kind: Kind) -> Option<Severity> {
    match kind {
        Kind::Verdict(Verdict::Unheld | Verdict::Lapsed | Verdict::Contested) => Some(Severity::Error),
        Kind::Verdict(Verdict::Leaderless | Verdict::Unnamed) => Some(Severity::Warning),
        Kind::Verdict(Verdict::Assumed) => Some(Severity::Note),
        Kind::Verdict(Verdict::Held) | Kind::InFlight | Kind::AgeingOut => None,
        Kind::Orphaned | Kind::CliffEdge => Some(Severity::Error),
        Kind::Stranger | Kind::Expiring | Kind::Silent => Some(Severity::Warning),
        Kind::Voiceless => Some(Severity::Note),
    }
}

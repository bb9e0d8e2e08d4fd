//! Verdicts and findings as tables: what the records say about one need of one patient, and what must come out.
//!
//! The cases are in `tests/cases`, a file for each idea, in a language that a nurse can read. A paragraph is a
//! case; its first lines are a sentence that says why.
//!
//! ```text
//! # The paediatric team lead leaves in March; the surgery where the child is registered is what remains.
//! need      Condition/asthma            2024-01-01 ..
//! claim     C3 lead Dr Okoro            2024-01-01 .. 2025-03-01
//! claim     C7 registered Dr Hale       always
//! as of     2025-06-01
//! verdict   2024-01-01 held Dr Okoro as lead | 2025-03-01 assumed Dr Hale as registered
//! finding   cliff-edge Dr Okoro since 2025-03-01 by C3
//! ```
//!
//! **Time.** `2025-03-01` is the midnight (UTC) that begins that day; `2025-03-01 08:30` half past eight on it.
//!
//! | period | |
//! |---|---|
//! | `2024-01-01 .. 2025-03-01` | from the first instant up to, and without, the second |
//! | `2024-01-01 ..` | from then on, without an end |
//! | `.. 2025-03-01` | since an unknown start |
//! | `2024-01-01 through 2025-03-01` | the end is written as a day, and that day is in it: it can be cut on handover
//! day |
//! | `always` | |
//!
//! **What the records say.** In any order, but duties after the need:
//!
//! | line | |
//! |---|---|
//! | `need Condition/asthma PERIOD` | the need, which has the duty overall; also ServiceRequest/…, CarePlan/…,
//! EpisodeOfCare/… |
//! | `duty prescribe PERIOD and PERIOD` | another duty of it, and when it is open |
//! | `claim RULE BASIS NAME PERIOD` | a claim on the need; before the period may stand `as registrar` (in that role),
//! `for prescribe` (on that duty alone) and `on a visit` (an encounter that is no stay); after it `known from DATE`
//! (what links it begins then) and `from Task/t` (the resource that shows it) |
//! | `role NAME as registrar at ORGANISATION ends DATE` | a role of a person; every part but the name may be left out;
//! `inactive` at the end; `in children's services` before `ends` |
//! | `post NAME …` | a role without a practitioner, named by itself; otherwise as a role |
//! | `person NAME inactive`, `organisation NAME inactive` | has left, has closed; an organisation may be `in children's
//! services` |
//! | `waiting Task/t asked by NAME since DATE` | a referral or Task that nobody took; without `asked by …`; `undated`
//! for the last part |
//! | `refused Task/t asked by NAME on DATE` | a Task that was refused and not taken up; likewise |
//! | `seen DATE` | the end of the last encounter about the need |
//! | `met NAME and NAME`, `met nobody` | who took part in the patient's encounters; without the line the records have
//! none |
//! | `born DATE`, `transition plan` | |
//! | `as of DATE` | the instant of judgement; windows are those of the default configuration |
//!
//! A claim that begins, or is known from, later than as-of is *foreseen*: only expiring looks at it.
//!
//! **What must come out.** A case asks what it states:
//!
//! | line | |
//! |---|---|
//! | `verdict START VERDICT NAMES as BASIS \| START …` | the whole timeline of the duty overall and its verdict: each
//! entry goes on to the next. `closed` where it isn't open, `never open`; `unknown` for a start that isn't known. An
//! entry that starts at as-of is the verdict alone, the timeline doesn't have it |
//! | `verdict of prescribe …` | of another duty |
//! | `decided by C3 and C5 from CareTeam/t`, `decided of prescribe by …` | rules and resources of the claims that
//! decide the verdict |
//! | `finding KIND NAMES since DATE until DATE by RULES from RESOURCES` | one line for every finding but the verdicts
//! themselves, `finding none` where there is none; `of prescribe` after the kind for another duty than overall;
//! in-flight and ageing-out say `warning` or `error` after the kind. Resources are asked where a line of the case names
//! some |
//!
//! The verdict's own finding (assumed, unheld …) follows from the verdict, and is asked of every case.
//!
//! `bug HOW` marks a case that the code is known to get wrong: it must fail, and once it doesn't, the line goes.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test stops at what it didn't expect")]

mod language;

use answerable_care::{Finding, Heading, Kind, Severity, Verdict};
use language::{check, failures};

/// One test for each file, and none for a file that isn't there.
macro_rules! files {
    ($($test:ident $file:literal)*) => {
        const FILES: &[(&str, &str)] = &[$(($file, include_str!(concat!("cases/", $file)))),*];
        $(#[test] fn $test() { check($file, include_str!(concat!("cases/", $file))); })*
    };
}

files! {
    bases "bases.txt"
    verdicts "verdicts.txt"
    time "time.txt"
    lapsed "lapsed.txt"
    handover_day "handover-day.txt"
    duties "duties.txt"
    as_of "as-of.txt"
    in_flight "in-flight.txt"
    orphaned "orphaned.txt"
    cliff_edge "cliff-edge.txt"
    expiring "expiring.txt"
    stranger "stranger.txt"
    ageing_out "ageing-out.txt"
    silent "silent.txt"
}

#[test]
fn every_file_of_cases_is_run() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");
    let mut found: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let mut run: Vec<&str> = FILES.iter().map(|(file, _)| *file).collect();
    found.sort_unstable();
    run.sort_unstable();
    assert_eq!(found, run);
    for (file, text) in FILES {
        println!("{file}: {} cases", language::cases(text).len());
    }
}

/// A canary: had any of these passed, the green of the others would say nothing.
#[test]
fn what_is_wrong_is_seen() {
    let story = "# Dr Okoro leads to March.
        need      Condition/asthma       2024-01-01 ..
        claim     C3 lead Dr Okoro       2024-01-01 .. 2024-03-01 from CareTeam/t
        as of     2024-06-01\n";
    let right = "verdict 2024-01-01 held Dr Okoro as lead | 2024-03-01 unheld
        decided   by nothing
        finding   cliff-edge Dr Okoro since 2024-03-01 by C3 from CareTeam/t";
    assert_eq!(failures("right", &format!("{story}{right}")), [""; 0]);
    for wrong in [
        "verdict   2024-01-01 held Dr Okoro as accepted | 2024-03-01 unheld",
        "verdict   2024-01-01 held Dr Hale as lead | 2024-03-01 unheld",
        "verdict   2024-01-02 held Dr Okoro as lead | 2024-03-01 unheld",
        "verdict   2024-01-01 held Dr Okoro as lead",
        "verdict   2024-01-01 held Dr Okoro as lead | 2024-03-01 lapsed Dr Okoro as lead",
        "finding   none",
        "finding   cliff-edge Dr Okoro since 2024-03-01 by C2",
        "finding   cliff-edge Dr Okoro since 2024-03-01 by C3 from CareTeam/u",
        "finding   cliff-edge Dr Hale since 2024-03-01 by C3",
        "decided   by C3 from CareTeam/t",
        "decision  by C3 from CareTeam/t",
        "seen      2024-02-30",
        "",
        &format!("bug no bug at all\n{right}"),
    ] {
        assert_eq!(failures("wrong", &format!("{story}{wrong}")).len(), 1, "not seen: {wrong}");
    }
}

/// The order in which patients are ranked, and under which heading each kind stands.
#[test]
fn worst_first() {
    let finding = |kind, severity| Finding {
        kind,
        severity,
        duty: None,
        holders: vec![],
        since: None,
        until: None,
        rules: vec![],
        evidence: vec![],
    };
    let mut kinds = vec![
        finding(Kind::InFlight, Severity::Error),
        finding(Kind::InFlight, Severity::Warning),
        finding(Kind::AgeingOut, Severity::Error),
        finding(Kind::AgeingOut, Severity::Warning),
        finding(Kind::Orphaned, Severity::Error),
        finding(Kind::CliffEdge, Severity::Error),
        finding(Kind::Stranger, Severity::Warning),
        finding(Kind::Expiring, Severity::Warning),
        finding(Kind::Silent, Severity::Warning),
        finding(Kind::Voiceless, Severity::Note),
    ];
    let verdicts = Verdict::ALL.into_iter();
    kinds.extend(verdicts.filter_map(|verdict| Some(finding(Kind::Verdict(verdict), verdict.severity()?))));
    kinds.sort_by_key(Finding::rank);
    let said: Vec<String> = kinds
        .iter()
        .map(|finding| {
            let heading = match finding.heading() {
                Heading::Fell => "fell",
                Heading::Blank => "blank",
                Heading::Watch => "watch",
            };
            format!("{heading:<6}{} {}", finding.kind.as_str(), finding.severity.as_str())
        })
        .collect();
    let expected = [
        "fell  cliff-edge error",
        "fell  orphaned error",
        "fell  in-flight error",
        "fell  lapsed error",
        "fell  contested error",
        "fell  ageing-out error",
        "blank unheld error",
        "blank unnamed warning",
        "blank leaderless warning",
        "watch in-flight warning",
        "watch expiring warning",
        "watch ageing-out warning",
        "watch stranger warning",
        "watch silent warning",
        "watch assumed note",
        "watch voiceless note",
    ];
    assert_eq!(said, expected);
}

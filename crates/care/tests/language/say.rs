//! What `judge` found -> the words of the cases.

use answerable_care::{Basis, DutyJudgement, Evidence, Finding, Holder, Instant, Kind, Rule, Timeline, Verdict};

use super::calendar;
use super::read::Names;

/// `2024-01-01 held Dr Okoro as lead | 2025-03-01 assumed Dr Hale as registered`.
pub(crate) fn timeline(timeline: &Timeline, names: &Names) -> String {
    let mut entries = Vec::new();
    let mut closed_at: Option<Instant> = None;
    for segment in &timeline.segments {
        if let Some(closed) = closed_at.filter(|&end| end != segment.interval.start) {
            entries.push(format!("{} closed", calendar::say(closed)));
        }
        entries.push(entry(segment.interval.start, segment.verdict, segment.basis, &segment.holders, names));
        closed_at = Some(segment.interval.end);
    }
    match (&timeline.now, closed_at) {
        (Some(now), end) => {
            // What as-of cuts goes on; what changed at as-of itself, or opened then, shows in the verdict alone.
            let last = entries.last().cloned();
            let standing = entry(now.since, now.verdict, now.basis, &now.holders, names);
            if last.as_ref() != Some(&standing) {
                if let Some(closed) = end.filter(|&end| end != now.since) {
                    entries.push(format!("{} closed", calendar::say(closed)));
                }
                entries.push(standing);
            }
        }
        (None, Some(closed)) => entries.push(format!("{} closed", calendar::say(closed))),
        (None, None) => entries.push("never open".to_owned()),
    }
    entries.join(" | ")
}

fn entry(start: Instant, verdict: Verdict, basis: Option<Basis>, holders: &[Holder], names: &Names) -> String {
    let mut entry = format!("{} {}", calendar::say(start), verdict.as_str());
    if !holders.is_empty() {
        entry += &format!(" {}", persons(holders, names));
    }
    // Unnamed is always by organisations, unheld by nobody: the word would say nothing.
    match (verdict, basis) {
        (Verdict::Unnamed, Some(Basis::Organisation)) | (Verdict::Unheld, None) => entry,
        (_, Some(basis)) => format!("{entry} as {}", basis.as_str()),
        (_, None) => format!("{entry} as nothing"),
    }
}

fn persons(holders: &[Holder], names: &Names) -> String {
    let mut said: Vec<&str> = holders
        .iter()
        .map(|holder| names.holders.get(holder.0 as usize).map_or("somebody unknown", String::as_str))
        .collect();
    said.sort_unstable();
    said.join(" and ")
}

/// `by C3 and C5 from CareTeam/asthma`.
pub(crate) fn decided(judged: &DutyJudgement, names: &Names) -> String {
    shown_by(&judged.rules, &judged.evidence, names)
}

fn shown_by(rules: &[Rule], evidence: &[Evidence], names: &Names) -> String {
    let rules: Vec<&str> = rules.iter().map(|rule| rule.as_str()).collect();
    let mut resources: Vec<&str> = evidence
        .iter()
        .map(|evidence| names.evidence.get(evidence.0 as usize).map_or("something unknown", String::as_str))
        .collect();
    resources.sort_unstable();
    if rules.is_empty() && resources.is_empty() {
        return "by nothing".to_owned();
    }
    format!("by {} from {}", rules.join(" and "), resources.join(" and "))
}

/// `cliff-edge Dr Okoro since 2025-03-01 by C3 from CareTeam/asthma`; of another duty than overall, `cliff-edge of
/// prescribe …`; of in-flight and ageing-out, whose severity varies, `in-flight error …`.
pub(crate) fn finding(finding: &Finding, names: &Names) -> String {
    let mut said = finding.kind.as_str().to_owned();
    if let Some(duty) = finding.duty.filter(|&duty| duty > 0) {
        said += &format!(" of {}", names.duties.get(duty).map_or("something unknown", String::as_str));
    }
    if matches!(finding.kind, Kind::InFlight | Kind::AgeingOut) {
        said += &format!(" {}", finding.severity.as_str());
    }
    if !finding.holders.is_empty() {
        said += &format!(" {}", persons(&finding.holders, names));
    }
    said += &format!(" since {}", calendar::say(finding.since.unwrap_or(Instant::MIN)));
    if let Some(until) = finding.until {
        said += &format!(" until {}", calendar::say(until));
    }
    format!("{said} {}", shown_by(&finding.rules, &finding.evidence, names))
}

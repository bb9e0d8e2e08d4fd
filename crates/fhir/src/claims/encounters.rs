//! Encounters: who attends (C4), and who saw the patient last (C8).

use answerable_care::{Basis, EndWritten, Instant, Interval, Rule, Setting};

use super::{Ground, OfNeed, add_to, both};
use crate::chart::Chart;
use crate::date::Stretch;
use crate::facts::{Encounter, Facts, Participant};
use crate::needs::Needs;
use crate::record::{Class, Status};

/// C4 and C8.
pub(super) fn attending_and_last_seen(chart: &mut Chart, facts: &Facts, needs: &Needs, all: &mut [OfNeed]) {
    let about = About::new(facts);
    let mut finished: Vec<(usize, Instant, &Encounter)> = Vec::new();
    for encounter in &facts.encounters {
        let of_encounter = about.needs(chart, facts, needs, encounter);
        if of_encounter.is_empty() {
            continue;
        }
        attending(chart, encounter, &of_encounter, all);
        if let Some(end) = finished_at(encounter) {
            finished.extend(of_encounter.iter().map(|&need| (need, end, encounter)));
        }
    }
    last_seen(chart, finished, all);
}

/// C4: participants of type ATND, while the encounter lasts.
fn attending(chart: &mut Chart, encounter: &Encounter, of_encounter: &[usize], all: &mut [OfNeed]) {
    let Some(lasts) = lasts(chart, encounter) else { return };
    for participant in encounter.participants.iter().filter(|participant| participant.is_attending) {
        let setting = if encounter.class == Class::Stay { Setting::Lasting } else { Setting::Visit };
        let stretch = both(participant.period, lasts);
        let known_from = encounter.period.interval.start;
        let ground = Ground::new(Rule::C4, Basis::Attending, stretch, encounter.node);
        add_to(chart, all, of_encounter, Ground { setting, known_from, ..ground }, participant.who);
    }
}

/// How long an encounter lasts for C4: a finished one with no end ended when it began; one that isn't finished
/// runs a day or `encounter_at_most`, whatever its end; without a start it makes none.
fn lasts(chart: &Chart, encounter: &Encounter) -> Option<Stretch> {
    let Interval { start, end } = encounter.period.interval;
    start.known()?;
    match encounter.status {
        Status::Finished if end == Instant::MAX => None,
        Status::Finished => Some(encounter.period),
        Status::InProgress | Status::Arrived | Status::Triaged | Status::OnLeave => {
            let most = match encounter.class {
                Class::Visit => Instant::DAY,
                Class::Stay | Class::Other => chart.world.moments.encounter_at_most,
            };
            let at_most = Stretch { interval: Interval::new(start, start + most), end_written: EndWritten::Otherwise };
            Some(both(encounter.period, at_most))
        }
        _ => None,
    }
}

/// When a finished encounter ended: when it began, if it has no end.
pub(crate) fn finished_at(encounter: &Encounter) -> Option<Instant> {
    let Interval { start, end } = encounter.period.interval;
    if encounter.status != Status::Finished {
        return None;
    }
    end.known().or(start.known())
}

/// C8: who took part in the latest finished encounter about the need, from its end.
fn last_seen(chart: &mut Chart, mut finished: Vec<(usize, Instant, &Encounter)>, all: &mut [OfNeed]) {
    finished.sort_by_key(|&(need, end, _)| (need, end));
    let window = chart.world.moments.contact_window_months;
    for at_one in finished.chunk_by(|one, other| one.0 == other.0) {
        for (index, &(need, end, encounter)) in at_one.iter().enumerate() {
            let later =
                at_one.get(index..).unwrap_or_default().iter().map(|&(_, end, _)| end).find(|&later| later > end);
            // No month is shorter than this, whatever clocks do: then the calendar, which is slow, needn't be asked.
            let surely = end + Instant::DAY * (27 * window);
            let until = match later {
                Some(later) if later <= surely => later,
                _ => chart.world.calendar.months_after(end, window).min(later.unwrap_or(Instant::MAX)),
            };
            let stretch = Stretch { interval: Interval::new(end, until), end_written: EndWritten::Otherwise };
            let known_from = encounter.period.interval.start;
            let ground = Ground { known_from, ..Ground::new(Rule::C8, Basis::LastSeen, stretch, encounter.node) };
            for who in seen_by(&encounter.participants) {
                add_to(chart, all, &[need], ground, who.who);
            }
        }
    }
}

/// ATND participants, else PPRF, else any.
fn seen_by(participants: &[Participant]) -> Vec<&Participant> {
    let of = |wanted: fn(&Participant) -> bool| -> Vec<&Participant> {
        participants.iter().filter(|participant| wanted(participant)).collect()
    };
    let attending = of(|participant| participant.is_attending);
    if !attending.is_empty() {
        return attending;
    }
    let primary = of(|participant| participant.is_primary_performer);
    if !primary.is_empty() { primary } else { of(|_| true) }
}

/// Which needs an encounter is about.
pub(crate) struct About {
    /// Conditions that name an encounter as theirs: encounter, then condition; sorted.
    of_conditions: Vec<(u32, u32)>,
}

impl About {
    pub(crate) fn new(facts: &Facts) -> About {
        let named = facts.conditions.iter().filter(|condition| !condition.record.is_wrong);
        let mut of_conditions: Vec<(u32, u32)> =
            named.filter_map(|condition| Some((condition.encounter?, condition.node))).collect();
        of_conditions.sort_unstable();
        About { of_conditions }
    }

    /// Its diagnosis.condition or reasonReference is the need, a reasonCode shares a coding with the need's, it is
    /// Condition.encounter, its basedOn is the referral, its episodeOfCare is the episode or lists the condition.
    pub(crate) fn needs(&self, chart: &Chart, facts: &Facts, needs: &Needs, encounter: &Encounter) -> Vec<usize> {
        if encounter.status == Status::EnteredInError {
            return Vec::new();
        }
        let as_of = chart.world.moments.moment.as_of;
        let mut about = needs.of_all(&encounter.conditions);
        about.extend(encounter.reasons.iter().flat_map(|&coding| needs.with_coding(coding)));
        let from = self.of_conditions.partition_point(|&(of, _)| of < encounter.node);
        let own =
            self.of_conditions.get(from..).unwrap_or_default().iter().take_while(|&&(of, _)| of == encounter.node);
        about.extend(own.filter_map(|&(_, condition)| needs.of(condition)));
        about.extend(needs.of_all(&encounter.based_on));
        for &episode in &encounter.episodes {
            about.extend(needs.of(episode));
            let listed = facts
                .episode_of(episode)
                .filter(|episode| episode.status != Status::EnteredInError && episode.period.interval.start <= as_of);
            about.extend(listed.into_iter().flat_map(|episode| needs.of_all(&episode.diagnoses)));
        }
        about.sort_unstable();
        about.dedup();
        about
    }
}

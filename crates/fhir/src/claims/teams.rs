//! Care teams: C3, C5 and C7a.

use answerable_care::{Basis, Instant, NeedKind, Place, Rule};
use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};

use super::{Ground, OfNeed, add_to, both};
use crate::chart::Chart;
use crate::date::Stretch;
use crate::facts::{Facts, Member, Team};
use crate::needs::{Needs, is_episode_status, is_plan_status};
use crate::record::Status;

/// A way in which a team is linked to needs: while this lasts, known from then.
struct Link {
    needs: Vec<usize>,
    stretch: Stretch,
    known_from: Instant,
}

/// C3 and C5: who is on a team that is linked to a need, in an answerable role or another.
pub(super) fn members(chart: &mut Chart, facts: &Facts, needs: &Needs, all: &mut [OfNeed]) {
    let mut links: HashMap<u32, Vec<Link>, FixedState> = HashMap::default();
    for plan in facts.plans.iter().filter(|plan| is_plan_status(plan.status, plan.period.interval)) {
        let mut of_plan = needs.of_all(&plan.addresses);
        of_plan.extend(needs.of(plan.node));
        for &team in &plan.teams {
            let known_from = plan.period.interval.start;
            links.entry(team).or_default().push(Link { needs: of_plan.clone(), stretch: plan.period, known_from });
        }
    }
    for episode in facts.episodes.iter().filter(|episode| is_episode_status(episode.status, episode.period.interval)) {
        let mut of_episode = needs.of_all(&episode.diagnoses);
        of_episode.extend(needs.of(episode.node));
        for &team in &episode.teams {
            let known_from = episode.period.interval.start;
            links.entry(team).or_default().push(Link {
                needs: of_episode.clone(),
                stretch: episode.period,
                known_from,
            });
        }
    }
    for team in facts.teams.iter().filter(|team| claims(team)) {
        let mut of_team = links.remove(&team.node).unwrap_or_default();
        of_team.push(Link {
            needs: needs.of_all(&team.reasons),
            stretch: crate::body::always(),
            known_from: Instant::MIN,
        });
        for link in of_team.iter().filter(|link| !link.needs.is_empty()) {
            for member in &team.members {
                let (rule, basis) = match member {
                    Member { is_answerable: true, .. } => (Rule::C3, Basis::Lead),
                    Member { is_no_clinician: true, .. } => continue,
                    _ => (Rule::C5, Basis::Member),
                };
                let stretch = both(both(member.period, team.period), link.stretch);
                let known_from = link.known_from.max(team.period.interval.start);
                let ground = Ground { known_from, ..Ground::new(rule, basis, stretch, team.node) };
                add_to(chart, all, &link.needs, ground, member.who);
            }
        }
    }
}

/// Active, without a status, or inactive with an end.
fn claims(team: &Team) -> bool {
    match team.status {
        Status::Active | Status::Missing => true,
        Status::Inactive => team.period.interval.end != Instant::MAX,
        _ => false,
    }
}

/// C7a: a team that is linked to nothing is registered for every condition; while someone in an
/// answerable role is on it, those alone.
pub(super) fn registered(chart: &mut Chart, facts: &Facts, needs: &Needs, all: &mut [OfNeed]) {
    let as_of = chart.world.moments.moment.as_of;
    let mut linked: HashSet<u32, FixedState> = HashSet::default();
    let is_known = |status: Status, start: Instant| status != Status::EnteredInError && start <= as_of;
    for plan in facts.plans.iter().filter(|plan| is_known(plan.status, plan.period.interval.start)) {
        linked.extend(&plan.teams);
    }
    for episode in facts.episodes.iter().filter(|episode| is_known(episode.status, episode.period.interval.start)) {
        linked.extend(&episode.teams);
    }
    let conditions: Vec<usize> = needs
        .list
        .iter()
        .enumerate()
        .filter(|(_, need)| need.kind == NeedKind::Condition)
        .map(|(index, _)| index)
        .collect();
    for team in &facts.teams {
        let stands = matches!(team.status, Status::Active | Status::Missing);
        if !stands || team.is_contained || team.has_reasons || linked.contains(&team.node) {
            continue;
        }
        for member in team.members.iter().filter(|member| !member.is_no_clinician) {
            let stretch = both(member.period, team.period);
            let place = if member.is_answerable { Place::Leads(team.node) } else { Place::Yields(team.node) };
            let known_from = team.period.interval.start;
            let ground = Ground::new(Rule::C7a, Basis::Registered, stretch, team.node);
            add_to(chart, all, &conditions, Ground { known_from, place, ..ground }, member.who);
        }
    }
}

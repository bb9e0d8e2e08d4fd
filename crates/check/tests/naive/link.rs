//! Patients replaced by another, and linked patients, practitioners and organizations.

use super::config::NHS_NUMBER;
use super::dates::{End, Instant};
use super::read::count;
use super::shape;
use super::world::World;
use std::collections::{BTreeMap, BTreeSet};

impl World {
    /// A Patient with a link of type replaced-by is read as the other Patient: the first such link that
    /// resolves; one that leads into a circle is ignored.
    pub fn replace(&mut self) {
        let mut next: BTreeMap<usize, usize> = BTreeMap::new();
        for at in 0..self.res.len() {
            if self.res[at].kind != "Patient" {
                continue;
            }
            let found = self
                .references(at)
                .into_iter()
                .filter(|(path, _, _)| *path == "link[].other")
                .find_map(|(_, _, r)| self.subject(at, r).res.filter(|to| self.res[*to].kind == "Patient"));
            if let Some(to) = found {
                next.insert(at, to);
            }
        }
        let mut ends: BTreeMap<usize, usize> = BTreeMap::new();
        for from in next.keys() {
            let mut seen = BTreeSet::from([*from]);
            let mut at = *from;
            let mut circle = false;
            while let Some(to) = next.get(&at) {
                circle = !seen.insert(*to);
                if circle {
                    break;
                }
                at = *to;
            }
            if circle {
                count(&mut self.report, "circles");
            } else {
                count(&mut self.report, "merged");
                ends.insert(*from, at);
            }
        }
        for (from, to) in ends {
            self.canon[from] = self.res[to].name.clone();
            self.replaced.insert(from);
        }
    }

    /// Those who share an identifier of a linking system are one, and so are, in any chain, those linked
    /// to them. Patients of a chain whose birthDates differ as written are not linked: a clash.
    pub fn link(&mut self) {
        for (kind, by) in [
            ("Patient", "link_patients_by"),
            ("Practitioner", "link_practitioners_by"),
            ("Organization", "link_organizations_by"),
        ] {
            let members: Vec<usize> =
                (0..self.res.len()).filter(|at| self.res[*at].kind == kind && !self.replaced.contains(at)).collect();
            let keys: Vec<BTreeSet<(String, String)>> =
                members.iter().map(|at| self.linking_identifiers(*at, &self.config.links[by])).collect();
            for chain in chains(members.len(), |a, b| keys[a].intersection(&keys[b]).next().is_some()) {
                if chain.len() < 2 {
                    continue;
                }
                let chain: Vec<usize> = chain.into_iter().map(|i| members[i]).collect();
                let births: BTreeSet<&str> =
                    chain.iter().filter_map(|at| shape::text(&self.res[*at].value, "birthDate")).collect();
                if kind == "Patient" && births.len() > 1 {
                    count(&mut self.report, "clashes");
                    continue;
                }
                let lowest = chain.iter().map(|at| self.res[*at].name.clone()).min().unwrap();
                for at in &chain {
                    let own = self.res[*at].name.clone();
                    // Those replaced by it go with it.
                    self.canon.iter_mut().filter(|c| **c == own).for_each(|c| *c = lowest.clone());
                }
                *self.report.get_mut("linked").unwrap() += chain.len() as u64 - 1;
            }
        }
    }

    fn linking_identifiers(&self, at: usize, systems: &[String]) -> BTreeSet<(String, String)> {
        shape::all(&self.res[at].value, "identifier[]")
            .into_iter()
            .filter_map(|i| {
                let system = i["system"].as_str()?.to_string();
                let value = i["value"].as_str()?.replace(' ', "");
                let good = systems.contains(&system) && (system != NHS_NUMBER || is_nhs_number(&value));
                (good && !value.is_empty()).then_some((system, value))
            })
            .collect()
    }

    /// The resources that are read together under a name.
    pub fn together(&self, name: &str) -> Vec<usize> {
        (0..self.res.len())
            .filter(|at| self.canon[*at] == name && self.res[*at].live && !self.replaced.contains(at))
            .collect()
    }

    /// Inactive only if all are. `active` false is read as always so.
    pub fn is_inactive(&self, name: &str) -> bool {
        let all = self.together(name);
        !all.is_empty() && all.iter().all(|at| self.res[*at].value["active"] == false)
    }

    /// Deceased if any is, at the earliest date if any has one: Some(None) is dead at an unknown time.
    pub fn death(&self, patient: &str) -> Option<Option<Instant>> {
        let all = self.together(patient);
        let date = |at: &usize| -> Option<End> {
            shape::date(&self.res[*at].value, "deceasedDateTime", &self.tz).and_then(|w| w.end)
        };
        if let Some(at) = all.iter().filter_map(date).map(|e| e.at).min() {
            return Some(Some(at));
        }
        all.iter().any(|at| self.res[*at].value["deceasedBoolean"] == true).then_some(None)
    }

    /// The first birthDate of the linked; they don't differ.
    pub fn birth(&self, patient: &str) -> Option<Instant> {
        self.together(patient).into_iter().find_map(|at| self.date(at, "birthDate"))
    }
}

/// The groups of 0..n that the pairs join, in any chain.
pub fn chains(n: usize, joined: impl Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
    let mut group: Vec<usize> = (0..n).collect();
    for a in 0..n {
        for b in 0..a {
            if joined(a, b) {
                let (from, to) = (group[a].max(group[b]), group[a].min(group[b]));
                group.iter_mut().filter(|g| **g == from).for_each(|g| *g = to);
            }
        }
    }
    (0..n).map(|g| (0..n).filter(|i| group[*i] == g).collect()).filter(|c: &Vec<usize>| !c.is_empty()).collect()
}

/// Ten digits, not all the same, the last of them the check digit.
fn is_nhs_number(value: &str) -> bool {
    let digits: Vec<u32> = value.chars().filter_map(|c| c.to_digit(10)).collect();
    if value.len() != 10 || digits.len() != 10 || digits.iter().all(|d| *d == digits[0]) {
        return false;
    }
    let sum: u32 = (0..9).map(|i| digits[i] * (10 - i as u32)).sum();
    (11 - sum % 11) % 11 == digits[9]
}

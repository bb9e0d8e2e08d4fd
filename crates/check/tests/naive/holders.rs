//! Who can hold a claim, which person that is, and whether they have lapsed.

use super::dates::Instant;
use super::shape;
use super::world::World;
use serde_json::Value;

#[derive(Clone)]
pub struct Holder {
    /// The name it is counted and shown by.
    pub person: String,
    /// False for an Organization, CareTeam, HealthcareService or a role without a practitioner.
    pub named: bool,
    /// The PractitionerRole through which it holds.
    pub role: Option<usize>,
    /// The Practitioner, if in the records.
    pub practitioner: Option<String>,
    /// The Organization that holds, if in the records.
    pub organization: Option<String>,
}

impl World {
    /// None for who can't hold a claim: Patient, RelatedPerson, Device and the rest.
    pub fn holder(&self, from: usize, r: &Value) -> Option<Holder> {
        if shape::is_blank(r) {
            return None;
        }
        let target = self.target(from, r);
        let read = target.res.is_some();
        let mut holder =
            Holder { person: target.name.clone(), named: false, role: None, practitioner: None, organization: None };
        match target.kind.as_str() {
            "Practitioner" => {
                holder.named = true;
                holder.practitioner = read.then_some(target.name);
            }
            "PractitionerRole" => {
                holder.role = target.res;
                match target.res.map(|role| self.role_practitioner(role)) {
                    // Not in the records: it stands, by its own name.
                    None => holder.named = true,
                    // A vacant post.
                    Some(None) => {}
                    Some(Some((person, read))) => {
                        holder.named = true;
                        holder.person = person.clone();
                        holder.practitioner = read.then_some(person);
                    }
                }
            }
            "Organization" => holder.organization = read.then_some(target.name),
            "CareTeam" | "HealthcareService" => {}
            _ => return None,
        }
        Some(holder)
    }

    /// The same, of a managing organization: an organisation claim whatever its type says.
    pub fn organisation_holder(&self, from: usize, r: &Value) -> Option<Holder> {
        self.holder(from, r).map(|h| Holder { named: false, ..h })
    }

    /// The practitioner that a role names, and whether they are in the records.
    fn role_practitioner(&self, role: usize) -> Option<(String, bool)> {
        let r = &self.res[role].value["practitioner"];
        if shape::is_blank(r) {
            return None;
        }
        let target = self.target(role, r);
        Some((target.name, target.res.is_some()))
    }

    /// The organisation of a role, if in the records.
    pub fn role_organization(&self, role: usize) -> Option<String> {
        let r = &self.res[role].value["organization"];
        if shape::is_blank(r) {
            return None;
        }
        let target = self.target(role, r);
        target.res.map(|_| target.name)
    }

    /// The roles of a practitioner in the records, by references that resolve; contained ones aside.
    pub fn roles_of(&self, practitioner: &str) -> Vec<usize> {
        (0..self.res.len())
            .filter(|at| self.res[*at].kind == "PractitionerRole" && self.res[*at].container.is_none())
            .filter(|at| self.role_practitioner(*at).is_some_and(|(p, read)| read && p == practitioner))
            .collect()
    }

    /// From the instant the role is inactive or its period has ended; while its practitioner or its
    /// organisation is inactive.
    pub fn role_lapsed(&self, role: usize, t: Instant) -> bool {
        let practitioner = self.role_practitioner(role).filter(|(_, read)| *read);
        self.res[role].value["active"] == false
            || self.period(role).end.is_some_and(|e| e.at <= t)
            || practitioner.is_some_and(|(p, _)| self.is_inactive(&p))
            || self.role_organization(role).is_some_and(|o| self.is_inactive(&o))
    }

    pub fn lapsed(&self, holder: &Holder, t: Instant) -> bool {
        if let Some(role) = holder.role {
            return self.role_lapsed(role, t);
        }
        if let Some(organization) = &holder.organization {
            return self.is_inactive(organization);
        }
        let Some(practitioner) = &holder.practitioner else { return false };
        let roles = self.roles_of(practitioner);
        self.is_inactive(practitioner) || !roles.is_empty() && roles.iter().all(|r| self.role_lapsed(*r, t))
    }

    /// Every instant at which anyone can lapse.
    pub fn lapses(&self) -> Vec<Instant> {
        let roles = (0..self.res.len()).filter(|at| self.res[*at].kind == "PractitionerRole");
        roles.filter_map(|at| self.period(at).end).map(|e| e.at).collect()
    }

    /// Whether a role, or its organisation, is in childrens_services.
    pub fn role_is_for_children(&self, role: usize) -> bool {
        let value = &self.res[role].value;
        let mut concepts = shape::all(value, "code[]");
        concepts.extend(shape::all(value, "specialty[]"));
        self.config.set("childrens_services").has_any(&concepts)
            || self.role_organization(role).is_some_and(|o| self.organization_is_for_children(&o))
    }

    /// Any type or name of a linked Organization counts.
    pub fn organization_is_for_children(&self, name: &str) -> bool {
        let set = self.config.set("childrens_services");
        self.together(name).into_iter().any(|at| {
            let value = &self.res[at].value;
            set.has_any(&shape::all(value, "type[]")) || shape::text(value, "name").is_some_and(|n| set.has_word(n))
        })
    }
}

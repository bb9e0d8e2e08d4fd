//! Events of the directory go into it.

use super::Broken;
use crate::ledger::event::Event;
use crate::ledger::id::{OrganisationId, RoleId};
use crate::ledger::state::{Directory, Organisation, Proposal, Role, Stamp};

impl Directory {
    /// Takes an event of the directory's stream in.
    pub(super) fn evolve(&mut self, event: &Event, stamp: Stamp) -> Result<(), Broken> {
        match event {
            Event::OrganisationRegistered(event) => {
                let organisation = Organisation {
                    name: event.name.clone(),
                    parent: event.parent.clone(),
                    until_age: event.until_age,
                    is_closed: false,
                    lead: None,
                    proposed_lead: None,
                };
                self.organisations.insert(event.organisation.clone(), organisation);
            }
            Event::ServiceRegistered(event) => {
                self.services.insert(event.service.clone(), event.organisation.clone());
            }
            Event::PractitionerRegistered(event) => {
                self.practitioners.insert(event.practitioner.clone(), event.name.clone());
            }
            Event::RoleRegistered(event) => {
                let role = Role {
                    practitioner: event.practitioner.clone(),
                    organisation: event.organisation.clone(),
                    profession: event.profession.clone(),
                    scope: event.scope.clone(),
                    start: event.start,
                    end: event.end,
                    ended: None,
                    is_closing: false,
                    proposed_scope: None,
                    proposed_end: None,
                };
                self.roles.insert(event.role.clone(), role);
            }
            Event::ScopeProposed(event) => {
                let proposal = Proposal { side: event.side, what: event.scope.clone() };
                self.role_mut(&event.role)?.proposed_scope = Some(proposal);
            }
            Event::ScopeSet(event) => {
                let role = self.role_mut(&event.role)?;
                role.scope.clone_from(&event.scope);
                role.proposed_scope = None;
            }
            Event::PeriodProposed(event) => {
                let proposal = Proposal { side: event.side, what: event.end };
                self.role_mut(&event.role)?.proposed_end = Some(proposal);
            }
            Event::PeriodSet(event) => {
                let role = self.role_mut(&event.role)?;
                role.end = event.end;
                role.proposed_end = None;
            }
            Event::LeadProposed(event) => {
                let proposal = Proposal { side: event.side, what: event.role.clone() };
                self.organisation_mut(&event.organisation)?.proposed_lead = Some(proposal);
            }
            Event::LeadSet(event) => {
                let organisation = self.organisation_mut(&event.organisation)?;
                organisation.lead = Some(event.role.clone());
                organisation.proposed_lead = None;
            }
            Event::LeadVacant(event) => {
                let organisation = self.organisation_mut(&event.organisation)?;
                if organisation.parent.is_none() {
                    return Err(Broken::new("I6", format!("the root `{}` loses its lead", event.organisation)));
                }
                organisation.lead = None;
            }
            Event::RoleEnded(event) => {
                let role = self.role_mut(&event.role)?;
                role.ended = Some(stamp.at);
                role.is_closing = false;
            }
            Event::OrganisationClosed(event) => self.organisation_mut(&event.organisation)?.is_closed = true,
            Event::BulkOffered(event) => {
                self.bulks.insert(event.bulk.clone());
            }
            Event::ClockRead(_) => (),
            other => return Err(Broken::new("log", format!("{} is of a patient", other.kind().as_str()))),
        }
        Ok(())
    }

    fn role_mut(&mut self, id: &RoleId) -> Result<&mut Role, Broken> {
        self.roles.get_mut(id).ok_or_else(|| Broken::unknown(id))
    }

    fn organisation_mut(&mut self, id: &OrganisationId) -> Result<&mut Organisation, Broken> {
        self.organisations.get_mut(id).ok_or_else(|| Broken::unknown(id))
    }
}

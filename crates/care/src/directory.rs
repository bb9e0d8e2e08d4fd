//! Organisations, practitioners and their roles; and from when on each is lapsed.

use crate::time::Instant;

/// A practitioner role's place in the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleId(pub u32);

/// A practitioner's place in the directory; linked records of one person share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PractitionerId(pub u32);

/// An organisation's place in the directory; linked records of one share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrganizationId(pub u32);

/// A named practitioner in a role at an organisation, for a period.
#[derive(Clone, Debug)]
pub struct Role {
    /// Whether the record is active.
    pub is_active: bool,
    /// The end of its period.
    pub end: Instant,
    /// Its practitioner, where the directory has them.
    pub practitioner: Option<PractitionerId>,
    /// Its organisation, where the directory has it.
    pub organization: Option<OrganizationId>,
    /// Whether its codes or specialties are of children's services.
    pub childrens_services: bool,
}

/// A practitioner.
#[derive(Clone, Debug)]
pub struct Practitioner {
    /// Whether any of their records is active.
    pub is_active: bool,
    /// Their roles.
    pub roles: Vec<RoleId>,
}

/// An organisation.
#[derive(Clone, Debug)]
pub struct Organization {
    /// Whether any of its records is active.
    pub is_active: bool,
    /// Whether its type or name is of children's services.
    pub childrens_services: bool,
}

/// Who works where, and who is lapsed from when on.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// By [`RoleId`].
    pub roles: Vec<Role>,
    /// By [`PractitionerId`].
    pub practitioners: Vec<Practitioner>,
    /// By [`OrganizationId`].
    pub organizations: Vec<Organization>,
}

impl Directory {
    fn role(&self, id: RoleId) -> Option<&Role> {
        self.roles.get(id.0 as usize)
    }

    fn practitioner(&self, id: PractitionerId) -> Option<&Practitioner> {
        self.practitioners.get(id.0 as usize)
    }

    fn organization(&self, id: OrganizationId) -> Option<&Organization> {
        self.organizations.get(id.0 as usize)
    }

    /// From when on a claim by this role is lapsed: when the role is inactive or its period has ended, and
    /// always while its practitioner or its organisation is inactive (`active` false is read as always so).
    #[must_use]
    pub fn role_lapses(&self, id: RoleId) -> Instant {
        let Some(role) = self.role(id) else { return Instant::MAX };
        let person_gone =
            role.practitioner.and_then(|person| self.practitioner(person)).is_some_and(|person| !person.is_active);
        let closed =
            role.organization.is_some_and(|organization| self.organization_lapses(organization) == Instant::MIN);
        if !role.is_active || person_gone || closed { Instant::MIN } else { role.end }
    }

    /// From when on a claim by this practitioner, not in a role, is lapsed: always while inactive; else, where
    /// they have roles, when the last of these is lapsed. A role that hasn't begun isn't lapsed.
    #[must_use]
    pub fn practitioner_lapses(&self, id: PractitionerId) -> Instant {
        match self.practitioner(id) {
            Some(person) if !person.is_active => Instant::MIN,
            Some(person) => person.roles.iter().map(|&role| self.role_lapses(role)).max().unwrap_or(Instant::MAX),
            None => Instant::MAX,
        }
    }

    /// From when on a claim by this organisation is lapsed: always while inactive.
    #[must_use]
    pub fn organization_lapses(&self, id: OrganizationId) -> Instant {
        match self.organization(id) {
            Some(organization) if !organization.is_active => Instant::MIN,
            _ => Instant::MAX,
        }
    }

    /// Whether a role, or the organisation that it is at, is of children's services.
    #[must_use]
    pub fn role_in_childrens_services(&self, id: RoleId) -> bool {
        self.role(id).is_some_and(|role| {
            role.childrens_services
                || role.organization.is_some_and(|organization| self.organization_in_childrens_services(organization))
        })
    }

    /// Whether any role of a practitioner that isn't lapsed at `at` is of children's services.
    #[must_use]
    pub fn practitioner_in_childrens_services(&self, id: PractitionerId, at: Instant) -> bool {
        self.practitioner(id).is_some_and(|person| {
            person.roles.iter().any(|&role| self.role_lapses(role) > at && self.role_in_childrens_services(role))
        })
    }

    /// Whether an organisation is of children's services.
    #[must_use]
    pub fn organization_in_childrens_services(&self, id: OrganizationId) -> bool {
        self.organization(id).is_some_and(|organization| organization.childrens_services)
    }
}

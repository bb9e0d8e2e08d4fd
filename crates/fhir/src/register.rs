//! The register: the practitioners, roles and organisations of all sources, linked, and what references
//! lead to them. It stays whole in memory.

use answerable_care as care;
use answerable_care::{Directory, OrganizationId, PractitionerId, RoleId};
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::links::{Unions, link};
use crate::name::{Name, NameRef, SourceIndex, Sources};
use crate::record::{Body, Record};
use crate::reference::{IdentifierKey, Reference, Said, Target, Type};

/// Something in the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Entity {
    /// A practitioner; linked records are one.
    Practitioner(PractitionerId),
    /// A role.
    Role(RoleId),
    /// An organisation; linked records are one.
    Organization(OrganizationId),
}

impl Entity {
    /// Its type.
    #[must_use]
    pub fn kind(self) -> Type {
        match self {
            Entity::Practitioner(_) => Type::Practitioner,
            Entity::Role(_) => Type::PractitionerRole,
            Entity::Organization(_) => Type::Organization,
        }
    }
}

/// Whom a role names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Person {
    /// Nobody: a vacant post.
    Nobody,
    /// A practitioner in the register.
    Known(PractitionerId),
    /// One who isn't in the records: the printed name.
    Dangling(Box<str>),
}

/// What is printed and shown of an entity.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// As it is printed: `Practitioner/1`, `trust/Organization/RX1`.
    pub name: Box<str>,
    /// For people: a person's name, a role's title, an organisation's name.
    pub title: Option<Box<str>>,
}

/// The practitioners, roles and organisations of all sources.
#[derive(Debug, Default)]
pub struct Register {
    /// Who is lapsed when, and who is in children's services.
    pub directory: Directory,
    /// By [`PractitionerId`].
    pub practitioners: Vec<Shown>,
    /// By [`RoleId`].
    pub roles: Vec<Shown>,
    /// By [`RoleId`].
    pub persons: Vec<Person>,
    /// By [`OrganizationId`].
    pub organizations: Vec<Shown>,
    /// How many records are one with another: practitioners, organisations.
    pub linked: (u64, u64),
    /// How many references of the register lead nowhere.
    pub dangling: u64,
    printed: Sources,
    names: HashMap<Name, Entity, FixedState>,
    by_identifier: HashMap<(SourceIndex, IdentifierKey), Vec<Entity>, FixedState>,
}

impl Register {
    /// The entity of that name.
    #[must_use]
    pub fn get(&self, name: NameRef) -> Option<Entity> {
        self.names.get(&name).copied()
    }

    /// The entities of a source that have an identifier, of a type if one is said.
    pub fn having(&self, source: SourceIndex, key: IdentifierKey, kind: Option<Type>) -> impl Iterator<Item = Entity> {
        let all = self.by_identifier.get(&(source, key)).map(Vec::as_slice).unwrap_or_default();
        all.iter().copied().filter(move |entity| kind.is_none_or(|kind| entity.kind() == kind))
    }

    /// What is printed and shown of an entity.
    #[must_use]
    pub fn shown(&self, entity: Entity) -> Option<&Shown> {
        match entity {
            Entity::Practitioner(id) => self.practitioners.get(id.0 as usize),
            Entity::Role(id) => self.roles.get(id.0 as usize),
            Entity::Organization(id) => self.organizations.get(id.0 as usize),
        }
    }
}

/// A record that has been given to the builder.
struct Given {
    name: Name,
    printed: Box<str>,
    linking: Vec<IdentifierKey>,
    is_active: bool,
    childrens_services: bool,
    title: Option<Box<str>>,
}

/// A role that waits for all practitioners and organisations to be known.
struct Post {
    name: Name,
    is_active: bool,
    end: care::Instant,
    childrens_services: bool,
    title: Option<Box<str>>,
    person: Pointer,
    place: Pointer,
}

/// Where a role's reference points.
enum Pointer {
    Nowhere,
    Contained(u32),
    /// Name, then the keys to look for; then what to print if none is found, and the type it tells.
    To {
        name: Option<Name>,
        key: Option<IdentifierKey>,
        identifier: Option<IdentifierKey>,
        printed: Box<str>,
        said: Said,
    },
}

/// Collects the records of the register.
#[derive(Default)]
pub struct RegisterBuilder {
    practitioners: Vec<Given>,
    organizations: Vec<Given>,
    posts: Vec<Post>,
    identifiers: Vec<(Name, IdentifierKey)>,
    bytes: u64,
}

impl RegisterBuilder {
    /// About how many bytes of memory it needs.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes a record; of duplicates only the one that counts. `urn` is what a Bundle knows it by.
    pub fn add(&mut self, source: SourceIndex, sources: &Sources, record: &Record, urn: Option<&str>) {
        let name = NameRef { source, name: record.name };
        let keys = record.identifiers.iter().copied().chain(urn.map(IdentifierKey::of_urn));
        let before = self.identifiers.len();
        self.identifiers.extend(keys.map(|key| (name.to_owned(), key)));
        self.bytes += 300 + 2 * record.name.len() as u64 + 64 * (self.identifiers.len() - before) as u64;
        match &record.body {
            Body::PractitionerRole(role) => {
                let mut contained = |wanted: &Option<Reference>| self.pointer(source, sources, record, wanted.as_ref());
                let (person, place) = (contained(&role.practitioner), contained(&role.organization));
                self.posts.push(Post {
                    name: name.to_owned(),
                    is_active: role.is_active,
                    end: role.period.0.interval.end,
                    childrens_services: role.childrens_services,
                    title: role.title.map(Into::into),
                    person,
                    place,
                });
            }
            body => {
                let printed = sources.print(name).into();
                self.give(name.to_owned(), printed, body);
            }
        }
    }

    /// Keeps a practitioner or an organisation; says where.
    fn give(&mut self, name: Name, printed: Box<str>, body: &Body) -> Option<u32> {
        let (list, given) = match body {
            Body::Practitioner(practitioner) => (
                &mut self.practitioners,
                Given {
                    name,
                    printed,
                    linking: practitioner.linking.clone(),
                    is_active: practitioner.is_active,
                    childrens_services: false,
                    title: practitioner.person_name.map(Into::into),
                },
            ),
            Body::Organization(organization) => (
                &mut self.organizations,
                Given {
                    name,
                    printed,
                    linking: organization.linking.clone(),
                    is_active: organization.is_active,
                    childrens_services: organization.childrens_services,
                    title: organization.title.map(Into::into),
                },
            ),
            _ => return None,
        };
        list.push(given);
        Some(list.len() as u32 - 1)
    }

    /// Where a role's reference points; what it contains is given without a number that links.
    fn pointer(
        &mut self,
        source: SourceIndex,
        sources: &Sources,
        role: &Record,
        wanted: Option<&Reference>,
    ) -> Pointer {
        let Some(reference) = wanted else { return Pointer::Nowhere };
        if let Target::Contained(id) = reference.target
            && let Some(inner) = role.contained.iter().find(|inner| inner.name == id)
        {
            let name = format!("{}#{id}", role.name);
            let printed = sources.print(NameRef { source, name: &name }).into();
            let mut body = inner.body.clone();
            match &mut body {
                Body::Practitioner(practitioner) => practitioner.linking.clear(),
                Body::Organization(organization) => organization.linking.clear(),
                _ => return Pointer::Nowhere,
            }
            return self
                .give(Name { source, name: name.into() }, printed, &body)
                .map_or(Pointer::Nowhere, Pointer::Contained);
        }
        let Some(text) = reference.as_written() else { return Pointer::Nowhere };
        let name = match reference.target {
            Target::Named(_, name) => Some(NameRef { source, name }.to_owned()),
            _ => None,
        };
        Pointer::To {
            name,
            key: reference.target_key(),
            identifier: reference.identifier_key(),
            printed: format!("{}{text}", sources.prefix(source)).into(),
            said: reference.type_told(),
        }
    }

    /// Links practitioners and organisations, and finds what roles name.
    #[must_use]
    pub fn finish(self, sources: &Sources) -> Register {
        let mut register = Register { printed: sources.clone(), ..Register::default() };
        let (of_practitioner, linked_practitioners) = groups(&self.practitioners);
        let (of_organization, linked_organizations) = groups(&self.organizations);
        register.linked = (linked_practitioners, linked_organizations);
        for (given, &id) in self.practitioners.iter().zip(&of_practitioner) {
            show(&mut register.practitioners, id, given);
            let people = &mut register.directory.practitioners;
            match people.get_mut(id as usize) {
                Some(person) => person.is_active |= given.is_active,
                None => people.push(care::Practitioner { is_active: given.is_active, roles: Vec::new() }),
            }
            register.names.insert(given.name.clone(), Entity::Practitioner(PractitionerId(id)));
        }
        for (given, &id) in self.organizations.iter().zip(&of_organization) {
            show(&mut register.organizations, id, given);
            let Given { is_active, childrens_services, .. } = *given;
            let organizations = &mut register.directory.organizations;
            match organizations.get_mut(id as usize) {
                Some(organization) => {
                    organization.is_active |= is_active;
                    organization.childrens_services |= childrens_services;
                }
                None => organizations.push(care::Organization { is_active, childrens_services }),
            }
            register.names.insert(given.name.clone(), Entity::Organization(OrganizationId(id)));
        }
        for (index, post) in self.posts.iter().enumerate() {
            register.names.insert(post.name.clone(), Entity::Role(RoleId(index as u32)));
        }
        for (name, key) in &self.identifiers {
            if let Some(entity) = register.get(name.borrow()) {
                let all = register.by_identifier.entry((name.source, *key)).or_default();
                if !all.contains(&entity) {
                    all.push(entity);
                }
            }
        }
        register.posts(self.posts, &of_practitioner, &of_organization);
        register
    }
}

/// The number of the group that each is in, and how many are one with an earlier one.
fn groups(all: &[Given]) -> (Vec<u32>, u64) {
    let mut unions: Unions =
        link(all.len(), all.iter().enumerate().map(|(index, given)| (index as u32, given.linking.as_slice())));
    let mut numbers: Vec<u32> = Vec::with_capacity(all.len());
    let mut next = 0;
    for index in 0..all.len() as u32 {
        let root = unions.of(index);
        // A root is the first of its group, so its number is known.
        let number = if root == index { next } else { numbers.get(root as usize).copied().unwrap_or_default() };
        next += u32::from(root == index);
        numbers.push(number);
    }
    (numbers, all.len() as u64 - u64::from(next))
}

/// Shows a group by the lowest of its names as bytes, with that record's title if it has one.
fn show(shown: &mut Vec<Shown>, id: u32, given: &Given) {
    let title = given.title.clone();
    match shown.get_mut(id as usize) {
        None => shown.push(Shown { name: given.printed.clone(), title }),
        Some(known) if given.printed < known.name => {
            known.title = title.or_else(|| known.title.take());
            known.name = given.printed.clone();
        }
        Some(known) => known.title = known.title.take().or(title),
    }
}

impl Register {
    /// Fills in whom and where each role is.
    fn posts(&mut self, posts: Vec<Post>, of_practitioner: &[u32], of_organization: &[u32]) {
        for (index, post) in posts.into_iter().enumerate() {
            let person = match &post.person {
                Pointer::Nowhere => Person::Nobody,
                Pointer::Contained(given) => {
                    of_practitioner.get(*given as usize).map_or(Person::Nobody, |&id| Person::Known(PractitionerId(id)))
                }
                to => match self.find(post.name.source, to, Type::Practitioner) {
                    Lead::Found(Entity::Practitioner(id)) => Person::Known(id),
                    Lead::Found(_) | Lead::OfNoUse => Person::Nobody,
                    Lead::Dangling(printed) => Person::Dangling(printed),
                },
            };
            let place = match &post.place {
                Pointer::Nowhere => None,
                Pointer::Contained(given) => of_organization.get(*given as usize).map(|&id| OrganizationId(id)),
                to => match self.find(post.name.source, to, Type::Organization) {
                    Lead::Found(Entity::Organization(id)) => Some(id),
                    _ => None,
                },
            };
            let id = RoleId(index as u32);
            if let Person::Known(practitioner) = person
                && let Some(known) = self.directory.practitioners.get_mut(practitioner.0 as usize)
            {
                known.roles.push(id);
            }
            self.directory.roles.push(care::Role {
                is_active: post.is_active,
                end: post.end,
                practitioner: match person {
                    Person::Known(id) => Some(id),
                    Person::Nobody | Person::Dangling(_) => None,
                },
                organization: place,
                childrens_services: post.childrens_services,
            });
            let name = self.printed.print(post.name.borrow()).into();
            self.roles.push(Shown { name, title: post.title });
            self.persons.push(person);
        }
    }

    fn find(&mut self, source: SourceIndex, pointer: &Pointer, expected: Type) -> Lead {
        let Pointer::To { name, key, identifier, printed, said } = pointer else { return Lead::OfNoUse };
        let kind = match said {
            Said::Nothing => None,
            Said::Used(kind) => Some(*kind),
            _ => return Lead::OfNoUse,
        };
        let by_name = name.as_ref().and_then(|name| self.get(name.borrow()));
        let found = by_name
            .or_else(|| [*key, *identifier].into_iter().flatten().find_map(|key| only(self.having(source, key, kind))));
        match found {
            Some(entity) => Lead::Found(entity),
            None => {
                self.dangling += 1;
                if kind.is_none_or(|kind| kind == expected) { Lead::Dangling(printed.clone()) } else { Lead::OfNoUse }
            }
        }
    }
}

/// Where a role's reference leads.
enum Lead {
    Found(Entity),
    Dangling(Box<str>),
    OfNoUse,
}

/// The only one of them, if there is just one.
pub(crate) fn only<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next()?;
    all.next().is_none().then_some(first)
}

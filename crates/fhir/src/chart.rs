//! A chart: all records of one person, the resources contained in them, and what their references lead to.

use answerable_care::{Evidence, Holder, Instant};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::borrow::Cow;

use crate::date::Calendar;
use crate::moments::Moments;
use crate::name::{Name, NameRef, SourceIndex, Sources};
use crate::record::{Body, Record, Status};
use crate::reference::{IdentifierKey, Reference, Said, Target, Type};
use crate::register::{Entity, Person, Register, only};
use crate::settings::Settings;

type Map<K, V> = HashMap<K, V, FixedState>;

/// All that the judging of a person needs beside their records.
#[derive(Debug)]
pub struct World<'w> {
    /// What can be configured.
    pub settings: &'w Settings,
    /// The time zone.
    pub calendar: Calendar,
    /// The names of the sources.
    pub sources: &'w Sources,
    /// Practitioners, roles and organisations.
    pub register: &'w Register,
    /// Resources of patients that a conditional or logical reference may mean.
    pub matches: &'w Matches,
    /// The instant of judgement, and its windows.
    pub moments: Moments,
}

/// Resources of patients that have an identifier that some reference asks for.
pub type Matches = HashMap<(SourceIndex, IdentifierKey), Vec<Name>, FixedState>;

/// A record of a person.
#[derive(Debug)]
pub struct Sheet<'c> {
    /// Its source.
    pub source: SourceIndex,
    /// What the rules need of it.
    pub record: Record<'c>,
    /// A Patient that was replaced by another: its own fields are unread.
    pub is_replaced: bool,
}

/// A resource in a chart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node<'c> {
    pub(crate) source: SourceIndex,
    pub(crate) record: &'c Record<'c>,
    /// The resource that it is contained in.
    pub(crate) container: Option<u32>,
    /// Whether it is read: contained ones only if a reference leads to them.
    pub(crate) is_read: bool,
    pub(crate) is_replaced: bool,
}

/// Who could be answerable: a person, or what stands for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) holder: Holder,
    pub(crate) is_named: bool,
    pub(crate) lapses: Instant,
    pub(crate) childrens_services: bool,
}

/// What people are shown of a holder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HolderShown {
    /// As rows print it.
    pub name: String,
    /// The person's or the organisation's name.
    pub title: Option<String>,
    /// The role's title.
    pub role: Option<String>,
    /// The organisation of the role.
    pub organization: Option<String>,
}

/// A holder's name, and where to find what people are shown of them.
#[derive(Debug)]
struct HolderEntry<'c> {
    name: Cow<'c, str>,
    entity: Option<Entity>,
    title: Option<&'c str>,
}

/// What a reference leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lead {
    /// A resource of this chart.
    Node(u32),
    /// An entry of the register.
    Entity(Entity),
    /// A patient, or a type that the rules don't read.
    Other(Said),
    /// A resource of somebody else's chart, or of none that was read; its type.
    Away(Type, u64),
    /// Nothing that was read; the type that is told.
    Dangling(Said),
    /// It says nothing.
    Nothing,
}

/// Counts of what was passed over while a chart was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChartCounts {
    /// References that lead nowhere.
    pub dangling: u64,
    /// References to resources of other patients, ignored.
    pub cross_patient: u64,
    /// Needs whose start isn't known.
    pub undated: u64,
    /// Needs that closed at an unknown time.
    pub closed_unknown: u64,
    /// Needs that were open when the patient died.
    pub open_at_death: u64,
    /// Participants left out because their period ends before it starts.
    pub participants_left_out: u64,
}

impl ChartCounts {
    /// Adds the counts of another chart.
    pub fn add(&mut self, other: &ChartCounts) {
        self.dangling += other.dangling;
        self.cross_patient += other.cross_patient;
        self.undated += other.undated;
        self.closed_unknown += other.closed_unknown;
        self.open_at_death += other.open_at_death;
        self.participants_left_out += other.participants_left_out;
    }
}

/// All records of one person.
#[derive(Debug)]
pub(crate) struct Chart<'c> {
    pub(crate) world: &'c World<'c>,
    /// The person's name as it is printed.
    pub(crate) person: &'c str,
    pub(crate) nodes: Vec<Node<'c>>,
    by_name: Map<NameRef<'c>, u32>,
    contained: Map<(u32, &'c str), u32>,
    holder_ids: Map<Cow<'c, str>, Holder>,
    entities: Map<Entity, Candidate>,
    holders: Vec<HolderEntry<'c>>,
    /// By node.
    evidence_ids: Vec<Option<Evidence>>,
    pub(crate) evidence: Vec<String>,
    pub(crate) counts: ChartCounts,
    /// Hashes of the names that aren't in this chart: elsewhere, or nowhere. The lowest bit says whether the reference
    /// is a link, and not the name of a holder.
    pub(crate) away: Vec<u64>,
}

impl<'c> Chart<'c> {
    pub(crate) fn new(world: &'c World<'c>, person: &'c str, sheets: &'c [Sheet<'c>]) -> Chart<'c> {
        let mut chart = Chart {
            world,
            person,
            nodes: Vec::with_capacity(sheets.len()),
            by_name: Map::with_capacity_and_hasher(sheets.len(), FixedState::default()),
            contained: Map::default(),
            holder_ids: Map::default(),
            entities: Map::default(),
            holders: Vec::new(),
            evidence_ids: Vec::new(),
            evidence: Vec::new(),
            counts: ChartCounts::default(),
            away: Vec::new(),
        };
        for Sheet { source, record, is_replaced } in sheets {
            let (source, is_replaced) = (*source, *is_replaced);
            let index = chart.nodes.len() as u32;
            chart.by_name.insert(NameRef { source, name: record.name }, index);
            chart.nodes.push(Node { source, record, container: None, is_read: true, is_replaced });
            for inner in &record.contained {
                let place = chart.nodes.len() as u32;
                chart.contained.entry((index, inner.name)).or_insert(place);
                chart.nodes.push(Node {
                    source,
                    record: inner,
                    container: Some(index),
                    is_read: false,
                    is_replaced: false,
                });
            }
        }
        if !chart.contained.is_empty() {
            chart.read_contained();
        }
        chart
    }

    /// A contained resource is read only where a reference leads to it.
    fn read_contained(&mut self) {
        let mut waiting: Vec<u32> = (0..self.nodes.len() as u32).filter(|&index| self.is_read(index)).collect();
        while let Some(index) = waiting.pop() {
            let Some(node) = self.nodes.get(index as usize).copied() else { continue };
            let mut reached = Vec::new();
            node.record.references(&mut |reference| {
                if let Target::Contained(id) = reference.target {
                    reached.extend(self.contained.get(&(node.container.unwrap_or(index), id)));
                }
            });
            for inner in reached {
                if let Some(node) = self.nodes.get_mut(inner as usize)
                    && !std::mem::replace(&mut node.is_read, true)
                {
                    waiting.push(inner);
                }
            }
        }
    }

    fn is_read(&self, index: u32) -> bool {
        self.nodes.get(index as usize).is_some_and(|node| node.is_read)
    }

    /// The nodes that are read, and their numbers.
    pub(crate) fn read(&self) -> impl Iterator<Item = (u32, Node<'c>)> + use<'c> {
        let read: Vec<(u32, Node<'c>)> = self
            .nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| node.is_read)
            .map(|(index, node)| (index as u32, *node))
            .collect();
        read.into_iter()
    }

    /// Whether a node is contained: never a need.
    pub(crate) fn is_contained(&self, index: u32) -> bool {
        self.nodes.get(index as usize).is_some_and(|node| node.container.is_some())
    }

    /// Whether a resource was entered in error.
    pub(crate) fn is_in_error(&self, index: Option<u32>) -> bool {
        let node = index.and_then(|index| self.nodes.get(index as usize));
        node.is_some_and(|node| node.record.body.status() == Some(Status::EnteredInError))
    }

    /// The person's own Patient resources, those that were replaced aside.
    pub(crate) fn patients(&self) -> impl Iterator<Item = &'c crate::record::Patient<'c>> {
        let own = self.nodes.iter().filter(|node| node.container.is_none() && !node.is_replaced);
        own.filter_map(|node| match &node.record.body {
            Body::Patient(patient) => Some(patient),
            _ => None,
        })
    }

    /// A node's name as it is printed.
    pub(crate) fn print(&self, index: u32) -> String {
        let Some(node) = self.nodes.get(index as usize) else { return String::new() };
        match node.container.and_then(|container| self.nodes.get(container as usize)) {
            Some(container) => {
                format!("{}{}#{}", self.world.sources.prefix(node.source), container.record.name, node.record.name)
            }
            None => self.world.sources.print(NameRef { source: node.source, name: node.record.name }),
        }
    }

    /// A node as evidence.
    pub(crate) fn evidence(&mut self, index: u32) -> Evidence {
        let place = index as usize;
        if let Some(&Some(known)) = self.evidence_ids.get(place) {
            return known;
        }
        let id = self.evidence_named(self.print(index));
        if self.evidence_ids.len() <= place {
            self.evidence_ids.resize(self.nodes.len().max(place + 1), None);
        }
        if let Some(slot) = self.evidence_ids.get_mut(place) {
            *slot = Some(id);
        }
        id
    }

    /// Evidence of that name.
    pub(crate) fn evidence_named(&mut self, name: String) -> Evidence {
        self.evidence.push(name);
        Evidence(self.evidence.len() as u32 - 1)
    }

    /// The person as evidence.
    pub(crate) fn person_evidence(&mut self) -> Evidence {
        self.evidence_named(self.person.to_owned())
    }

    fn lead(&self, from: u32, reference: &Reference) -> Lead {
        let Some(node) = self.nodes.get(from as usize) else { return Lead::Nothing };
        let source = node.source;
        let told = reference.type_told();
        let by_text = match reference.target {
            Target::Contained("") => return Lead::Node(node.container.unwrap_or(from)),
            Target::Contained(id) => {
                self.contained.get(&(node.container.unwrap_or(from), id)).map(|&index| Lead::Node(index))
            }
            Target::Named(Said::Used(kind), name) => self.by_name(kind, NameRef { source, name }),
            Target::Named(said, _) => return Lead::Other(said),
            Target::Query(..) | Target::Urn(_) if told.is_unread() => return Lead::Other(told),
            Target::Query(..) | Target::Urn(_) => reference.target_key().and_then(|key| self.having(source, key, told)),
            Target::Nothing(_) => None,
        };
        let found = by_text.or_else(|| reference.identifier_key().and_then(|key| self.having(source, key, told)));
        match (found, reference.target) {
            (Some(lead), _) => lead,
            (None, Target::Named(Said::Used(kind), name)) if !kind.is_directory() => {
                Lead::Away(kind, NameRef { source, name }.hash64())
            }
            (None, _) if told.is_unread() => Lead::Other(told),
            (None, _) if reference.as_written().is_none() => Lead::Nothing,
            (None, _) => Lead::Dangling(told),
        }
    }

    fn by_name(&self, kind: Type, name: NameRef) -> Option<Lead> {
        if kind.is_directory() {
            return self.world.register.get(name).map(Lead::Entity);
        }
        self.by_name.get(&name).map(|&index| Lead::Node(index))
    }

    /// The one resource that has an identifier, of the type that is said.
    fn having(&self, source: SourceIndex, key: IdentifierKey, told: Said) -> Option<Lead> {
        let kind = if let Said::Used(kind) = told { Some(kind) } else { None };
        let is_wanted = |name: &Name| kind.is_none_or(|kind| type_of(&name.name) == Some(kind));
        let matches = self.world.matches.get(&(source, key)).map(Vec::as_slice).unwrap_or_default();
        let of_patients =
            matches.iter().filter(|name| is_wanted(name)).map(|name| match self.by_name.get(&name.borrow()) {
                Some(&index) => Lead::Node(index),
                None => type_of(&name.name).map_or(Lead::Nothing, |kind| Lead::Away(kind, name.borrow().hash64())),
            });
        only(self.world.register.having(source, key, kind).map(Lead::Entity).chain(of_patients))
    }

    fn count(&mut self, lead: Lead, is_link: bool) {
        match lead {
            Lead::Dangling(_) => self.counts.dangling += 1,
            Lead::Away(_, hash) => self.away.push((hash & !1) | u64::from(is_link)),
            Lead::Node(_) | Lead::Entity(_) | Lead::Other(_) | Lead::Nothing => {}
        }
    }

    /// The resource of this chart that a reference leads to.
    pub(crate) fn link(&mut self, from: u32, reference: &Reference) -> Option<u32> {
        let lead = self.lead(from, reference);
        self.count(lead, true);
        match lead {
            Lead::Node(index) => Some(index),
            _ => None,
        }
    }

    /// The resources of this chart that references lead to.
    pub(crate) fn links(&mut self, from: u32, references: &[Reference]) -> Vec<u32> {
        references.iter().filter_map(|reference| self.link(from, reference)).collect()
    }

    /// The type of what a reference leads to: what tells a patient's own words, or a performer who is none.
    pub(crate) fn type_of(&mut self, from: u32, reference: &Reference) -> Said {
        let lead = self.lead(from, reference);
        self.count(lead, false);
        self.lead_type(lead)
    }

    /// Whether a performer is neither a patient nor a relative nor a device. The reference has been counted.
    pub(crate) fn is_performer(&self, from: u32, reference: &Reference) -> bool {
        let lead = self.lead(from, reference);
        let is_nobody = matches!(self.lead_type(lead), Said::Used(Type::Patient) | Said::RelatedPerson | Said::Device);
        lead != Lead::Nothing && !is_nobody
    }

    fn lead_type(&self, lead: Lead) -> Said {
        match lead {
            Lead::Node(index) => {
                self.nodes.get(index as usize).map_or(Said::Nothing, |node| Said::Used(node.record.body.kind()))
            }
            Lead::Entity(entity) => Said::Used(entity.kind()),
            Lead::Away(kind, _) => Said::Used(kind),
            Lead::Other(said) | Lead::Dangling(said) => said,
            Lead::Nothing => Said::Nothing,
        }
    }

    /// Who could be answerable by a reference: none for a patient, a relative, a device, or what is no holder.
    pub(crate) fn candidate(&mut self, from: u32, reference: &Reference<'c>) -> Option<Candidate> {
        let lead = self.lead(from, reference);
        self.count(lead, false);
        match lead {
            Lead::Entity(entity) => self.entity(entity),
            Lead::Node(index) => self.node_candidate(index),
            Lead::Nothing => None,
            Lead::Away(..) | Lead::Other(_) | Lead::Dangling(_) => {
                let is_named = match self.lead_type(lead) {
                    Said::Nothing | Said::Used(Type::Practitioner | Type::PractitionerRole) => true,
                    Said::Service | Said::Used(Type::Organization | Type::CareTeam) => false,
                    _ => return None,
                };
                let source = self.nodes.get(from as usize).map_or(0, |node| node.source);
                let name = Cow::Owned(format!("{}{}", self.world.sources.prefix(source), reference.as_written()?));
                let holder = self.holder(HolderEntry { name, entity: None, title: reference.display });
                Some(Candidate { holder, is_named, lapses: Instant::MAX, childrens_services: false })
            }
        }
    }

    fn holder(&mut self, entry: HolderEntry<'c>) -> Holder {
        if let Some(&known) = self.holder_ids.get(&entry.name) {
            if let Some(of_known) = self.holders.get_mut(known.0 as usize) {
                // A role tells more than a practitioner does.
                if matches!(entry.entity, Some(Entity::Role(_))) || of_known.entity.is_none() {
                    of_known.entity = entry.entity.or(of_known.entity);
                }
                of_known.title = of_known.title.or(entry.title);
            }
            return known;
        }
        let holder = Holder(self.holders.len() as u32);
        self.holder_ids.insert(entry.name.clone(), holder);
        self.holders.push(entry);
        holder
    }

    fn entity(&mut self, entity: Entity) -> Option<Candidate> {
        if let Some(&known) = self.entities.get(&entity) {
            return Some(known);
        }
        let register = self.world.register;
        let (directory, as_of) = (&register.directory, self.world.moments.moment.as_of);
        let shown = register.shown(entity)?;
        let (name, is_named, lapses, childrens_services) = match entity {
            Entity::Practitioner(id) => {
                let childrens = directory.practitioner_in_childrens_services(id, as_of);
                (&shown.name, true, directory.practitioner_lapses(id), childrens)
            }
            Entity::Role(id) => {
                let name = match register.persons.get(id.0 as usize)? {
                    Person::Known(person) => &register.practitioners.get(person.0 as usize)?.name,
                    Person::Dangling(printed) => printed,
                    Person::Nobody => &shown.name,
                };
                let is_named = register.persons.get(id.0 as usize) != Some(&Person::Nobody);
                (name, is_named, directory.role_lapses(id), directory.role_in_childrens_services(id))
            }
            Entity::Organization(id) => {
                let childrens = directory.organization_in_childrens_services(id);
                (&shown.name, false, directory.organization_lapses(id), childrens)
            }
        };
        let holder = self.holder(HolderEntry { name: Cow::Borrowed(name), entity: Some(entity), title: None });
        let candidate = Candidate { holder, is_named, lapses, childrens_services };
        self.entities.insert(entity, candidate);
        Some(candidate)
    }

    /// What people are shown of a holder.
    pub(crate) fn shown(&self, holder: Holder) -> HolderShown {
        let Some(entry) = self.holders.get(holder.0 as usize) else { return HolderShown::default() };
        let mut shown = HolderShown {
            name: entry.name.to_string(),
            title: entry.title.map(str::to_owned),
            ..HolderShown::default()
        };
        let register = self.world.register;
        let title = |shown: &crate::register::Shown| shown.title.as_deref().map(str::to_owned);
        match entry.entity {
            None => {}
            Some(Entity::Organization(id)) => {
                shown.title = register.organizations.get(id.0 as usize).and_then(title).or(shown.title);
                shown.organization.clone_from(&shown.title);
            }
            Some(Entity::Practitioner(id)) => {
                shown.title = register.practitioners.get(id.0 as usize).and_then(title).or(shown.title);
                let directory = &register.directory;
                let as_of = self.world.moments.moment.as_of;
                let role = directory.practitioners.get(id.0 as usize).and_then(|person| {
                    let current = person.roles.iter().find(|&&role| directory.role_lapses(role) > as_of);
                    current.or(person.roles.first())
                });
                role.inspect(|role| (shown.role, shown.organization) = self.role_shown(**role));
            }
            Some(Entity::Role(id)) => {
                if let Some(Person::Known(person)) = register.persons.get(id.0 as usize) {
                    shown.title = register.practitioners.get(person.0 as usize).and_then(title).or(shown.title);
                }
                (shown.role, shown.organization) = self.role_shown(id);
            }
        }
        shown
    }

    /// What people are shown of each holder.
    pub(crate) fn all_shown(&self) -> Vec<HolderShown> {
        (0..self.holders.len() as u32).map(|holder| self.shown(Holder(holder))).collect()
    }

    /// A resource in words.
    pub(crate) fn title(&self, index: u32) -> Option<String> {
        let title = match &self.nodes.get(index as usize)?.record.body {
            Body::Condition(condition) => condition.title,
            Body::CarePlan(plan) => plan.title,
            Body::ServiceRequest(request) => request.title,
            _ => None,
        };
        title.map(str::to_owned)
    }

    fn role_shown(&self, id: answerable_care::RoleId) -> (Option<String>, Option<String>) {
        let register = self.world.register;
        let title = register.roles.get(id.0 as usize).and_then(|role| role.title.as_deref()).map(str::to_owned);
        let place = register.directory.roles.get(id.0 as usize).and_then(|role| role.organization);
        let place = place.and_then(|place| register.organizations.get(place.0 as usize));
        (title, place.and_then(|place| place.title.as_deref()).map(str::to_owned))
    }

    /// A holder that is contained, or a care team.
    fn node_candidate(&mut self, index: u32) -> Option<Candidate> {
        let node = self.nodes.get(index as usize).copied()?;
        let unlapsed = |is_active: bool| if is_active { Instant::MAX } else { Instant::MIN };
        let (is_named, lapses, childrens_services, title) = match &node.record.body {
            Body::Practitioner(person) => (true, unlapsed(person.is_active), false, person.person_name),
            Body::Organization(place) => (false, unlapsed(place.is_active), place.childrens_services, place.title),
            Body::CareTeam(_) => (false, Instant::MAX, false, None),
            Body::PractitionerRole(role) => {
                let person = role.practitioner.as_ref().and_then(|person| self.candidate(index, person));
                let gone = self.is_inactive(role.practitioner.as_ref(), index);
                let place = role.organization.as_ref().and_then(|place| self.candidate(index, place));
                let closed = place.is_some_and(|place| place.lapses == Instant::MIN);
                let lapses = if !role.is_active || gone || closed { Instant::MIN } else { role.period.0.interval.end };
                let childrens = role.childrens_services || place.is_some_and(|place| place.childrens_services);
                if let Some(Candidate { holder, .. }) = person.filter(|person| person.is_named) {
                    return Some(Candidate { holder, is_named: true, lapses, childrens_services: childrens });
                }
                (false, lapses, childrens, role.title)
            }
            _ => return None,
        };
        let holder = self.holder(HolderEntry { name: Cow::Owned(self.print(index)), entity: None, title });
        Some(Candidate { holder, is_named, lapses, childrens_services })
    }

    /// Whether the practitioner of a contained role is inactive; that all their roles have lapsed doesn't count.
    fn is_inactive(&self, reference: Option<&Reference>, from: u32) -> bool {
        match reference.map(|reference| self.lead(from, reference)) {
            Some(Lead::Entity(Entity::Practitioner(id))) => {
                self.world.register.directory.practitioners.get(id.0 as usize).is_some_and(|person| !person.is_active)
            }
            Some(Lead::Node(index)) => self
                .nodes
                .get(index as usize)
                .is_some_and(|node| matches!(&node.record.body, Body::Practitioner(person) if !person.is_active)),
            _ => false,
        }
    }
}

fn type_of(name: &str) -> Option<Type> {
    Type::named(name.split('/').next()?)
}

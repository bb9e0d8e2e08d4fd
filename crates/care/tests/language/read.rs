//! The lines of one case -> what `judge` takes, and what must come out.

use answerable_care::{
    Basis, Claim, Contact, Directory, Duty, EndWritten, Evidence, Holder, Instant, Interval, Knowledge, Moment, Need,
    NeedKind, Organization, OrganizationId, Patient, Practitioner, PractitionerId, Refusal, Role, RoleId, Rule, Scope,
    Setting, Wait,
};

use super::calendar;

type Read<T> = Result<T, String>;

/// One case, read.
pub(crate) struct Story {
    pub(crate) need: Need,
    pub(crate) patient: Patient,
    pub(crate) moment: Moment,
    pub(crate) names: Names,
    pub(crate) expected: Expected,
}

/// What must come out, in the words of the case. What a case doesn't state isn't asked.
#[derive(Default)]
pub(crate) struct Expected {
    /// Of a duty: its timeline and verdict.
    pub(crate) verdicts: Vec<(usize, String)>,
    /// Of a duty: the rules and resources that decide.
    pub(crate) decided: Vec<(usize, String)>,
    /// All findings but the verdicts; none if the case has no `finding` line.
    pub(crate) findings: Option<Vec<String>>,
}

/// Names by the place that `care` knows them by.
#[derive(Default)]
pub(crate) struct Names {
    pub(crate) holders: Vec<String>,
    pub(crate) evidence: Vec<String>,
    pub(crate) duties: Vec<String>,
}

fn place(names: &mut Vec<String>, name: &str) -> u32 {
    let found = names.iter().position(|known| known == name);
    found.unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    }) as u32
}

/// Reads the lines of one case: first whom and when it is about, then the claims on it.
pub(crate) fn story(lines: &[(usize, &str)]) -> Read<Story> {
    let mut words = Vec::new();
    for &(number, line) in lines {
        let (keyword, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        words.push((number, keyword, Words::of(rest)));
    }
    let mut reader = Reader::new();
    for pass in [Pass::Frame, Pass::People, Pass::Claims] {
        for (number, keyword, words) in &words {
            let read = reader.line(pass, keyword, words.clone());
            read.map_err(|wrong| format!("line {number}: {wrong}"))?;
        }
    }
    reader.done()
}

#[derive(Clone, Copy, PartialEq)]
enum Pass {
    Frame,
    People,
    Claims,
}

struct Reader {
    as_of: Option<Instant>,
    need: Option<Need>,
    patient: Patient,
    people: People,
    names: Names,
    expected: Expected,
}

impl Reader {
    fn new() -> Reader {
        Reader {
            as_of: None,
            need: None,
            patient: Patient::default(),
            people: People::default(),
            names: Names { duties: vec!["overall".to_owned()], ..Names::default() },
            expected: Expected::default(),
        }
    }

    fn line(&mut self, pass: Pass, keyword: &str, mut words: Words<'_>) -> Read<()> {
        let of_pass = match keyword {
            "need" | "as" | "duty" => Pass::Frame,
            "role" | "post" | "person" | "organisation" => Pass::People,
            _ => Pass::Claims,
        };
        if of_pass != pass {
            return Ok(());
        }
        match keyword {
            "need" => self.need(&mut words)?,
            "as" => {
                words.expect("of")?;
                self.as_of = Some(words.instant()?);
            }
            "duty" => {
                self.names.duties.push(words.one("the name of a duty")?.to_owned());
                let mut open = vec![words.period()?.0];
                while words.take("and") {
                    open.push(words.period()?.0);
                }
                self.open()?.duties.push(Duty { open, claims: Vec::new() });
            }
            "role" | "post" | "person" | "organisation" => self.people.line(keyword, &mut words)?,
            "claim" => self.claim(&mut words)?,
            "waiting" => self.waiting(&mut words)?,
            "refused" => self.refused(&mut words)?,
            "seen" => self.open()?.contact = Contact::Last(words.instant()?),
            "met" => {
                self.patient.has_encounters = true;
                if !words.take("nobody") {
                    let met = words.names()?;
                    self.patient.met = met.iter().map(|name| Holder(place(&mut self.names.holders, name))).collect();
                    self.patient.met.sort_unstable();
                }
            }
            "born" => {
                let birth = words.instant()?;
                self.patient.turns_14 = Some(calendar::months_later(birth, 14 * 12));
                self.patient.turns_17_and_a_half = Some(calendar::months_later(birth, 17 * 12 + 6));
            }
            "transition" => {
                words.expect("plan")?;
                self.patient.has_transition_plan = true;
            }
            "verdict" | "decided" => {
                let duty = if words.take("of") { self.duty(words.one("the name of a duty")?)? } else { 0 };
                let said = (duty, words.rest());
                if keyword == "verdict" {
                    self.expected.verdicts.push(said);
                } else {
                    self.expected.decided.push(said);
                }
            }
            "finding" => {
                let said = words.rest();
                let findings = self.expected.findings.get_or_insert_default();
                if said != "none" {
                    findings.push(said);
                }
            }
            other => return Err(format!("`{other}` begins no line of this language")),
        }
        words.end()
    }

    fn open(&mut self) -> Read<&mut Need> {
        self.need.as_mut().ok_or_else(|| "the need must come first".to_owned())
    }

    fn duty(&self, name: &str) -> Read<usize> {
        self.names.duties.iter().position(|duty| duty == name).ok_or_else(|| format!("no duty is called `{name}`"))
    }

    fn need(&mut self, words: &mut Words<'_>) -> Read<()> {
        let name = words.one("the name of a need")?;
        let kind = match name.split('/').next() {
            Some("Condition") => NeedKind::Condition,
            Some("ServiceRequest") => NeedKind::Referral,
            Some("CarePlan") => NeedKind::Plan,
            Some("EpisodeOfCare") => NeedKind::Episode,
            _ => return Err(format!("`{name}` is no need")),
        };
        let open = words.period()?.0;
        self.need = Some(Need {
            kind,
            open,
            duties: vec![Duty { open: vec![open], claims: Vec::new() }],
            claims: Vec::new(),
            waits: Vec::new(),
            refusals: Vec::new(),
            contact: Contact::Never,
            evidence: self.evidence(name),
        });
        Ok(())
    }

    fn evidence(&mut self, name: &str) -> Evidence {
        Evidence(place(&mut self.names.evidence, name))
    }

    fn claim(&mut self, words: &mut Words<'_>) -> Read<()> {
        let rule = rule(words.one("a rule")?)?;
        let basis = basis(words.one("a basis")?)?;
        let name = words.name()?;
        let role = if words.take("as") { Some(words.one("the name of a role")?) } else { None };
        let duty = if words.take("for") { Some(self.duty(words.one("the name of a duty")?)?) } else { None };
        let visit = words.take("on");
        if visit {
            words.expect("a")?;
            words.expect("visit")?;
        }
        let (interval, end_written) = words.period()?;
        let mut known_from = interval.start;
        if words.take("known") {
            words.expect("from")?;
            known_from = words.instant()?;
        }
        let shown_by = if words.take("from") { Some(words.one("the name of a resource")?) } else { None };

        let as_of = self.as_of.ok_or("a case needs its `as of`")?;
        let who = self.people.who(&name, role, basis == Basis::Organisation, as_of)?;
        let claim = Claim {
            end_written,
            lapses: who.lapses,
            childrens_services: who.in_childrens_services,
            scope: if duty.is_some() { Scope::Duty } else { Scope::Need },
            setting: if visit { Setting::Visit } else { Setting::Lasting },
            knowledge: if interval.start.max(known_from) > as_of { Knowledge::Foreseen } else { Knowledge::Known },
            evidence: self.evidence(shown_by.unwrap_or("an unnamed resource")),
            ..Claim::new(rule, basis, Holder(place(&mut self.names.holders, &name)), interval)
        };
        let need = self.open()?;
        match duty {
            None => need.claims.push(claim),
            Some(duty) => need.duties.get_mut(duty).ok_or("no such duty")?.claims.push(claim),
        }
        Ok(())
    }

    fn asked_by(&mut self, words: &mut Words<'_>) -> Read<Option<Holder>> {
        if !words.take("asked") {
            return Ok(None);
        }
        words.expect("by")?;
        Ok(Some(Holder(place(&mut self.names.holders, &words.name()?))))
    }

    fn waiting(&mut self, words: &mut Words<'_>) -> Read<()> {
        let name = words.one("a referral or a Task")?;
        let requester = self.asked_by(words)?;
        let since = if words.take("undated") { None } else { Some(words.after("since")?) };
        let rule = if name.starts_with("Task/") { Rule::C1 } else { Rule::N2 };
        let wait = Wait { since, requester, evidence: self.evidence(name), rule };
        self.open()?.waits.push(wait);
        Ok(())
    }

    fn refused(&mut self, words: &mut Words<'_>) -> Read<()> {
        let name = words.one("a Task")?;
        let requester = self.asked_by(words)?;
        let at = if words.take("undated") { None } else { Some(words.after("on")?) };
        let refusal = Refusal { at, requester, evidence: self.evidence(name) };
        self.open()?.refusals.push(refusal);
        Ok(())
    }

    fn done(self) -> Read<Story> {
        let as_of = self.as_of.ok_or("a case needs its `as of`")?;
        let need = self.need.ok_or("a case needs its `need`")?;
        let expected = self.expected;
        if expected.verdicts.is_empty() && expected.decided.is_empty() && expected.findings.is_none() {
            return Err("a case must say what comes out".to_owned());
        }
        Ok(Story { need, patient: self.patient, moment: moment(as_of), names: self.names, expected })
    }
}

/// The windows of the default configuration.
pub(crate) fn moment(as_of: Instant) -> Moment {
    Moment {
        as_of,
        accept_within_from: as_of - Instant::DAY * 14,
        accept_by_from: as_of - Instant::DAY * 42,
        look_back_from: calendar::months_later(as_of, -12),
        stranger_from: as_of - Instant::DAY * 90,
        horizon_to: as_of + Instant::DAY * 90,
        review_from: calendar::months_later(as_of, -12),
    }
}

fn rule(word: &str) -> Read<Rule> {
    use Rule::{C1, C2, C3, C3a, C3b, C4, C5, C6, C7, C7a, C8, C9};
    let rules = [C1, C2, C3, C3a, C3b, C4, C5, C6, C7, C7a, C8, C9];
    rules.into_iter().find(|rule| rule.as_str() == word).ok_or_else(|| format!("`{word}` is no rule of claims"))
}

fn basis(word: &str) -> Read<Basis> {
    Basis::ALL.into_iter().find(|basis| basis.as_str() == word).ok_or_else(|| format!("`{word}` is no basis"))
}

/// The directory, by name.
#[derive(Default)]
struct People {
    directory: Directory,
    persons: Vec<String>,
    organisations: Vec<String>,
    /// The person (or the post) and the label of each role.
    roles: Vec<(String, String)>,
}

struct Who {
    lapses: Instant,
    in_childrens_services: bool,
}

impl People {
    fn line(&mut self, keyword: &str, words: &mut Words<'_>) -> Read<()> {
        let name = words.name()?;
        let label = if words.take("as") { words.one("the name of a role")? } else { "" };
        let at = if words.take("at") { Some(words.name()?) } else { None };
        let childrens_services = words.take("in");
        if childrens_services {
            words.expect("children's")?;
            words.expect("services")?;
        }
        let end = if words.take("ends") { words.instant()? } else { Instant::MAX };
        let is_active = !words.take("inactive");
        match keyword {
            "person" => {
                let id = self.person(&name);
                self.directory.practitioners.get_mut(id.0 as usize).ok_or("no such person")?.is_active = is_active;
            }
            "organisation" => {
                let id = self.organisation(&name);
                let entry = self.directory.organizations.get_mut(id.0 as usize).ok_or("no such organisation")?;
                *entry = Organization { is_active, childrens_services };
            }
            _ => {
                let organization = at.map(|name| self.organisation(&name));
                let practitioner = (keyword == "role").then(|| self.person(&name));
                let id = RoleId(self.directory.roles.len() as u32);
                self.directory.roles.push(Role { is_active, end, practitioner, organization, childrens_services });
                self.roles.push((name, label.to_owned()));
                if let Some(person) = practitioner {
                    let entry = self.directory.practitioners.get_mut(person.0 as usize).ok_or("no such person")?;
                    entry.roles.push(id);
                }
            }
        }
        Ok(())
    }

    fn person(&mut self, name: &str) -> PractitionerId {
        let id = place(&mut self.persons, name);
        if id as usize == self.directory.practitioners.len() {
            self.directory.practitioners.push(Practitioner { is_active: true, roles: Vec::new() });
        }
        PractitionerId(id)
    }

    fn organisation(&mut self, name: &str) -> OrganizationId {
        let id = place(&mut self.organisations, name);
        if id as usize == self.directory.organizations.len() {
            self.directory.organizations.push(Organization { is_active: true, childrens_services: false });
        }
        OrganizationId(id)
    }

    fn role(&self, name: &str, label: &str) -> Option<RoleId> {
        self.roles.iter().position(|(of, called)| of == name && called == label).map(|place| RoleId(place as u32))
    }

    /// Whose claim it is: a role's, a practitioner's, a post's or an organisation's.
    fn who(&mut self, name: &str, role: Option<&str>, is_organisation: bool, as_of: Instant) -> Read<Who> {
        let in_role = match role {
            Some(label) => Some(self.role(name, label).ok_or_else(|| format!("{name} has no role `{label}`"))?),
            None if is_organisation => self.role(name, ""),
            None => None,
        };
        Ok(if let Some(role) = in_role {
            Who {
                lapses: self.directory.role_lapses(role),
                in_childrens_services: self.directory.role_in_childrens_services(role),
            }
        } else if is_organisation {
            let id = self.organisation(name);
            Who {
                lapses: self.directory.organization_lapses(id),
                in_childrens_services: self.directory.organization_in_childrens_services(id),
            }
        } else {
            let id = self.person(name);
            Who {
                lapses: self.directory.practitioner_lapses(id),
                in_childrens_services: self.directory.practitioner_in_childrens_services(id, as_of),
            }
        })
    }
}

/// The words of a line that haven't been read.
#[derive(Clone)]
struct Words<'a> {
    words: Vec<&'a str>,
    at: usize,
}

/// Words that end a name.
const AFTER_NAMES: [&str; 19] = [
    "as", "at", "for", "on", "in", "ends", "inactive", "asked", "by", "since", "undated", "known", "from", "always",
    "through", "..", "and", "until", "of",
];

impl<'a> Words<'a> {
    fn of(line: &'a str) -> Words<'a> {
        Words { words: line.split_whitespace().collect(), at: 0 }
    }

    fn peek(&self) -> Option<&'a str> {
        self.words.get(self.at).copied()
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.peek() == Some(word);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, word: &str) -> Read<()> {
        if self.take(word) { Ok(()) } else { Err(format!("`{word}` is missing before {:?}", self.peek())) }
    }

    fn one(&mut self, what: &str) -> Read<&'a str> {
        let word = self.peek().ok_or_else(|| format!("{what} is missing"))?;
        self.at += 1;
        Ok(word)
    }

    fn name(&mut self) -> Read<String> {
        let from = self.at;
        while self.peek().is_some_and(|word| !AFTER_NAMES.contains(&word) && calendar::day(word).is_none()) {
            self.at += 1;
        }
        let name = self.words.get(from..self.at).unwrap_or_default().join(" ");
        if name.is_empty() { Err(format!("a name is missing before {:?}", self.peek())) } else { Ok(name) }
    }

    fn names(&mut self) -> Read<Vec<String>> {
        let mut names = vec![self.name()?];
        while self.take("and") {
            names.push(self.name()?);
        }
        Ok(names)
    }

    fn instant(&mut self) -> Read<Instant> {
        let word = self.one("a date")?;
        let day = calendar::day(word).ok_or_else(|| format!("`{word}` is no date"))?;
        let Some(time) = self.peek().and_then(calendar::time_of_day) else { return Ok(day) };
        self.at += 1;
        Ok(day + time)
    }

    fn after(&mut self, word: &str) -> Read<Instant> {
        self.expect(word)?;
        self.instant()
    }

    fn period(&mut self) -> Read<(Interval, EndWritten)> {
        if self.take("always") {
            return Ok((Interval::ALWAYS, EndWritten::Otherwise));
        }
        let is_date = |word: Option<&str>| word.is_some_and(|word| calendar::day(word).is_some());
        let start = if is_date(self.peek()) { self.instant()? } else { Instant::MIN };
        if self.take("through") {
            let day = self.instant()?;
            return Ok((Interval::new(start, day + Instant::DAY), EndWritten::AsDay(day)));
        }
        self.expect("..")?;
        let end = if is_date(self.peek()) { self.instant()? } else { Instant::MAX };
        Ok((Interval::new(start, end), EndWritten::Otherwise))
    }

    fn rest(&mut self) -> String {
        let rest = self.words.get(self.at..).unwrap_or_default().join(" ");
        self.at = self.words.len();
        rest
    }

    fn end(&self) -> Read<()> {
        match self.peek() {
            None => Ok(()),
            Some(word) => Err(format!("`{word}` isn't understood here")),
        }
    }
}

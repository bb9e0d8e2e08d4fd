//! What can be configured about the rules: code sets, windows, and the systems that link records.

use foldhash::quality::FixedState;
use hashbrown::HashMap;
use std::hash::BuildHasher;

use crate::json::{Concept, Obj};

/// Codes and words that mean one thing to the rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeSet {
    /// System and code; a code that ends in `*` stands for all that begin so.
    pub codes: Vec<(String, String)>,
    /// Words that match anywhere in a text, case folded; kept in lower case.
    pub words: Vec<String>,
}

impl CodeSet {
    /// A set of `(system, code)` pairs and of words.
    #[must_use]
    pub fn new(codes: &[(&str, &str)], words: &[&str]) -> CodeSet {
        CodeSet {
            codes: codes.iter().map(|&(system, code)| (system.to_owned(), code.to_owned())).collect(),
            words: words.iter().map(|word| word.to_lowercase()).collect(),
        }
    }

    fn has_code(&self, system: &str, code: &str) -> bool {
        self.codes.iter().any(|(of, known)| match known.strip_suffix('*') {
            None => known == code && of == system,
            Some(prefix) => code.starts_with(prefix) && of == system,
        })
    }

    /// Whether one of the words is in the text.
    #[must_use]
    pub fn has_word(&self, text: &str) -> bool {
        if self.words.is_empty() {
            return false;
        }
        let folded = text.to_lowercase();
        self.words.iter().any(|word| folded.contains(word.as_str()))
    }

    fn has_coded(&self, concept: &Concept) -> bool {
        concept.coding.iter().any(|coding| match (&coding.system, &coding.code) {
            (Some(system), Some(code)) => self.has_code(system, code),
            _ => false,
        })
    }

    fn has_worded(&self, concept: &Concept) -> bool {
        !self.words.is_empty()
            && (concept.text.as_deref().is_some_and(|text| self.has_word(text))
                || concept
                    .coding
                    .iter()
                    .any(|coding| coding.display.as_deref().is_some_and(|text| self.has_word(text))))
    }

    /// Whether a concept is in the set, by a code or by a word in its text or displays.
    pub(crate) fn has(&self, concept: &Concept) -> bool {
        self.has_coded(concept) || self.has_worded(concept)
    }

    /// As [`CodeSet::has`], where words count only if `words_count`.
    pub(crate) fn has_by(&self, concept: &Concept, words: Words) -> bool {
        self.has_coded(concept) || (words == Words::Count && self.has_worded(concept))
    }

    pub(crate) fn has_any(&self, concepts: &[Obj<Concept>]) -> bool {
        concepts.iter().any(|concept| self.has(concept))
    }
}

/// Whether words count for a code set here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Words {
    Count,
    DoNotCount,
}

/// The code sets; `docs/reference/configuration.md` says what each is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeSets {
    pub answerable_roles: CodeSet,
    pub no_role: CodeSet,
    pub not_clinicians: CodeSet,
    pub not_needs: CodeSet,
    pub referral_categories: CodeSet,
    pub not_referrals: CodeSet,
    pub childrens_services: CodeSet,
    pub transition_plans: CodeSet,
}

/// The systems whose identifiers link records of one person or organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkSystems {
    pub patients: Vec<String>,
    pub practitioners: Vec<String>,
    pub organizations: Vec<String>,
}

/// Windows; days are 24 hours, months are calendar ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Windows {
    pub continuing_after_days: i64,
    pub encounter_at_most_days: i64,
    pub accept_within_days: i64,
    pub accept_by_days: i64,
    pub horizon_days: i64,
    pub contact_window_months: i64,
    pub look_back_months: i64,
    pub review_every_months: i64,
}

/// The system of NHS numbers, which have a check digit.
pub(crate) const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";
/// HL7's system of the ways in which people take part, RESP among them.
pub(crate) const PARTICIPATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
const SNOMED: &str = "http://snomed.info/sct";
const NUCC: &str = "http://nucc.org/provider-taxonomy";
const V2_0074: &str = "http://terminology.hl7.org/CodeSystem/v2-0074";
const NPI: &str = "http://hl7.org/fhir/sid/us-npi";

/// All that can be configured about the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The code sets.
    pub sets: CodeSets,
    /// The systems that link.
    pub link: LinkSystems,
    /// The windows.
    pub windows: Windows,
    /// Codings that a ConceptMap says are one.
    pub equivalents: Equivalents,
}

impl Default for Settings {
    /// The defaults of `docs/reference/configuration.md`.
    fn default() -> Self {
        let snomed = |codes: &[&'static str], words: &[&str]| {
            CodeSet::new(&codes.iter().map(|&code| (SNOMED, code)).collect::<Vec<_>>(), words)
        };
        let mut answerable_roles = CodeSet::new(&[(PARTICIPATION, "RESP")], &[]);
        answerable_roles.codes.extend(snomed(&["405279007", "768832004", "445451001", "768820003"], &[]).codes);
        let mut not_referrals = snomed(&["108252007", "363679005", "387713003", "409073007"], &[]);
        not_referrals.codes.extend(CodeSet::new(&[(V2_0074, "LAB"), (V2_0074, "RAD")], &[]).codes);
        let mut childrens_services = snomed(
            &[
                "394537008",
                "394539006",
                "394588006",
                "408798009",
                "82296001",
                "309329001",
                "309330006",
                "309331005",
                "309332003",
                "309333008",
                "309334002",
                "309335001",
                "309361002",
                "159003003",
                "159007002",
            ],
            &["paediatric", "pediatric", "children"],
        );
        childrens_services.codes.push((NUCC.to_owned(), "2080*".to_owned()));
        let uk = |name: &str| format!("https://fhir.hl7.org.uk/Id/{name}");
        Settings {
            sets: CodeSets {
                answerable_roles,
                no_role: snomed(&["410534003"], &[]),
                not_clinicians: snomed(&["116154003", "133932002", "429577009"], &[]),
                not_needs: snomed(
                    &[
                        "160903007",
                        "160904001",
                        "741062008",
                        "224299000",
                        "224295006",
                        "5251000175109",
                        "314529007",
                        "19169002",
                        "35999006",
                    ],
                    &["history of", "criminal record"],
                ),
                referral_categories: snomed(&["3457005", "306206005"], &["referral", "transfer of care"]),
                not_referrals,
                childrens_services,
                transition_plans: snomed(&[], &["transition"]),
            },
            link: LinkSystems {
                patients: vec![NHS_NUMBER.to_owned()],
                practitioners: ["gmc-number", "gmp-number", "nmc-number", "gphc-number", "hcpc-number"]
                    .map(uk)
                    .into_iter()
                    .chain(["https://fhir.nhs.uk/Id/sds-user-id".to_owned(), NPI.to_owned()])
                    .collect(),
                organizations: vec!["https://fhir.nhs.uk/Id/ods-organization-code".to_owned(), NPI.to_owned()],
            },
            windows: Windows {
                continuing_after_days: 90,
                encounter_at_most_days: 180,
                accept_within_days: 14,
                accept_by_days: 42,
                horizon_days: 90,
                contact_window_months: 24,
                look_back_months: 12,
                review_every_months: 12,
            },
            equivalents: Equivalents::default(),
        }
    }
}

/// A system and a code, hashed: codings are compared by the million.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct CodingKey(#[serde(with = "crate::record::hash")] u64);

impl CodingKey {
    /// The key of a coding.
    #[must_use]
    pub fn new(system: &str, code: &str) -> CodingKey {
        CodingKey(hash_of(&(system, code)))
    }
}

/// A hash that is the same in every run.
pub(crate) fn hash_of(value: &impl std::hash::Hash) -> u64 {
    FixedState::with_seed(0x616e_7377_6572).hash_one(value)
}

/// Codings that count as one in N1a and C4, because a ConceptMap says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Equivalents(HashMap<CodingKey, CodingKey>);

impl Equivalents {
    /// Makes two codings one, and with them all that either was one with.
    pub fn unite(&mut self, one: CodingKey, other: CodingKey) {
        let (one, other) = (self.of(one), self.of(other));
        if one != other {
            self.0.insert(one.max(other), one.min(other));
        }
    }

    /// The coding that stands for this one.
    #[must_use]
    pub fn of(&self, mut coding: CodingKey) -> CodingKey {
        while let Some(&next) = self.0.get(&coding) {
            coding = next;
        }
        coding
    }
}

//! The configuration file: code sets, windows, linking systems and sources, in TOML.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use answerable_fhir::{CodeSet, Settings};
use serde::Deserialize;

use crate::error::Error;

/// Every key with its default and a comment: what `--print-config` writes.
pub const DEFAULT_CONFIG: &str = include_str!("config.toml");

/// Windows beyond this many days or months are a mistake: a century.
const WINDOW_MAX: i64 = 36_525;

/// What a configuration file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Code sets, windows, linking systems.
    pub settings: Settings,
    /// Sources by name, with their paths.
    pub sources: Vec<(String, PathBuf)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    sources: BTreeMap<String, PathBuf>,
    continuing_after: Option<i64>,
    encounter_at_most: Option<i64>,
    accept_within: Option<i64>,
    accept_by: Option<i64>,
    horizon: Option<i64>,
    contact_window: Option<i64>,
    look_back: Option<i64>,
    review_every: Option<i64>,
    link_patients_by: Option<Vec<String>>,
    link_practitioners_by: Option<Vec<String>>,
    link_organizations_by: Option<Vec<String>>,
    answerable_roles: Option<Set>,
    no_role: Option<Set>,
    not_clinicians: Option<Set>,
    not_needs: Option<Set>,
    referral_categories: Option<Set>,
    not_referrals: Option<Set>,
    childrens_services: Option<Set>,
    transition_plans: Option<Set>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    codes: Option<Vec<String>>,
    words: Option<Vec<String>>,
}

impl Config {
    /// Reads a file; paths of sources are relative to it.
    ///
    /// # Errors
    ///
    /// If it can't be read, isn't TOML, or has an unknown key, a code that isn't `system|code`, a window that is
    /// no whole number above nought, or a source's name with other than letters, digits, `-` and `_`.
    pub fn read(path: &Path) -> Result<Config, Error> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Error::usage(format!("the configuration `{}` can't be read: {error}", path.display())))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Config::parse(&text, folder)
            .map_err(|what| Error::usage(format!("the configuration `{}`: {what}", path.display())))
    }

    /// Reads the text of a file that stands in `folder`.
    ///
    /// # Errors
    ///
    /// As [`Config::read`], as a sentence.
    pub fn parse(text: &str, folder: &Path) -> Result<Config, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
        let mut settings = Settings::default();
        let windows = &mut settings.windows;
        for (name, given, window) in [
            ("continuing_after", file.continuing_after, &mut windows.continuing_after_days),
            ("encounter_at_most", file.encounter_at_most, &mut windows.encounter_at_most_days),
            ("accept_within", file.accept_within, &mut windows.accept_within_days),
            ("accept_by", file.accept_by, &mut windows.accept_by_days),
            ("horizon", file.horizon, &mut windows.horizon_days),
            ("contact_window", file.contact_window, &mut windows.contact_window_months),
            ("look_back", file.look_back, &mut windows.look_back_months),
            ("review_every", file.review_every, &mut windows.review_every_months),
        ] {
            match given {
                Some(value) if !(0..=WINDOW_MAX).contains(&value) => {
                    return Err(format!("`{name}` is {value}; give a whole number from 0 to {WINDOW_MAX}"));
                }
                Some(value) => *window = value,
                None => {}
            }
        }
        let sets = &mut settings.sets;
        for (name, given, set) in [
            ("answerable_roles", file.answerable_roles, &mut sets.answerable_roles),
            ("no_role", file.no_role, &mut sets.no_role),
            ("not_clinicians", file.not_clinicians, &mut sets.not_clinicians),
            ("not_needs", file.not_needs, &mut sets.not_needs),
            ("referral_categories", file.referral_categories, &mut sets.referral_categories),
            ("not_referrals", file.not_referrals, &mut sets.not_referrals),
            ("childrens_services", file.childrens_services, &mut sets.childrens_services),
            ("transition_plans", file.transition_plans, &mut sets.transition_plans),
        ] {
            if let Some(given) = given {
                given.into_set(name, set)?;
            }
        }
        let link = &mut settings.link;
        for (given, systems) in [
            (file.link_patients_by, &mut link.patients),
            (file.link_practitioners_by, &mut link.practitioners),
            (file.link_organizations_by, &mut link.organizations),
        ] {
            *systems = given.unwrap_or(std::mem::take(systems));
        }
        for name in file.sources.keys() {
            let is_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
            if name.is_empty() || !name.chars().all(is_name) {
                return Err(format!("the source `{name}`: a name has letters, digits, `-` and `_` alone"));
            }
        }
        let sources = file.sources.into_iter().map(|(name, path)| (name, folder.join(path))).collect();
        Ok(Config { settings, sources })
    }
}

impl Set {
    fn into_set(self, name: &str, set: &mut CodeSet) -> Result<(), String> {
        if let Some(codes) = self.codes {
            set.codes.clear();
            for code in codes {
                // A system is a URL and may hold no `|`; a code may.
                let Some((system, code)) =
                    code.split_once('|').filter(|(system, code)| !system.is_empty() && !code.is_empty())
                else {
                    return Err(format!("`{name}` has the code `{code}`; write it as system|code"));
                };
                set.codes.push((system.to_owned(), code.to_owned()));
            }
        }
        if let Some(words) = self.words {
            if words.iter().any(String::is_empty) {
                return Err(format!("`{name}` has an empty word, which would match every text"));
            }
            set.words = words.iter().map(|word| word.to_lowercase()).collect();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that fails should panic")]
    use super::*;

    #[test]
    fn the_printed_configuration_is_the_default() {
        assert_eq!(Config::parse(DEFAULT_CONFIG, Path::new("")).unwrap(), Config::default());
    }

    #[test]
    fn mistakes_are_named() {
        for (text, expected) in [
            ("colour = 1", "unknown field `colour`"),
            ("accept_by = -1", "`accept_by` is -1"),
            ("accept_by = \"x\"", "invalid type"),
            ("[no_role]\ncodes = [\"410534003\"]", "write it as system|code"),
            ("[no_role]\nwords = [\"\"]", "empty word"),
            ("[no_role]\ncode = []", "unknown field `code`"),
            ("[sources]\n\"a b\" = \"x\"", "the source `a b`"),
        ] {
            let error = Config::parse(text, Path::new("")).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}

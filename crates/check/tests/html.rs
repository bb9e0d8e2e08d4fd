//! The page: as it looks (golden files), whom it names and whom not, its limits, and whether everyone can use it.
//!
//! After a change that is meant, `ANSWERABLE_BLESS=1 cargo test -p answerable-check --test html` writes the golden
//! files anew; look at the difference, and at the page in a browser.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests panic to fail")]

mod riverside;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use answerable_check::{Calendar, Check, Hashes, Meter, Method, Nothing, Reader, Settings, html};
use riverside::{AS_OF, findings, marked, text};
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The page of a check, with what differs from place to place and version to version made the same.
fn page(mut check: Check, reader: Reader) -> String {
    check.for_page(reader);
    let outcome = check.run(&Meter::default(), &Nothing, |_| {}, &mut |_| Ok(())).unwrap();
    let mut method = Method::of(&check, &outcome, "Europe/London", Hashes::With);
    method.version = "0.0.0".to_owned();
    let mut bytes = Vec::new();
    html::write(&check, &outcome, &method, reader, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap().replace(&format!("{}/", root().display()), "")
}

fn riverside_page(reader: Reader) -> String {
    page(riverside::check(AS_OF), reader)
}

/// A check of lines of NDJSON.
fn check_of(folder: &Path, lines: &str) -> Check {
    let file = folder.join("export.ndjson");
    std::fs::write(&file, lines).unwrap();
    let calendar = Calendar::utc();
    let mut check = Check::new(Settings::default(), calendar.clone());
    check.as_of = calendar.read(AS_OF).unwrap().first;
    check.inputs = vec![file.into()];
    check
}

fn golden(name: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("ANSWERABLE_BLESS").is_some() {
        std::fs::write(&path, page).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    for (number, (is, should)) in (1..).zip(page.lines().zip(expected.lines())) {
        assert_eq!(is, should, "{name}, line {number}");
    }
    assert_eq!(page.lines().count(), expected.lines().count(), "{name} is longer or shorter");
}

/// The text of a page between two places.
fn part<'p>(page: &'p str, from: &str, to: &str) -> &'p str {
    let start = page.find(from).unwrap_or_else(|| panic!("no `{from}`"));
    let rest = &page[start..];
    &rest[..rest.find(to).unwrap_or(rest.len())]
}

#[test]
fn riverside_for_work() {
    golden("riverside-work.html", &riverside_page(Reader::Work));
}

#[test]
fn riverside_for_the_board() {
    golden("riverside-board.html", &riverside_page(Reader::Board));
}

#[test]
fn the_figures_come_first_and_then_those_who_fell_worst_first() {
    let page = riverside_page(Reader::Work);
    let figures = part(&page, "<ul class=\"headline\">", "</ul>");
    for expected in [
        "<span class=\"figure\">7</span> people fell through",
        "of 20 people, 19 of them with an open need",
        "<span class=\"figure\">3</span> needs have nobody recorded",
        "of 21 open needs",
    ] {
        assert!(figures.contains(expected), "{expected}: {figures}");
    }
    // The order of examples/riverside/README.md.
    let order = |section: &str, names: &[&str]| {
        let section = part(&page, &format!("<section aria-labelledby=\"{section}\">"), "</section>");
        let places: Vec<_> =
            names.iter().map(|name| section.find(name).unwrap_or_else(|| panic!("no {name}"))).collect();
        assert!(places.is_sorted(), "{names:?} at {places:?}");
        assert_eq!(section.matches("<p class=\"who\">").count(), names.len(), "{names:?}");
    };
    order("fell", &["Posy", "Cosmo", "Barnaby", "Ravi", "Solomon", "Marisol", "Kezia"]);
    order("blank", &["Jonah", "Tabitha", "Florence"]);
    order("watch", &["Winnie", "Agnes", "Emrys", "Geraint", "Mabel"]);
    let first = page.find("people fell through").unwrap();
    assert!(first < page.find("id=\"fell\"").unwrap() && page.find("id=\"blank\"") < page.find("id=\"watch\""));
}

#[test]
fn every_figure_opens_into_as_many_cases_as_it_says() {
    let page = riverside_page(Reader::Work);
    let figures = part(&page, "<h2 id=\"figures\">", "</section>");
    let mut opened = 0;
    for figure in figures.split("<summary><span class=\"count\">").skip(1) {
        let (count, rest) = figure.split_once("</span>").unwrap();
        let cases = part(rest, "<ul class=\"cases\">", "</ul>").matches("<li>").count();
        assert_eq!(cases.to_string(), count, "{figure:.200}");
        opened += cases;
    }
    // 28 duties by verdict and 29 findings, and all those of organisations and boundaries.
    assert!(opened > 28 + 29, "{opened}");
}

#[test]
fn a_page_needs_nothing_but_itself() {
    for page in [riverside_page(Reader::Work), riverside_page(Reader::Board)] {
        for never in ["<script", "javascript:", " src=", "<link", "@import", "<iframe", "<img", " onclick", "<form"] {
            assert!(!page.contains(never), "{never}");
        }
        let addresses: BTreeSet<&str> =
            page.match_indices("://").map(|(at, _)| &page[at - 5..page.len().min(at + 28)]).collect();
        // The name of a language is no address that anyone asks.
        assert!(addresses.iter().all(|address| address.contains("://www.w3.org/1999/xhtml")), "{addresses:?}");
        assert!(page.contains("Content-Security-Policy"));
    }
}

#[test]
fn what_records_say_is_never_taken_for_html() {
    let folder = tempfile::tempdir().unwrap();
    let evil = "<script>alert(1)</script>'\\\"&{{x}}";
    let lines = format!(
        r#"{{"resourceType":"Patient","id":"p","name":[{{"text":"{evil}"}}],"birthDate":"2000-01-01"}}
{{"resourceType":"Condition","id":"c","subject":{{"reference":"Patient/p"}},"code":{{"text":"{evil}"}},"category":[{{"coding":[{{"code":"problem-list-item"}}]}}],"onsetDateTime":"2020-01-01","clinicalStatus":{{"coding":[{{"code":"active"}}]}}}}
{{"resourceType":"Condition","id":"{evil}","subject":7}}
"#
    );
    let page = page(check_of(folder.path(), &lines), Reader::Work);
    assert!(!page.contains("<script"));
    assert!(page.contains("&#60;script&#62;alert(1)&#60;/script&#62;&#39;&#34;&#38;{{x}}"), "{page}");
    assert!(page.contains("Not everything could be read"));
}

/// Every text in a document, but for those under keys that hold codes and words of FHIR and not of people.
fn texts(value: &Value, all: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            all.insert(text.clone());
            all.extend(text.split(|letter: char| !letter.is_alphanumeric() && letter != '-').map(str::to_owned));
        }
        Value::Array(list) => list.iter().for_each(|value| texts(value, all)),
        Value::Object(map) => map.values().for_each(|value| texts(value, all)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn the_board_can_recognise_nobody() {
    // Of people: never. Of what ails them: no word that isn't one of plain English.
    let (mut secret, mut ailing) = (BTreeSet::new(), BTreeSet::new());
    let mut public = BTreeSet::new();
    for source in ["adults", "childrens", "surgery"] {
        for entry in std::fs::read_dir(root().join("examples/riverside").join(source)).unwrap() {
            for line in std::fs::read_to_string(entry.unwrap().path()).unwrap().lines() {
                let resource: Value = serde_json::from_str(line).unwrap();
                texts(&resource["id"], &mut secret);
                texts(&resource["identifier"], &mut secret);
                match resource["resourceType"].as_str().unwrap() {
                    "Patient" | "Practitioner" => {
                        texts(&resource["name"], &mut secret);
                        texts(&resource["birthDate"], &mut secret);
                        texts(&resource["telecom"], &mut secret);
                    }
                    "Organization" => texts(&resource["name"], &mut public),
                    "PractitionerRole" => {}
                    // What is wrong with people, and what is done about it.
                    _ => ["title", "description", "code", "note"]
                        .iter()
                        .for_each(|key| texts(&resource[key], &mut ailing)),
                }
            }
        }
    }
    let is_public = |text: &String| text.contains("://") || text.len() < 3 || public.contains(text);
    secret.retain(|text| !is_public(text));
    secret.extend(ailing.into_iter().filter(|text| !is_public(text) && !PLAIN.contains(&text.as_str())));
    assert!(secret.len() > 300, "{}", secret.len());
    let work = riverside_page(Reader::Work);
    let board = riverside_page(Reader::Board);
    // Only what people see: the rest is in the template, whoever the patients are.
    let words = |page: &str| -> BTreeSet<String> {
        let mut words = BTreeSet::new();
        let body = part(page, "<main", "</main>");
        for text in body.split('<').filter_map(|tag| Some(tag.split_once('>')?.1)) {
            texts(&Value::String(text.to_owned()), &mut words);
        }
        words
    };
    let (of_work, of_board) = (words(&work), words(&board));
    let named = |words: &BTreeSet<String>| words.intersection(&secret).cloned().collect::<Vec<_>>();
    assert!(named(&of_work).len() > 150, "a test of nothing: {:?}", named(&of_work));
    assert!(named(&of_board).is_empty(), "{:?}", named(&of_board));
    for name in ["Posy", "Examplar", "Hale-Sample", "999 178 2745", "9991782745", "2007-11-14", "14 November 2007"] {
        assert!(work.contains(name) || !name.contains(' '), "{name}");
        assert!(!board.contains(name), "{name}");
    }
}

/// Words that stand in what ails the example's patients, and in any report.
const PLAIN: [&str; 24] = [
    "Type", "again", "and", "before", "can", "care", "day", "each", "every", "for", "have", "know", "over", "plan",
    "that", "the", "time", "week", "what", "with", "without", "work", "wrong", "year",
];

#[test]
fn nothing_that_people_wrote_comes_before_a_board() {
    let folder = tempfile::tempdir().unwrap();
    let within = folder.path().join("zzpath");
    std::fs::create_dir(&within).unwrap();
    let lines = r#"{"resourceType":"Patient","id":"zzid","name":[{"text":"Zzname"}],"birthDate":"1987-06-05","generalPractitioner":[{"display":"Dr Zzgp"}],"identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9991782745"}]}
{"resourceType":"Patient","id":"zzid2","name":[{"text":"Zzname"}],"birthDate":"1988-06-05","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9991782745"}]}
{"resourceType":"Organization","id":"zzorg","name":"Practice of Dr Zzsingle"}
{"resourceType":"Practitioner","id":"zzdoc","name":[{"text":"Zzdoctor"}]}
{"resourceType":"PractitionerRole","id":"zzrole","practitioner":{"reference":"Practitioner/zzdoc"},"organization":{"reference":"Organization/zzorg"},"code":[{"text":"Zzrole"}]}
{"resourceType":"Condition","id":"zzneed","subject":{"reference":"Patient/zzid"},"code":{"text":"Zzdisease"},"category":[{"coding":[{"code":"problem-list-item"}]}],"onsetDateTime":"2020-01-01"}
{"resourceType":"CarePlan","id":"zzplan","subject":{"reference":"Patient/zzid"},"status":"active","intent":"plan","title":"Zzplan","addresses":[{"reference":"Condition/zzneed"}],"period":{"start":"2025-01-01"},"activity":[{"detail":{"status":"in-progress","description":"Zzduty","performer":[{"reference":"PractitionerRole/zzrole"}]}}]}
{"resourceType":"Zzother","id":"zz"}
{"resourceType":"Condition","id":"zzbad","subject":"Zzwrong"}
"#;
    let board = page(check_of(&within, lines), Reader::Board);
    assert!(!board.to_lowercase().contains("zz"), "{}", part(&board.to_lowercase(), "zz", "\n"));
    let main = part(&board, "<main", "</main>");
    assert!(!main.contains("1987") && !main.contains("1782745") && !main.contains("178 2745"));
    let work = page(check_of(&within, lines), Reader::Work);
    for word in [
        "zzid",
        "Zzname",
        "Zzsingle",
        "Zzdoctor",
        "Zzrole",
        "zzneed",
        "Zzdisease",
        "Zzduty",
        "Zzother",
        "zzbad",
        "zzpath",
    ] {
        assert!(work.contains(word), "a test of nothing: {word}");
    }
}

#[test]
fn many_findings_make_a_page_that_still_opens() {
    // 100,000 findings: each of 25,000 patients has 3 needs that nobody holds, and no goal of their own.
    const PATIENTS: usize = 25_000;
    let folder = tempfile::tempdir().unwrap();
    let mut lines = String::new();
    for patient in 0..PATIENTS {
        for need in 0..3 {
            let _ = writeln!(
                lines,
                r#"{{"resourceType":"Condition","id":"c{patient}-{need}","subject":{{"reference":"Patient/p{patient}"}},"code":{{"text":"need {need}"}},"category":[{{"coding":[{{"code":"problem-list-item"}}]}}],"onsetDateTime":"2020-01-01"}}"#
            );
        }
    }
    let mut check = check_of(folder.path(), &lines);
    check.threads = 1;
    let alone = page(check, Reader::Work);
    assert_eq!(alone.matches("<article").count(), html::CARDS_MAX);
    assert!(alone.contains("The other 24,800 patients with findings are in the rows"));
    assert!(alone.contains("These are the worst 200. The other 74,800 are in the rows"));
    assert!(alone.contains("<span class=\"figure\">75,000</span> needs have nobody recorded"));
    assert!(alone.len() < 4 << 20, "{} bytes", alone.len());
    let mut check = check_of(folder.path(), &lines);
    check.threads = 4;
    assert!(page(check, Reader::Work) == alone, "threads show");
    let board = page(check_of(folder.path(), &lines), Reader::Board);
    assert!(board.contains("<span class=\"figure\">75,000</span> needs have nobody recorded"));
}

#[test]
fn many_organisations_and_one_patient_with_many_needs() {
    let folder = tempfile::tempdir().unwrap();
    let mut lines = String::new();
    for number in 0..1_500 {
        let _ = writeln!(
            lines,
            r#"{{"resourceType":"Patient","id":"p{number}","generalPractitioner":[{{"reference":"Organization/o{number}"}}]}}
{{"resourceType":"Organization","id":"o{number}","name":"Surgery {number}"}}
{{"resourceType":"Condition","id":"a{number}","subject":{{"reference":"Patient/p{number}"}},"category":[{{"coding":[{{"code":"problem-list-item"}}]}}],"onsetDateTime":"2020-01-01"}}
{{"resourceType":"Condition","id":"b{number}","subject":{{"reference":"Patient/many"}},"category":[{{"coding":[{{"code":"problem-list-item"}}]}}],"onsetDateTime":"2020-01-01"}}"#
        );
    }
    let work = page(check_of(folder.path(), &lines), Reader::Work);
    assert!(work.contains("These are the 100 that most fell from. 1,400 more are in the rows"));
    assert!(work.contains("1460 more needs and duties have no line here"));
    assert!(work.contains("1,401 more findings are in the rows"));
    let board = page(check_of(folder.path(), &lines), Reader::Board);
    assert!(board.contains("<strong>All others</strong>: 1,500 duties"), "{board}");
    assert!(!board.contains("Surgery 1"), "an organisation with few duties may stand for one clinician");
}

#[test]
fn what_was_decided_stands_apart_and_stays_in_every_count() {
    let folder = tempfile::tempdir().unwrap();
    let now = findings(&riverside::check(AS_OF));
    let of = |finding: &str| now.iter().find(|row| text(row, "finding") == finding).unwrap();
    // The earlier run had all but one, and one that is gone.
    let (cliff_edge, orphaned) = (of("cliff-edge"), of("orphaned"));
    let mut gone = orphaned.clone();
    gone.insert("need".to_owned(), "surgery/Condition/gone".into());
    gone.insert("message".to_owned(), "Zzgone.".into());
    gone.remove("id");
    let earlier = now.iter().filter(|row| *row != orphaned).chain([&gone]);
    let earlier: String = earlier.map(|row| serde_json::to_string(row).unwrap() + "\n").collect();
    let decisions = [
        (cliff_edge, "accepted", "2026-03-09"),
        (of("unheld"), "working", "2026-04-01"),
        (of("lapsed"), "working", "2026-03-01"),
    ]
    .map(|(row, state, until)| {
        let id = text(row, "id");
        format!(
            "[[decision]]\nfinding = \"{id}\"\nstate = \"{state}\"\nwhy = \"Zzwhy\"\nby = \"Zzby\"\nuntil = {until}\n"
        )
    })
    .concat();
    let (since, file) = (folder.path().join("earlier.ndjson"), folder.path().join("decisions.toml"));
    std::fs::write(&since, earlier).unwrap();
    std::fs::write(&file, decisions).unwrap();
    let check = || marked(AS_OF, Some(&since), Some(&file));

    let work = page(check(), Reader::Work);
    assert!(work.contains("<span class=\"figure\">7</span> people fell through"), "it leaves no count");
    assert!(work.contains("Since the earlier run: <strong>1 new</strong>, 28 still there"));
    let fell = part(&work, "<section aria-labelledby=\"fell\">", "</section>");
    assert!(fell.contains("Fell through: 6 people") && !fell.contains("Posy"));
    assert!(part(fell, "Cosmo", "</p>").contains("new") && part(fell, "Barnaby", "</p>").contains("still"));
    let decided = part(&work, "<section aria-labelledby=\"decided\">", "</section>");
    for expected in [
        "Decided: 2 findings",
        "Posy",
        "Accepted",
        "until 9 March 2026: Zzwhy",
        "Zzby",
        "Jonah",
        "Being worked on",
        "Decisions that ran out",
        "until 1 March 2026",
    ] {
        assert!(decided.contains(expected), "{expected}: {decided}");
    }
    let resolved = part(&work, "<section aria-labelledby=\"resolved\">", "</section>");
    assert!(resolved.contains("Resolved: 1") && resolved.contains("Zzgone"), "{resolved}");

    let board = page(check(), Reader::Board);
    assert!(
        board.contains("being worked on *, accepted *")
            && board.contains("<strong>* new</strong>, 30 still there, * resolved")
    );
    assert!(!board.contains("Zz"));
}

/// Where the browser and axe-core are, as `cargo xtask test` says or as it would install them.
fn browser() -> Option<(PathBuf, PathBuf)> {
    let said = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.exists());
    let modules = said("ANSWERABLE_NODE_MODULES").or_else(|| {
        let modules = root().join("target/node/node_modules");
        modules.join("axe-core").exists().then_some(modules)
    });
    let chromium = said("ANSWERABLE_CHROMIUM").or_else(|| {
        ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
            .iter()
            .map(PathBuf::from)
            .find(|path| path.exists())
    });
    Some((modules?, chromium?))
}

#[test]
fn everyone_can_use_it() {
    let Some((modules, chromium)) = browser() else {
        assert!(
            std::env::var_os("ANSWERABLE_REQUIRE_DATA").is_none_or(|value| value == "0"),
            "no browser, node or axe-core"
        );
        println!("skipped: no browser, node or axe-core here; `cargo xtask test` installs them");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let pages = [("work", Reader::Work), ("board", Reader::Board)].map(|(name, reader)| {
        let path = folder.path().join(format!("{name}.html"));
        std::fs::write(&path, riverside_page(reader)).unwrap();
        path
    });
    // A page that must fail, to know that the alarm works.
    let bad = folder.path().join("bad.html");
    let wide = "<!DOCTYPE html><title></title><main><p style='width:2000px;color:#bbb'>x</p><a href='#' tabindex=-1>y</a><img src='http://127.0.0.1:9/'></main>";
    std::fs::write(&bad, wide).unwrap();
    let seen = |pages: &[PathBuf]| -> Value {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/axe.mjs");
        let output = Command::new("node").arg(script).arg(&modules).arg(&chromium).args(pages).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let none = |seen: &Value, key: &str| seen[key].as_array().unwrap().is_empty();
    let good = seen(&pages);
    for key in ["violations", "overflows", "requests", "messages", "unreachable"] {
        assert!(none(&good, key), "{key}: {:#}", good[key]);
    }
    let alarm = seen(&[bad]);
    for key in ["violations", "overflows", "requests", "unreachable"] {
        assert!(!none(&alarm, key), "{key} would never show");
    }
}

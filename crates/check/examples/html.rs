//! Writes the page of a folder's exports, until the command line does.
#![allow(clippy::unwrap_used, missing_docs, reason = "a makeshift")]
use answerable_check::{Calendar, Check, Config, Hashes, Marks, Meter, Method, Nothing, Reader, html};
use std::path::Path;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (config, out, reader) = (arguments.next().unwrap(), arguments.next().unwrap(), arguments.next().unwrap());
    let reader = if reader == "board" { Reader::Board } else { Reader::Work };
    let calendar = Calendar::new("Europe/London").unwrap();
    let config = if config.ends_with(".toml") { Config::read(Path::new(&config)).unwrap() } else {
        Config { sources: vec![("all".into(), config.into())], ..Config::default() }
    };
    let mut check = Check::new(config.settings, calendar.clone());
    check.sources = config.sources;
    check.as_of = calendar.read("2026-03-02T09:00:00Z").unwrap().first;
    let mut files = arguments.map(std::path::PathBuf::from);
    let (since, decisions) = (files.next(), files.next());
    check.marks = Marks::load(since.as_deref(), decisions.as_deref(), check.as_of, &calendar).unwrap();
    check.for_page(reader);
    let outcome = check.run(&Meter::default(), &Nothing, |_| {}, &mut |_| Ok(())).unwrap();
    let method = Method::of(&check, &outcome, "Europe/London", Hashes::With);
    html::write(&check, &outcome, &method, reader, &mut std::fs::File::create(out).unwrap()).unwrap();
}

//! What a ledger says, as text for people and as JSON for programs.

use std::io::{self, Write};

use answerable_store::view::{Item, Stats, Told, Worklist};
use answerable_store::{Answerable, Instant, PatientId, RoleId, Verified, chain, moment, wire};
use serde_json::{Value, json};

use super::arguments::OutputFormat;

/// A place without the password that a URL may have.
pub(super) fn place(place: &str) -> String {
    match (place.split_once("://"), place.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://{host}"),
        _ => place.to_owned(),
    }
}

pub(super) fn instant(text: &str) -> Result<Instant, String> {
    wire::instant(text).map_err(|wrong| format!("`{text}`: {wrong}"))
}

pub(super) fn patient(text: &str) -> Result<PatientId, String> {
    PatientId::new(text).map_err(|wrong| format!("`{text}`: {wrong}"))
}

pub(super) fn role(text: &str) -> Result<RoleId, String> {
    RoleId::new(text).map_err(|wrong| format!("`{text}`: {wrong}"))
}

pub(super) fn who(out: &mut dyn Write, at: Instant, rows: &[Answerable]) -> io::Result<()> {
    writeln!(out, "Who is answerable, at {} (UTC)", moment(at))?;
    if rows.is_empty() {
        return writeln!(out, "No duty was open.");
    }
    let mut patient = None;
    for row in rows {
        if patient != Some(&row.patient) {
            writeln!(out, "\n{}", row.patient)?;
            patient = Some(&row.patient);
        }
        let caretaker = if row.basis.is_caretaking() { ", caretaker until it is placed" } else { "" };
        let offer = row.offer.as_ref().map_or_else(String::new, |offer| format!("; offered ({offer})"));
        let dispute = row.dispute.as_ref().map_or_else(String::new, |dispute| format!("; disputed ({dispute})"));
        let untold = if row.is_told { "" } else { "; the patient is still to be told" };
        writeln!(
            out,
            "  {}, {} ({}): {} at {} since {}, {}{caretaker}{offer}{dispute}{untold}",
            row.need,
            row.kind,
            row.duty,
            row.holder,
            row.organisation,
            moment(row.since),
            row.basis
        )?;
    }
    Ok(())
}

pub(super) fn story(out: &mut dyn Write, story: &[Told], format: OutputFormat) -> io::Result<()> {
    for told in story {
        match format {
            OutputFormat::Json => {
                let known = told.known.map(wire::say);
                writeln!(out, "{}", json!({"at": wire::say(told.at), "known": known, "sentence": told.sentence}))?;
            }
            OutputFormat::Text => {
                let known =
                    told.known.map_or_else(String::new, |known| format!(" [recorded later, {}]", moment(known)));
                writeln!(out, "{:>24}  {}{known}", moment(told.at), told.sentence)?;
            }
        }
    }
    Ok(())
}

pub(super) fn worklist(out: &mut dyn Write, list: &Worklist, format: OutputFormat) -> io::Result<()> {
    let parts = [
        ("to_answer", "TO ANSWER, and by when", &list.to_answer),
        ("to_place", "TO PLACE: you are caretaker, and since when", &list.to_place),
        ("to_tell", "TO TELL: changes that the patient hasn't been told of, and since when", &list.to_tell),
        ("offered", "OFFERED: you answer for these until they are accepted; an answer is due by", &list.offered),
        ("held", "HELD, and since when", &list.held),
    ];
    if format == OutputFormat::Json {
        let fields = parts.iter().map(|(name, _, items)| ((*name).to_owned(), json_items(items)));
        return writeln!(out, "{}", Value::Object(fields.collect()));
    }
    if parts.iter().all(|(_, _, items)| items.is_empty()) {
        return writeln!(out, "Nothing is on this list.");
    }
    for (_, title, items) in parts.iter().filter(|(_, _, items)| !items.is_empty()) {
        writeln!(out, "{title}")?;
        for item in *items {
            writeln!(out, "{}", line(item))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

pub(super) fn due(out: &mut dyn Write, items: &[Item], format: OutputFormat) -> io::Result<()> {
    match format {
        OutputFormat::Json => writeln!(out, "{}", json_items(items)),
        OutputFormat::Text if items.is_empty() => writeln!(out, "Nothing falls due."),
        OutputFormat::Text => items.iter().try_for_each(|item| writeln!(out, "{}", line(item))),
    }
}

pub(super) fn stats(out: &mut dyn Write, stats: Stats, format: OutputFormat) -> io::Result<()> {
    let Stats { events, commands, organisations, roles, held, caretaken, offers, untold } = stats;
    let rows = [
        ("events", "events in the log", events),
        ("commands", "commands done", commands),
        ("organisations", "organisations", organisations),
        ("roles", "roles that haven't ended", roles),
        ("held", "open duties that somebody has accepted", held),
        ("caretaken", "open duties with a caretaker, to be placed", caretaken),
        ("offers", "open offers", offers),
        ("untold", "duties of whose last change the patient is to be told", untold),
    ];
    if format == OutputFormat::Json {
        let fields = rows.iter().map(|(name, _, count)| ((*name).to_owned(), Value::from(*count)));
        return writeln!(out, "{}", Value::Object(fields.collect()));
    }
    rows.iter().try_for_each(|(_, words, count)| writeln!(out, "{count:>10}  {words}"))
}

pub(super) fn verified(out: &mut dyn Write, verified: &Verified) -> io::Result<()> {
    let Verified { events, streams, hash } = verified;
    writeln!(out, "whole: {events} events in {streams} streams, {}", chain::hex(hash))
}

fn line(item: &Item) -> String {
    let patient = if item.patient.is_empty() { String::new() } else { format!("{}: ", item.patient) };
    format!("{:>24}  {patient}{}", moment(item.when), item.what)
}

fn json_items(items: &[Item]) -> Value {
    let item = |item: &Item| {
        let patient = Some(&item.patient).filter(|patient| !patient.is_empty());
        json!({"when": wire::say(item.when), "patient": patient, "what": item.what})
    };
    items.iter().map(item).collect()
}

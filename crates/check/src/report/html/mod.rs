//! The report as one self-contained page: no script, no request, nothing beside it.
//!
//! ```text
//! words     the vocabulary in plain English; numbers and dates       work, board
//! about     the reading report and the method                        work, board
//! figures   counts that open into the list of their cases            work
//! people    patients, worst first: sentences, cards                  work
//! picture   the timelines of a patient, as places in per cent        work
//! ```
//!
//! The page for work names people; the page for the board is made from counts alone (`board::Board` has no field
//! that could hold a patient). HTML, pictures and style are in `templates/`; here is only what goes into them.

mod about;
mod board;
mod figures;
mod people;
mod picture;
mod words;
mod work;

use std::io::{BufWriter, Write};

use askama::Template;

use super::cases::Lists;
use super::method::Method;
use crate::error::Error;
use crate::run::{Check, Outcome};

/// How many patients the page for work shows in full: each with a picture, some ten kilobytes.
pub const CARDS_MAX: usize = 200;

/// Who reads the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reader {
    /// Those who work through it: it names people.
    #[default]
    Work,
    /// A board: no person can be recognised. No names, numbers, dates of birth or free text; counts of 1 to 7 are `*`,
    /// the others rounded to 5.
    Board,
}

impl Check {
    /// Has a run keep what a page needs: the patients in full and the cases behind the figures. To be called before it.
    pub fn for_page(&mut self, reader: Reader) {
        if reader == Reader::Work {
            self.cards_max = self.cards_max.max(CARDS_MAX);
            self.lists = Lists::Kept;
        }
    }
}

/// Writes the page. The check must have been run after [`Check::for_page`]; what it is written from has limits, so it
/// is small (some megabytes) however many findings there are.
///
/// # Errors
///
/// If `to` can't be written, or what was kept of an earlier run can't be read back.
pub fn write(
    check: &Check,
    outcome: &Outcome,
    method: &Method,
    reader: Reader,
    to: &mut dyn Write,
) -> Result<(), Error> {
    let mut to = BufWriter::new(to);
    match reader {
        Reader::Work => work::Work::new(check, outcome, method)?.write_into(&mut to)?,
        Reader::Board => board::Board::new(check, outcome, method).write_into(&mut to)?,
    }
    to.flush()?;
    Ok(())
}

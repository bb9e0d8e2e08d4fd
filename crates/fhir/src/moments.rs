//! The instant of judgement and its windows, counted by the calendar.

use answerable_care::{Instant, Moment};

use crate::date::Calendar;
use crate::settings::Windows;

/// The instant of judgement, and what is counted from it.
#[derive(Clone, Copy, Debug)]
pub struct Moments {
    /// For the findings.
    pub moment: Moment,
    /// How long a condition must have been open to be continuing.
    pub continuing_after: Instant,
    /// How long an encounter that isn't finished runs at most.
    pub encounter_at_most: Instant,
    /// In months: how long a sender or who was last seen stands.
    pub contact_window_months: i64,
}

impl Moments {
    /// The windows around an instant of judgement.
    #[must_use]
    pub fn new(as_of: Instant, windows: &Windows, calendar: &Calendar) -> Moments {
        let days = |count: i64| Instant::DAY * count;
        let moment = Moment {
            as_of,
            accept_within_from: as_of - days(windows.accept_within_days),
            accept_by_from: as_of - days(windows.accept_by_days),
            look_back_from: calendar.months_after(as_of, -windows.look_back_months),
            stranger_from: as_of - days(90),
            horizon_to: as_of + days(windows.horizon_days),
            review_from: calendar.months_after(as_of, -windows.review_every_months),
        };
        Moments {
            moment,
            continuing_after: days(windows.continuing_after_days),
            encounter_at_most: days(windows.encounter_at_most_days),
            contact_window_months: windows.contact_window_months,
        }
    }
}

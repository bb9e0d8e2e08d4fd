//! Bugs that tests plant, to see that they would be caught: `planted!("name")` stands where each would be, and is
//! `false`. With the feature `planted`, which is for those tests alone, it is whether this thread has planted it.

#[cfg(not(feature = "planted"))]
macro_rules! planted {
    ($bug:literal) => {
        false
    };
}

#[cfg(feature = "planted")]
macro_rules! planted {
    ($bug:literal) => {
        $crate::ledger::planted::is_planted($bug)
    };
}

pub(crate) use planted;

#[cfg(feature = "planted")]
mod chosen {
    use std::cell::Cell;

    thread_local! {
        static PLANTED: Cell<Option<&'static str>> = const { Cell::new(None) };
    }

    /// Plants a bug in this thread in place of the last, or none.
    pub fn plant(bug: Option<&'static str>) {
        PLANTED.set(bug);
    }

    pub(crate) fn is_planted(bug: &str) -> bool {
        PLANTED.get() == Some(bug)
    }
}

#[cfg(feature = "planted")]
pub(crate) use chosen::is_planted;
#[cfg(feature = "planted")]
pub use chosen::plant;

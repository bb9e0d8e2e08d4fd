//! Reports: what was judged, for people and for programs.

pub(crate) mod encode;
pub(crate) mod json;
pub(crate) mod marks;
pub(crate) mod method;
pub(crate) mod rows;
pub(crate) mod sentence;
pub(crate) mod summary;
pub(crate) mod view;

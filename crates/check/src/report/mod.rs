//! Reports: what was judged, for people and for programs.

pub(crate) mod cases;
pub(crate) mod encode;
pub(crate) mod explain;
pub(crate) mod fhir;
pub mod html;
pub(crate) mod json;
pub(crate) mod marks;
pub(crate) mod method;
pub(crate) mod output;
pub(crate) mod parquet;
pub mod reading;
pub(crate) mod rows;
pub(crate) mod sentence;
pub(crate) mod summary;
pub(crate) mod text;
pub(crate) mod view;

//! The scenarios of `OpenTracing`'s testbed, with its numbers.

pub(crate) mod callbacks;
pub(crate) mod failures;
pub(crate) mod requests;
pub(crate) mod tasks;

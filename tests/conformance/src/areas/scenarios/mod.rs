//! The scenarios of the testbed of `OpenTracing`.

pub(crate) mod callbacks;
pub(crate) mod failures;
pub(crate) mod requests;
pub(crate) mod tasks;

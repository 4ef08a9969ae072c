//! Tests against the public OpenTelemetry SDKs of other languages: starting them as peers, sending requests to them,
//! and comparing results, with a list of known differences.
//!
//! Packages are not fetched here; `cargo xtask test --only interop` fetches them.

mod case;
mod difference;
mod language;
mod peer;
mod table;
mod view;

pub use self::{
    case::{Case, cases},
    difference::{DIFFERENCES, Difference},
    language::Language,
    peer::Peer,
    table::{Direction, Table},
    view::View,
};

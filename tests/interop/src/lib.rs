//! The public OpenTelemetry SDKs of other languages, as peers on the wire: how they are started and asked, what is
//! compared, and in what they are known to differ.
//!
//! It fetches nothing: that is xtask's.

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

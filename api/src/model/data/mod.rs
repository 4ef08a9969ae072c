//! The data of a span: name, kind, tags, events, links, status and instrumentation scope.

mod event;
mod instrumentation_scope;
mod kind;
mod name;
mod operation;
mod status;
mod tag;
mod value;

pub use self::{
    event::{Event, Link},
    instrumentation_scope::InstrumentationScope,
    kind::Kind,
    name::Name,
    operation::Operation,
    status::Status,
    tag::{__literal, Literal, Tag},
    value::{Texts, Value},
};

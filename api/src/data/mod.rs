//! What is said about a span: names, values, tags, events, links, status.

mod event;
mod kind;
mod name;
mod operation;
mod origin;
mod status;
mod tag;
mod value;

pub use self::{
    event::{Event, Link},
    kind::Kind,
    name::Name,
    operation::Operation,
    origin::Origin,
    status::Status,
    tag::{__literal, Literal, Tag},
    value::{Texts, Value},
};

//! The record of one span: all of its data, from its start until its delivery.

mod arena;
mod cuts;
mod finished;
mod limits;
mod lists;
mod parent_link;
mod rare_fields;
mod span_record;
mod tags;

pub use self::{
    finished::{FinishedEvent, FinishedLink, FinishedSpan},
    limits::Limits,
};
pub(crate) use self::{parent_link::ParentLink, span_record::Record, tags::TagIndex};

//! What is known when a span starts.

use std::time::SystemTime;

use crate::{Kind, Link, Name, Origin, Tag};

/// What is known about a span when it starts. Samplers see all of it, and tags given here are the cheapest.
///
/// A plain name is one, so that the verbs take just a name where nothing more is known.
///
/// ```
/// use anytrace_api::{self as trace, Operation, tags};
///
/// fn load(user: u64, table: &str) {
///     let tags = tags! { "user.id" => user };
///     let name = format!("load {table}");
///     trace::start_span(Operation::client(&name).tags(&tags)).run(|| { /* … */ });
///     trace::start_span("forget").run(|| { /* … */ });
/// }
/// # load(1, "users");
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Operation<'a> {
    /// What is done: from a small set, without ids or times.
    pub name: Name<'a>,
    /// Which side of which call.
    pub kind: Kind,
    /// The first tags.
    pub tags: &'a [Tag<'a>],
    /// Other spans that it has to do with.
    pub links: &'a [Link<'a>],
    /// When it started; now, if it is not said.
    pub start: Option<SystemTime>,
    /// Which library makes the span.
    pub origin: Option<&'static Origin>,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $kind:ident;)*) => { $(
        $(#[$doc])*
        pub fn $name(name: impl Into<Name<'a>>) -> Self {
            Self::new(name.into(), Kind::$kind)
        }
    )* };
}

impl<'a> Operation<'a> {
    /// The operation `name` of `kind`.
    pub const fn new(name: Name<'a>, kind: Kind) -> Self {
        Operation { name, kind, tags: &[], links: &[], start: None, origin: None }
    }

    kinds! {
        /// Within this process.
        internal Internal;
        /// Answers a call of another process.
        server Server;
        /// Calls another process and waits.
        client Client;
        /// Sends a message and does not wait.
        producer Producer;
        /// Works on a message.
        consumer Consumer;
    }

    /// With first tags. They are lent: where the operation is kept in a variable, so are they.
    /// `let tags = tags! {…};` first.
    pub const fn tags(self, tags: &'a [Tag<'a>]) -> Self {
        Operation { tags, ..self }
    }

    /// With links.
    pub const fn links(self, links: &'a [Link<'a>]) -> Self {
        Operation { links, ..self }
    }

    /// That started at another time.
    pub const fn start_at(self, time: SystemTime) -> Self {
        Operation { start: Some(time), ..self }
    }

    /// Of a library.
    pub const fn origin(self, origin: &'static Origin) -> Self {
        Operation { origin: Some(origin), ..self }
    }
}

impl From<&'static str> for Operation<'_> {
    fn from(name: &'static str) -> Self {
        Operation::internal(name)
    }
}

impl<'a> From<&'a String> for Operation<'a> {
    fn from(name: &'a String) -> Self {
        Operation::internal(name)
    }
}

impl<'a> From<Name<'a>> for Operation<'a> {
    fn from(name: Name<'a>) -> Self {
        Operation::internal(name)
    }
}

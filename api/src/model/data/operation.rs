//! The data that a span starts with.

use std::{panic::Location, time::SystemTime};

use crate::model::{Context, InstrumentationScope, Kind, Link, Name, Tag};

/// The data that a span starts with: name, kind, first tags, links, and optionally a start time.
///
/// Samplers see all of an operation, and tags in it cost less than tags set later. A name alone converts into an
/// operation of kind [`Internal`](Kind::Internal), so that `start_span("load")` works; the kinds of text that convert
/// are those of [`Name`].
///
/// ```
/// use anytrace_api::{self as trace, Operation, tags};
///
/// fn load(user: u64, table: &str) {
///     let tags = tags! { "user.id" => user };
///     let name = format!("load {table}");
///     trace::start_span(Operation::client(&name).tags(&tags)).run(|| { /* … */ });
///     trace::start_span(&table).run(|| { /* … */ });
///     trace::start_span("forget").run(|| { /* … */ });
/// }
/// # load(1, "users");
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Operation<'a> {
    /// The name of the span: one of a small set, without ids or times.
    pub name: Name<'a>,
    /// The role of the span in a call.
    pub kind: Kind,
    /// The first tags. Default: none.
    pub tags: &'a [Tag<'a>],
    /// The links to other spans. Default: none.
    pub links: &'a [Link<'a>],
    /// The start time. Default: the current time.
    pub start: Option<SystemTime>,
    /// The library that makes the span. Default: none.
    pub instrumentation_scope: Option<&'static InstrumentationScope>,
    /// The file and line that start the span, for tests and tools. Every function that starts a span sets this field
    /// to the location of its caller if the field is `None`.
    pub location: Option<&'static Location<'static>>,
    /// The context that the span must have. Default: the backend makes a new one. See
    /// [`preset_context`](Self::preset_context).
    pub preset_context: Option<&'a Context>,
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
    /// Creates an operation of any kind, without tags and links, that starts at the current time.
    pub const fn new(name: Name<'a>, kind: Kind) -> Self {
        Operation {
            name,
            kind,
            tags: &[],
            links: &[],
            start: None,
            instrumentation_scope: None,
            location: None,
            preset_context: None,
        }
    }

    kinds! {
        /// Creates an operation within this process: [`Kind::Internal`].
        internal Internal;
        /// Creates an operation that handles a request from another process: [`Kind::Server`].
        server Server;
        /// Creates an operation that sends a request to another process and waits for the response: [`Kind::Client`].
        client Client;
        /// Creates an operation that sends a message and does not wait for its processing: [`Kind::Producer`].
        producer Producer;
        /// Creates an operation that processes a message: [`Kind::Consumer`].
        consumer Consumer;
    }

    /// Sets the first tags.
    ///
    /// The tags are borrowed. If the operation is stored in a variable, store the tags in a variable before it:
    /// `let tags = tags! { … };`.
    pub const fn tags(self, tags: &'a [Tag<'a>]) -> Self {
        Operation { tags, ..self }
    }

    /// Sets the links.
    pub const fn links(self, links: &'a [Link<'a>]) -> Self {
        Operation { links, ..self }
    }

    /// Sets the start time.
    pub const fn start_at(self, time: SystemTime) -> Self {
        Operation { start: Some(time), ..self }
    }

    /// Sets the library that makes the span.
    pub const fn instrumentation_scope(self, instrumentation_scope: &'static InstrumentationScope) -> Self {
        Operation { instrumentation_scope: Some(instrumentation_scope), ..self }
    }

    /// Sets the context that the span must have, for backends that forward to other backends.
    ///
    /// Use it when another tracer has started the span already: the span gets the same ids and sampling decision here,
    /// and no sampler runs. A context without ids has no effect. A backend that cannot set the ids of a span makes new
    /// ones.
    ///
    /// ```
    /// use anytrace_api::{Operation, StartedSpan, TraceContext, backend::Tracer};
    ///
    /// /// Starts one span in two tracers.
    /// fn start_in_both(first: &dyn Tracer, second: &dyn Tracer, operation: Operation<'_>) -> [StartedSpan; 2] {
    ///     let span = first.start(&operation, None);
    ///     let copy = second.start(&operation.preset_context(span.context()), None);
    ///     [span, copy]
    /// }
    /// # let none = anytrace_api::TracerHandle::none();
    /// # let _ = start_in_both(&none, &none, "load".into());
    /// ```
    pub const fn preset_context(self, context: &'a Context) -> Self {
        Operation { preset_context: Some(context), ..self }
    }

    /// Sets the location, unless a caller has set it already.
    pub(crate) fn started_at(self, location: &'static Location<'static>) -> Self {
        Operation { location: self.location.or(Some(location)), ..self }
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

/// `&name` for a `name: &str` of any lifetime.
impl<'a, 'b: 'a> From<&'a &'b str> for Operation<'a> {
    fn from(name: &'a &'b str) -> Self {
        Operation::internal(name)
    }
}

impl<'a> From<Name<'a>> for Operation<'a> {
    fn from(name: Name<'a>) -> Self {
        Operation::internal(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reference_to_any_str_converts() {
        fn name_of(text: &str) -> String {
            Operation::from(&text).name.to_string()
        }
        let outlives_the_reference: &str = &String::from("load");
        assert_eq!(name_of(outlives_the_reference), "load");
    }

    #[test]
    fn first_location_wins() {
        let (first, second) = (Location::caller(), Location::caller());
        let operation = Operation::internal("load").started_at(first).started_at(second);
        assert_eq!(operation.location, Some(first));
    }
}

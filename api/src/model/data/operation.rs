//! What is known when a span starts.

use std::{panic::Location, time::SystemTime};

use crate::model::{Context, InstrumentationScope, Kind, Link, Name, Tag};

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
    pub instrumentation_scope: Option<&'static InstrumentationScope>,
    /// Where in the code it is started, for tests and tools: the verbs fill it in.
    pub location: Option<&'static Location<'static>>,
    /// As which span it is recorded: see [`preset_context`](Self::preset_context).
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
    /// The operation `name` of `kind`.
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
    pub const fn instrumentation_scope(self, instrumentation_scope: &'static InstrumentationScope) -> Self {
        Operation { instrumentation_scope: Some(instrumentation_scope), ..self }
    }

    /// For backends that stand in front of others: the span has been started elsewhere already and has this context;
    /// it is the same span here, under the same ids, and no sampler is asked. Without ids it says nothing. A backend
    /// that cannot give a span its ids makes up its own.
    ///
    /// ```
    /// use anytrace_api::{Operation, StartedSpan, TraceContext, Tracer};
    ///
    /// /// The same span by two tracers.
    /// fn twice(one: &dyn Tracer, other: &dyn Tracer, operation: Operation<'_>) -> [StartedSpan; 2] {
    ///     let first = one.start(&operation, None);
    ///     let second = other.start(&operation.preset_context(first.context()), None);
    ///     [first, second]
    /// }
    /// # let none = anytrace_api::TracerHandle::none();
    /// # let _ = twice(&none, &none, "load".into());
    /// ```
    pub const fn preset_context(self, context: &'a Context) -> Self {
        Operation { preset_context: Some(context), ..self }
    }

    /// Started there, unless something nearer to the user has been said already.
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

impl<'a> From<Name<'a>> for Operation<'a> {
    fn from(name: Name<'a>) -> Self {
        Operation::internal(name)
    }
}

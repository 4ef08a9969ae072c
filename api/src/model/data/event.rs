//! What happens during a span, and what it is related to.

use std::{fmt, time::SystemTime};

use crate::model::{Name, Tag, TraceContext};

/// Something that happened at a moment within a span: a log record, in `OpenTracing`'s words.
///
/// ```
/// use anytrace_api::{Event, SpanRef, tags};
///
/// let tags = tags! { "attempt" => 2 };
/// SpanRef::default().event_with(Event::new("retry").tags(&tags));
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Event<'a> {
    /// What happened.
    pub name: Name<'a>,
    /// Its details.
    pub tags: &'a [Tag<'a>],
    /// When; now, if it is not said.
    pub at: Option<SystemTime>,
}

impl<'a> Event<'a> {
    /// An event that happens now.
    pub fn new(name: impl Into<Name<'a>>) -> Self {
        Event { name: name.into(), tags: &[], at: None }
    }

    /// With details.
    pub fn tags(self, tags: &'a [Tag<'a>]) -> Self {
        Event { tags, ..self }
    }

    /// That happened at another time.
    pub fn at(self, time: SystemTime) -> Self {
        Event { at: Some(time), ..self }
    }
}

/// Another span that this one has to do with and that is not its parent: the messages of a batch, the request that
/// caused a job.
///
/// ```
/// use anytrace_api::{Context, Link, Operation};
///
/// let messages = [Context::default(), Context::default()];
/// let links: Vec<_> = messages.iter().map(|message| Link::to(message)).collect();
/// let operation = Operation::consumer("orders process").links(&links);
/// assert_eq!(operation.links.len(), 2);
/// ```
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Link<'a> {
    /// The other span.
    pub to: &'a dyn TraceContext,
    /// What there is to say about the relation.
    pub tags: &'a [Tag<'a>],
}

impl<'a> Link<'a> {
    /// A link to the span of `context`.
    pub fn to(context: &'a dyn TraceContext) -> Self {
        Link { to: context, tags: &[] }
    }

    /// With details.
    pub fn tags(self, tags: &'a [Tag<'a>]) -> Self {
        Link { tags, ..self }
    }
}

impl fmt::Debug for Link<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("to", self.to.context()).field("tags", &self.tags).finish()
    }
}

//! Events of a span, and links to other spans.

use std::{fmt, time::SystemTime};

use crate::model::{Name, Tag, TraceContext};

/// A named moment within a span, with tags: `OpenTracing`'s log record.
///
/// A name alone converts into an event of the current time without tags.
///
/// ```
/// use anytrace_api::{Event, SpanRef, tags};
///
/// SpanRef::default().event_with(Event::new("retry").tags(&tags! { "attempt" => 2 }));
///
/// let event: Event<'_> = "cache miss".into();
/// assert!(event.tags.is_empty() && event.at.is_none());
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Event<'a> {
    /// The name of the event: one of a small set, without ids or times.
    pub name: Name<'a>,
    /// The tags of the event. Default: none.
    pub tags: &'a [Tag<'a>],
    /// The time of the event. Default: the time at which the span receives the event.
    pub at: Option<SystemTime>,
}

impl<'a> Event<'a> {
    /// Creates an event of the current time without tags.
    pub fn new(name: impl Into<Name<'a>>) -> Self {
        Event { name: name.into(), tags: &[], at: None }
    }

    /// Sets the tags.
    pub fn tags(self, tags: &'a [Tag<'a>]) -> Self {
        Event { tags, ..self }
    }

    /// Sets the time.
    pub fn at(self, time: SystemTime) -> Self {
        Event { at: Some(time), ..self }
    }
}

impl From<&'static str> for Event<'_> {
    fn from(name: &'static str) -> Self {
        Event::new(name)
    }
}

impl<'a> From<&'a String> for Event<'a> {
    fn from(name: &'a String) -> Self {
        Event::new(name)
    }
}

impl<'a, 'b: 'a> From<&'a &'b str> for Event<'a> {
    fn from(name: &'a &'b str) -> Self {
        Event::new(name)
    }
}

impl<'a> From<Name<'a>> for Event<'a> {
    fn from(name: Name<'a>) -> Self {
        Event::new(name)
    }
}

/// A reference from a span to another span that is not its parent, such as one message of a batch or the request that
/// caused a job: OpenTelemetry's [link].
///
/// ```
/// use anytrace_api::{Context, Link, Operation};
///
/// let messages = [Context::default(), Context::default()];
/// let links: Vec<_> = messages.iter().map(|message| Link::to(message)).collect();
/// let operation = Operation::consumer("orders process").links(&links);
/// assert_eq!(operation.links.len(), 2);
/// ```
///
/// [link]: https://opentelemetry.io/docs/specs/otel/overview/#links-between-spans
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Link<'a> {
    /// The context of the other span.
    pub to: &'a dyn TraceContext,
    /// Tags that describe the relation. Default: none.
    pub tags: &'a [Tag<'a>],
}

impl<'a> Link<'a> {
    /// Creates a link to the span of `context`, without tags.
    pub fn to(context: &'a dyn TraceContext) -> Self {
        Link { to: context, tags: &[] }
    }

    /// Sets the tags.
    pub fn tags(self, tags: &'a [Tag<'a>]) -> Self {
        Link { tags, ..self }
    }
}

impl fmt::Debug for Link<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("to", self.to.context()).field("tags", &self.tags).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_is_made_from_every_kind_of_name() {
        fn names(text: &str) -> [String; 4] {
            let owned = text.to_owned();
            let events: [Event<'_>; 4] =
                ["x".into(), (&owned).into(), (&text).into(), Name::copied(text).into()];
            events.map(|event| event.name.to_string())
        }
        assert_eq!(names("x"), ["x"; 4]);
    }
}

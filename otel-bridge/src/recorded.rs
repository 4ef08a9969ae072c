//! OpenTelemetry's span, wherever it is.

use std::{borrow::Cow, time::SystemTime};

use opentelemetry::{
    KeyValue,
    trace::{SpanContext, SpanRef, Status},
};

use crate::room::Place;

pub(crate) enum Recorded<'a> {
    /// In no context.
    Alone(&'a mut dyn Place),
    /// Where others may have it too.
    Shown(SpanRef<'a>),
}

impl Recorded<'_> {
    /// They are taken out of `attributes`.
    #[inline]
    pub(crate) fn set_attributes(&mut self, attributes: &mut Vec<KeyValue>) {
        match self {
            Recorded::Alone(place) => place.set_attributes(attributes),
            Recorded::Shown(span) => span.set_attributes(attributes.drain(..)),
        }
    }

    pub(crate) fn set_status(&mut self, status: Status) {
        match self {
            Recorded::Alone(place) => drop(place.span().map(|span| span.set_status(status))),
            Recorded::Shown(span) => span.set_status(status),
        }
    }

    pub(crate) fn update_name(&mut self, name: Cow<'static, str>) {
        match self {
            Recorded::Alone(place) => drop(place.span().map(|span| span.update_name(name))),
            Recorded::Shown(span) => span.update_name(name),
        }
    }

    pub(crate) fn add_event(&mut self, name: Cow<'static, str>, at: SystemTime, attributes: Vec<KeyValue>) {
        match self {
            Recorded::Alone(place) => {
                drop(place.span().map(|span| span.add_event_with_timestamp(name, at, attributes)));
            }
            Recorded::Shown(span) => span.add_event_with_timestamp(name, at, attributes),
        }
    }

    pub(crate) fn add_link(&mut self, to: SpanContext, attributes: Vec<KeyValue>) {
        match self {
            Recorded::Alone(place) => drop(place.span().map(|span| span.add_link(to, attributes))),
            Recorded::Shown(span) => span.add_link(to, attributes),
        }
    }
}

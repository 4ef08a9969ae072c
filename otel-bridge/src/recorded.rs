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

/// Calls it wherever the span is.
macro_rules! forward {
    ($recorded:expr, $call:ident($($argument:expr),*)) => {
        match $recorded {
            Recorded::Alone(place) => {
                if let Some(span) = place.span() {
                    span.$call($($argument),*);
                }
            }
            Recorded::Shown(span) => span.$call($($argument),*),
        }
    };
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
        forward!(self, set_status(status));
    }

    pub(crate) fn update_name(&mut self, name: Cow<'static, str>) {
        forward!(self, update_name(name));
    }

    pub(crate) fn add_event(&mut self, name: Cow<'static, str>, at: SystemTime, attributes: Vec<KeyValue>) {
        forward!(self, add_event_with_timestamp(name, at, attributes));
    }

    pub(crate) fn add_link(&mut self, to: SpanContext, attributes: Vec<KeyValue>) {
        forward!(self, add_link(to, attributes));
    }
}

//! Wire formats.

mod b3;
mod binary;
mod composite;
mod counters;
mod extract_error;
mod extracted;
mod jaeger;
mod named;
mod read;
mod w3c_baggage;
mod w3c_trace_context;
mod write;
mod xray;

use std::sync::Arc;

pub use self::{
    b3::B3,
    binary::Binary,
    composite::{Composite, W3C},
    counters::extract_errors,
    extract_error::{ExtractError, ExtractErrorKind},
    extracted::Extracted,
    jaeger::Jaeger,
    named::FormatNameError,
    w3c_baggage::W3cBaggage,
    w3c_trace_context::W3cTraceContext,
    xray::XRay,
};
use crate::model::{Context, TextMapReader, TextMapWriter};

/// A wire format: pure functions between a [`Context`] and a carrier, usable without any tracer.
///
/// Those of this crate are [`W3cTraceContext`], [`W3cBaggage`], [`B3`], [`Jaeger`] and [`XRay`]; [`Composite`] makes one
/// of several. They are strict: what is not exactly in the form of its specification is a fault, and the field counts
/// as absent. Nothing that a carrier holds makes them panic or read and keep more than the budget of an
/// [`Extracted`]. [`Binary`] is for what has no text fields.
///
/// Identity and baggage are parts that can be had apart, as in the first `OpenTracing` API: `W3cTraceContext` alone,
/// `W3cBaggage` alone, [`Context::identity`] and [`Context::baggage`].
///
/// ```
/// use anytrace_api::{Composite, Extracted, Propagator, TraceContext, W3cBaggage, W3cTraceContext};
/// use std::collections::HashMap;
///
/// let incoming = [("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), ("baggage", "k=v")];
/// let format: &dyn Propagator = &Composite::w3c();
/// let found = Extracted::read(format, &incoming);
/// assert!(found.errors().is_empty());
///
/// let mut outgoing = HashMap::new();
/// format.inject(found.context(), &mut outgoing);
/// assert_eq!(outgoing["traceparent"], incoming[0].1);
/// assert_eq!(outgoing["baggage"], "k=v");
///
/// // One part to one carrier, the other to another, and together again.
/// let (mut identity, mut attributes) = (HashMap::new(), HashMap::new());
/// W3cTraceContext.inject(found.context(), &mut identity);
/// W3cBaggage.inject(found.context(), &mut attributes);
/// let mut again = Extracted::read(&W3cTraceContext, &identity);
/// again.add_context(Extracted::read(&W3cBaggage, &attributes).into_context());
/// assert_eq!(again.context(), found.context());
/// ```
pub trait Propagator: Send + Sync {
    /// The names of the fields that it may set or remove, in lower case, for carriers that have to declare or clear
    /// them. Names that are made of keys cannot be told beforehand and are not among them: [`Jaeger`] has such.
    fn fields(&self) -> &[&'static str];

    /// Writes `context` into `carrier`, in place of what was there.
    ///
    /// Fields of the format that this context does not need are removed, so that a carrier that is used again, or
    /// was copied from an incoming request, tells of this context and nothing else.
    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter);

    /// Reads `carrier` into `into`: adds what it finds and names what was wrong.
    fn extract(&self, carrier: &dyn TextMapReader, into: &mut Extracted);
}

macro_rules! forwarded {
    ($($pointer:ty)*) => { $(
        #[deny(clippy::missing_trait_methods)]
        impl<T: Propagator + ?Sized> Propagator for $pointer {
            fn fields(&self) -> &[&'static str] {
                (**self).fields()
            }

            fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
                (**self).inject(context, carrier);
            }

            fn extract(&self, carrier: &dyn TextMapReader, into: &mut Extracted) {
                (**self).extract(carrier, into);
            }
        }
    )* };
}
forwarded!(&T Box<T> Arc<T>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_an_object() {
        let format: Arc<dyn Propagator> = Arc::new(Box::new(&W3cTraceContext));
        assert_eq!(format.fields(), ["traceparent", "tracestate"]);
    }
}

//! Propagators: the wire formats of contexts.

mod b3;
mod binary;
mod composite;
mod counters;
mod extract_error;
mod extracted;
mod format_names;
mod header_buffer;
mod jaeger;
mod parse;
mod w3c_baggage;
mod w3c_trace_context;
mod xray;

use std::sync::Arc;

pub use self::{
    b3::B3,
    binary::Binary,
    composite::{Composite, W3C},
    counters::extract_errors,
    extract_error::{ExtractError, ExtractErrorKind},
    extracted::Extracted,
    format_names::FormatNameError,
    jaeger::Jaeger,
    w3c_baggage::W3cBaggage,
    w3c_trace_context::W3cTraceContext,
    xray::XRay,
};
use crate::model::{Context, TextMapReader, TextMapWriter};

/// A wire format that writes a [`Context`] into a carrier and reads a context from a carrier.
///
/// Propagators work without a tracer. Implement this trait to support another wire format. This crate has
/// [`W3cTraceContext`], [`W3cBaggage`], [`B3`], [`Jaeger`] and [`XRay`]. [`Composite`] combines several propagators
/// into one, and [`Binary`] is for messages without text fields.
///
/// The propagators of this crate parse strictly: a field that violates its specification counts as absent, and the
/// violation is an [`ExtractError`]. No carrier content causes a panic, and the budget of [`Extracted`] limits the
/// bytes that are read and stored.
///
/// Ids and baggage can travel in separate carriers, as in the first `OpenTracing` API. Use `W3cTraceContext` alone,
/// `W3cBaggage` alone, [`Context::identity`] and [`Context::baggage`].
///
/// ```
/// use anytrace_api::{
///     TraceContext,
///     propagation::{Composite, Extracted, Propagator, W3cBaggage, W3cTraceContext},
/// };
/// use std::collections::HashMap;
///
/// let incoming = [("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), ("baggage", "k=v")];
/// let propagator: &dyn Propagator = &Composite::w3c();
/// let extracted = Extracted::read(propagator, &incoming);
/// assert!(extracted.errors().is_empty());
///
/// let mut outgoing = HashMap::new();
/// propagator.inject(extracted.context(), &mut outgoing);
/// assert_eq!(outgoing["traceparent"], incoming[0].1);
/// assert_eq!(outgoing["baggage"], "k=v");
///
/// // Ids in one carrier and baggage in another, combined again by the receiver.
/// let (mut ids, mut baggage) = (HashMap::new(), HashMap::new());
/// W3cTraceContext.inject(extracted.context(), &mut ids);
/// W3cBaggage.inject(extracted.context(), &mut baggage);
/// let mut received = Extracted::read(&W3cTraceContext, &ids);
/// received.add_context(Extracted::read(&W3cBaggage, &baggage).into_context());
/// assert_eq!(received.context(), extracted.context());
/// ```
pub trait Propagator: Send + Sync {
    /// Returns the lower-case names of the fields that [`inject`](Self::inject) may set or remove.
    ///
    /// For carriers that have to declare or clear their fields in advance. The list does not contain field names that
    /// are made from baggage keys, such as those of [`Jaeger`].
    fn fields(&self) -> &[&'static str];

    /// Writes `context` into `carrier`.
    ///
    /// Fields of this wire format that `context` does not need are removed. A carrier that is reused, or copied from
    /// an incoming request, therefore describes only `context`.
    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter);

    /// Reads `carrier` and adds the context and the errors that it finds to `into`.
    ///
    /// To read a carrier, call [`Extracted::read`], which also counts the errors.
    fn extract(&self, carrier: &dyn TextMapReader, into: &mut Extracted);
}

macro_rules! forward_propagator {
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
forward_propagator!(&T Box<T> Arc<T>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trait_is_object_safe_and_pointers_implement_it() {
        let propagator: Arc<dyn Propagator> = Arc::new(Box::new(&W3cTraceContext));
        assert_eq!(propagator.fields(), ["traceparent", "tracestate"]);
    }
}

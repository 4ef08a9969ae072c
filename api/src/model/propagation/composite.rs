use std::{fmt, sync::Arc};

use super::{Extracted, Propagator, W3cBaggage, W3cTraceContext};
use crate::model::{CheckedWriter, Context, TextMapReader, TextMapWriter};

/// Several formats as one: writes all, reads all.
///
/// On reading, the first in the declared order that finds an identity wins, and baggage is merged: see
/// [`Extracted::add_context`]. What formats from elsewhere write goes through a [`CheckedWriter`].
///
/// A clone is cheap. The default, [`w3c`](Self::w3c), allocates nothing; [`W3C`] is a ready one.
///
/// ```
/// use anytrace_api::{B3, Composite, Extracted, Propagator, TraceContext, W3cBaggage, W3cTraceContext};
///
/// let format = Composite::new([Box::new(B3::multi()) as Box<dyn Propagator>, Box::new(W3cTraceContext)]);
/// let incoming = [
///     ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
///     ("b3", "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1"),
/// ];
/// let found = Extracted::read(&format, &incoming);
/// assert_eq!(found.context().span_id().unwrap().to_string(), "e457b5a2e4d86bd1");
///
/// ```
#[derive(Clone, Default)]
pub struct Composite(Formats);

#[derive(Clone, Default)]
enum Formats {
    #[default]
    W3c,
    Declared(Arc<Declared>),
}

struct Declared {
    formats: Vec<Box<dyn Propagator>>,
    fields: Vec<&'static str>,
}

/// W3C trace context and baggage, ready made: [`Composite::w3c`].
///
/// ```
/// use anytrace_api::{Propagator, W3C};
///
/// let format: &'static dyn Propagator = &W3C;
/// assert_eq!(format.fields(), ["traceparent", "tracestate", "baggage"]);
/// ```
pub static W3C: Composite = Composite::w3c();

impl Composite {
    /// W3C trace context and baggage: what tracers speak when nothing else is asked for.
    pub const fn w3c() -> Self {
        Composite(Formats::W3c)
    }

    /// These formats, in this order. None at all neither writes nor reads anything.
    pub fn new(formats: impl IntoIterator<Item = Box<dyn Propagator>>) -> Self {
        let formats: Vec<_> = formats.into_iter().collect();
        let mut fields = Vec::new();
        for field in formats.iter().flat_map(Propagator::fields) {
            if !fields.contains(field) {
                fields.push(*field);
            }
        }
        Composite(Formats::Declared(Arc::new(Declared { formats, fields })))
    }
}

#[deny(clippy::missing_trait_methods)]
impl Propagator for Composite {
    fn fields(&self) -> &[&'static str] {
        match &self.0 {
            Formats::W3c => &["traceparent", "tracestate", "baggage"],
            Formats::Declared(declared) => &declared.fields,
        }
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        match &self.0 {
            Formats::W3c => {
                W3cTraceContext.inject(context, carrier);
                W3cBaggage.inject(context, carrier);
            }
            Formats::Declared(declared) => {
                let mut carrier = CheckedWriter::new(carrier);
                for format in &declared.formats {
                    format.inject(context, &mut carrier);
                }
            }
        }
    }

    fn extract(&self, carrier: &dyn TextMapReader, into: &mut Extracted) {
        match &self.0 {
            Formats::W3c => {
                W3cTraceContext.extract(carrier, into);
                W3cBaggage.extract(carrier, into);
            }
            Formats::Declared(declared) => {
                for format in &declared.formats {
                    format.extract(carrier, into);
                }
            }
        }
    }
}

impl fmt::Debug for Composite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Composite").field(&self.fields()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{B3, Sampling, TraceContext};

    fn declared(formats: Vec<Box<dyn Propagator>>) -> Composite {
        Composite::new(formats)
    }

    const PARENT: (&str, &str) = ("traceparent", "00-000000000000000000000000000000aa-0000000000000001-01");

    #[test]
    fn the_default_is_the_declared_pair() {
        let pair = declared(vec![Box::new(W3cTraceContext), Box::new(W3cBaggage)]);
        assert_eq!(Composite::default().fields(), pair.fields());
        let incoming = [PARENT, ("tracestate", "a=1"), ("baggage", "k=v,bad")];
        let (one, other) = (Extracted::read(&Composite::w3c(), &incoming), Extracted::read(&pair, &incoming));
        assert_eq!((one.context(), one.errors()), (other.context(), other.errors()));
        let (mut out, mut other) = (Vec::new(), Vec::new());
        Composite::w3c().inject(one.context(), &mut out);
        pair.inject(one.context(), &mut other);
        assert_eq!((out.len(), out), (3, other));
    }

    #[test]
    fn an_identity_outranks_an_earlier_wish_and_a_later_identity() {
        let format = declared(vec![Box::new(B3::single()), Box::new(W3cTraceContext), Box::new(W3cBaggage)]);
        let found = Extracted::read(&format, &[("b3", "0"), PARENT, ("baggage", "k=v")]);
        assert_eq!(found.context().sampling(), Sampling::Record);
        assert_eq!(found.context().baggage().get("k"), Some("v"));
        let first = ("b3", "00000000000000bb-0000000000000001-0");
        let found = Extracted::read(&format, &[first, PARENT]);
        assert_eq!(found.context().trace_id().unwrap().to_u128(), 0xbb);
        let found = Extracted::read(&format, &[("b3", "bad"), PARENT]);
        assert_eq!((found.context().trace_id().unwrap().to_u128(), found.errors().len()), (0xaa, 1));
    }

    #[test]
    fn a_foreign_format_cannot_break_a_header() {
        struct Foreign;
        impl Propagator for Foreign {
            fn fields(&self) -> &[&'static str] {
                &["foreign"]
            }
            fn inject(&self, _: &Context, carrier: &mut dyn TextMapWriter) {
                carrier.set("foreign", "1\r\nset-cookie: 2");
            }
            fn extract(&self, _: &dyn TextMapReader, _: &mut Extracted) {}
        }
        let mut carrier = vec![("Foreign".to_owned(), "stale".to_owned())];
        declared(vec![Box::new(Foreign)]).inject(&Context::default(), &mut carrier);
        assert!(carrier.is_empty());
    }

    #[test]
    fn fields_are_named_once() {
        let format = declared(vec![Box::new(B3::single()), Box::new(B3::multi())]);
        assert_eq!(format.fields(), B3::both().fields());
    }
}

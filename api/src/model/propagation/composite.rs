//! Several propagators combined into one.

use std::{fmt, sync::Arc};

use super::{Extracted, Propagator, W3cBaggage, W3cTraceContext};
use crate::model::{CheckedWriter, Context, TextMapReader, TextMapWriter};

/// A propagator that injects and extracts with each of several propagators, in a fixed order.
///
/// Extraction takes the ids from the first propagator that finds some, and merges baggage: see
/// [`Extracted::add_context`]. Injection goes through a [`CheckedWriter`], because other crates can implement
/// [`Propagator`].
///
/// Default: [`w3c`](Self::w3c), which allocates nothing and is also available as the static [`W3C`]. Cloning is cheap.
///
/// ```
/// use anytrace_api::{
///     TraceContext,
///     propagation::{B3, Composite, Extracted, Propagator, W3cTraceContext},
/// };
///
/// let propagator = Composite::new([B3::multi()]).and(W3cTraceContext);
/// let incoming = [
///     ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
///     ("b3", "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1"),
/// ];
/// let extracted = Extracted::read(&propagator, &incoming);
/// assert_eq!(extracted.context().span_id().unwrap().to_string(), "e457b5a2e4d86bd1");
/// ```
#[derive(Clone, Default)]
pub struct Composite(Members);

#[derive(Clone, Default)]
enum Members {
    #[default]
    W3c,
    List(Arc<PropagatorList>),
}

#[derive(Clone, Default)]
struct PropagatorList {
    propagators: Vec<Arc<dyn Propagator>>,
    /// The fields of all propagators, without duplicates.
    fields: Vec<&'static str>,
}

impl PropagatorList {
    fn push(&mut self, propagator: impl Propagator + 'static) {
        for field in propagator.fields() {
            if !self.fields.contains(field) {
                self.fields.push(field);
            }
        }
        self.propagators.push(Arc::new(propagator));
    }
}

/// The propagator for W3C Trace Context and W3C Baggage, as a static: see [`Composite::w3c`].
///
/// ```
/// use anytrace_api::propagation::{Propagator, W3C};
///
/// let propagator: &'static dyn Propagator = &W3C;
/// assert_eq!(propagator.fields(), ["traceparent", "tracestate", "baggage"]);
/// ```
pub static W3C: Composite = Composite::w3c();

impl Composite {
    /// Creates the default propagator of tracers: [`W3cTraceContext`], then [`W3cBaggage`].
    pub const fn w3c() -> Self {
        Composite(Members::W3c)
    }

    /// Creates a propagator from several ones of one type, in this order.
    ///
    /// Add propagators of other types with [`and`](Self::and), or pass a `Vec<Box<dyn Propagator>>`. An empty
    /// list makes a propagator that writes and reads nothing. For both forms of B3 use [`B3::both`](super::B3::both):
    /// each of [`B3::single`](super::B3::single) and [`B3::multi`](super::B3::multi) removes the fields of the other.
    ///
    /// ```
    /// use anytrace_api::propagation::{B3, Composite, Jaeger, Propagator};
    ///
    /// assert_eq!(Composite::new([B3::single()]).fields()[0], "b3");
    ///
    /// let propagators: Vec<Box<dyn Propagator>> = vec![Box::new(Jaeger), Box::new(B3::single())];
    /// assert_eq!(Composite::new(propagators).fields()[0], "uber-trace-id");
    /// ```
    pub fn new<I>(propagators: I) -> Self
    where
        I: IntoIterator,
        I::Item: Propagator + 'static,
    {
        let mut list = PropagatorList::default();
        for propagator in propagators {
            list.push(propagator);
        }
        Composite(Members::List(Arc::new(list)))
    }

    /// Adds a propagator of any type after the others.
    ///
    /// ```
    /// use anytrace_api::propagation::{Composite, Propagator, XRay};
    ///
    /// let propagator = Composite::w3c().and(XRay);
    /// assert_eq!(propagator.fields(), ["traceparent", "tracestate", "baggage", "x-amzn-trace-id"]);
    /// ```
    #[must_use = "returns the extended propagator"]
    pub fn and(self, propagator: impl Propagator + 'static) -> Self {
        let mut list = match self.0 {
            Members::List(list) => Arc::unwrap_or_clone(list),
            Members::W3c => {
                let mut list = PropagatorList::default();
                list.push(W3cTraceContext);
                list.push(W3cBaggage);
                list
            }
        };
        list.push(propagator);
        Composite(Members::List(Arc::new(list)))
    }
}

#[deny(clippy::missing_trait_methods)]
impl Propagator for Composite {
    fn fields(&self) -> &[&'static str] {
        match &self.0 {
            Members::W3c => &["traceparent", "tracestate", "baggage"],
            Members::List(list) => &list.fields,
        }
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        match &self.0 {
            Members::W3c => {
                W3cTraceContext.inject(context, carrier);
                W3cBaggage.inject(context, carrier);
            }
            Members::List(list) => {
                // Propagators of other crates may write invalid values, such as line breaks.
                let mut carrier = CheckedWriter::new(carrier);
                for propagator in &list.propagators {
                    propagator.inject(context, &mut carrier);
                }
            }
        }
    }

    fn extract(&self, carrier: &dyn TextMapReader, into: &mut Extracted) {
        match &self.0 {
            Members::W3c => {
                W3cTraceContext.extract(carrier, into);
                W3cBaggage.extract(carrier, into);
            }
            Members::List(list) => {
                for propagator in &list.propagators {
                    propagator.extract(carrier, into);
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

    const PARENT: (&str, &str) = ("traceparent", "00-000000000000000000000000000000aa-0000000000000001-01");

    #[test]
    fn default_equals_the_list_of_both_w3c_propagators() {
        let list = Composite::new([W3cTraceContext]).and(W3cBaggage);
        assert_eq!(Composite::default().fields(), list.fields());
        let incoming = [PARENT, ("tracestate", "a=1"), ("baggage", "k=v,bad")];
        let (by_default, by_list) =
            (Extracted::read(&Composite::w3c(), &incoming), Extracted::read(&list, &incoming));
        assert_eq!((by_default.context(), by_default.errors()), (by_list.context(), by_list.errors()));
        let (mut default_fields, mut list_fields) = (Vec::new(), Vec::new());
        Composite::w3c().inject(by_default.context(), &mut default_fields);
        list.inject(by_default.context(), &mut list_fields);
        assert_eq!((default_fields.len(), default_fields), (3, list_fields));
    }

    #[test]
    fn adding_to_a_clone_leaves_the_original_unchanged() {
        let original = Composite::new([W3cTraceContext]);
        let extended = original.clone().and(W3cBaggage);
        assert_eq!(original.fields(), ["traceparent", "tracestate"]);
        assert_eq!(extended.fields(), Composite::w3c().fields());
    }

    #[test]
    fn first_ids_win_over_later_ids_and_over_an_earlier_decision_without_ids() {
        let propagator = Composite::new([B3::single()]).and(W3cTraceContext).and(W3cBaggage);
        let extracted = Extracted::read(&propagator, &[("b3", "0"), PARENT, ("baggage", "k=v")]);
        assert_eq!(extracted.context().sampling(), Sampling::Record);
        assert_eq!(extracted.context().baggage().get("k"), Some("v"));
        let first = ("b3", "00000000000000bb-0000000000000001-0");
        let extracted = Extracted::read(&propagator, &[first, PARENT]);
        assert_eq!(extracted.context().trace_id().unwrap().to_u128(), 0xbb);
        let extracted = Extracted::read(&propagator, &[("b3", "bad"), PARENT]);
        assert_eq!((extracted.context().trace_id().unwrap().to_u128(), extracted.errors().len()), (0xaa, 1));
    }

    #[test]
    fn third_party_propagator_cannot_inject_a_line_break() {
        struct ThirdParty;
        impl Propagator for ThirdParty {
            fn fields(&self) -> &[&'static str] {
                &["third-party"]
            }
            fn inject(&self, _: &Context, carrier: &mut dyn TextMapWriter) {
                carrier.set("third-party", "1\r\nset-cookie: 2");
            }
            fn extract(&self, _: &dyn TextMapReader, _: &mut Extracted) {}
        }
        let mut carrier = vec![("Third-Party".to_owned(), "stale".to_owned())];
        Composite::new([ThirdParty]).inject(&Context::default(), &mut carrier);
        assert!(carrier.is_empty());
    }

    #[test]
    fn fields_have_no_duplicates() {
        let propagator = Composite::new([B3::single(), B3::multi()]);
        assert_eq!(propagator.fields(), B3::both().fields());
    }
}

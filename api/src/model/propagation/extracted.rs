//! The result of reading a carrier.

use std::mem;

use super::{ExtractError, ExtractErrorKind, Propagator, counters};
use crate::model::{Baggage, Context, Sampling, TextMapReader, TraceContext, baggage::Received};

/// The context read from a carrier, possibly empty, and the errors found there.
///
/// An `Extracted` is a [`TraceContext`] and can be passed to `join_trace` directly. An empty `Extracted` starts a new
/// trace. There is at most one [`ExtractError`] for each field and kind, however many headers a caller sends, and
/// nothing is allocated for errors if there are none.
///
/// All propagators that read one carrier share a budget: at most 256 field lines and 64 KiB in list fields (trace
/// state and baggage). Fields with a single value do not use the budget, so long lists cannot displace them.
///
/// ```
/// use anytrace_api::{
///     TraceContext,
///     propagation::{ExtractErrorKind, Extracted, W3cTraceContext},
/// };
///
/// let extracted = Extracted::read(&W3cTraceContext, &[("traceparent", "00-zz")]);
/// assert!(extracted.is_empty() && extracted.context().ids().is_none());
/// assert_eq!(extracted.errors()[0].kind(), ExtractErrorKind::Malformed);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Extracted {
    context: Context,
    errors: Vec<ExtractError>,
    used: UsedBudget,
}

#[derive(Clone, Copy, Debug, Default)]
struct UsedBudget {
    lines: usize,
    bytes: usize,
}

const MAX_LINES: usize = 256;
/// More than twice the size of the longest trace state and baggage, to allow for optional white space.
const MAX_BYTES: usize = 64 * 1024;

impl Extracted {
    /// Reads `carrier` with `propagator`, and adds the errors to the [counters](super::extract_errors) of the process.
    ///
    /// ```
    /// use anytrace_api::{
    ///     Sampling, TraceContext,
    ///     propagation::{B3, Extracted},
    /// };
    ///
    /// let extracted = Extracted::read(&B3::single(), &[("b3", "0")]);
    /// assert_eq!(extracted.context().sampling(), Sampling::Drop);
    /// ```
    pub fn read(propagator: &dyn Propagator, carrier: &dyn TextMapReader) -> Self {
        let mut extracted = Self::default();
        propagator.extract(carrier, &mut extracted);
        extracted.count_errors();
        extracted
    }

    /// Reads a context from separate values, as gateways and message queues provide them.
    ///
    /// The ids are lower-case hexadecimal, of exactly 32 and 16 digits and not zero. `flags` are the trace flags of
    /// `traceparent` ([W3C Trace Context level 2], section 3.2.2.5): bit 0 is set if the trace is sampled, bit 1 if
    /// the trace id is random. Two empty ids give an empty context without an error. Any other invalid id is an error
    /// of the field `trace_id` or `span_id`, and the context is empty.
    ///
    /// ```
    /// use anytrace_api::{TraceContext, propagation::Extracted};
    ///
    /// let extracted = Extracted::from_parts("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", 1);
    /// assert!(extracted.context().is_remote() && extracted.errors().is_empty());
    ///
    /// let extracted = Extracted::from_parts("4bf92f35", "00f067aa0ba902b7", 1);
    /// assert!(extracted.is_empty());
    /// assert_eq!(extracted.errors()[0].to_string(), "trace_id: malformed");
    /// ```
    ///
    /// [W3C Trace Context level 2]: https://www.w3.org/TR/trace-context-2/#trace-flags
    pub fn from_parts(trace_id: &str, span_id: &str, flags: u8) -> Self {
        let mut extracted = Self::default();
        if trace_id.is_empty() && span_id.is_empty() {
            return extracted;
        }
        match (trace_id.parse(), span_id.parse()) {
            (Ok(trace_id), Ok(span_id)) => {
                let sampling = if flags & 1 == 1 { Sampling::Record } else { Sampling::Drop };
                let random = flags & 2 == 2;
                extracted.set_context(Context::remote(trace_id, span_id, sampling).with_random(random));
            }
            (Err(_), _) => extracted.add_error("trace_id", ExtractErrorKind::Malformed),
            (_, Err(_)) => extracted.add_error("span_id", ExtractErrorKind::Malformed),
        }
        extracted.count_errors();
        extracted
    }

    /// Returns the context by value, without the errors.
    pub fn into_context(self) -> Context {
        self.context
    }

    /// Returns the errors in the order of their first occurrence.
    ///
    /// For the totals of the process, see [`extract_errors`](super::extract_errors).
    pub fn errors(&self) -> &[ExtractError] {
        &self.errors
    }

    /// Returns true if the context is empty. Errors may exist nevertheless.
    pub fn is_empty(&self) -> bool {
        self.context.is_empty()
    }

    /// Replaces the context, and leaves the errors unchanged.
    ///
    /// For policies on inbound contexts, for example to ignore the context of an untrusted caller.
    pub fn set_context(&mut self, context: Context) {
        self.context = context;
    }

    /// Adds a context that a propagator read. For implementations of [`Propagator`].
    ///
    /// The first context with a trace id provides trace id, span id, sampling decision, trace state and parent span
    /// id, and later contexts do not change them. Before that, the first sampling decision without ids applies.
    /// Baggage is merged in every case, as by [`add_baggage`](Self::add_baggage).
    ///
    /// ```
    /// use anytrace_api::{Context, Sampling, SpanId, TraceContext, TraceId, propagation::Extracted};
    ///
    /// let (first, second) = (TraceId::from_u128(1).unwrap(), TraceId::from_u128(2).unwrap());
    /// let span = SpanId::from_u64(3).unwrap();
    /// let mut extracted = Extracted::default();
    /// extracted.add_context(Context::default().with_sampling(Sampling::Drop));
    /// extracted.add_context(Context::remote(first, span, Sampling::Record));
    /// extracted.add_context(Context::remote(second, span, Sampling::Drop));
    /// assert_eq!(extracted.context(), &Context::remote(first, span, Sampling::Record));
    /// ```
    pub fn add_context(&mut self, context: Context) {
        let current = &self.context;
        let decides = context.trace_id().is_some() || current.sampling() == Sampling::Defer;
        if current.trace_id().is_none() && decides {
            // Baggage that was read earlier takes precedence, so it is the base of the merge.
            let previous = mem::replace(&mut self.context, context);
            if !previous.baggage().is_empty() {
                let added = self.context.baggage().clone();
                self.context = mem::take(&mut self.context).with_baggage_items(previous.baggage().clone());
                self.add_baggage("baggage", added);
            }
        } else {
            self.add_baggage("baggage", context.baggage().clone());
        }
    }

    /// Adds `baggage` that a propagator read from `field`. For implementations of [`Propagator`].
    ///
    /// Keys that the context already has keep their values. Members that would exceed the limits of [`Baggage`] are
    /// left out, which is an [`OverBudget`](ExtractErrorKind::OverBudget) error of `field`.
    pub fn add_baggage(&mut self, field: &'static str, baggage: Baggage) {
        if baggage.is_empty() {
            return;
        }
        let mut complete = true;
        let merged = if self.context.baggage().is_empty() {
            baggage
        } else {
            let mut merged = self.context.baggage().clone();
            complete = merged.extend(&baggage);
            merged
        };
        self.context = mem::take(&mut self.context).with_baggage_items(merged);
        if !complete {
            self.add_error(field, ExtractErrorKind::OverBudget);
        }
    }

    /// Adds an error of `field`. For implementations of [`Propagator`].
    ///
    /// An error of the same field and kind increases the [count](ExtractError::count).
    pub fn add_error(&mut self, field: &'static str, kind: ExtractErrorKind) {
        match self.errors.iter_mut().find(|error| (error.field, error.kind) == (field, kind)) {
            Some(error) => error.count += 1,
            None => self.errors.push(ExtractError { field, kind, count: 1 }),
        }
    }

    /// Reserves budget for one line of the list field `field`. For implementations of [`Propagator`].
    ///
    /// Returns false if the budget does not suffice: then the propagator must not read the line, and an
    /// [`OverBudget`](ExtractErrorKind::OverBudget) error of `field` has been added. Limits: see [`Extracted`].
    ///
    /// ```
    /// use anytrace_api::propagation::{ExtractErrorKind, Extracted};
    ///
    /// let mut extracted = Extracted::default();
    /// assert!(extracted.admit("my-list", b"a,b,c"));
    /// assert!(!extracted.admit("my-list", &[b','; 1_000_000]));
    /// assert_eq!(extracted.errors()[0].kind(), ExtractErrorKind::OverBudget);
    /// ```
    pub fn admit(&mut self, field: &'static str, line: &[u8]) -> bool {
        self.admit_bytes(field, line.len())
    }

    pub(super) fn admit_bytes(&mut self, field: &'static str, bytes: usize) -> bool {
        let admitted = self.used.lines < MAX_LINES && bytes <= MAX_BYTES - self.used.bytes;
        if admitted {
            self.used.lines += 1;
            self.used.bytes += bytes;
        } else {
            self.add_error(field, ExtractErrorKind::OverBudget);
        }
        admitted
    }

    /// Adds the error for a member of `field` that was refused.
    pub(super) fn add_received(&mut self, field: &'static str, received: Received) {
        match received {
            Received::Nothing | Received::Member => {}
            Received::Malformed => self.add_error(field, ExtractErrorKind::Malformed),
            Received::OverLimit => self.add_error(field, ExtractErrorKind::OverBudget),
        }
    }

    /// Adds the errors to the counters of the process. Called once, at the end of reading.
    pub(super) fn count_errors(&self) {
        if !self.errors.is_empty() {
            counters::add(&self.errors);
        }
    }
}

impl TraceContext for Extracted {
    fn context(&self) -> &Context {
        &self.context
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_fields_share_one_budget_of_lines_and_bytes() {
        let mut extracted = Extracted::default();
        assert!(extracted.admit("a", &vec![b'x'; MAX_BYTES - 1]));
        assert!(!extracted.admit("b", b"xx") && extracted.admit("b", b"x"));
        let mut extracted = Extracted::default();
        assert!((0..MAX_LINES).all(|_| extracted.admit("a", b"")));
        assert!(!extracted.admit("b", b"") && !extracted.admit("b", b""));
        assert_eq!(
            extracted.errors(),
            [ExtractError { field: "b", kind: ExtractErrorKind::OverBudget, count: 2 }]
        );
    }

    #[test]
    fn sampling_decision_without_ids_is_added_to_earlier_baggage() {
        let mut extracted = Extracted::default();
        let mut baggage = Baggage::new();
        baggage.insert("k", "1").unwrap();
        extracted.add_baggage("baggage", baggage);
        extracted
            .add_context(Context::default().with_sampling(Sampling::Drop).with_baggage("k", "2").unwrap());
        assert_eq!(extracted.context().sampling(), Sampling::Drop);
        assert_eq!(extracted.context().baggage().get("k"), Some("1"));
    }
}

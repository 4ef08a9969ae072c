use std::mem;

use super::{ExtractError, ExtractErrorKind, Propagator, counters};
use crate::model::{Baggage, Context, Sampling, TextMapReader, TraceContext, baggage::Received};

/// What a carrier held: a context, perhaps empty, and what was wrong with the rest.
///
/// It is a [`TraceContext`], so it can be joined as it is: an empty one starts a new trace. Nothing is allocated for
/// faults unless there are some, and there is one entry at most for each field and kind, however many headers a
/// caller sends.
///
/// All formats that read one carrier share its budget: 256 field lines and 64 KiB of lists (trace state, baggage).
/// Of fields that have one value only the first is looked at, so these cannot be starved.
///
/// ```
/// use anytrace_api::{Extracted, ExtractErrorKind, TraceContext, W3cTraceContext};
///
/// let found = Extracted::read(&W3cTraceContext, &[("traceparent", "00-zz")]);
/// assert!(found.is_empty() && found.context().ids().is_none());
/// assert_eq!(found.errors()[0].kind(), ExtractErrorKind::Malformed);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Extracted {
    context: Context,
    faults: Vec<ExtractError>,
    spent: Budget,
}

#[derive(Clone, Copy, Debug, Default)]
struct Budget {
    lines: usize,
    bytes: usize,
}

const LINES: usize = 256;
/// A full trace state and a full baggage are less than half of it, which leaves room for white space.
const BYTES: usize = 64 * 1024;

impl Extracted {
    /// What `format` finds in `carrier`.
    ///
    /// ```
    /// use anytrace_api::{B3, Extracted, Sampling, TraceContext};
    ///
    /// let found = Extracted::read(&B3::single(), &[("b3", "0")]);
    /// assert_eq!(found.context().sampling(), Sampling::Drop);
    /// ```
    pub fn read(format: &dyn Propagator, carrier: &dyn TextMapReader) -> Self {
        let mut found = Self::default();
        format.extract(carrier, &mut found);
        found.count_errors();
        found
    }

    /// What three separate fields say, as gateways and queues hand them over: ids in hexadecimal, and the flags of
    /// `traceparent`, of which the lowest bit says whether the trace is sampled and the next whether its id is random.
    ///
    /// Strict, as every format: an id is exactly 32 or 16 lower-case digits and not zero. Two empty ids are nothing,
    /// and no fault.
    ///
    /// ```
    /// use anytrace_api::{Extracted, TraceContext};
    ///
    /// let found = Extracted::from_parts("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", 1);
    /// assert!(found.context().is_remote() && found.errors().is_empty());
    ///
    /// // What cannot be read starts a new trace, and says why.
    /// let found = Extracted::from_parts("4bf92f35", "00f067aa0ba902b7", 1);
    /// assert!(found.is_empty());
    /// assert_eq!(found.errors()[0].to_string(), "trace_id: malformed");
    /// ```
    pub fn from_parts(trace_id: &str, span_id: &str, flags: u8) -> Self {
        let mut found = Self::default();
        if trace_id.is_empty() && span_id.is_empty() {
            return found;
        }
        match (trace_id.parse(), span_id.parse()) {
            (Ok(trace_id), Ok(span_id)) => {
                let sampling = if flags & 1 == 1 { Sampling::Record } else { Sampling::Drop };
                let random = flags & 2 == 2;
                found.set_context(Context::remote(trace_id, span_id, sampling).with_random(random));
            }
            (Err(_), _) => found.add_error("trace_id", ExtractErrorKind::Malformed),
            (_, Err(_)) => found.add_error("span_id", ExtractErrorKind::Malformed),
        }
        found.count_errors();
        found
    }

    /// The context alone, by value.
    pub fn into_context(self) -> Context {
        self.context
    }

    /// What was wrong, in the order in which it was met. All that was ever wrong, [`extract_errors`](crate::extract_errors)
    /// tells.
    pub fn errors(&self) -> &[ExtractError] {
        &self.faults
    }

    /// Nothing was found. There may have been faults.
    pub fn is_empty(&self) -> bool {
        self.context.is_empty()
    }

    /// Replaces all that was found: for a policy that does not trust the caller, say.
    pub fn set_context(&mut self, context: Context) {
        self.context = context;
    }

    /// For formats: adds what they found. The first identity (a trace id, and the sampling, trace state and parent
    /// that came with it) stays; it outranks a sampling wish without an identity, of which the first stays too.
    /// Baggage is added as by [`add_baggage`](Self::add_baggage).
    ///
    /// ```
    /// use anytrace_api::{Context, Extracted, Sampling, SpanId, TraceContext, TraceId};
    ///
    /// let (first, second) = (TraceId::from_u128(1).unwrap(), TraceId::from_u128(2).unwrap());
    /// let span = SpanId::from_u64(3).unwrap();
    /// let mut found = Extracted::default();
    /// found.add_context(Context::default().with_sampling(Sampling::Drop));
    /// found.add_context(Context::remote(first, span, Sampling::Record));
    /// found.add_context(Context::remote(second, span, Sampling::Drop));
    /// assert_eq!(found.context(), &Context::remote(first, span, Sampling::Record));
    /// ```
    pub fn add_context(&mut self, found: Context) {
        let known = &self.context;
        let nothing_yet = known.sampling() == Sampling::Defer || found.trace_id().is_some();
        if known.trace_id().is_none() && nothing_yet {
            let earlier = mem::replace(&mut self.context, found);
            if !earlier.baggage().is_empty() {
                let found = self.context.baggage().clone();
                self.context = mem::take(&mut self.context).with_baggage_items(earlier.baggage().clone());
                self.add_baggage("baggage", found);
            }
        } else {
            self.add_baggage("baggage", found.baggage().clone());
        }
    }

    /// For formats: adds `baggage` that `field` held. A key that is there already keeps its value, and what would
    /// break the limits of [`Baggage`] is left out, with a fault.
    pub fn add_baggage(&mut self, field: &'static str, baggage: Baggage) {
        if baggage.is_empty() {
            return;
        }
        let mut all = true;
        let merged = if self.context.baggage().is_empty() {
            baggage
        } else {
            let mut merged = self.context.baggage().clone();
            all = merged.extend(&baggage);
            merged
        };
        self.context = mem::take(&mut self.context).with_baggage_items(merged);
        if !all {
            self.add_error(field, ExtractErrorKind::OverBudget);
        }
    }

    /// For formats: says that `field` was wrong. The same again is counted.
    pub fn add_error(&mut self, field: &'static str, kind: ExtractErrorKind) {
        match self.faults.iter_mut().find(|fault| (fault.field, fault.kind) == (field, kind)) {
            Some(known) => known.count += 1,
            None => self.faults.push(ExtractError { field, kind, count: 1 }),
        }
    }

    /// For formats with lists: asks whether one more line of `field` may be read. When not, that is noted as a fault.
    ///
    /// ```
    /// use anytrace_api::{Extracted, ExtractErrorKind};
    ///
    /// let mut found = Extracted::default();
    /// assert!(found.admit("my-list", b"a,b,c"));
    /// assert!(!found.admit("my-list", &[b','; 1_000_000]));
    /// assert_eq!(found.errors()[0].kind(), ExtractErrorKind::OverBudget);
    /// ```
    pub fn admit(&mut self, field: &'static str, line: &[u8]) -> bool {
        self.admit_bytes(field, line.len())
    }

    pub(super) fn admit_bytes(&mut self, field: &'static str, bytes: usize) -> bool {
        let admitted = self.spent.lines < LINES && bytes <= BYTES - self.spent.bytes;
        if admitted {
            self.spent.lines += 1;
            self.spent.bytes += bytes;
        } else {
            self.add_error(field, ExtractErrorKind::OverBudget);
        }
        admitted
    }

    /// Says what became of a member of `field`.
    pub(super) fn add_received(&mut self, field: &'static str, received: Received) {
        match received {
            Received::Nothing | Received::Member => {}
            Received::Malformed => self.add_error(field, ExtractErrorKind::Malformed),
            Received::OverLimit => self.add_error(field, ExtractErrorKind::OverBudget),
        }
    }

    /// All that was to be read has been.
    pub(super) fn count_errors(&self) {
        if !self.faults.is_empty() {
            counters::add(&self.faults);
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
    fn lines_and_bytes_are_one_budget_for_all_fields() {
        let mut found = Extracted::default();
        assert!(found.admit("a", &vec![b'x'; BYTES - 1]));
        assert!(!found.admit("b", b"xx") && found.admit("b", b"x"));
        let mut found = Extracted::default();
        assert!((0..LINES).all(|_| found.admit("a", b"")));
        assert!(!found.admit("b", b"") && !found.admit("b", b""));
        assert_eq!(
            found.errors(),
            [ExtractError { field: "b", kind: ExtractErrorKind::OverBudget, count: 2 }]
        );
    }

    #[test]
    fn a_wish_is_kept_beside_baggage() {
        let mut found = Extracted::default();
        let mut baggage = Baggage::new();
        baggage.insert("k", "1").unwrap();
        found.add_baggage("baggage", baggage);
        found.add_context(Context::default().with_sampling(Sampling::Drop).with_baggage("k", "2").unwrap());
        assert_eq!(found.context().sampling(), Sampling::Drop);
        assert_eq!(found.context().baggage().get("k"), Some("1"));
    }
}

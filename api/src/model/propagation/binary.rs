use super::{
    ExtractErrorKind, Extracted,
    w3c_baggage::{self, BAGGAGE},
    w3c_trace_context::TRACESTATE,
};
use crate::model::{Baggage, Context, Sampling, SpanId, TraceId, trace_state::TraceStateLines};

/// A context as bytes, for messages that have no text fields: this crate's own format, version 1.
///
/// | offset | bytes | what |
/// |---|---|---|
/// | 0 | 1 | the version, 1 |
/// | 1 | 1 | bits 0 to 2: the sampling, 0 deferred, 1 dropped, 2 recorded, 3 debug; bit 3: the trace id is random; the others are zero |
/// | 2 | 16 | the trace id; zero for none |
/// | 18 | 8 | the span id; zero for none |
/// | 26 | 8 | the span's parent; zero for none |
/// | 34 | 2 | the length of the trace state |
/// | 36 | 2 | the length of the baggage |
/// | 38 | | the trace state, as `tracestate` has it, at most 16447 bytes |
/// | | | the baggage, as the field `baggage` has it, at most 8192 bytes |
///
/// * Numbers are big-endian and have the same width on every machine. The identity is in the first 34 bytes, for
///   whoever wants to look at it without reading the rest.
/// * No length that was received is trusted: nothing is allocated before the bytes are there.
/// * Another version, a bit that has no meaning, an impossible identity (a span without a trace, a parent without a
///   span) and bytes that end too early make a message that counts as absent. What is wrong with the trace state or
///   the baggage costs that part alone. Whichever it was is a fault of `binary`, `tracestate` or `baggage`.
/// * [`from_bytes`](Self::from_bytes) wants one message and nothing behind it; [`take_from`](Self::take_from) leaves
///   what is behind it. No bytes at all are nothing, and no fault.
/// * Identity and baggage can be apart: a message of [`Context::identity`] and one of the baggage alone, put together
///   by [`Extracted::add_context`].
///
/// ```
/// use anytrace_api::{Binary, Context, Extracted, Sampling, SpanId, TraceContext, TraceId};
///
/// let ids = (TraceId::from_u128(1).unwrap(), SpanId::from_u64(2).unwrap());
/// let context = Context::remote(ids.0, ids.1, Sampling::Record).with_baggage("tenant", "acme")?;
/// let bytes = Binary::to_bytes(&context);
/// assert_eq!(Binary::from_bytes(&bytes).context(), &context);
///
/// // The two parts on their own.
/// let baggage = Context::default().with_baggage_items(context.baggage().clone());
/// let parts = (Binary::to_bytes(&context.identity()), Binary::to_bytes(&baggage));
/// let mut found = Binary::from_bytes(&parts.0);
/// found.add_context(Binary::from_bytes(&parts.1).into_context());
/// assert_eq!(found.context(), &context);
/// # Ok::<(), anytrace_api::LimitError>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Binary;

const VERSION: u8 = 1;
const SAMPLING: u8 = 0b111;
const RANDOM: u8 = 0b1000;
const HEAD: usize = 38;
/// 32 entries of 256 and 256 characters.
const STATE: usize = 32 * (256 + 1 + 256) + 31;

const MESSAGE: &str = "binary";

impl Binary {
    /// The context as one message.
    pub fn to_bytes(context: &Context) -> Vec<u8> {
        let mut out = Vec::new();
        Self::append_to(context, &mut out);
        out
    }

    /// Appends the context to `out`, as one message.
    ///
    /// ```
    /// use anytrace_api::{Binary, Context};
    ///
    /// let mut frame = b"frame:".to_vec();
    /// Binary::append_to(&Context::default(), &mut frame);
    /// assert!(frame.starts_with(b"frame:\x01"));
    /// ```
    pub fn append_to(context: &Context, out: &mut Vec<u8>) {
        let state = context.trace_state().as_str();
        let baggage = context.baggage();
        let baggage = if baggage.is_empty() { String::new() } else { baggage.header() };
        let sampling = match context.sampling() {
            Sampling::Defer => 0,
            Sampling::Drop => 1,
            Sampling::Record => 2,
            Sampling::Debug => 3,
        };
        let span_id = context.trace_id().and_then(|_| context.span_id());
        let parent = span_id.and_then(|_| context.parent_span_id());
        let id = |id: Option<SpanId>| id.map_or([0; 8], SpanId::to_bytes);
        out.reserve(HEAD + state.len() + baggage.len());
        out.extend([VERSION, sampling | if context.is_random() { RANDOM } else { 0 }]);
        out.extend(context.trace_id().map_or([0; 16], TraceId::to_bytes));
        out.extend(id(span_id));
        out.extend(id(parent));
        // Both are below their limits, which are below 65536.
        out.extend((state.len() as u16).to_be_bytes());
        out.extend((baggage.len() as u16).to_be_bytes());
        out.extend(state.as_bytes());
        out.extend(baggage.as_bytes());
    }

    /// What `bytes` hold, which are one message: with more behind it they count as absent.
    ///
    /// ```
    /// use anytrace_api::{Binary, Context, ExtractErrorKind};
    ///
    /// assert!(Binary::from_bytes(b"").errors().is_empty());
    /// assert_eq!(Binary::from_bytes(&[9; 38]).errors()[0].kind(), ExtractErrorKind::UnsupportedVersion);
    /// let mut bytes = Binary::to_bytes(&Context::default());
    /// bytes.push(0);
    /// assert_eq!(Binary::from_bytes(&bytes).errors()[0].kind(), ExtractErrorKind::Malformed);
    /// ```
    pub fn from_bytes(bytes: &[u8]) -> Extracted {
        let mut found = Extracted::default();
        match Message::read(bytes) {
            Ok(Some((message, []))) => message.extract(&mut found),
            Ok(Some(_)) => found.add_error(MESSAGE, ExtractErrorKind::Malformed),
            Ok(None) => {}
            Err(kind) => found.add_error(MESSAGE, kind),
        }
        found.count_errors();
        found
    }

    /// What the first message of `bytes` holds, which are then what is behind it. They stay as they are when its end
    /// cannot be told.
    ///
    /// ```
    /// use anytrace_api::{Binary, Context, Sampling, TraceContext};
    ///
    /// let mut frame = Binary::to_bytes(&Context::default().with_sampling(Sampling::Drop));
    /// frame.extend(b"payload");
    /// let mut rest = frame.as_slice();
    /// assert_eq!(Binary::take_from(&mut rest).context().sampling(), Sampling::Drop);
    /// assert_eq!(rest, b"payload");
    /// ```
    pub fn take_from(bytes: &mut &[u8]) -> Extracted {
        let mut found = Extracted::default();
        match Message::read(bytes) {
            Ok(Some((message, rest))) => {
                *bytes = rest;
                message.extract(&mut found);
            }
            Ok(None) => {}
            Err(kind) => found.add_error(MESSAGE, kind),
        }
        found.count_errors();
        found
    }
}

/// The parts of one message, of which only the lengths have been looked at.
struct Message<'a> {
    flags: u8,
    trace_id: [u8; 16],
    span_id: [u8; 8],
    parent: [u8; 8],
    state: &'a [u8],
    baggage: &'a [u8],
}

impl<'a> Message<'a> {
    /// With what is behind it.
    fn read(bytes: &'a [u8]) -> Result<Option<(Self, &'a [u8])>, ExtractErrorKind> {
        let Some(version) = bytes.first() else { return Ok(None) };
        if *version != VERSION {
            return Err(ExtractErrorKind::UnsupportedVersion);
        }
        Self::parts(bytes).map(Some).ok_or(ExtractErrorKind::Incomplete)
    }

    fn parts(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let mut rest = bytes.get(1..)?;
        let [flags] = array(&mut rest)?;
        let (trace_id, span_id, parent) = (array(&mut rest)?, array(&mut rest)?, array(&mut rest)?);
        let state = u16::from_be_bytes(array(&mut rest)?);
        let baggage = u16::from_be_bytes(array(&mut rest)?);
        let (state, rest) = rest.split_at_checked(state.into())?;
        let (baggage, rest) = rest.split_at_checked(baggage.into())?;
        Some((Message { flags, trace_id, span_id, parent, state, baggage }, rest))
    }

    fn extract(&self, into: &mut Extracted) {
        let Some(mut context) = self.identity() else {
            return into.add_error(MESSAGE, ExtractErrorKind::Malformed);
        };
        if context.trace_id().is_some() && !self.state.is_empty() {
            let mut lines = TraceStateLines::default();
            if self.state.len() > STATE {
                into.add_error(TRACESTATE, ExtractErrorKind::OverBudget);
            } else if lines.read(self.state).is_none() {
                into.add_error(TRACESTATE, ExtractErrorKind::Malformed);
            } else {
                context = context.with_trace_state(lines.finish());
            }
        }
        into.add_context(context);
        if self.baggage.len() > Baggage::BYTES {
            into.add_error(BAGGAGE, ExtractErrorKind::OverBudget);
        } else {
            let mut baggage = Baggage::new();
            w3c_baggage::read_line(self.baggage, &mut baggage, into);
            into.add_baggage(BAGGAGE, baggage);
        }
    }

    fn identity(&self) -> Option<Context> {
        let sampling = match self.flags & SAMPLING {
            0 => Sampling::Defer,
            1 => Sampling::Drop,
            2 => Sampling::Record,
            3 => Sampling::Debug,
            _ => return None,
        };
        let random = self.flags & RANDOM != 0;
        let span_id = SpanId::from_bytes(self.span_id);
        let parent = SpanId::from_bytes(self.parent);
        let context = match (TraceId::from_bytes(self.trace_id), span_id) {
            (Some(trace_id), Some(span_id)) => {
                Context::remote(trace_id, span_id, sampling).with_parent_span_id(parent)
            }
            _ if parent.is_some() => return None,
            (Some(trace_id), None) => Context::of_trace(trace_id, sampling),
            (None, None) => Context::default().with_sampling(sampling),
            (None, Some(_)) => return None,
        };
        let known = self.flags & !(SAMPLING | RANDOM) == 0 && (context.trace_id().is_some() || !random);
        known.then(|| context.with_random(random))
    }
}

fn array<const LENGTH: usize>(bytes: &mut &[u8]) -> Option<[u8; LENGTH]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TraceContext;

    fn context(sampling: Sampling) -> Context {
        Context::remote(TraceId::from_u128(1 << 100 | 7).unwrap(), SpanId::from_u64(2).unwrap(), sampling)
    }

    fn fault(bytes: &[u8]) -> String {
        let found = Binary::from_bytes(bytes);
        found.errors().first().map(ToString::to_string).unwrap_or_default()
    }

    /// The fix for a missing sampled byte wrote it the wrong way round, and a platform's integers panicked.
    #[test]
    fn every_decision_survives_in_fixed_widths() {
        for sampling in [Sampling::Defer, Sampling::Drop, Sampling::Record, Sampling::Debug] {
            let bytes = Binary::to_bytes(&context(sampling));
            assert_eq!(bytes.len(), HEAD);
            assert_eq!(bytes[2..18], (1_u128 << 100 | 7).to_be_bytes());
            assert_eq!(bytes[18..26], 2_u64.to_be_bytes());
            assert_eq!(Binary::from_bytes(&bytes).context(), &context(sampling));
            let wish = Context::default().with_sampling(sampling);
            assert_eq!(Binary::from_bytes(&Binary::to_bytes(&wish)).context(), &wish);
        }
    }

    /// Decoded attributes were once dropped, and their case was once lost in one of two codecs.
    #[test]
    fn baggage_survives_with_its_case_and_so_does_the_rest() {
        let whole = context(Sampling::Record)
            .with_random(true)
            .with_parent_span_id(SpanId::from_u64(3))
            .with_trace_state("acme=1,b@c=2".parse().unwrap())
            .with_baggage("UserTier", "Gold & ü\r\n")
            .unwrap();
        assert_eq!(Binary::from_bytes(&Binary::to_bytes(&whole)).context(), &whole);
    }

    /// A joined span once had the id of its parent, and no parent.
    #[test]
    fn a_child_of_what_was_read_has_an_id_of_its_own() {
        let read = Binary::from_bytes(&Binary::to_bytes(&context(Sampling::Record))).into_context();
        let child = read.child(SpanId::from_u64(9).unwrap(), Sampling::Record);
        assert_eq!((child.trace_id(), child.span_id()), (read.trace_id(), SpanId::from_u64(9)));
        assert_eq!((read.span_id(), child.parent_span_id()), (SpanId::from_u64(2), None));
    }

    /// An untrusted length was once allocated.
    #[test]
    #[cfg_attr(miri, ignore = "thousands of bytes take a minute")]
    fn a_length_is_no_more_than_the_bytes_that_are_there() {
        let mut bytes = Binary::to_bytes(&context(Sampling::Record));
        bytes[34..38].fill(0xff);
        assert_eq!(fault(&bytes), "binary: incomplete");
        bytes.resize(HEAD + 2 * 0xffff, b'a');
        let found = Binary::from_bytes(&bytes);
        assert_eq!(found.context(), &context(Sampling::Record));
        let faults: Vec<_> = found.errors().iter().map(ToString::to_string).collect();
        assert_eq!(faults, ["tracestate: over budget", "baggage: over budget"]);
    }

    #[test]
    fn every_byte_is_needed_and_no_more() {
        let whole = context(Sampling::Record).with_baggage("k", "v").unwrap();
        let mut bytes = Binary::to_bytes(&whole);
        for end in 1..bytes.len() {
            let mut rest = &bytes[..end];
            assert!(Binary::take_from(&mut rest).is_empty());
            assert_eq!((rest.len(), fault(rest).as_str()), (end, "binary: incomplete"));
        }
        bytes.push(0);
        assert_eq!(fault(&bytes), "binary: malformed");
        let mut rest = bytes.as_slice();
        assert_eq!(Binary::take_from(&mut rest).context(), &whole);
        assert_eq!(rest, [0]);
    }

    #[test]
    fn what_has_no_meaning_is_refused() {
        let good = Binary::to_bytes(&context(Sampling::Record).with_parent_span_id(SpanId::from_u64(3)));
        let changed = |places: std::ops::Range<usize>, byte: u8| {
            let mut bytes = good.clone();
            bytes[places].fill(byte);
            fault(&bytes)
        };
        assert_eq!(changed(0..1, 0), "binary: unsupported version");
        assert_eq!(changed(0..1, 2), "binary: unsupported version");
        for flags in [4, 7, 16, 0x82] {
            assert_eq!(changed(1..2, flags), "binary: malformed", "{flags}");
        }
        assert_eq!(changed(2..18, 0), "binary: malformed", "a span without a trace");
        assert_eq!(changed(18..26, 0), "binary: malformed", "a parent without a span");
        assert_eq!(changed(26..34, 0), "");
        let mut nothing = Binary::to_bytes(&Context::default());
        nothing[1] = RANDOM;
        assert_eq!(fault(&nothing), "binary: malformed");
    }

    #[test]
    fn a_bad_part_costs_itself_alone() {
        let whole = context(Sampling::Record)
            .with_trace_state("a=1".parse().unwrap())
            .with_baggage("k", "v")
            .unwrap();
        let mut bytes = Binary::to_bytes(&whole);
        bytes[HEAD] = b'A';
        bytes[HEAD + 3] = 0xff;
        let found = Binary::from_bytes(&bytes);
        assert_eq!(found.context(), &context(Sampling::Record));
        let faults: Vec<_> = found.errors().iter().map(ToString::to_string).collect();
        assert_eq!(faults, ["tracestate: malformed", "baggage: malformed"]);
    }

    #[test]
    #[cfg_attr(miri, ignore = "thousands of bytes take a minute")]
    fn the_largest_context_fits() {
        let mut state = crate::model::TraceState::new();
        for n in 0..32 {
            state.set(&format!("{n:0>256}"), &"v".repeat(256)).unwrap();
        }
        let mut baggage = Baggage::new();
        baggage.insert("k", &"v".repeat(Baggage::BYTES - 2)).unwrap();
        let whole = context(Sampling::Drop).with_trace_state(state).with_baggage_items(baggage);
        let bytes = Binary::to_bytes(&whole);
        assert_eq!(bytes.len(), HEAD + STATE + Baggage::BYTES);
        assert_eq!(Binary::from_bytes(&bytes).context(), &whole);
    }
}

//! A binary wire format for messages without text fields.

use super::{
    ExtractErrorKind, Extracted,
    w3c_baggage::{self, BAGGAGE},
    w3c_trace_context::TRACESTATE,
};
use crate::model::{Baggage, Context, Sampling, SpanId, TraceId, trace_state::TraceStateLines};

/// The binary form of a context, for messages without text fields: anytrace's own format, version 1.
///
/// | offset | bytes | content |
/// |---|---|---|
/// | 0 | 1 | version: 1 |
/// | 1 | 1 | bits 0 to 2: sampling decision (0 deferred, 1 drop, 2 record, 3 debug); bit 3: random trace id; other bits: zero |
/// | 2 | 16 | trace id, or zero |
/// | 18 | 8 | span id, or zero |
/// | 26 | 8 | parent span id, or zero |
/// | 34 | 2 | length of the trace state |
/// | 36 | 2 | length of the baggage |
/// | 38 | | trace state, in the form of the header `tracestate`; at most 16,447 bytes |
/// | | | baggage, in the form of the header `baggage`; at most 8,192 bytes |
///
/// Numbers are big-endian. Ids and sampling decision are at fixed offsets in the first 34 bytes, so a proxy can read
/// them without parsing the message.
///
/// A message counts as absent, with an error of the field `binary`, if its version is unknown, if an undefined bit is
/// set, if there is a span id without a trace id or a parent span id without a span id, or if the message is truncated.
/// An invalid trace state or baggage is an error of the field `tracestate` or `baggage`, and the other parts are still
/// read. Memory is allocated only for bytes that were received, whatever lengths the message states.
///
/// Ids and baggage can travel in separate messages: encode [`Context::identity`] and the baggage alone, and combine
/// the received parts with [`Extracted::add_context`].
///
/// ```
/// use anytrace_api::{
///     Context, Sampling, SpanId, TraceContext, TraceId,
///     propagation::{Binary, Extracted},
/// };
///
/// let ids = (TraceId::from_u128(1).unwrap(), SpanId::from_u64(2).unwrap());
/// let context = Context::remote(ids.0, ids.1, Sampling::Record).with_baggage("tenant", "acme")?;
/// let bytes = Binary::to_bytes(&context);
/// assert_eq!(Binary::from_bytes(&bytes).context(), &context);
///
/// // Ids and baggage in separate messages.
/// let baggage = Context::default().with_baggage_items(context.baggage().clone());
/// let messages = (Binary::to_bytes(&context.identity()), Binary::to_bytes(&baggage));
/// let mut extracted = Binary::from_bytes(&messages.0);
/// extracted.add_context(Binary::from_bytes(&messages.1).into_context());
/// assert_eq!(extracted.context(), &context);
/// # Ok::<(), anytrace_api::errors::LimitError>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Binary;

const VERSION: u8 = 1;
const SAMPLING_MASK: u8 = 0b111;
const RANDOM_FLAG: u8 = 0b1000;
const HEADER_LEN: usize = 38;
/// 32 entries, each with a key and a value of 256 characters.
const MAX_STATE_LEN: usize = 32 * (256 + 1 + 256) + 31;

/// The field name in errors of a whole message.
const FIELD: &str = "binary";

impl Binary {
    /// Encodes a context as one message.
    pub fn to_bytes(context: &Context) -> Vec<u8> {
        let mut out = Vec::new();
        Self::append_to(context, &mut out);
        out
    }

    /// Appends a context to `out`, encoded as one message.
    ///
    /// ```
    /// use anytrace_api::{Context, propagation::Binary};
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
        // A span id without a trace id, or a parent without a span id, would make the message invalid.
        let span_id = context.trace_id().and_then(|_| context.span_id());
        let parent = span_id.and_then(|_| context.parent_span_id());
        let id = |id: Option<SpanId>| id.map_or([0; 8], SpanId::to_bytes);
        out.reserve(HEADER_LEN + state.len() + baggage.len());
        out.extend([VERSION, sampling | if context.is_random() { RANDOM_FLAG } else { 0 }]);
        out.extend(context.trace_id().map_or([0; 16], TraceId::to_bytes));
        out.extend(id(span_id));
        out.extend(id(parent));
        // The limits of trace state and baggage fit into 16 bits.
        out.extend((state.len() as u16).to_be_bytes());
        out.extend((baggage.len() as u16).to_be_bytes());
        out.extend(state.as_bytes());
        out.extend(baggage.as_bytes());
    }

    /// Decodes a message that fills `bytes` completely.
    ///
    /// Further bytes after the message are an error. Empty input gives an empty context without an error.
    ///
    /// ```
    /// use anytrace_api::{
    ///     Context,
    ///     propagation::{Binary, ExtractErrorKind},
    /// };
    ///
    /// assert!(Binary::from_bytes(b"").errors().is_empty());
    /// assert_eq!(Binary::from_bytes(&[9; 38]).errors()[0].kind(), ExtractErrorKind::UnsupportedVersion);
    /// let mut bytes = Binary::to_bytes(&Context::default());
    /// bytes.push(0);
    /// assert_eq!(Binary::from_bytes(&bytes).errors()[0].kind(), ExtractErrorKind::Malformed);
    /// ```
    pub fn from_bytes(bytes: &[u8]) -> Extracted {
        let mut extracted = Extracted::default();
        match Message::parse(bytes) {
            Ok(Some((message, []))) => message.extract(&mut extracted),
            Ok(Some(_)) => extracted.add_error(FIELD, ExtractErrorKind::Malformed),
            Ok(None) => {}
            Err(kind) => extracted.add_error(FIELD, kind),
        }
        extracted.count_errors();
        extracted
    }

    /// Decodes the message at the start of `bytes`, and advances `bytes` past it.
    ///
    /// If the version is unknown or the message is truncated, its end is unknown, and `bytes` stays unchanged.
    ///
    /// ```
    /// use anytrace_api::{Context, Sampling, TraceContext, propagation::Binary};
    ///
    /// let mut frame = Binary::to_bytes(&Context::default().with_sampling(Sampling::Drop));
    /// frame.extend(b"payload");
    /// let mut remaining = frame.as_slice();
    /// assert_eq!(Binary::take_from(&mut remaining).context().sampling(), Sampling::Drop);
    /// assert_eq!(remaining, b"payload");
    /// ```
    pub fn take_from(bytes: &mut &[u8]) -> Extracted {
        let mut extracted = Extracted::default();
        match Message::parse(bytes) {
            Ok(Some((message, remaining))) => {
                *bytes = remaining;
                message.extract(&mut extracted);
            }
            Ok(None) => {}
            Err(kind) => extracted.add_error(FIELD, kind),
        }
        extracted.count_errors();
        extracted
    }
}

/// The parts of one message, not yet validated except for their lengths.
struct Message<'a> {
    flags: u8,
    trace_id: [u8; 16],
    span_id: [u8; 8],
    parent: [u8; 8],
    state: &'a [u8],
    baggage: &'a [u8],
}

impl<'a> Message<'a> {
    /// Splits the first message from the bytes that follow it.
    fn parse(bytes: &'a [u8]) -> Result<Option<(Self, &'a [u8])>, ExtractErrorKind> {
        let Some(version) = bytes.first() else { return Ok(None) };
        if *version != VERSION {
            return Err(ExtractErrorKind::UnsupportedVersion);
        }
        Self::split(bytes).map(Some).ok_or(ExtractErrorKind::Incomplete)
    }

    fn split(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let mut remaining = bytes.get(1..)?;
        let [flags] = array(&mut remaining)?;
        let (trace_id, span_id, parent) =
            (array(&mut remaining)?, array(&mut remaining)?, array(&mut remaining)?);
        let state = u16::from_be_bytes(array(&mut remaining)?);
        let baggage = u16::from_be_bytes(array(&mut remaining)?);
        let (state, remaining) = remaining.split_at_checked(state.into())?;
        let (baggage, remaining) = remaining.split_at_checked(baggage.into())?;
        Some((Message { flags, trace_id, span_id, parent, state, baggage }, remaining))
    }

    fn extract(&self, into: &mut Extracted) {
        let Some(mut context) = self.identity() else {
            return into.add_error(FIELD, ExtractErrorKind::Malformed);
        };
        if context.trace_id().is_some() && !self.state.is_empty() {
            let mut lines = TraceStateLines::default();
            if self.state.len() > MAX_STATE_LEN {
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
        let sampling = match self.flags & SAMPLING_MASK {
            0 => Sampling::Defer,
            1 => Sampling::Drop,
            2 => Sampling::Record,
            3 => Sampling::Debug,
            _ => return None,
        };
        let random = self.flags & RANDOM_FLAG != 0;
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
        let is_valid =
            self.flags & !(SAMPLING_MASK | RANDOM_FLAG) == 0 && (context.trace_id().is_some() || !random);
        is_valid.then(|| context.with_random(random))
    }
}

/// Removes the first `LENGTH` bytes.
fn array<const LENGTH: usize>(bytes: &mut &[u8]) -> Option<[u8; LENGTH]> {
    let (first, remaining) = bytes.split_first_chunk()?;
    *bytes = remaining;
    Some(*first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TraceContext;

    fn context(sampling: Sampling) -> Context {
        Context::remote(TraceId::from_u128(1 << 100 | 7).unwrap(), SpanId::from_u64(2).unwrap(), sampling)
    }

    fn first_error(bytes: &[u8]) -> String {
        let extracted = Binary::from_bytes(bytes);
        extracted.errors().first().map(ToString::to_string).unwrap_or_default()
    }

    #[test]
    fn ids_and_every_decision_round_trip_at_fixed_offsets() {
        for sampling in [Sampling::Defer, Sampling::Drop, Sampling::Record, Sampling::Debug] {
            let bytes = Binary::to_bytes(&context(sampling));
            assert_eq!(bytes.len(), HEADER_LEN);
            assert_eq!(bytes[2..18], (1_u128 << 100 | 7).to_be_bytes());
            assert_eq!(bytes[18..26], 2_u64.to_be_bytes());
            assert_eq!(Binary::from_bytes(&bytes).context(), &context(sampling));
            let decision = Context::default().with_sampling(sampling);
            assert_eq!(Binary::from_bytes(&Binary::to_bytes(&decision)).context(), &decision);
        }
    }

    #[test]
    fn every_part_round_trips_and_baggage_keeps_its_case() {
        let whole = context(Sampling::Record)
            .with_random(true)
            .with_parent_span_id(SpanId::from_u64(3))
            .with_trace_state("acme=1,b@c=2".parse().unwrap())
            .with_baggage("UserTier", "Gold & ü\r\n")
            .unwrap();
        assert_eq!(Binary::from_bytes(&Binary::to_bytes(&whole)).context(), &whole);
    }

    #[test]
    fn child_of_a_decoded_context_has_its_own_span_id() {
        let decoded = Binary::from_bytes(&Binary::to_bytes(&context(Sampling::Record))).into_context();
        let child = decoded.child(SpanId::from_u64(9).unwrap(), Sampling::Record);
        assert_eq!((child.trace_id(), child.span_id()), (decoded.trace_id(), SpanId::from_u64(9)));
        assert_eq!((decoded.span_id(), child.parent_span_id()), (SpanId::from_u64(2), None));
    }

    #[test]
    #[cfg_attr(miri, ignore = "thousands of bytes take a minute")]
    fn stated_lengths_beyond_the_input_or_the_limits_are_errors() {
        let mut bytes = Binary::to_bytes(&context(Sampling::Record));
        bytes[34..38].fill(0xff);
        assert_eq!(first_error(&bytes), "binary: incomplete");
        bytes.resize(HEADER_LEN + 2 * 0xffff, b'a');
        let extracted = Binary::from_bytes(&bytes);
        assert_eq!(extracted.context(), &context(Sampling::Record));
        let errors: Vec<_> = extracted.errors().iter().map(ToString::to_string).collect();
        assert_eq!(errors, ["tracestate: over budget", "baggage: over budget"]);
    }

    #[test]
    fn truncated_and_overlong_messages_are_refused() {
        let whole = context(Sampling::Record).with_baggage("k", "v").unwrap();
        let mut bytes = Binary::to_bytes(&whole);
        for end in 1..bytes.len() {
            let mut remaining = &bytes[..end];
            assert!(Binary::take_from(&mut remaining).is_empty());
            assert_eq!((remaining.len(), first_error(remaining).as_str()), (end, "binary: incomplete"));
        }
        bytes.push(0);
        assert_eq!(first_error(&bytes), "binary: malformed");
        let mut remaining = bytes.as_slice();
        assert_eq!(Binary::take_from(&mut remaining).context(), &whole);
        assert_eq!(remaining, [0]);
    }

    #[test]
    fn undefined_versions_flags_and_ids_are_refused() {
        let good = Binary::to_bytes(&context(Sampling::Record).with_parent_span_id(SpanId::from_u64(3)));
        let changed = |range: std::ops::Range<usize>, byte: u8| {
            let mut bytes = good.clone();
            bytes[range].fill(byte);
            first_error(&bytes)
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
        nothing[1] = RANDOM_FLAG;
        assert_eq!(first_error(&nothing), "binary: malformed");
    }

    #[test]
    fn invalid_trace_state_or_baggage_does_not_affect_the_ids() {
        let whole = context(Sampling::Record)
            .with_trace_state("a=1".parse().unwrap())
            .with_baggage("k", "v")
            .unwrap();
        let mut bytes = Binary::to_bytes(&whole);
        bytes[HEADER_LEN] = b'A';
        bytes[HEADER_LEN + 3] = 0xff;
        let extracted = Binary::from_bytes(&bytes);
        assert_eq!(extracted.context(), &context(Sampling::Record));
        let errors: Vec<_> = extracted.errors().iter().map(ToString::to_string).collect();
        assert_eq!(errors, ["tracestate: malformed", "baggage: malformed"]);
    }

    #[test]
    #[cfg_attr(miri, ignore = "thousands of bytes take a minute")]
    fn largest_context_round_trips() {
        let mut state = crate::model::TraceState::new();
        for n in 0..32 {
            state.set(&format!("{n:0>256}"), &"v".repeat(256)).unwrap();
        }
        let mut baggage = Baggage::new();
        baggage.insert("k", &"v".repeat(Baggage::BYTES - 2)).unwrap();
        let whole = context(Sampling::Drop).with_trace_state(state).with_baggage_items(baggage);
        let bytes = Binary::to_bytes(&whole);
        assert_eq!(bytes.len(), HEADER_LEN + MAX_STATE_LEN + Baggage::BYTES);
        assert_eq!(Binary::from_bytes(&bytes).context(), &whole);
    }
}

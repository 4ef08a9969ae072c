//! The headers `traceparent` and `tracestate` of W3C.

use super::{
    ExtractErrorKind, Extracted, Propagator,
    parse::{self, single_value},
};
use crate::model::{
    Context, Sampling, TextMapReader, TextMapWriter, TraceContext, hex, trace_state::TraceStateLines,
};

/// The propagator for the headers `traceparent` and `tracestate` ([W3C Trace Context level 2]).
///
/// * A `traceparent` that is repeated or violates section 3.2 counts as absent, together with `tracestate`. Of
///   versions above 00, the fields of version 00 are read, as the section on versioning requires. Version ff is invalid.
/// * A `tracestate` that violates section 3.3 is left out as a whole, and `traceparent` still applies.
/// * The sampled flag is [`Sampling::Record`] if set, else [`Sampling::Drop`]. The format has no other decisions:
///   [`Sampling::Defer`] is sent as not sampled, and [`Sampling::Debug`] as sampled.
/// * The random flag is [`Context::is_random`].
/// * A context without a trace id or span id cannot be sent: both headers are removed.
///
/// ```
/// use anytrace_api::{
///     Sampling, TraceContext,
///     propagation::{Extracted, Propagator, W3cTraceContext},
/// };
///
/// let incoming = [
///     ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03"),
///     ("tracestate", "congo=t61"),
/// ];
/// let context = Extracted::read(&W3cTraceContext, &incoming).into_context();
/// assert_eq!(context.span_id().unwrap().to_string(), "00f067aa0ba902b7");
/// assert_eq!(context.sampling(), Sampling::Record);
/// assert!(context.is_random() && context.is_remote());
/// assert_eq!(context.trace_state().get("congo"), Some("t61"));
///
/// let mut outgoing = Vec::new();
/// W3cTraceContext.inject(&context, &mut outgoing);
/// assert_eq!(outgoing[0].1, incoming[0].1);
/// ```
///
/// [W3C Trace Context level 2]: https://www.w3.org/TR/trace-context-2/
#[derive(Clone, Copy, Debug, Default)]
pub struct W3cTraceContext;

const TRACEPARENT: &str = "traceparent";
pub(super) const TRACESTATE: &str = "tracestate";
const TRACEPARENT_LEN: usize = 55;
const SAMPLED_FLAG: u8 = 1;
const RANDOM_FLAG: u8 = 2;

#[deny(clippy::missing_trait_methods)]
impl Propagator for W3cTraceContext {
    fn fields(&self) -> &[&'static str] {
        &[TRACEPARENT, TRACESTATE]
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        let Some(header) = format_traceparent(context) else {
            carrier.remove(TRACEPARENT);
            return carrier.remove(TRACESTATE);
        };
        let state = context.trace_state();
        // Removing before setting is free if the carrier is still empty.
        if state.is_empty() {
            carrier.remove(TRACESTATE);
        }
        carrier.set(TRACEPARENT, std::str::from_utf8(&header).unwrap_or_default());
        if !state.is_empty() {
            carrier.set(TRACESTATE, state.as_str());
        }
    }

    fn extract(&self, carrier: &dyn TextMapReader, into: &mut Extracted) {
        if into.context().trace_id().is_some() {
            return;
        }
        let header = single_value(carrier, TRACEPARENT);
        let Some(value) = header.value else { return };
        let parsed = if header.repeated { Err(ExtractErrorKind::Repeated) } else { parse_traceparent(value) };
        match parsed {
            Ok(context) => {
                let state = extract_state(carrier, into);
                into.add_context(context.with_trace_state(state.finish()));
            }
            Err(kind) => into.add_error(TRACEPARENT, kind),
        }
    }
}

fn extract_state(carrier: &dyn TextMapReader, into: &mut Extracted) -> TraceStateLines {
    let mut lines = Some(TraceStateLines::default());
    carrier.values(TRACESTATE, &mut |line| {
        // After the first error `lines` stays empty, because an invalid line invalidates the whole list.
        let Some(mut state) = lines.take() else { return };
        if into.admit(TRACESTATE, line) {
            if state.read(line).is_some() {
                lines = Some(state);
            } else {
                into.add_error(TRACESTATE, ExtractErrorKind::Malformed);
            }
        }
    });
    lines.unwrap_or_default()
}

fn format_traceparent(context: &Context) -> Option<[u8; TRACEPARENT_LEN]> {
    let (trace_id, span_id) = context.ids()?;
    let sampled = if context.sampling().is_sampled() == Some(true) { SAMPLED_FLAG } else { 0 };
    let random = if context.is_random() { RANDOM_FLAG } else { 0 };
    let mut header = *b"00-................................-................-..";
    header[3..35].copy_from_slice(&trace_id.to_hex());
    header[36..52].copy_from_slice(&span_id.to_hex());
    header[53..].copy_from_slice(&hex::two_digits(sampled | random));
    Some(header)
}

fn parse_traceparent(value: &[u8]) -> Result<Context, ExtractErrorKind> {
    // Version ff is reserved as invalid (section 3.2.2.1).
    if value.starts_with(b"ff-") {
        return Err(ExtractErrorKind::UnsupportedVersion);
    }
    parse_version_00_fields(value).ok_or(ExtractErrorKind::Malformed)
}

fn parse_version_00_fields(value: &[u8]) -> Option<Context> {
    let (known, further) = value.split_first_chunk::<TRACEPARENT_LEN>()?;
    let version = hex::read_byte(&known[..2])?;
    let dashes = [2, 35, 52].into_iter().all(|index| known[index] == b'-');
    // Later versions may append further fields after a dash.
    let ends_correctly =
        if version == 0 { further.is_empty() } else { further.first().is_none_or(|next| *next == b'-') };
    if !dashes || !ends_correctly {
        return None;
    }
    let trace_id = parse::trace_id(&known[3..35])?;
    let span_id = parse::span_id(&known[36..52])?;
    let flags = hex::read_byte(&known[53..])?;
    let sampling = if flags & SAMPLED_FLAG == 0 { Sampling::Drop } else { Sampling::Record };
    Some(Context::remote(trace_id, span_id, sampling).with_random(flags & RANDOM_FLAG != 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{SpanId, TraceId};

    fn context(sampling: Sampling) -> Context {
        Context::new(TraceId::from_u128(1).unwrap(), SpanId::from_u64(2).unwrap(), sampling)
    }

    fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn flags_encode_sampled_and_random() {
        for (sampling, flags) in [
            (Sampling::Defer, "00"),
            (Sampling::Drop, "00"),
            (Sampling::Record, "01"),
            (Sampling::Debug, "01"),
        ] {
            let header = format_traceparent(&context(sampling)).unwrap();
            assert_eq!(&header[53..], flags.as_bytes(), "{sampling:?}");
            let header = format_traceparent(&context(sampling).with_random(true)).unwrap();
            assert_eq!(header[54] - b'0', flags.as_bytes()[1] - b'0' + 2, "{sampling:?}");
        }
    }

    #[test]
    fn stale_fields_are_replaced_or_removed() {
        let mut carrier =
            owned(&[("TraceParent", "old"), ("tracestate", "old=1"), ("host", "h"), ("TRACESTATE", "o=2")]);
        W3cTraceContext.inject(&context(Sampling::Record), &mut carrier);
        let header = "00-00000000000000000000000000000001-0000000000000002-01";
        assert_eq!(carrier, owned(&[("traceparent", header), ("host", "h")]));
        W3cTraceContext.inject(&Context::default().with_sampling(Sampling::Record), &mut carrier);
        assert_eq!(carrier, owned(&[("host", "h")]));
        W3cTraceContext
            .inject(&Context::of_trace(TraceId::from_u128(1).unwrap(), Sampling::Record), &mut carrier);
        assert_eq!(carrier, owned(&[("host", "h")]));
    }

    #[test]
    fn invalid_tracestate_does_not_affect_traceparent() {
        let parent = "00-00000000000000000000000000000001-0000000000000002-01";
        let long = ",".repeat(1_000_000);
        for (state, kind) in
            [("NO LIST", ExtractErrorKind::Malformed), (long.as_str(), ExtractErrorKind::OverBudget)]
        {
            let extracted = Extracted::read(
                &W3cTraceContext,
                &[
                    ("tracestate", "a=1"),
                    ("traceparent", parent),
                    ("tracestate", state),
                    ("tracestate", "b=2"),
                ],
            );
            assert!(extracted.context().ids().is_some() && extracted.context().trace_state().is_empty());
            assert_eq!((extracted.errors().len(), extracted.errors()[0].kind()), (1, kind));
        }
    }

    #[test]
    fn version_ff_is_unsupported() {
        let extracted = Extracted::read(&W3cTraceContext, &[("traceparent", "ff-x")]);
        assert_eq!(extracted.errors()[0].kind(), ExtractErrorKind::UnsupportedVersion);
    }
}

//! The wire format of Jaeger.

use std::sync::Arc;

use super::{
    ExtractErrorKind, Extracted, Propagator,
    header_buffer::{HeaderBuffer, without_zero_half},
    parse::single_value,
};
use crate::model::{
    Baggage, Context, Sampling, SpanId, TextMapReader, TextMapWriter, TraceContext, TraceId,
    baggage::percent, carrier::field, hex,
};

/// The propagator for Jaeger's [native format][format]: `uber-trace-id`, `uberctx-*`, `jaeger-debug-id` and
/// `jaeger-baggage`.
///
/// # Ids: `uber-trace-id`
///
/// The value is `trace:span:parent:flags`. A repeated or malformed field counts as absent.
///
/// | part | extraction | injection |
/// |---|---|---|
/// | trace id | 1 to 32 digits, either case | 16 digits if the upper half is zero, else 32; lower case |
/// | span id | 1 to 16 digits, either case | 16 digits, lower case |
/// | parent span id (deprecated) | 1 to 16 digits, either case | `0` |
/// | flags | 1 or 2 hexadecimal digits | 1 digit |
/// | separator | `:`, `%3A` or `%3a`, because some clients encode it | `:` |
///
/// Flag 1 is [`Sampling::Record`], flags 1 and 2 together are [`Sampling::Debug`], and without flag 1 the decision is
/// [`Sampling::Drop`]. [`Sampling::Defer`] is sent as not sampled. Flag 8 is [firehose](Self::is_firehose), which is
/// passed on. All other flags are ignored and sent as zero.
///
/// # Baggage: one field `uberctx-<key>` for each key
///
/// * Field names are case-insensitive, so keys are read and written in lower case. Of keys that differ only in case,
///   the value that [`Baggage::get`] returns is sent. Of repeated fields the first counts, and each other one is an
///   error.
/// * Values are percent-encoded, except for unreserved characters (RFC 3986, section 2.3). `+` is not decoded as a
///   space. Properties are not sent. The limits of [`Baggage`] apply.
/// * Injection removes all other fields that begin with `uberctx-`, if the carrier can list its field names.
///   [`fields`](Propagator::fields) does not contain them.
/// * Baggage is read without ids as well. A key that an earlier propagator of a [`Composite`](super::Composite) has
///   read, in any case, is skipped. Put `Jaeger` after propagators that preserve the case of keys.
///
/// # Forced traces: `jaeger-debug-id` and `jaeger-baggage`
///
/// Both fields are read only if the carrier has no ids, and are removed on injection.
///
/// * `jaeger-debug-id` requests [`Sampling::Debug`] for a new trace. The value is the [`debug_id`](Self::debug_id), by
///   which a person finds the trace. Maximum: 256 printable ASCII characters. Any caller can send this field: a server
///   with untrusted callers should reset the sampling decision.
/// * `jaeger-baggage` is baggage in the form `key=value, key=value`.
///
/// ```
/// use anytrace_api::{
///     Sampling, TraceContext,
///     propagation::{Extracted, Jaeger, Propagator},
/// };
///
/// let incoming = [
///     ("Uber-Trace-Id", "6d92f07b3ec845a1b0e7c2f4951d386a:5f83a1c09b72e4d6:0:3"),
///     ("uberctx-dish", "fish%20%26%20chips"),
/// ];
/// let context = Extracted::read(&Jaeger, &incoming).into_context();
/// assert_eq!(context.sampling(), Sampling::Debug);
/// assert_eq!(context.baggage().get("dish"), Some("fish & chips"));
///
/// let mut outgoing = Vec::new();
/// Jaeger.inject(&context, &mut outgoing);
/// assert_eq!((outgoing[0].1.as_str(), outgoing[1].1.as_str()), (incoming[0].1, incoming[1].1));
/// ```
///
/// [format]: https://www.jaegertracing.io/sdk-migration/#propagation-format
#[derive(Clone, Copy, Debug, Default)]
pub struct Jaeger;

const TRACE_ID: &str = "uber-trace-id";
const BAGGAGE_PREFIX: &str = "uberctx-";
const DEBUG_ID: &str = "jaeger-debug-id";
const BAGGAGE_LIST: &str = "jaeger-baggage";
const MAX_DEBUG_ID_LEN: usize = 256;
const SAMPLED_FLAG: u64 = 1;
const DEBUG_FLAG: u64 = 2;
const FIREHOSE_FLAG: u64 = 8;

/// The context extension for the firehose flag.
struct FirehoseFlag;

/// The context extension for the value of `jaeger-debug-id`.
struct DebugId(Box<str>);

impl Jaeger {
    /// Returns true if the trace has the firehose flag, by which a client asks Jaeger not to index the trace.
    ///
    /// ```
    /// use anytrace_api::{
    ///     TraceContext,
    ///     propagation::{Extracted, Jaeger},
    /// };
    ///
    /// let extracted = Extracted::read(&Jaeger, &[("uber-trace-id", "1:2:0:9")]);
    /// assert!(Jaeger::is_firehose(extracted.context()));
    /// ```
    pub fn is_firehose(context: &Context) -> bool {
        context.extension::<FirehoseFlag>().is_some()
    }

    /// Returns the value of `jaeger-debug-id`, which child contexts inherit.
    ///
    /// A server sets this value as the tag `jaeger-debug-id` on the first span of the trace.
    ///
    /// ```
    /// use anytrace_api::{
    ///     Sampling, TraceContext,
    ///     propagation::{Extracted, Jaeger},
    /// };
    ///
    /// let extracted = Extracted::read(&Jaeger, &[("jaeger-debug-id", "ticket-4711")]);
    /// assert_eq!(extracted.context().sampling(), Sampling::Debug);
    /// assert_eq!(Jaeger::debug_id(extracted.context()).as_deref(), Some("ticket-4711"));
    /// ```
    pub fn debug_id(context: &Context) -> Option<String> {
        context.extension::<DebugId>().map(|id| id.0.as_ref().to_owned())
    }
}

#[deny(clippy::missing_trait_methods)]
impl Propagator for Jaeger {
    fn fields(&self) -> &[&'static str] {
        &[TRACE_ID, DEBUG_ID, BAGGAGE_LIST]
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        carrier.remove(DEBUG_ID);
        carrier.remove(BAGGAGE_LIST);
        inject_ids(context, carrier);
        // The carrier may contain baggage of an incoming request under keys that this context does not have.
        carrier.remove_with_prefix(BAGGAGE_PREFIX);
        inject_baggage(context.baggage(), carrier);
    }

    fn extract(&self, carrier: &dyn TextMapReader, into: &mut Extracted) {
        if into.context().trace_id().is_none() {
            extract_ids(carrier, into);
        }
        let mut baggage = Baggage::new();
        carrier.fields_with_prefix(BAGGAGE_PREFIX, &mut |name, value| {
            let key = &name[BAGGAGE_PREFIX.len()..];
            if into.admit_bytes(BAGGAGE_PREFIX, name.len() + value.len()) {
                add_pair(&mut baggage, key, value, BAGGAGE_PREFIX, into);
            }
        });
        if into.context().trace_id().is_none() {
            extract_list(carrier, &mut baggage, into);
            extract_debug_id(carrier, into);
        }
        into.add_baggage(BAGGAGE_PREFIX, baggage);
    }
}

fn inject_ids(context: &Context, carrier: &mut dyn TextMapWriter) {
    let Some((trace_id, span_id)) = context.ids() else { return carrier.remove(TRACE_ID) };
    let mut flags = match context.sampling() {
        Sampling::Defer | Sampling::Drop => 0,
        Sampling::Record => SAMPLED_FLAG,
        Sampling::Debug => SAMPLED_FLAG | DEBUG_FLAG,
    };
    if Jaeger::is_firehose(context) {
        flags |= FIREHOSE_FLAG;
    }
    let [_, digit] = hex::two_digits(flags as u8);
    let mut header = HeaderBuffer::<{ 32 + 1 + 16 + 3 + 1 }>::new();
    header.push(without_zero_half(trace_id, &trace_id.to_hex()));
    header.push(b":");
    header.push(&span_id.to_hex());
    header.push(b":0:");
    header.push(&[digit]);
    carrier.set(TRACE_ID, header.as_str());
}

fn inject_baggage(baggage: &Baggage, carrier: &mut dyn TextMapWriter) {
    let (mut name, mut value) = (String::new(), String::new());
    for (index, (key, _)) in baggage.iter().enumerate() {
        // Keys that differ only in case share one field, which has been written for the first of them.
        if baggage.iter().take(index).any(|(earlier, _)| earlier.eq_ignore_ascii_case(key)) {
            continue;
        }
        name.clear();
        name.push_str(BAGGAGE_PREFIX);
        name.push_str(key);
        name.make_ascii_lowercase();
        value.clear();
        percent::encode_component(baggage.get(&name[BAGGAGE_PREFIX.len()..]).unwrap_or_default(), &mut value);
        carrier.set(&name, &value);
    }
}

fn extract_ids(carrier: &dyn TextMapReader, into: &mut Extracted) {
    let header = single_value(carrier, TRACE_ID);
    match header.value.map(parse_trace_id) {
        None => {}
        Some(_) if header.repeated => into.add_error(TRACE_ID, ExtractErrorKind::Repeated),
        Some(Some(context)) => into.add_context(context),
        Some(None) => into.add_error(TRACE_ID, ExtractErrorKind::Malformed),
    }
}

fn parse_trace_id(value: &[u8]) -> Option<Context> {
    let (trace_id, remaining) = split_at_colon(value)?;
    let (span_id, remaining) = split_at_colon(remaining)?;
    let (parent, flags) = split_at_colon(remaining)?;
    // Some clients omit leading zeros, so the upper half can be short or absent.
    let (high, low) = trace_id.split_at(trace_id.len().saturating_sub(16));
    let high = if high.is_empty() { 0 } else { hex::read_either_case(high)? };
    let trace_id = TraceId::from_halves(high, hex::read_either_case(low)?)?;
    let span_id = SpanId::from_u64(hex::read_either_case(span_id)?)?;
    let parent = SpanId::from_u64(hex::read_either_case(parent)?);
    let flags = if flags.len() > 2 { return None } else { hex::read_either_case(flags)? };
    let sampling = match (flags & SAMPLED_FLAG != 0, flags & DEBUG_FLAG != 0) {
        (false, _) => Sampling::Drop,
        (true, false) => Sampling::Record,
        (true, true) => Sampling::Debug,
    };
    let context = Context::remote(trace_id, span_id, sampling).with_parent_span_id(parent);
    Some(if flags & FIREHOSE_FLAG == 0 { context } else { context.with_extension(Arc::new(FirehoseFlag)) })
}

/// Splits at the first colon, plain or percent-encoded.
fn split_at_colon(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|byte| matches!(byte, b':' | b'%'))?;
    let (before, from_separator) = text.split_at(end);
    let after = [&b":"[..], b"%3A", b"%3a"].iter().find_map(|colon| from_separator.strip_prefix(*colon))?;
    Some((before, after))
}

/// Adds one received pair to `baggage`, if the key is new.
///
/// A key that an earlier propagator has read is skipped without an error, because that propagator preserves its case.
fn add_pair(baggage: &mut Baggage, key: &str, value: &[u8], field: &'static str, into: &mut Extracted) {
    if into.context().baggage().iter().any(|(known, _)| known.eq_ignore_ascii_case(key)) {
        return;
    }
    let key = key.to_ascii_lowercase();
    if baggage.iter().any(|(known, _)| known == key) {
        return into.add_error(field, ExtractErrorKind::Repeated);
    }
    into.add_received(field, baggage.receive_pair(&key, field::trim(value)));
}

fn extract_list(carrier: &dyn TextMapReader, baggage: &mut Baggage, into: &mut Extracted) {
    carrier.values(BAGGAGE_LIST, &mut |line| {
        if !into.admit(BAGGAGE_LIST, line) {
            return;
        }
        for pair in line.split(|byte| *byte == b',').map(field::trim).filter(|pair| !pair.is_empty()) {
            let equals = pair.iter().position(|byte| *byte == b'=');
            let (key, value) = pair.split_at(equals.unwrap_or_default());
            match (std::str::from_utf8(field::trim(key)), value.strip_prefix(b"=")) {
                (Ok(key), Some(value)) => add_pair(baggage, key, value, BAGGAGE_LIST, into),
                _ => into.add_error(BAGGAGE_LIST, ExtractErrorKind::Malformed),
            }
        }
    });
}

fn extract_debug_id(carrier: &dyn TextMapReader, into: &mut Extracted) {
    let Some(id) = single_value(carrier, DEBUG_ID).value.filter(|id| !id.is_empty()) else { return };
    if id.len() > MAX_DEBUG_ID_LEN {
        return into.add_error(DEBUG_ID, ExtractErrorKind::OverBudget);
    }
    match std::str::from_utf8(id) {
        Ok(id) if field::is_value(id) => {
            let context = Context::default().with_sampling(Sampling::Debug);
            into.add_context(context.with_extension(Arc::new(DebugId(id.into()))));
        }
        _ => into.add_error(DEBUG_ID, ExtractErrorKind::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn parse_text(header: &str) -> Option<Context> {
        parse_trace_id(header.as_bytes())
    }

    #[test]
    fn stale_fields_are_removed() {
        let stale =
            [("UberCtx-Old", "1"), ("uberctx-a", "2"), ("Jaeger-Debug-Id", "t"), ("jaeger-baggage", "b=3")];
        let mut carrier = owned(&stale);
        carrier.extend(owned(&[("Uber-Trace-Id", "stale"), ("host", "h")]));
        Jaeger.inject(&Context::default(), &mut carrier);
        assert_eq!(carrier, owned(&[("host", "h")]));
        carrier.extend(owned(&stale));
        Jaeger.inject(&Context::default().with_baggage("A", "new").unwrap(), &mut carrier);
        assert_eq!(carrier, owned(&[("host", "h"), ("uberctx-a", "new")]));
    }

    #[test]
    fn keys_that_differ_only_in_case_share_one_field() {
        let context =
            Context::default().with_baggage("User", "1").unwrap().with_baggage("Tenant", "2").unwrap();
        let context = context.with_baggage("user", "3").unwrap().with_baggage("TENANT", "4").unwrap();
        let mut carrier = Vec::new();
        Jaeger.inject(&context, &mut carrier);
        assert_eq!(carrier, owned(&[("uberctx-user", "3"), ("uberctx-tenant", "2")]));
    }

    #[test]
    fn first_of_repeated_baggage_fields_counts() {
        let extracted = Extracted::read(
            &Jaeger,
            &[("uberctx-a", "1"), ("UBERCTX-A", "2"), ("jaeger-baggage", "a=3,b=4")],
        );
        assert_eq!(extracted.context().baggage().iter().collect::<Vec<_>>(), [("a", "1"), ("b", "4")]);
        let errors: Vec<_> = extracted.errors().iter().map(ToString::to_string).collect();
        assert_eq!(errors, ["uberctx-: repeated", "jaeger-baggage: repeated"]);
    }

    #[test]
    fn key_that_another_propagator_read_is_not_duplicated() {
        let propagator = crate::model::Composite::named("baggage,jaeger").unwrap();
        let context = Context::default().with_baggage("User", "1").unwrap();
        let mut carrier = Vec::new();
        propagator.inject(&context, &mut carrier);
        assert_eq!(carrier, owned(&[("baggage", "User=1"), ("uberctx-user", "1")]));
        let extracted = Extracted::read(&propagator, &carrier);
        assert_eq!((extracted.context(), extracted.errors().len()), (&context, 0));
    }

    #[test]
    fn firehose_flag_is_passed_on_with_every_decision() {
        for flags in ["8", "9", "b"] {
            let context = parse_text(&format!("1:2:0:{flags}")).unwrap();
            let child = context.child(SpanId::from_u64(3).unwrap(), context.sampling());
            let mut carrier = Vec::new();
            Jaeger.inject(&child, &mut carrier);
            assert_eq!(carrier[0].1, format!("0000000000000001:0000000000000003:0:{flags}"));
        }
    }

    #[test]
    fn overlong_or_unprintable_debug_id_is_ignored() {
        for (id, kind) in
            [("é", ExtractErrorKind::Malformed), (&"x".repeat(257), ExtractErrorKind::OverBudget)]
        {
            let extracted = Extracted::read(&Jaeger, &[("jaeger-debug-id", id)]);
            assert!(extracted.is_empty());
            assert_eq!(extracted.errors()[0].kind(), kind);
        }
    }

    #[test]
    fn longest_trace_id_field_is_parsed() {
        let ids = ["f"; 32].concat();
        let header = format!("{ids}%3A{0}%3A{0}%3Aff", &ids[..16]);
        assert!(parse_text(&header).is_some() && parse_text(&format!("{header}f")).is_none());
        assert!(parse_text(&format!("f{header}")).is_none());
    }
}

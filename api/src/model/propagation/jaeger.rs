use std::sync::Arc;

use super::{
    ExtractErrorKind, Extracted, Propagator, read,
    write::{Line, short},
};
use crate::model::{
    Baggage, Context, Sampling, SpanId, TextMapReader, TextMapWriter, TraceContext, TraceId,
    baggage::percent, carrier::field, hex,
};

/// Jaeger's own format: [`uber-trace-id`, `uberctx-*`][format], and `jaeger-debug-id` and `jaeger-baggage`, by which
/// people force a trace. The first `OpenTracing` API's example spoke it too.
///
/// **The identity**, `trace:span:parent:flags`:
///
/// * It counts as absent when it is there twice or in any other form. Ids are 1 to 32 and 1 to 16 digits of either
///   case, since the text says base16 and not which case; they are written padded to 16 or 32, in lower case.
/// * `%3A` is read as a colon, which some clients send. Colons are written.
/// * The parent is read, and written as `0`, since it is deprecated.
/// * The flags are one or two digits of base 16. 1 is [`Sampling::Record`], 3 [`Sampling::Debug`], and debug without
///   sampled means nothing; what is deferred is sent as not sampled. 8 is [firehose](Self::is_firehose), which travels
///   on. Others are ignored and sent as zero.
///
/// **Baggage**, one field for each key:
///
/// * Names of fields have no case, so keys are read and written in lower case. Of keys that are equal then, the value
///   is written that [`Baggage::get`] finds. Of repeated fields the first counts, and the others are a fault.
/// * Values are percent-encoded (all but what RFC 3986 calls unreserved); `+` stands for itself. Properties have no
///   place and are not sent. The limits are those of [`Baggage`].
/// * All fields that begin with `uberctx-` are replaced, in carriers that can tell their names. They cannot be in
///   [`fields`](Propagator::fields), which is a list of whole names.
/// * It is read without an identity as well. A key that an earlier format brought, in whatever case, is not read again:
///   declare this one behind those whose keys keep their case.
///
/// **Forced traces**, only where there is no identity:
///
/// * `jaeger-debug-id` is [`Sampling::Debug`] for a new trace, and the text to find it by, at most 256 printable
///   characters, is its [`debug_id`](Self::debug_id). Anybody can send it: a server that does not trust its callers
///   takes the wish away.
/// * `jaeger-baggage`, a list `key=value, key=value`, is baggage.
/// * Both are removed on writing.
///
/// ```
/// use anytrace_api::{Extracted, Jaeger, Propagator, Sampling, TraceContext};
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

const IDENTITY: &str = "uber-trace-id";
const PREFIX: &str = "uberctx-";
const DEBUG_ID: &str = "jaeger-debug-id";
const LIST: &str = "jaeger-baggage";
const LONGEST_DEBUG_ID: usize = 256;
const SAMPLED: u64 = 1;
const DEBUG: u64 = 2;
const FIREHOSE: u64 = 8;

/// What a context carries on for this format alone.
struct Firehose;
struct DebugId(Box<str>);

impl Jaeger {
    /// Whether the trace came with the flag that tells Jaeger not to index it.
    ///
    /// ```
    /// use anytrace_api::{Extracted, Jaeger, TraceContext};
    ///
    /// let found = Extracted::read(&Jaeger, &[("uber-trace-id", "1:2:0:9")]);
    /// assert!(Jaeger::is_firehose(found.context()));
    /// ```
    pub fn is_firehose(context: &Context) -> bool {
        context.extension::<Firehose>().is_some()
    }

    /// What `jaeger-debug-id` held, for a tag of that name on the trace's first span. Contexts beneath it have it too.
    ///
    /// ```
    /// use anytrace_api::{Extracted, Jaeger, Sampling, TraceContext};
    ///
    /// let found = Extracted::read(&Jaeger, &[("jaeger-debug-id", "ticket-4711")]);
    /// assert_eq!(found.context().sampling(), Sampling::Debug);
    /// assert_eq!(Jaeger::debug_id(found.context()).as_deref(), Some("ticket-4711"));
    /// ```
    pub fn debug_id(context: &Context) -> Option<String> {
        context.extension::<DebugId>().map(|id| id.0.as_ref().to_owned())
    }
}

#[deny(clippy::missing_trait_methods)]
impl Propagator for Jaeger {
    fn fields(&self) -> &[&'static str] {
        &[IDENTITY, DEBUG_ID, LIST]
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        carrier.remove(DEBUG_ID);
        carrier.remove(LIST);
        inject_identity(context, carrier);
        carrier.remove_with_prefix(PREFIX);
        inject_baggage(context.baggage(), carrier);
    }

    fn extract(&self, carrier: &dyn TextMapReader, into: &mut Extracted) {
        if into.context().trace_id().is_none() {
            extract_identity(carrier, into);
        }
        let mut baggage = Baggage::new();
        carrier.fields_with_prefix(PREFIX, &mut |name, value| {
            let key = &name[PREFIX.len()..];
            if into.admit_bytes(PREFIX, name.len() + value.len()) {
                take(&mut baggage, key, value, PREFIX, into);
            }
        });
        if into.context().trace_id().is_none() {
            extract_list(carrier, &mut baggage, into);
            extract_debug_id(carrier, into);
        }
        into.add_baggage(PREFIX, baggage);
    }
}

fn inject_identity(context: &Context, carrier: &mut dyn TextMapWriter) {
    let Some((trace_id, span_id)) = context.ids() else { return carrier.remove(IDENTITY) };
    let mut flags = match context.sampling() {
        Sampling::Defer | Sampling::Drop => 0,
        Sampling::Record => SAMPLED,
        Sampling::Debug => SAMPLED | DEBUG,
    };
    if Jaeger::is_firehose(context) {
        flags |= FIREHOSE;
    }
    let [_, digit] = hex::two_digits(flags as u8);
    let mut header = Line::<{ 32 + 1 + 16 + 3 + 1 }>::new();
    header.push(short(trace_id, &trace_id.to_hex()));
    header.push(b":");
    header.push(&span_id.to_hex());
    header.push(b":0:");
    header.push(&[digit]);
    carrier.set(IDENTITY, header.as_str());
}

fn inject_baggage(baggage: &Baggage, carrier: &mut dyn TextMapWriter) {
    let (mut name, mut value) = (String::new(), String::new());
    for (index, (key, _)) in baggage.iter().enumerate() {
        if baggage.iter().take(index).any(|(earlier, _)| earlier.eq_ignore_ascii_case(key)) {
            continue;
        }
        name.clear();
        name.push_str(PREFIX);
        name.push_str(key);
        name.make_ascii_lowercase();
        value.clear();
        percent::encode_component(baggage.get(&name[PREFIX.len()..]).unwrap_or_default(), &mut value);
        carrier.set(&name, &value);
    }
}

fn extract_identity(carrier: &dyn TextMapReader, into: &mut Extracted) {
    let header = read::single(carrier, IDENTITY);
    match header.value.map(parse) {
        None => {}
        Some(_) if header.repeated => into.add_error(IDENTITY, ExtractErrorKind::Repeated),
        Some(Some(context)) => into.add_context(context),
        Some(None) => into.add_error(IDENTITY, ExtractErrorKind::Malformed),
    }
}

fn parse(value: &[u8]) -> Option<Context> {
    let (trace_id, rest) = split(value)?;
    let (span_id, rest) = split(rest)?;
    let (parent, flags) = split(rest)?;
    let (high, low) = trace_id.split_at(trace_id.len().saturating_sub(16));
    let high = if high.is_empty() { 0 } else { hex::read_either_case(high)? };
    let trace_id = TraceId::from_halves(high, hex::read_either_case(low)?)?;
    let span_id = SpanId::from_u64(hex::read_either_case(span_id)?)?;
    let parent = SpanId::from_u64(hex::read_either_case(parent)?);
    let flags = if flags.len() > 2 { return None } else { hex::read_either_case(flags)? };
    let sampling = match (flags & SAMPLED != 0, flags & DEBUG != 0) {
        (false, _) => Sampling::Drop,
        (true, false) => Sampling::Record,
        (true, true) => Sampling::Debug,
    };
    let context = Context::remote(trace_id, span_id, sampling).with_parent_span_id(parent);
    Some(if flags & FIREHOSE == 0 { context } else { context.with_extension(Arc::new(Firehose)) })
}

/// At the first colon.
fn split(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|byte| matches!(byte, b':' | b'%'))?;
    let (before, rest) = text.split_at(end);
    let rest =
        rest.strip_prefix(b":").or_else(|| rest.strip_prefix(b"%3A")).or_else(|| rest.strip_prefix(b"%3a"));
    Some((before, rest?))
}

/// Takes one pair into `baggage`, of which the first of each key stays. What another format has brought already, with
/// the case of its keys, is not wanted again without it.
fn take(baggage: &mut Baggage, key: &str, value: &[u8], of: &'static str, into: &mut Extracted) {
    if into.context().baggage().iter().any(|(known, _)| known.eq_ignore_ascii_case(key)) {
        return;
    }
    let key = key.to_ascii_lowercase();
    if baggage.iter().any(|(known, _)| known == key) {
        return into.add_error(of, ExtractErrorKind::Repeated);
    }
    into.add_received(of, baggage.receive_pair(&key, field::trim(value)));
}

fn extract_list(carrier: &dyn TextMapReader, baggage: &mut Baggage, into: &mut Extracted) {
    carrier.values(LIST, &mut |line| {
        if !into.admit(LIST, line) {
            return;
        }
        for pair in line.split(|byte| *byte == b',').map(field::trim).filter(|pair| !pair.is_empty()) {
            let equals = pair.iter().position(|byte| *byte == b'=');
            let (key, value) = pair.split_at(equals.unwrap_or_default());
            match (std::str::from_utf8(field::trim(key)), value.strip_prefix(b"=")) {
                (Ok(key), Some(value)) => take(baggage, key, value, LIST, into),
                _ => into.add_error(LIST, ExtractErrorKind::Malformed),
            }
        }
    });
}

fn extract_debug_id(carrier: &dyn TextMapReader, into: &mut Extracted) {
    let Some(id) = read::single(carrier, DEBUG_ID).value.filter(|id| !id.is_empty()) else { return };
    if id.len() > LONGEST_DEBUG_ID {
        return into.add_error(DEBUG_ID, ExtractErrorKind::OverBudget);
    }
    match std::str::from_utf8(id) {
        Ok(id) if field::is_value(id) => {
            let wish = Context::default().with_sampling(Sampling::Debug);
            into.add_context(wish.with_extension(Arc::new(DebugId(id.into()))));
        }
        _ => into.add_error(DEBUG_ID, ExtractErrorKind::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn parsed(header: &str) -> Option<Context> {
        parse(header.as_bytes())
    }

    #[test]
    fn nothing_stale_stays() {
        let stale =
            [("UberCtx-Old", "1"), ("uberctx-a", "2"), ("Jaeger-Debug-Id", "t"), ("jaeger-baggage", "b=3")];
        let mut carrier = own(&stale);
        carrier.extend(own(&[("Uber-Trace-Id", "stale"), ("host", "h")]));
        Jaeger.inject(&Context::default(), &mut carrier);
        assert_eq!(carrier, own(&[("host", "h")]));
        carrier.extend(own(&stale));
        Jaeger.inject(&Context::default().with_baggage("A", "new").unwrap(), &mut carrier);
        assert_eq!(carrier, own(&[("host", "h"), ("uberctx-a", "new")]));
    }

    #[test]
    fn keys_that_differ_in_case_are_one_field() {
        let context =
            Context::default().with_baggage("User", "1").unwrap().with_baggage("Tenant", "2").unwrap();
        let context = context.with_baggage("user", "3").unwrap().with_baggage("TENANT", "4").unwrap();
        let mut carrier = Vec::new();
        Jaeger.inject(&context, &mut carrier);
        assert_eq!(carrier, own(&[("uberctx-user", "3"), ("uberctx-tenant", "2")]));
    }

    #[test]
    fn of_repeated_baggage_the_first_counts() {
        let found = Extracted::read(
            &Jaeger,
            &[("uberctx-a", "1"), ("UBERCTX-A", "2"), ("jaeger-baggage", "a=3,b=4")],
        );
        assert_eq!(found.context().baggage().iter().collect::<Vec<_>>(), [("a", "1"), ("b", "4")]);
        let faults: Vec<_> = found.errors().iter().map(ToString::to_string).collect();
        assert_eq!(faults, ["uberctx-: repeated", "jaeger-baggage: repeated"]);
    }

    #[test]
    fn beside_another_format_no_key_doubles() {
        let format = crate::model::Composite::named("baggage,jaeger").unwrap();
        let context = Context::default().with_baggage("User", "1").unwrap();
        let mut carrier = Vec::new();
        format.inject(&context, &mut carrier);
        assert_eq!(carrier, own(&[("baggage", "User=1"), ("uberctx-user", "1")]));
        let found = Extracted::read(&format, &carrier);
        assert_eq!((found.context(), found.errors().len()), (&context, 0));
    }

    #[test]
    fn firehose_travels_on_with_every_decision() {
        for flags in ["8", "9", "b"] {
            let context = parsed(&format!("1:2:0:{flags}")).unwrap();
            let child = context.child(SpanId::from_u64(3).unwrap(), context.sampling());
            let mut carrier = Vec::new();
            Jaeger.inject(&child, &mut carrier);
            assert_eq!(carrier[0].1, format!("0000000000000001:0000000000000003:0:{flags}"));
        }
    }

    #[test]
    fn a_debug_id_that_is_too_long_or_not_printable_forces_nothing() {
        for (id, kind) in
            [("é", ExtractErrorKind::Malformed), (&"x".repeat(257), ExtractErrorKind::OverBudget)]
        {
            let found = Extracted::read(&Jaeger, &[("jaeger-debug-id", id)]);
            assert!(found.is_empty());
            assert_eq!(found.errors()[0].kind(), kind);
        }
    }

    #[test]
    fn the_longest_identity_is_read() {
        let ids = ["f"; 32].concat();
        let header = format!("{ids}%3A{0}%3A{0}%3Aff", &ids[..16]);
        assert!(parsed(&header).is_some() && parsed(&format!("{header}f")).is_none());
        assert!(parsed(&format!("f{header}")).is_none());
    }
}

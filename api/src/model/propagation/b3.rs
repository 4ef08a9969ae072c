use super::{
    ExtractErrorKind, Extracted, Propagator, read,
    write::{Line, short},
};
use crate::model::{Context, Sampling, SpanId, TextMapReader, TextMapWriter, TraceContext, TraceId, hex};

/// Zipkin's format: [B3], as one header `b3` or as several headers `x-b3-*`.
///
/// Both forms are always read, `b3` first, and never mixed. What is written is chosen: [`single`](Self::single),
/// [`multi`](Self::multi) or [`both`](Self::both); the other form is removed from the carrier, because it would tell
/// of another context.
///
/// * Of repeated headers the first value counts. Upper case is refused, since the specification says lower-hex.
/// * Any part that is malformed makes its form count as not sent. An `x-b3-flags` other than `1` says nothing.
/// * No sampling state is [`Sampling::Defer`]; `d` or `x-b3-flags: 1` is [`Sampling::Debug`]. A state without ids is
///   a sampling wish, read and written.
/// * Trace ids of 16 digits are those of 32 with an upper half of zero, which is written with 16 digits.
/// * The parent, [`Context::parent_span_id`], is read, and written where the context has one: a child that shares no
///   span id with its caller has none. The single header has no room for it without a sampling state.
/// * What is read [is shareable](Context::is_shareable).
///
/// ```
/// use anytrace_api::{B3, Extracted, Propagator, Sampling};
/// use std::collections::HashMap;
///
/// let incoming = [("b3", "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1-05e3ac9a4f6e3b90")];
/// let context = Extracted::read(&B3::multi(), &incoming).into_context();
/// assert_eq!(context.sampling(), Sampling::Record);
/// assert_eq!(context.parent_span_id().unwrap().to_string(), "05e3ac9a4f6e3b90");
///
/// let mut outgoing = HashMap::new();
/// B3::single().inject(&context, &mut outgoing);
/// assert_eq!(outgoing["b3"], incoming[0].1);
/// ```
///
/// [B3]: https://github.com/openzipkin/b3-propagation
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct B3 {
    written: Written,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Written {
    Single,
    Multi,
    Both,
}

const SINGLE: &str = "b3";
const TRACE_ID: &str = "x-b3-traceid";
const SPAN_ID: &str = "x-b3-spanid";
const PARENT: &str = "x-b3-parentspanid";
const SAMPLED: &str = "x-b3-sampled";
const FLAGS: &str = "x-b3-flags";
const MULTI: [&str; 5] = [TRACE_ID, SPAN_ID, PARENT, SAMPLED, FLAGS];

impl B3 {
    /// Writes `b3`: the form to prefer where no old receiver speaks against it.
    pub const fn single() -> Self {
        B3 { written: Written::Single }
    }

    /// Writes `x-b3-traceid` and so on: what every receiver knows.
    pub const fn multi() -> Self {
        B3 { written: Written::Multi }
    }

    /// Writes both, for a fleet that is moving from one to the other.
    pub const fn both() -> Self {
        B3 { written: Written::Both }
    }
}

#[deny(clippy::missing_trait_methods)]
impl Propagator for B3 {
    fn fields(&self) -> &[&'static str] {
        &[SINGLE, TRACE_ID, SPAN_ID, PARENT, SAMPLED, FLAGS]
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        if self.written == Written::Multi {
            carrier.remove(SINGLE);
        } else {
            inject_single(context, carrier);
        }
        if self.written == Written::Single {
            for name in MULTI {
                carrier.remove(name);
            }
        } else {
            inject_multi(context, carrier);
        }
    }

    fn extract(&self, carrier: &dyn TextMapReader, into: &mut Extracted) {
        if into.context().trace_id().is_some() {
            return;
        }
        if let Some(value) = read::single(carrier, SINGLE).value {
            match parse_single(value) {
                Some(context) => return into.add_context(context),
                None => into.add_error(SINGLE, ExtractErrorKind::Malformed),
            }
        }
        match read_multi(carrier) {
            Ok(Some(context)) => into.add_context(context),
            Ok(None) => {}
            Err((field, kind)) => into.add_error(field, kind),
        }
    }
}

/// Zero is well formed and names no span.
const NO_PARENT: u64 = 0;

fn inject_single(context: &Context, carrier: &mut dyn TextMapWriter) {
    // 32 + 1 + 16 + 1 + 1 + 1 + 16
    let mut header = Line::<68>::new();
    let state = match context.sampling() {
        Sampling::Defer => None,
        Sampling::Drop => Some(b"0"),
        Sampling::Record => Some(b"1"),
        Sampling::Debug => Some(b"d"),
    };
    if let Some((trace_id, span_id)) = context.ids() {
        header.push(short(trace_id, &trace_id.to_hex()));
        header.push(b"-");
        header.push(&span_id.to_hex());
        if state.is_some() {
            header.push(b"-");
        }
    }
    if let Some(state) = state {
        header.push(state);
        if let Some((_, parent)) = context.ids().zip(context.parent_span_id()) {
            header.push(b"-");
            header.push(&parent.to_hex());
        }
    }
    match header.as_str() {
        "" => carrier.remove(SINGLE),
        header => carrier.set(SINGLE, header),
    }
}

fn inject_multi(context: &Context, carrier: &mut dyn TextMapWriter) {
    let mut put =
        |name: &str, value: Option<&[u8]>| match value.and_then(|value| std::str::from_utf8(value).ok()) {
            Some(value) => carrier.set(name, value),
            None => carrier.remove(name),
        };
    let (trace_id, span_id) = context.ids().unzip();
    let parent = span_id.and_then(|_| context.parent_span_id());
    let hex = trace_id.map(|id| (id, id.to_hex()));
    put(TRACE_ID, hex.as_ref().map(|(id, hex)| short(*id, hex)));
    put(SPAN_ID, span_id.map(SpanId::to_hex).as_ref().map(<[u8; 16]>::as_slice));
    put(PARENT, parent.map(SpanId::to_hex).as_ref().map(<[u8; 16]>::as_slice));
    put(
        SAMPLED,
        match context.sampling() {
            Sampling::Drop => Some(b"0"),
            Sampling::Record => Some(b"1"),
            Sampling::Defer | Sampling::Debug => None,
        },
    );
    put(FLAGS, (context.sampling() == Sampling::Debug).then_some(b"1"));
}

fn parse_single(value: &[u8]) -> Option<Context> {
    if let Some(sampling) = single_state(value) {
        return Some(Context::default().with_sampling(sampling));
    }
    let mut parts = value.split(|byte| *byte == b'-');
    let trace_id = trace_id(parts.next()?)?;
    let span_id = read::span_id(parts.next()?)?;
    let (sampling, parent) = match (parts.next(), parts.next(), parts.next()) {
        (None, ..) => (Sampling::Defer, NO_PARENT),
        (Some(last), None, _) => match single_state(last) {
            Some(sampling) => (sampling, NO_PARENT),
            None => (Sampling::Defer, hex::read(last)?),
        },
        (Some(state), Some(parent), None) => (single_state(state)?, hex::read(parent)?),
        _ => return None,
    };
    Some(caller(trace_id, span_id, sampling, SpanId::from_u64(parent)))
}

fn caller(trace: TraceId, span: SpanId, sampling: Sampling, parent: Option<SpanId>) -> Context {
    Context::remote(trace, span, sampling).with_parent_span_id(parent).with_shareable(true)
}

fn read_multi(carrier: &dyn TextMapReader) -> Result<Option<Context>, (&'static str, ExtractErrorKind)> {
    let is_debug = read::single(carrier, FLAGS).value == Some(b"1");
    let trace_id = part(carrier, TRACE_ID, trace_id)?;
    let span_id = part(carrier, SPAN_ID, read::span_id)?;
    let parent = part(carrier, PARENT, hex::read)?.and_then(SpanId::from_u64);
    let sampling = part(carrier, SAMPLED, multi_state)?.unwrap_or_default();
    let sampling = if is_debug { Sampling::Debug } else { sampling };
    match (trace_id, span_id) {
        (Some(trace), Some(span)) => Ok(Some(caller(trace, span, sampling, parent))),
        (None, None) if sampling == Sampling::Defer => Ok(None),
        (None, None) => Ok(Some(Context::default().with_sampling(sampling))),
        (Some(_), None) => Err((TRACE_ID, ExtractErrorKind::Incomplete)),
        (None, Some(_)) => Err((SPAN_ID, ExtractErrorKind::Incomplete)),
    }
}

fn part<T>(
    carrier: &dyn TextMapReader,
    name: &'static str,
    parse: impl FnOnce(&[u8]) -> Option<T>,
) -> Result<Option<T>, (&'static str, ExtractErrorKind)> {
    match read::single(carrier, name).value {
        None => Ok(None),
        Some(value) => parse(value).map(Some).ok_or((name, ExtractErrorKind::Malformed)),
    }
}

fn trace_id(digits: &[u8]) -> Option<TraceId> {
    if digits.len() == 16 { TraceId::from_halves(0, hex::read(digits)?) } else { read::trace_id(digits) }
}

fn single_state(state: &[u8]) -> Option<Sampling> {
    match state {
        b"0" => Some(Sampling::Drop),
        b"1" => Some(Sampling::Record),
        b"d" => Some(Sampling::Debug),
        _ => None,
    }
}

/// The words are older than the specification, which lets a receiver take them.
fn multi_state(state: &[u8]) -> Option<Sampling> {
    match state {
        b"0" | b"false" => Some(Sampling::Drop),
        b"1" | b"true" => Some(Sampling::Record),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn injected(format: B3, context: &Context) -> Vec<(String, String)> {
        let mut carrier =
            format.fields().iter().map(|name| (name.to_uppercase(), "stale".to_owned())).collect();
        format.inject(context, &mut carrier);
        carrier
    }

    fn own(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_wish_is_sent_alone_and_nothing_stale_stays() {
        for (sampling, single, multi) in [
            (Sampling::Drop, "0", (SAMPLED, "0")),
            (Sampling::Record, "1", (SAMPLED, "1")),
            (Sampling::Debug, "d", (FLAGS, "1")),
        ] {
            let wish = Context::default().with_sampling(sampling);
            assert_eq!(injected(B3::single(), &wish), own(&[(SINGLE, single)]));
            assert_eq!(injected(B3::multi(), &wish), own(&[multi]));
            assert_eq!(injected(B3::both(), &wish), own(&[(SINGLE, single), multi]));
        }
        for format in [B3::single(), B3::multi(), B3::both()] {
            assert_eq!(injected(format, &Context::default()), []);
        }
    }

    #[test]
    fn an_identity_without_a_span_sends_its_wish_at_most() {
        let context = Context::of_trace(TraceId::from_u128(1).unwrap(), Sampling::Drop)
            .with_parent_span_id(SpanId::from_u64(3));
        assert_eq!(injected(B3::both(), &context), own(&[(SINGLE, "0"), (SAMPLED, "0")]));
    }

    #[test]
    fn the_longest_header_fits() {
        let (trace, span) = (TraceId::from_u128(u128::MAX).unwrap(), SpanId::from_u64(u64::MAX).unwrap());
        let context = caller(trace, span, Sampling::Debug, Some(span));
        let carrier = injected(B3::single(), &context);
        assert_eq!(carrier[0].1.len(), 68);
        assert_eq!(Extracted::read(&B3::single(), &carrier).into_context(), context);
    }
}

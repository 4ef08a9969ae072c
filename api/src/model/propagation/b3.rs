//! B3, the wire format of Zipkin.

use super::{
    ExtractErrorKind, Extracted, Propagator,
    header_buffer::{HeaderBuffer, without_zero_half},
    parse::{self, single_value},
};
use crate::model::{Context, Sampling, SpanId, TextMapReader, TextMapWriter, TraceContext, TraceId, hex};

/// The propagator for Zipkin's [B3] format, with one header `b3` or several headers `x-b3-*`.
///
/// Choose the form to inject with [`single`](Self::single), [`multi`](Self::multi) or [`both`](Self::both). Injection
/// removes the other form from the carrier, because it would describe another context. Extraction reads both forms,
/// `b3` first, and never combines them.
///
/// | part | rule |
/// |---|---|
/// | repeated headers | the first value counts |
/// | ids | 16 or 32 lower-case digits for the trace id, 16 for span ids; upper case is malformed |
/// | trace id of 16 digits | the upper half is zero; such an id is also sent with 16 digits |
/// | malformed part | the whole form counts as absent |
/// | no sampling state | [`Sampling::Defer`] |
/// | `d`, or `x-b3-flags: 1` | [`Sampling::Debug`]; any other value of `x-b3-flags` is ignored |
/// | sampling state without ids | a sampling decision without ids, which is also sent |
/// | parent span id | [`Context::parent_span_id`], sent if the context has one; `b3` can contain it only after a sampling state |
///
/// Extracted contexts [are shareable](Context::is_shareable): a server may record its span under the span id of the
/// client.
///
/// ```
/// use anytrace_api::{
///     Sampling,
///     propagation::{B3, Extracted, Propagator},
/// };
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
    form: InjectedForm,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum InjectedForm {
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
    /// Injects the single header `b3`. Prefer this form, unless a receiver does not support it.
    pub const fn single() -> Self {
        B3 { form: InjectedForm::Single }
    }

    /// Injects the headers `x-b3-*`, which every B3 receiver supports.
    pub const fn multi() -> Self {
        B3 { form: InjectedForm::Multi }
    }

    /// Injects both forms, for services that migrate from one form to the other.
    pub const fn both() -> Self {
        B3 { form: InjectedForm::Both }
    }
}

#[deny(clippy::missing_trait_methods)]
impl Propagator for B3 {
    fn fields(&self) -> &[&'static str] {
        &[SINGLE, TRACE_ID, SPAN_ID, PARENT, SAMPLED, FLAGS]
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        if self.form == InjectedForm::Multi {
            carrier.remove(SINGLE);
        } else {
            inject_single(context, carrier);
        }
        if self.form == InjectedForm::Single {
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
        if let Some(value) = single_value(carrier, SINGLE).value {
            match parse_single(value) {
                Some(context) => return into.add_context(context),
                // A malformed `b3` does not rule out valid `x-b3-*` headers.
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

/// A parent span id of zero is well formed and stands for no parent.
const NO_PARENT: u64 = 0;

fn inject_single(context: &Context, carrier: &mut dyn TextMapWriter) {
    let mut header = HeaderBuffer::<{ 32 + 1 + 16 + 1 + 1 + 1 + 16 }>::new();
    let state = match context.sampling() {
        Sampling::Defer => None,
        Sampling::Drop => Some(b"0"),
        Sampling::Record => Some(b"1"),
        Sampling::Debug => Some(b"d"),
    };
    if let Some((trace_id, span_id)) = context.ids() {
        header.push(without_zero_half(trace_id, &trace_id.to_hex()));
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
    let mut set_or_remove =
        |name: &str, value: Option<&[u8]>| match value.and_then(|value| std::str::from_utf8(value).ok()) {
            Some(value) => carrier.set(name, value),
            None => carrier.remove(name),
        };
    let (trace_id, span_id) = context.ids().unzip();
    let parent = span_id.and_then(|_| context.parent_span_id());
    let hex = trace_id.map(|id| (id, id.to_hex()));
    set_or_remove(TRACE_ID, hex.as_ref().map(|(id, hex)| without_zero_half(*id, hex)));
    set_or_remove(SPAN_ID, span_id.map(SpanId::to_hex).as_ref().map(<[u8; 16]>::as_slice));
    set_or_remove(PARENT, parent.map(SpanId::to_hex).as_ref().map(<[u8; 16]>::as_slice));
    set_or_remove(
        SAMPLED,
        match context.sampling() {
            Sampling::Drop => Some(b"0"),
            Sampling::Record => Some(b"1"),
            Sampling::Defer | Sampling::Debug => None,
        },
    );
    set_or_remove(FLAGS, (context.sampling() == Sampling::Debug).then_some(b"1"));
}

fn parse_single(value: &[u8]) -> Option<Context> {
    if let Some(sampling) = single_state(value) {
        return Some(Context::default().with_sampling(sampling));
    }
    let mut parts = value.split(|byte| *byte == b'-');
    let trace_id = trace_id(parts.next()?)?;
    let span_id = parse::span_id(parts.next()?)?;
    let (sampling, parent) = match (parts.next(), parts.next(), parts.next()) {
        (None, ..) => (Sampling::Defer, NO_PARENT),
        (Some(last), None, _) => match single_state(last) {
            Some(sampling) => (sampling, NO_PARENT),
            // `traceid-spanid-parentid`, without a sampling state.
            None => (Sampling::Defer, hex::read(last)?),
        },
        (Some(state), Some(parent), None) => (single_state(state)?, hex::read(parent)?),
        _ => return None,
    };
    Some(remote_context(trace_id, span_id, sampling, SpanId::from_u64(parent)))
}

fn remote_context(trace_id: TraceId, span_id: SpanId, sampling: Sampling, parent: Option<SpanId>) -> Context {
    Context::remote(trace_id, span_id, sampling).with_parent_span_id(parent).with_shareable(true)
}

fn read_multi(carrier: &dyn TextMapReader) -> Result<Option<Context>, (&'static str, ExtractErrorKind)> {
    let is_debug = single_value(carrier, FLAGS).value == Some(b"1");
    let trace_id = parse_field(carrier, TRACE_ID, trace_id)?;
    let span_id = parse_field(carrier, SPAN_ID, parse::span_id)?;
    let parent = parse_field(carrier, PARENT, hex::read)?.and_then(SpanId::from_u64);
    let sampling = parse_field(carrier, SAMPLED, multi_state)?.unwrap_or_default();
    let sampling = if is_debug { Sampling::Debug } else { sampling };
    match (trace_id, span_id) {
        (Some(trace_id), Some(span_id)) => Ok(Some(remote_context(trace_id, span_id, sampling, parent))),
        (None, None) if sampling == Sampling::Defer => Ok(None),
        (None, None) => Ok(Some(Context::default().with_sampling(sampling))),
        (Some(_), None) => Err((TRACE_ID, ExtractErrorKind::Incomplete)),
        (None, Some(_)) => Err((SPAN_ID, ExtractErrorKind::Incomplete)),
    }
}

/// Returns the parsed value of a field, or `None` if the header is absent.
fn parse_field<T>(
    carrier: &dyn TextMapReader,
    name: &'static str,
    parse: impl FnOnce(&[u8]) -> Option<T>,
) -> Result<Option<T>, (&'static str, ExtractErrorKind)> {
    match single_value(carrier, name).value {
        None => Ok(None),
        Some(value) => parse(value).map(Some).ok_or((name, ExtractErrorKind::Malformed)),
    }
}

fn trace_id(digits: &[u8]) -> Option<TraceId> {
    if digits.len() == 16 { TraceId::from_halves(0, hex::read(digits)?) } else { parse::trace_id(digits) }
}

fn single_state(state: &[u8]) -> Option<Sampling> {
    match state {
        b"0" => Some(Sampling::Drop),
        b"1" => Some(Sampling::Record),
        b"d" => Some(Sampling::Debug),
        _ => None,
    }
}

/// Parses `x-b3-sampled`. The specification allows receivers to accept the older values `true` and `false`.
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

    fn injected(propagator: B3, context: &Context) -> Vec<(String, String)> {
        let mut carrier =
            propagator.fields().iter().map(|name| (name.to_uppercase(), "stale".to_owned())).collect();
        propagator.inject(context, &mut carrier);
        carrier
    }

    fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn decision_without_ids_is_injected_and_stale_headers_are_removed() {
        for (sampling, single, multi) in [
            (Sampling::Drop, "0", (SAMPLED, "0")),
            (Sampling::Record, "1", (SAMPLED, "1")),
            (Sampling::Debug, "d", (FLAGS, "1")),
        ] {
            let decision = Context::default().with_sampling(sampling);
            assert_eq!(injected(B3::single(), &decision), owned(&[(SINGLE, single)]));
            assert_eq!(injected(B3::multi(), &decision), owned(&[multi]));
            assert_eq!(injected(B3::both(), &decision), owned(&[(SINGLE, single), multi]));
        }
        for propagator in [B3::single(), B3::multi(), B3::both()] {
            assert_eq!(injected(propagator, &Context::default()), []);
        }
    }

    #[test]
    fn context_without_a_span_id_injects_only_the_decision() {
        let context = Context::of_trace(TraceId::from_u128(1).unwrap(), Sampling::Drop)
            .with_parent_span_id(SpanId::from_u64(3));
        assert_eq!(injected(B3::both(), &context), owned(&[(SINGLE, "0"), (SAMPLED, "0")]));
    }

    #[test]
    fn longest_header_fits_into_the_buffer() {
        let (trace, span) = (TraceId::from_u128(u128::MAX).unwrap(), SpanId::from_u64(u64::MAX).unwrap());
        let context = remote_context(trace, span, Sampling::Debug, Some(span));
        let carrier = injected(B3::single(), &context);
        assert_eq!(carrier[0].1.len(), 68);
        assert_eq!(Extracted::read(&B3::single(), &carrier).into_context(), context);
    }
}

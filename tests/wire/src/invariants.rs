//! Invariants of every wire format, for any content of a carrier.

use anytrace_api::{
    Baggage, Context, TraceContext,
    propagation::{Binary, Composite, Extracted, Jaeger, Propagator, TextMapReader, XRay},
};

use crate::{CountingReader, StrictCarrier};

/// The maximum number of errors per carrier: at most one for each field and kind of error.
const MAX_ERRORS: usize = 24;

/// The maximum number of lookups per carrier: one for each field, independently of the number of headers.
const MAX_LOOKUPS: usize = 16;

/// Returns a composite of all formats, by the names that applications use.
///
/// # Panics
///
/// Panics if a name is unknown.
pub fn all_formats() -> Composite {
    Composite::named("tracecontext,baggage,b3,b3multi,jaeger,xray").expect("known names")
}

/// Extracts a context from `carrier`, injects it, and extracts the result again.
///
/// # Panics
///
/// Panics if an invariant is broken: an incomplete context, an invalid header, more lookups than fields, or a different
/// context on the second extraction.
pub fn check_text(format: &dyn Propagator, carrier: &dyn TextMapReader) {
    read_twice(format, carrier);
}

/// Checks a single format like [`check_text`], and that the second extraction also keeps its own fields.
///
/// # Panics
///
/// Panics if an invariant is broken.
pub fn check_single_format(format: &dyn Propagator, carrier: &dyn TextMapReader) {
    let (found, written, again) = read_twice(format, carrier);
    let (found, again) = (found.context(), again.context());
    if found.trace_id().is_some() {
        assert_eq!(again.sampling(), found.sampling(), "{written:?}");
    }
    assert_eq!(again.trace_state(), found.trace_state());
    assert_eq!(Jaeger::is_firehose(again), Jaeger::is_firehose(found));
    assert_eq!(XRay::other_fields(again), XRay::other_fields(found));
    let mut twice = StrictCarrier::default();
    format.inject(again, &mut twice);
    assert_eq!(twice, written);
}

fn read_twice(format: &dyn Propagator, carrier: &dyn TextMapReader) -> (Extracted, StrictCarrier, Extracted) {
    let (found, written) = read_and_write(format, carrier);
    let again = Extracted::read(format, &written.0);
    assert_eq!(again.errors(), [], "{written:?}");
    let (first, second) = (found.context(), again.context());
    // A format that cannot represent a trace id without a span id injects neither.
    if first.ids().is_some() {
        assert_eq!(first.ids(), second.ids());
    }
    assert_eq!(first.baggage(), second.baggage());
    assert_eq!(Jaeger::debug_id(second), None, "a debug id is not propagated");
    (found, written, again)
}

fn read_and_write(format: &dyn Propagator, carrier: &dyn TextMapReader) -> (Extracted, StrictCarrier) {
    let counting = CountingReader::new(carrier);
    let found = Extracted::read(format, &counting);
    assert!(counting.lookups() <= MAX_LOOKUPS, "{}", counting.lookups());
    assert!(found.errors().len() <= MAX_ERRORS, "{:?}", found.errors());
    assert_whole(found.context());
    let mut written = StrictCarrier::default();
    format.inject(found.context(), &mut written);
    for (name, value) in &written.0 {
        assert!(format.fields().contains(&name.as_str()) || name.starts_with("uberctx-"), "{name}");
        assert!(value.len() <= 3 * Baggage::BYTES, "{name}");
    }
    (found, written)
}

/// Decodes a context from `bytes`, encodes it, and decodes the result again.
///
/// # Panics
///
/// Panics if an invariant is broken: an incomplete context, bytes neither consumed nor left, or a different context on
/// the second decoding.
pub fn check_bytes(bytes: &[u8]) {
    let mut remaining = bytes;
    let found = Binary::take_from(&mut remaining);
    assert!(bytes.ends_with(remaining) && found.errors().len() <= MAX_ERRORS);
    assert_whole(found.context());
    let consumed = &bytes[..bytes.len() - remaining.len()];
    assert_eq!(Binary::from_bytes(consumed).context(), found.context());
    if !remaining.is_empty() {
        assert!(Binary::from_bytes(bytes).is_empty(), "trailing bytes are rejected");
    }
    let mut again = b"before".to_vec();
    Binary::append_to(found.context(), &mut again);
    let again = Binary::from_bytes(again.strip_prefix(b"before").expect("append_to keeps the prefix"));
    assert_eq!((again.context(), again.errors()), (found.context(), &[][..]));
}

/// Checks that a context is complete: a span id needs a trace id, and trace state and flags need ids.
fn assert_whole(context: &Context) {
    let of_trace = context.trace_id().is_some();
    assert!(context.span_id().is_none() || of_trace);
    assert!(context.parent_span_id().is_none() || context.ids().is_some());
    assert!(context.trace_state().is_empty() || of_trace);
    assert_eq!(context.is_remote(), of_trace);
    assert!(of_trace || !context.is_random());
}

//! What holds of every format, whatever a carrier has in it.

use anytrace_api::{
    Baggage, Context, TraceContext,
    propagation::{Binary, Composite, Extracted, Jaeger, Propagator, TextMapReader, XRay},
};

use crate::{Clean, Counting};

/// More than the formats have fields and ways to be wrong: there is one fault at most for each.
const FAULTS: usize = 24;

/// A walk over the carrier for each field, and no more, however many headers there are.
const QUESTIONS: usize = 16;

/// All formats at once, as an application can name them.
///
/// # Panics
///
/// When they cannot be named.
pub fn all_formats() -> Composite {
    Composite::named("tracecontext,baggage,b3,b3multi,jaeger,xray").expect("these are the names")
}

/// Reads `carrier`, writes what was found, and reads that again.
///
/// # Panics
///
/// When a law does not hold: half a context, a header that is not clean, more walks over the carrier than fields, or
/// something else on the second reading.
pub fn of_text(format: &dyn Propagator, carrier: &dyn TextMapReader) {
    read_twice(format, carrier);
}

/// As [`of_text`], for a format by itself: nothing that it knows is lost on the second reading.
///
/// # Panics
///
/// When a law does not hold.
pub fn of_one_format(format: &dyn Propagator, carrier: &dyn TextMapReader) {
    let (found, written, again) = read_twice(format, carrier);
    let (found, again) = (found.context(), again.context());
    if found.trace_id().is_some() {
        assert_eq!(again.sampling(), found.sampling(), "{written:?}");
    }
    assert_eq!(again.trace_state(), found.trace_state());
    assert_eq!(Jaeger::is_firehose(again), Jaeger::is_firehose(found));
    assert_eq!(XRay::other_fields(again), XRay::other_fields(found));
    let mut twice = Clean::default();
    format.inject(again, &mut twice);
    assert_eq!(twice, written);
}

fn read_twice(format: &dyn Propagator, carrier: &dyn TextMapReader) -> (Extracted, Clean, Extracted) {
    let (found, written) = read_and_write(format, carrier);
    let again = Extracted::read(format, &written.0);
    assert_eq!(again.errors(), [], "{written:?}");
    let (one, other) = (found.context(), again.context());
    // A format without room for a trace that has no span sends nothing of it.
    if one.ids().is_some() {
        assert_eq!(one.ids(), other.ids());
    }
    assert_eq!(one.baggage(), other.baggage());
    assert_eq!(Jaeger::debug_id(other), None, "a debug id is no business of those who are called");
    (found, written, again)
}

fn read_and_write(format: &dyn Propagator, carrier: &dyn TextMapReader) -> (Extracted, Clean) {
    let counting = Counting::new(carrier);
    let found = Extracted::read(format, &counting);
    assert!(counting.questions() <= QUESTIONS, "{}", counting.questions());
    assert!(found.errors().len() <= FAULTS, "{:?}", found.errors());
    assert_whole(found.context());
    let mut written = Clean::default();
    format.inject(found.context(), &mut written);
    for (name, value) in &written.0 {
        assert!(format.fields().contains(&name.as_str()) || name.starts_with("uberctx-"), "{name}");
        assert!(value.len() <= 3 * Baggage::BYTES, "{name}");
    }
    (found, written)
}

/// Reads `bytes`, writes what was found, and reads that again.
///
/// # Panics
///
/// When a law does not hold: half a context, bytes that were neither taken nor left, or something else on the second
/// reading.
pub fn of_bytes(bytes: &[u8]) {
    let mut rest = bytes;
    let found = Binary::take_from(&mut rest);
    assert!(bytes.ends_with(rest) && found.errors().len() <= FAULTS);
    assert_whole(found.context());
    let taken = &bytes[..bytes.len() - rest.len()];
    assert_eq!(Binary::from_bytes(taken).context(), found.context());
    if !rest.is_empty() {
        assert!(Binary::from_bytes(bytes).is_empty(), "with something behind it");
    }
    let mut again = b"before".to_vec();
    Binary::append_to(found.context(), &mut again);
    let again = Binary::from_bytes(again.strip_prefix(b"before").expect("it appends"));
    assert_eq!((again.context(), again.errors()), (found.context(), &[][..]));
}

/// No half of a context: a span has a trace, and what belongs to an identity is not there without one.
fn assert_whole(context: &Context) {
    let of_trace = context.trace_id().is_some();
    assert!(context.span_id().is_none() || of_trace);
    assert!(context.parent_span_id().is_none() || context.ids().is_some());
    assert!(context.trace_state().is_empty() || of_trace);
    assert_eq!(context.is_remote(), of_trace);
    assert!(of_trace || !context.is_random());
}

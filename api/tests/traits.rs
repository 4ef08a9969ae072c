//! The traits that are objects, and the types that may move to another thread.
#![allow(missing_docs, reason = "a test")]

use anytrace_api::{
    Baggage, Context, Operation, PolledSpan, Snapshot, SpanRef, StartedSpan, TraceContext, TracerHandle,
    Value,
    backend::{Span, Tracer},
    data::TraceState,
    future::InSpan,
    propagation::{Extracted, Propagator, TextMapReader, TextMapWriter},
};

fn travels<T: Send + Sync>() {}
fn sends<T: Send>() {}
fn copies<T: Copy>() {}

#[test]
fn the_traits_are_objects() {
    type Objects<'a> = (
        &'a dyn Tracer,
        &'a dyn Span,
        &'a dyn TraceContext,
        &'a dyn Propagator,
        &'a dyn TextMapReader,
        &'a mut dyn TextMapWriter,
    );
    assert_eq!(size_of::<Objects<'_>>(), 6 * 2 * size_of::<usize>());
}

#[test]
fn what_has_to_travel_does() {
    travels::<(SpanRef, StartedSpan, TracerHandle, Snapshot, Context, Baggage, TraceState, Extracted)>();
    travels::<(InSpan<()>, PolledSpan)>();
    sends::<Operation<'_>>();
    copies::<(Operation<'_>, Value<'_>)>();
}

#[test]
fn handles_are_small() {
    assert_eq!((size_of::<Context>(), size_of::<SpanRef>()), (40, 56));
    assert!(size_of::<StartedSpan>() <= 64);
}

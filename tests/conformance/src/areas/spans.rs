//! Starting spans, ids, parents and ends.

use std::collections::HashSet;

use anytrace_api::{
    self as trace, Context, EndReason, InstrumentationScope, Kind, Operation, Sampling, SpanId, TraceContext,
    TraceId,
};

use crate::areas::checks;
use crate::case::{Case, Checked, ensure, ensure_eq};

checks! { Spans:
    start_trace_starts_a_root [Recording];
    a_child_continues_the_trace_of_its_parent [Recording];
    a_grandchild_has_the_child_as_parent [Recording];
    join_trace_continues_the_trace_of_a_remote_parent [Recording];
    joining_an_empty_context_starts_a_trace [Recording];
    joining_an_empty_context_is_harmless [];
    trace_ids_are_unique [Recording];
    span_ids_are_unique [Recording];
    a_root_can_have_a_preset_trace_id [Recording, PresetTraceIds];
    a_span_can_have_a_preset_context [Recording, PresetContexts];
    the_recorded_ids_are_those_of_the_context [Recording];
    the_context_outlives_the_span [];
    a_child_of_a_finished_parent_is_recorded [Recording];
    kinds_are_recorded [Recording, Kinds];
    span_names_may_be_any_text [Recording];
    a_span_may_be_renamed_until_it_ends [Recording, Renaming];
    the_instrumentation_scope_is_recorded [Recording, InstrumentationScopes];
    dropping_the_owner_ends_the_span [Recording];
    the_end_reason_is_recorded [Recording, EndReasons];
    a_discarded_span_is_not_recorded [Recording, Discarding];
    a_reference_does_not_end_its_span [Recording];
    an_open_span_is_not_recorded_yet [Recording];
}

fn start_trace_starts_a_root(case: &Case) -> Checked {
    case.tracer().start_trace("root").finish();
    let root = case.span("root")?;
    ensure_eq!(root.parent, None, "the parent of a root");
    Ok(())
}

fn a_child_continues_the_trace_of_its_parent(case: &Case) -> Checked {
    let parent = case.tracer().start_trace("parent");
    parent.start_child("child").finish();
    parent.finish();
    let [parent, child] = case.spans(["parent", "child"])?;
    ensure_eq!(child.trace_id, parent.trace_id, "the trace of the child");
    ensure_eq!(child.parent, Some(parent.span_id), "the parent of the child");
    ensure!(child.span_id != parent.span_id, "the child has the id of its parent");
    Ok(())
}

fn a_grandchild_has_the_child_as_parent(case: &Case) -> Checked {
    let a = case.tracer().start_trace("a");
    let b = a.start_child("b");
    let c = b.start_child("c");
    let sibling = a.start_child("sibling");
    for span in [c, sibling, b, a] {
        span.finish();
    }
    let [a, b, c, sibling] = case.spans(["a", "b", "c", "sibling"])?;
    ensure_eq!((a.parent, b.parent), (None, Some(a.span_id)), "the parents of a and b");
    ensure_eq!(
        (c.parent, sibling.parent),
        (Some(b.span_id), Some(a.span_id)),
        "the parents of c and sibling"
    );
    Ok(())
}

/// Returns the context of a sampled caller in another process.
pub(crate) fn caller() -> Context {
    Context::remote(
        TraceId::from_u128(0x4bf9_2f35).unwrap(),
        SpanId::from_u64(0xf067_aa0b).unwrap(),
        Sampling::Record,
    )
}

fn join_trace_continues_the_trace_of_a_remote_parent(case: &Case) -> Checked {
    let caller = caller();
    case.tracer().join_trace("joined", &caller).finish();
    let joined = case.span("joined")?;
    ensure_eq!(Some(joined.trace_id), caller.trace_id(), "the trace");
    ensure_eq!(joined.parent, caller.span_id(), "the parent");
    Ok(())
}

fn joining_an_empty_context_starts_a_trace(case: &Case) -> Checked {
    case.tracer().join_trace("root", &Context::EMPTY).finish();
    ensure_eq!(case.span("root")?.parent, None, "the parent of a root");
    Ok(())
}

fn joining_an_empty_context_is_harmless(case: &Case) -> Checked {
    let span = case.tracer().join_trace("root", &Context::EMPTY);
    let child = span.start_child("child");
    ensure_eq!(child.trace_id(), span.trace_id(), "the trace of the child");
    Ok(())
}

fn trace_ids_are_unique(case: &Case) -> Checked {
    let ids: HashSet<_> = (0..1000).map(|_| case.tracer().start_trace("root").trace_id()).collect();
    ensure_eq!(ids.len(), 1000, "the number of different trace ids of 1000 traces");
    Ok(())
}

fn span_ids_are_unique(case: &Case) -> Checked {
    let root = case.tracer().start_trace("root");
    let ids: HashSet<_> = (0..1000).map(|_| root.start_child("child").span_id()).collect();
    ensure_eq!(ids.len(), 1000, "the number of different span ids of 1000 children");
    ensure!(!ids.contains(&root.span_id()), "a child has the id of its parent");
    Ok(())
}

fn a_root_can_have_a_preset_trace_id(case: &Case) -> Checked {
    let id = TraceId::from_u128(0xacce_5511).unwrap();
    case.tracer().join_trace("root", &Context::of_trace(id, Sampling::Record)).finish();
    let root = case.span("root")?;
    ensure_eq!((root.trace_id, root.parent), (id, None), "the trace and the parent");
    Ok(())
}

fn a_span_can_have_a_preset_context(case: &Case) -> Checked {
    let (parent, original) = (caller(), caller().child(SpanId::from_u64(0xc0b1).unwrap(), Sampling::Record));
    case.tracer().join_trace(Operation::internal("copy").preset_context(&original), &parent).finish();
    let copy = case.span("copy")?;
    ensure_eq!((Some(copy.trace_id), Some(copy.span_id)), original.ids().unzip(), "the ids of the copy");
    ensure_eq!(copy.parent, parent.span_id(), "the parent of the copy");
    Ok(())
}

fn the_recorded_ids_are_those_of_the_context(case: &Case) -> Checked {
    let span = case.tracer().start_trace("span");
    let context = span.context().clone();
    span.finish();
    let recorded = case.span("span")?;
    ensure_eq!(context.ids(), Some((recorded.trace_id, recorded.span_id)), "the ids of the context");
    ensure!(!context.is_remote(), "the context of a local span is marked as remote");
    Ok(())
}

fn the_context_outlives_the_span(case: &Case) -> Checked {
    let span = case.tracer().join_trace("span", &caller());
    let (reference, before) = (span.reference(), span.context().clone());
    span.finish();
    ensure_eq!(reference.context(), &before, "the context after the end");
    ensure_eq!(before.trace_id(), caller().trace_id(), "the trace");
    Ok(())
}

fn a_child_of_a_finished_parent_is_recorded(case: &Case) -> Checked {
    let parent = case.tracer().start_trace("parent");
    let reference = parent.reference();
    parent.finish();
    reference.start_child("child").finish();
    let [parent, child] = case.spans(["parent", "child"])?;
    ensure_eq!(child.parent, Some(parent.span_id), "the parent of the late child");
    Ok(())
}

fn kinds_are_recorded(case: &Case) -> Checked {
    for kind in [Kind::Internal, Kind::Server, Kind::Client, Kind::Producer, Kind::Consumer] {
        case.tracer().start_trace(Operation::new(kind.as_str().into(), kind)).finish();
    }
    for span in case.recorded() {
        ensure_eq!(span.kind.as_str(), span.name, "the kind");
    }
    ensure_eq!(case.recorded().len(), 5, "the number of recorded spans");
    Ok(())
}

fn span_names_may_be_any_text(case: &Case) -> Checked {
    let names = ["größe 測 🦀", "a\nb\t\"c\"\\", "{\"a\": 1}", "' or 1=1 --", "\u{1}\u{7f}"];
    for name in names {
        case.tracer().start_trace(trace::Name::copied(name)).finish();
    }
    case.spans(names).map(|_| ())
}

fn a_span_may_be_renamed_until_it_ends(case: &Case) -> Checked {
    let span = case.tracer().start_trace("unknown");
    span.set_name("first").set_name("get /users");
    span.finish();
    case.span("get /users").map(|_| ())
}

fn the_instrumentation_scope_is_recorded(case: &Case) -> Checked {
    static SCOPE: InstrumentationScope = InstrumentationScope::new("bookshop", "1.2.3");
    case.tracer().start_trace(Operation::internal("span").instrumentation_scope(&SCOPE)).finish();
    let span = case.span("span")?;
    ensure_eq!(
        span.instrumentation_scope,
        Some(("bookshop".to_owned(), "1.2.3".to_owned())),
        "the instrumentation scope"
    );
    Ok(())
}

fn dropping_the_owner_ends_the_span(case: &Case) -> Checked {
    drop(case.tracer().start_trace("dropped"));
    case.span("dropped").map(|_| ())
}

fn the_end_reason_is_recorded(case: &Case) -> Checked {
    let endings = [EndReason::Finished, EndReason::Dropped, EndReason::Panicked, EndReason::Cancelled];
    for how in endings {
        case.tracer().start_trace(how.as_str()).finish_as(how);
    }
    for span in case.spans(endings.map(EndReason::as_str))? {
        ensure_eq!(span.end_reason.as_str(), span.name, "the end reason");
    }
    Ok(())
}

fn a_discarded_span_is_not_recorded(case: &Case) -> Checked {
    let span = case.tracer().start_trace("span");
    span.start_child("discarded").discard();
    span.finish();
    case.span("span").map(|_| ())
}

fn a_reference_does_not_end_its_span(case: &Case) -> Checked {
    let span = case.tracer().start_trace("span");
    drop((span.reference(), span.reference().clone()));
    case.no_spans()?;
    span.finish();
    case.span("span").map(|_| ())
}

fn an_open_span_is_not_recorded_yet(case: &Case) -> Checked {
    let span = case.tracer().start_trace("span");
    case.no_spans()?;
    span.finish();
    case.span("span").map(|_| ())
}

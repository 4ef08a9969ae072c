//! Links to other spans.

use std::{mem, sync::mpsc, thread, time::Duration};

use anytrace_api::{
    self as trace, Context, Link, Operation, Sampling, SpanId, SpanRef, StartedSpan, TraceContext, TraceId,
    tags,
};

use crate::areas::{checks, events::shown, spans::caller};
use crate::{
    Capability, RecordedSpan,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Events:
    links_can_be_set_at_start_and_later [Recording, Links];
    links_have_tags [Recording, Links];
    a_link_can_point_to_any_span [Recording, Links];
    a_link_does_not_become_the_parent [Recording];
    a_link_to_an_empty_context_is_harmless [];
    a_linked_context_may_use_the_tracer [];
    any_number_of_links_is_harmless [];
    links_over_the_limit_are_counted [Recording, Links, Limits];
}

/// Returns the context of span `n` in another trace of another process.
fn other(n: u64) -> Context {
    let (trace, span) = (TraceId::from_halves(9, n).unwrap(), SpanId::from_u64(n).unwrap());
    Context::remote(trace, span, Sampling::Record)
}

/// Checks the targets of the links, in any order.
fn ensure_links(span: &RecordedSpan, to: &[&Context]) -> Checked {
    let mut recorded: Vec<_> = span.links.iter().map(|link| Some((link.trace_id, link.span_id))).collect();
    let mut expected: Vec<_> = to.iter().map(|to| to.ids()).collect();
    recorded.sort_unstable();
    expected.sort_unstable();
    ensure_eq!(recorded, expected, "the targets of the links of {:?}", span.name);
    Ok(())
}

fn links_can_be_set_at_start_and_later(case: &Case) -> Checked {
    let others = [1, 2, 3, 4].map(other);
    let first = [Link::to(&others[0]), Link::to(&others[1])];
    let span = case.tracer().start_trace(Operation::consumer("span").links(&first));
    span.link(Link::to(&others[2])).in_scope(|| trace::link(Link::to(&others[3])));
    span.finish();
    ensure_links(&case.span("span")?, &others.iter().collect::<Vec<_>>())
}

fn links_have_tags(case: &Case) -> Checked {
    let (first, later) = (tags! { "batch" => 1 }, tags! { "batch" => 2, "why" => "retry" });
    let others = [1, 2, 3].map(other);
    let links = [Link::to(&others[0]).tags(&first)];
    let span = case.tracer().start_trace(Operation::internal("span").links(&links));
    span.link(Link::to(&others[1]).tags(&later)).link(Link::to(&others[2]));
    span.finish();
    let span = case.span("span")?;
    ensure_links(&span, &others.iter().collect::<Vec<_>>())?;
    for link in &span.links {
        let (batch, why) = (shown(&link.tags, "batch"), shown(&link.tags, "why"));
        let expected = match link.span_id.to_u64() {
            1 => (Some("1"), None),
            2 => (Some("2"), Some("retry")),
            _ => (None, None),
        };
        ensure_eq!((batch.as_deref(), why.as_deref()), expected, "the tags of the link to {}", link.span_id);
    }
    Ok(())
}

/// The target may be of this tracer or another, open or finished, in this trace or another, recorded or not.
fn a_link_can_point_to_any_span(case: &Case) -> Checked {
    let ended = case.tracer().start_trace("ended");
    let ended_reference = ended.reference();
    ended.finish();
    let open = case.tracer().start_trace("open");
    let unsampled = other(5).with_sampling(Sampling::Drop);
    let foreign = other(6).decided(Sampling::Record);
    let carrying = other(7).with_baggage("key", "value").map_err(|error| error.to_string())?;
    let all: [&dyn TraceContext; 5] = [&ended_reference, &open, &unsampled, &foreign, &carrying];
    let span = open.start_child("span");
    for to in all {
        span.link(Link::to(to));
    }
    let expected = all.map(|to| to.context().clone());
    span.finish();
    open.finish();
    let [span, _, _] = case.spans(["span", "ended", "open"])?;
    ensure_links(&span, &expected.each_ref())
}

fn a_link_does_not_become_the_parent(case: &Case) -> Checked {
    let other = other(1);
    let links = [Link::to(&other)];
    case.tracer().start_trace(Operation::internal("span").links(&links)).link(Link::to(&other));
    let span = case.span("span")?;
    ensure_eq!(span.parent, None, "the parent of a root with links");
    ensure!(Some(span.trace_id) != other.trace_id(), "a root with links is in the trace of a link");
    Ok(())
}

fn a_link_to_an_empty_context_is_harmless(case: &Case) -> Checked {
    let nothing = [
        Context::EMPTY,
        Context::EMPTY.with_sampling(Sampling::Debug),
        Context::EMPTY.with_baggage("key", "value").map_err(|error| error.to_string())?,
    ];
    let links = nothing.each_ref().map(|to| Link::to(to));
    let span = case.tracer().join_trace(Operation::internal("span").links(&links), &caller());
    for link in links {
        span.link(link);
    }
    span.link(Link::to(&SpanRef::none()));
    span.finish();
    if case.can(Capability::Recording) {
        ensure_links(&case.span("span")?, &[])?;
    }
    Ok(())
}

/// Runs `work` with a time limit: a backend that calls it while holding the span's lock would deadlock.
fn ensure_returns(span: StartedSpan, work: impl FnOnce() + Send + 'static) -> Checked {
    let (done, is_done) = mpsc::channel();
    thread::spawn(move || {
        work();
        // The receiver is gone after a timeout.
        let _ = done.send(());
    });
    if is_done.recv_timeout(Duration::from_secs(10)).is_err() {
        // Dropping the span would deadlock too.
        mem::forget(span);
        return Err("linking panics, or never returns".to_owned());
    }
    span.finish();
    Ok(())
}

fn a_linked_context_may_use_the_tracer(case: &Case) -> Checked {
    struct Talkative(SpanRef);
    impl TraceContext for Talkative {
        fn context(&self) -> &Context {
            self.0.set_tag("asked", true).event("asked").start_child("asked").finish();
            self.0.context()
        }
    }
    let span = case.tracer().join_trace("span", &caller());
    let reference = span.reference();
    ensure_returns(span, move || {
        let to = Talkative(reference.clone());
        let links = [Link::to(&to)];
        reference.link(links[0]).start_child(Operation::internal("linked").links(&links)).finish();
    })
}

fn any_number_of_links_is_harmless(case: &Case) -> Checked {
    let others: Vec<_> = (1..=10_000).map(other).collect();
    let links: Vec<_> = others.iter().map(|to| Link::to(to)).collect();
    let span = case.tracer().join_trace(Operation::internal("span").links(&links), &caller());
    for link in links {
        span.link(link);
    }
    span.finish();
    ensure!(!case.can(Capability::Recording) || case.recorded().len() == 1, "the span is not recording");
    Ok(())
}

fn links_over_the_limit_are_counted(case: &Case) -> Checked {
    const GIVEN: u32 = 2000;
    let others: Vec<_> = (1..=GIVEN.into()).map(other).collect();
    let (first, later) = others.split_at(others.len() / 2);
    let links: Vec<_> = first.iter().map(|to| Link::to(to)).collect();
    let span = case.tracer().start_trace(Operation::internal("span").links(&links));
    for to in later {
        span.link(Link::to(to));
    }
    span.finish();
    let span = case.span("span")?;
    let recorded = span.links.len();
    ensure_eq!(
        recorded + span.dropped_links as usize,
        GIVEN as usize,
        "the number of recorded ({recorded}) and dropped links"
    );
    Ok(())
}

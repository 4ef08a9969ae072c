//! Guards: the newest open guard decides, in whichever order guards are dropped.

use std::mem;

use anytrace_api::{self as trace, PolledSpan, Scope, Snapshot, SpanRef, StartedSpan, TracerHandle};

use crate::areas::{
    checks,
    current::{is_current, no_span_is_current, request},
    other_tracer::OtherTracer,
};
use crate::{
    Capability,
    case::{Case, Checked, ensure_eq},
};

checks! { Current:
    guards_may_be_dropped_in_any_order [];
    the_newest_open_guard_decides_the_current_span [];
    guards_of_every_kind_may_be_dropped_in_any_order [];
    owning_scopes_end_their_spans_in_any_drop_order [Recording];
    new_spans_are_children_of_the_newest_open_scope [Recording];
    an_owning_scope_ends_its_span [Recording];
    a_borrowing_scope_does_not_end_its_span [Recording];
    a_span_stays_open_after_leaving_its_scope [Recording];
    a_forgotten_guard_is_removed_at_the_end_of_its_closure [];
    a_forgotten_owning_scope_is_harmless [Recording];
    a_guard_that_outlives_its_closure_is_harmless [];
}

/// Returns every permutation of `count` indices.
fn permutations(count: usize) -> Vec<Vec<usize>> {
    let Some(last) = count.checked_sub(1) else { return vec![Vec::new()] };
    let positions = permutations(last)
        .into_iter()
        .flat_map(|order| (0..=last).map(move |position| (order.clone(), position)));
    let with_last = |(mut order, position): (Vec<usize>, usize)| {
        order.insert(position, last);
        order
    };
    positions.map(with_last).collect()
}

/// Checks that the span of the newest open guard is current, or no span if all guards are dropped.
fn newest_is_current<G>(spans: &[StartedSpan], guards: &[Option<G>], when: &str) -> Checked {
    match guards.iter().rposition(Option::is_some) {
        Some(newest) => is_current(&spans[newest], when),
        None => no_span_is_current(when),
    }
}

fn guards_may_be_dropped_in_any_order(case: &Case) -> Checked {
    for order in permutations(3) {
        let spans = [1, 2, 3].map(|number| request(case, number));
        let mut guards: Vec<Option<Scope>> = spans.iter().map(|span| Some(span.enter())).collect();
        newest_is_current(&spans, &guards, "before the first guard is dropped")?;
        for &which in &order {
            guards[which] = None;
            newest_is_current(
                &spans,
                &guards,
                &format!("with drop order {order:?}, after dropping {which}"),
            )?;
        }
    }
    Ok(())
}

fn the_newest_open_guard_decides_the_current_span(case: &Case) -> Checked {
    let spans: Vec<StartedSpan> = (1..=8).map(|number| request(case, number)).collect();
    let mut open: Vec<(usize, Scope)> = Vec::new();
    let mut random = 1_u64;
    for step in 0..1000 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let choice = (random >> 33) as usize;
        // Guards are opened and dropped equally often, so the depth of the stack varies.
        if open.is_empty() || choice % 2 == 0 {
            let which = choice / 2 % spans.len();
            open.push((which, spans[which].enter()));
        } else {
            drop(open.remove(choice / 2 % open.len()));
        }
        let when = format!("after step {step}");
        match open.last() {
            Some((newest, _)) => is_current(&spans[*newest], &when)?,
            None => no_span_is_current(&when)?,
        }
    }
    drop(open);
    no_span_is_current("after all of them")
}

fn guards_of_every_kind_may_be_dropped_in_any_order(case: &Case) -> Checked {
    let (outer, inner) = (request(case, 1), request(case, 2));
    for order in permutations(4) {
        let other_tracer = OtherTracer::default();
        let [a, b] = [outer.enter(), trace::tracer_scope(&other_tracer.handle())].map(Some);
        let [c, d] = [trace::suppression::suppressed_scope(), inner.enter()].map(Some);
        let mut guards = [a, b, c, d];
        for &which in &order {
            guards[which] = None;
            let [outer_open, is_scoped, suppressed, inner_open] = guards.each_ref().map(Option::is_some);
            let when = format!("with drop order {order:?}, after dropping {which}");
            match (inner_open, is_scoped, outer_open) {
                (true, ..) => is_current(&inner, &when)?,
                (false, false, true) => is_current(&outer, &when)?,
                (false, ..) => no_span_is_current(&when)?,
            }
            let before = other_tracer.started().len();
            let recording = trace::start_trace("probe").is_recording();
            let is_called = other_tracer.started().len() > before;
            ensure_eq!(is_called, is_scoped && !suppressed, "whether the scoped tracer is called {when}");
            let recorded = !suppressed && (is_scoped || case.can(Capability::Recording));
            ensure_eq!(recording, recorded, "is_recording of a new span {when}");
        }
    }
    no_span_is_current("after all of them")
}

fn owning_scopes_end_their_spans_in_any_drop_order(case: &Case) -> Checked {
    for order in permutations(3) {
        let before = case.recorded().len();
        let mut scopes = ["a", "b", "c"].map(|name| Some(trace::start_trace(name).entered()));
        for (nth, which) in order.iter().copied().enumerate() {
            let id = scopes[which].take().and_then(|scope| scope.span_id());
            let recorded = case.recorded();
            ensure_eq!(
                recorded.len(),
                before + nth + 1,
                "the number of ended spans with drop order {order:?}"
            );
            let there = recorded.iter().any(|span| Some(span.span_id) == id);
            ensure_eq!(there, true, "whether span {which} is recorded with drop order {order:?}");
        }
        no_span_is_current("after all of them")?;
    }
    Ok(())
}

fn new_spans_are_children_of_the_newest_open_scope(case: &Case) -> Checked {
    let a = trace::start_span("a").entered();
    let b = trace::start_span("b").entered();
    drop(a);
    trace::start_span("under b").finish();
    drop(b);
    trace::start_span("root").finish();
    let [a, b, under, root] = case.spans(["a", "b", "under b", "root"])?;
    ensure_eq!(
        (b.parent, under.parent),
        (Some(a.span_id), Some(b.span_id)),
        "the parents of b and its child"
    );
    ensure_eq!(root.parent, None, "the parent of a span started after all scopes");
    Ok(())
}

fn an_owning_scope_ends_its_span(case: &Case) -> Checked {
    let outer = trace::start_span("outer").entered();
    let inner = trace::start_span("inner").entered();
    case.no_spans()?;
    drop(inner);
    case.span("inner")?;
    outer.finish();
    no_span_is_current("after both")?;
    let [outer, inner] = case.spans(["outer", "inner"])?;
    ensure_eq!(inner.parent, Some(outer.span_id), "the parent of the inner span");
    if case.can(Capability::EndReasons) {
        let end_reasons = (inner.end_reason.as_str(), outer.end_reason.as_str());
        ensure_eq!(end_reasons, ("dropped", "finished"), "the end reasons");
    }
    Ok(())
}

fn a_borrowing_scope_does_not_end_its_span(case: &Case) -> Checked {
    let span = trace::start_span("span");
    drop(span.enter());
    span.in_scope(|| ());
    drop(PolledSpan::from(span.reference()));
    case.no_spans()?;
    span.finish();
    case.span("span").map(|_| ())
}

fn a_span_stays_open_after_leaving_its_scope(case: &Case) -> Checked {
    let scope = trace::start_span("span").entered();
    let span = scope.leave();
    no_span_is_current("after the span left its scope")?;
    case.no_spans()?;
    span.start_child("child").finish();
    span.finish();
    let [span, child] = case.spans(["span", "child"])?;
    ensure_eq!(child.parent, Some(span.span_id), "the parent of a span started after leaving the scope");
    Ok(())
}

fn a_forgotten_guard_is_removed_at_the_end_of_its_closure(case: &Case) -> Checked {
    let (outer, forgotten) = (request(case, 1), request(case, 2));
    let forget = || mem::forget(forgotten.enter());
    let here = outer.in_scope(Snapshot::here);
    let mut carried = PolledSpan::from(request(case, 3));
    let closures: [(&str, &mut dyn FnMut()); 8] = [
        ("in_scope", &mut || request(case, 3).in_scope(forget)),
        ("run", &mut || request(case, 3).run(forget)),
        ("in_scope of an empty span", &mut || SpanRef::none().in_scope(forget)),
        ("with_tracer", &mut || trace::with_tracer(&TracerHandle::none(), forget)),
        ("suppressed", &mut || trace::suppression::suppressed(forget)),
        ("carry", &mut || trace::carry(forget)()),
        ("Snapshot::run", &mut || here.run(forget)),
        // The forgotten guard stays for the next run, and is inactive in between.
        ("PolledSpan::run", &mut || carried.run(forget)),
    ];
    outer.in_scope(|| {
        for (which, closure) in closures {
            closure();
            is_current(&outer, &format!("after {which}"))?;
        }
        Ok::<_, String>(())
    })?;
    no_span_is_current("after all of them")
}

fn a_forgotten_owning_scope_is_harmless(case: &Case) -> Checked {
    trace::start_span("outer").run(|| mem::forget(trace::start_span("lost").entered()));
    no_span_is_current("after the closure")?;
    trace::start_span("next").finish();
    let [_, next] = case.spans(["outer", "next"])?;
    ensure_eq!(next.parent, None, "the parent of the next span");
    Ok(())
}

fn a_guard_that_outlives_its_closure_is_harmless(case: &Case) -> Checked {
    let [outer, inner, newer] = [1, 2, 3].map(|number| request(case, number));
    let guard = outer.in_scope(|| inner.enter());
    no_span_is_current("after the closure")?;
    let scope = newer.enter();
    drop(guard);
    is_current(&newer, "after dropping the guard")?;
    drop(scope);
    no_span_is_current("after all of them")
}

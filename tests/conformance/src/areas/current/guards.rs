//! Guards: the newest that is open decides, in whatever order they go.

use std::mem;

use anytrace_api::{self as trace, PolledSpan, Scope, Snapshot, SpanRef, StartedSpan, TracerHandle};

use crate::areas::{
    checks,
    current::{is_current, nothing_is_current, request},
    neighbour::Neighbour,
};
use crate::{
    Capability,
    case::{Case, Checked, ensure_eq},
};

checks! { Current:
    guards_may_be_dropped_in_any_order [];
    many_guards_that_come_and_go_leave_the_newest_current [];
    guards_of_every_kind_may_be_dropped_in_any_order [];
    scopes_that_own_their_spans_end_them_in_any_order [Recording];
    children_hang_on_the_newest_open_scope [Recording];
    a_scope_that_owns_its_span_ends_it [Recording];
    a_scope_that_does_not_own_its_span_does_not_end_it [Recording];
    a_span_may_leave_its_scope_and_go_on [Recording];
    a_forgotten_guard_is_healed_at_the_end_of_its_closure [];
    a_forgotten_owner_ends_nothing_and_harms_nobody [Recording];
    a_guard_that_outlives_its_closure_is_harmless [];
}

/// Every order of so many.
fn orders(of: usize) -> Vec<Vec<usize>> {
    let Some(last) = of.checked_sub(1) else { return vec![Vec::new()] };
    let places =
        orders(last).into_iter().flat_map(|order| (0..=last).map(move |place| (order.clone(), place)));
    let with_last = |(mut order, place): (Vec<usize>, usize)| {
        order.insert(place, last);
        order
    };
    places.map(with_last).collect()
}

/// The newest of those whose guards are open is current, if there is one.
fn newest_is_current<G>(spans: &[StartedSpan], guards: &[Option<G>], when: &str) -> Checked {
    match guards.iter().rposition(Option::is_some) {
        Some(newest) => is_current(&spans[newest], when),
        None => nothing_is_current(when),
    }
}

fn guards_may_be_dropped_in_any_order(case: &Case) -> Checked {
    for order in orders(3) {
        let spans = [1, 2, 3].map(|number| request(case, number));
        let mut guards: Vec<Option<Scope>> = spans.iter().map(|span| Some(span.enter())).collect();
        newest_is_current(&spans, &guards, "before the first goes")?;
        for &which in &order {
            guards[which] = None;
            newest_is_current(&spans, &guards, &format!("in the order {order:?} after {which}"))?;
        }
    }
    Ok(())
}

fn many_guards_that_come_and_go_leave_the_newest_current(case: &Case) -> Checked {
    let spans: Vec<StartedSpan> = (1..=8).map(|number| request(case, number)).collect();
    let mut open: Vec<(usize, Scope)> = Vec::new();
    let mut random = 1_u64;
    for step in 0..1000 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let choice = (random >> 33) as usize;
        // As many come as go, so that the stack is deep and shallow by turns.
        if open.is_empty() || choice % 2 == 0 {
            let which = choice / 2 % spans.len();
            open.push((which, spans[which].enter()));
        } else {
            drop(open.remove(choice / 2 % open.len()));
        }
        let when = format!("after step {step}");
        match open.last() {
            Some((newest, _)) => is_current(&spans[*newest], &when)?,
            None => nothing_is_current(&when)?,
        }
    }
    drop(open);
    nothing_is_current("after all of them")
}

fn guards_of_every_kind_may_be_dropped_in_any_order(case: &Case) -> Checked {
    let (below, above) = (request(case, 1), request(case, 2));
    for order in orders(4) {
        let neighbour = Neighbour::default();
        let [a, b] = [below.enter(), trace::tracer_scope(&neighbour.handle())].map(Some);
        let [c, d] = [trace::suppression::suppressed_scope(), above.enter()].map(Some);
        let mut guards = [a, b, c, d];
        for &which in &order {
            guards[which] = None;
            let [below_open, hidden, silent, above_open] = guards.each_ref().map(Option::is_some);
            let when = format!("in the order {order:?} after {which}");
            match (above_open, hidden, below_open) {
                (true, ..) => is_current(&above, &when)?,
                (false, false, true) => is_current(&below, &when)?,
                (false, ..) => nothing_is_current(&when)?,
            }
            let before = neighbour.started().len();
            let recording = trace::start_trace("probe").is_recording();
            let heard = neighbour.started().len() > before;
            ensure_eq!(heard, hidden && !silent, "whether the tracer of the scope is asked {when}");
            let recorded = !silent && (hidden || case.can(Capability::Recording));
            ensure_eq!(recording, recorded, "whether what starts is recorded {when}");
        }
    }
    nothing_is_current("after all of them")
}

fn scopes_that_own_their_spans_end_them_in_any_order(case: &Case) -> Checked {
    for order in orders(3) {
        let before = case.recorded().len();
        let mut scopes = ["a", "b", "c"].map(|name| Some(trace::start_trace(name).entered()));
        for (nth, which) in order.iter().copied().enumerate() {
            let id = scopes[which].take().and_then(|scope| scope.span_id());
            let recorded = case.recorded();
            ensure_eq!(recorded.len(), before + nth + 1, "how many have ended in the order {order:?}");
            let there = recorded.iter().any(|span| Some(span.span_id) == id);
            ensure_eq!(there, true, "whether the {which} is recorded in the order {order:?}");
        }
        nothing_is_current("after all of them")?;
    }
    Ok(())
}

fn children_hang_on_the_newest_open_scope(case: &Case) -> Checked {
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
    ensure_eq!(root.parent, None, "the parent of what starts after all scopes");
    Ok(())
}

fn a_scope_that_owns_its_span_ends_it(case: &Case) -> Checked {
    let outer = trace::start_span("outer").entered();
    let inner = trace::start_span("inner").entered();
    case.nothing()?;
    drop(inner);
    case.span("inner")?;
    outer.finish();
    nothing_is_current("after both")?;
    let [outer, inner] = case.spans(["outer", "inner"])?;
    ensure_eq!(inner.parent, Some(outer.span_id), "the parent of the inner one");
    if case.can(Capability::Endings) {
        let said = (inner.end_reason.as_str(), outer.end_reason.as_str());
        ensure_eq!(said, ("dropped", "finished"), "how they ended");
    }
    Ok(())
}

fn a_scope_that_does_not_own_its_span_does_not_end_it(case: &Case) -> Checked {
    let span = trace::start_span("span");
    drop(span.enter());
    span.in_scope(|| ());
    drop(PolledSpan::from(span.reference()));
    case.nothing()?;
    span.finish();
    case.span("span").map(|_| ())
}

fn a_span_may_leave_its_scope_and_go_on(case: &Case) -> Checked {
    let scope = trace::start_span("span").entered();
    let span = scope.leave();
    nothing_is_current("after it left")?;
    case.nothing()?;
    span.start_child("child").finish();
    span.finish();
    let [span, child] = case.spans(["span", "child"])?;
    ensure_eq!(child.parent, Some(span.span_id), "the parent of what started after it left");
    Ok(())
}

fn a_forgotten_guard_is_healed_at_the_end_of_its_closure(case: &Case) -> Checked {
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
        ("the run of a snapshot", &mut || here.run(forget)),
        // It is kept for the next run, and gone between them.
        ("the run of what is carried", &mut || carried.run(forget)),
    ];
    outer.in_scope(|| {
        for (which, closure) in closures {
            closure();
            is_current(&outer, &format!("after {which}"))?;
        }
        Ok::<_, String>(())
    })?;
    nothing_is_current("after all of them")
}

fn a_forgotten_owner_ends_nothing_and_harms_nobody(case: &Case) -> Checked {
    trace::start_span("outer").run(|| mem::forget(trace::start_span("lost").entered()));
    nothing_is_current("after the closure")?;
    trace::start_span("next").finish();
    let [_, next] = case.spans(["outer", "next"])?;
    ensure_eq!(next.parent, None, "the parent of what starts next");
    Ok(())
}

fn a_guard_that_outlives_its_closure_is_harmless(case: &Case) -> Checked {
    let [outer, inner, newer] = [1, 2, 3].map(|number| request(case, number));
    let kept = outer.in_scope(|| inner.enter());
    nothing_is_current("after the closure")?;
    let scope = newer.enter();
    drop(kept);
    is_current(&newer, "when the guard has gone")?;
    drop(scope);
    nothing_is_current("after all of them")
}

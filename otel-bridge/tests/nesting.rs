//! Nested spans of three APIs: this one, OpenTelemetry's and `tracing`.

mod common;

use std::{collections::HashMap, mem, pin::Pin, thread};

use anytrace_api::{self as trace, FutureExt as _, TraceContext, carry, current_ids, current_span};
use common::{World, yield_now};
use opentelemetry::{
    Context as OtelContext,
    trace::{FutureExt as _, TraceContextExt, Tracer as _},
};
use tracing::Instrument;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Api {
    Ours,
    Tracing,
    Raw,
}

const ALL: [Api; 3] = [Api::Ours, Api::Tracing, Api::Raw];

fn orders(layers: u32) -> impl Iterator<Item = Vec<Api>> {
    (0..3_usize.pow(layers)).map(move |n| (0..layers).map(|layer| ALL[n / 3_usize.pow(layer) % 3]).collect())
}

fn names(order: &[Api]) -> Vec<String> {
    order.iter().enumerate().map(|(n, api)| format!("{n} {api:?}")).collect()
}

/// Checks that each span is a child of the one before it.
fn check(world: &World, order: &[Api]) {
    let names = names(order);
    let mut expected: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(n, name)| format!("{}/{name}", if n == 0 { "" } else { &names[n - 1] }))
        .collect();
    expected.sort();
    assert_eq!(world.edges(), expected, "{order:?}");
}

/// Returns a generator of pseudo-random numbers below its argument, with a fixed seed.
fn random() -> impl FnMut(usize) -> usize {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    move |below| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below as u64).unwrap()
    }
}

fn raw_id() -> u64 {
    u64::from_be_bytes(OtelContext::current().span().span_context().span_id().to_bytes())
}

/// Checks that this API and OpenTelemetry have the same current span.
fn assert_same_current() {
    let ours = current_ids().map_or(0, |ids| ids.1.to_u64());
    assert_eq!(ours, raw_id(), "both APIs have the same current span");
}

fn nest(world: &World, names: &[String], order: &[Api]) {
    assert_same_current();
    let Some(api) = order.first() else { return };
    let name = names[0].clone();
    let inner = || nest(world, &names[1..], &order[1..]);
    match api {
        Api::Ours => trace::start_span(&name).run(inner),
        Api::Tracing => tracing::info_span!("span", otel.name = name).in_scope(inner),
        Api::Raw => {
            let span = world.raw.start_with_context(name, &OtelContext::current());
            let _guard = OtelContext::current_with_span(span).attach();
            inner();
        }
    }
    assert_same_current();
}

type Boxed<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

fn nest_async<'a>(world: &'a World, names: &'a [String], order: &'a [Api]) -> Boxed<'a> {
    Box::pin(async move {
        yield_now().await;
        assert_same_current();
        let Some(api) = order.first() else { return };
        let name = names[0].clone();
        let inner = nest_async(world, &names[1..], &order[1..]);
        match api {
            Api::Ours => {
                let span = trace::start_span(&name);
                inner.in_span(span).await;
            }
            Api::Tracing => {
                let span = tracing::info_span!("span", otel.name = name);
                inner.instrument(span).await;
            }
            Api::Raw => {
                let cx = OtelContext::current();
                let cx = cx.with_span(world.raw.start_with_context(name, &cx));
                inner.with_context(cx).await;
            }
        }
        yield_now().await;
        assert_same_current();
    })
}

#[test]
fn spans_nest_in_all_orders_of_three_layers() {
    for order in orders(3) {
        let world = World::new();
        world.run(|| nest(&world, &names(&order), &order));
        check(&world, &order);
    }
}

#[test]
fn spans_nest_in_all_orders_of_four_layers() {
    for order in orders(4) {
        let world = World::new();
        world.run(|| nest(&world, &names(&order), &order));
        check(&world, &order);
    }
}

#[test]
fn futures_nest_in_all_orders_with_each_poll_on_another_thread() {
    for order in orders(4) {
        let world = World::new();
        world.block_on(nest_async(&world, &names(&order), &order));
        check(&world, &order);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_tasks_keep_their_own_current_span() {
    let worlds: Vec<_> = orders(3).map(|order| (World::new(), order)).collect();
    let tasks: Vec<_> = worlds
        .iter()
        .cloned()
        .map(|(world, order)| {
            let handle = world.handle();
            let dispatch = world.dispatch.clone();
            let task = async move {
                let names = names(&order);
                nest_async(&world, &names, &order).await;
            };
            tokio::spawn(tracing::instrument::WithSubscriber::with_subscriber(
                task.with_tracer(&handle),
                dispatch,
            ))
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    for (world, order) in &worlds {
        check(world, order);
    }
}

#[test]
fn spans_nest_in_all_orders_across_threads() {
    for order in orders(3) {
        let world = World::new();
        world.run(|| across_threads(&world, &names(&order), &order));
        check(&world, &order);
    }
}

/// Starts a thread for each layer. `carry` makes the current span current there, for all three APIs.
fn across_threads(world: &World, names: &[String], order: &[Api]) {
    let Some((api, inner_order)) = order.split_first() else { return };
    let inner = || {
        let carried = carry(|| {
            tracing::dispatcher::with_default(&world.dispatch, || {
                across_threads(world, &names[1..], inner_order);
            });
        });
        thread::scope(|scope| scope.spawn(carried).join().unwrap());
    };
    match api {
        Api::Ours => trace::start_span(&names[0]).run(inner),
        Api::Tracing => tracing::info_span!("span", otel.name = names[0]).in_scope(inner),
        Api::Raw => world.raw.in_span(names[0].clone(), |_| inner()),
    }
}

#[test]
fn guards_dropped_in_random_order_leave_the_newest_current() {
    enum Guard {
        Ours(trace::SpanScope),
        Raw(opentelemetry::ContextGuard),
    }
    let world = World::new();
    let mut random = random();
    world.run(|| {
        let mut open: Vec<(u64, Guard)> = Vec::new();
        for _ in 0..12_000 {
            if open.is_empty() || (open.len() < 12 && random(2) == 0) {
                let expected = open.last().map_or(0, |last| last.0);
                let (parent, id, guard) = if random(2) == 0 {
                    let span = trace::start_span("ours");
                    let id = span.context().span_id().unwrap().to_u64();
                    (expected, id, Guard::Ours(span.entered()))
                } else {
                    let cx = OtelContext::current();
                    let parent = raw_id();
                    let cx = cx.with_span(world.raw.start_with_context("raw", &cx));
                    let id = u64::from_be_bytes(cx.span().span_context().span_id().to_bytes());
                    (parent, id, Guard::Raw(cx.attach()))
                };
                assert_eq!(parent, expected);
                open.push((id, guard));
            } else {
                let (_, guard) = open.remove(random(open.len()));
                match guard {
                    Guard::Ours(scope) => scope.finish(),
                    Guard::Raw(guard) => drop(guard),
                }
            }
            assert_same_current();
            assert_eq!(raw_id(), open.last().map_or(0, |last| last.0));
            if world.spans().len() > 500 {
                world.exporter.reset();
            }
        }
    });
}

/// `tracing-opentelemetry` detaches the newest of its contexts, whichever of its spans is exited, and so decides which
/// span is current. This test checks only that all APIs have the same current span and start children of it.
#[test]
fn guards_of_three_apis_dropped_in_random_order_leave_one_current_span() {
    enum Guard {
        Ours(trace::SpanScope),
        Raw(opentelemetry::ContextGuard),
        Tracing(tracing::span::EnteredSpan),
    }
    let world = World::new();
    let mut random = random();
    let mut parents = HashMap::new();
    world.run(|| {
        let mut open: Vec<Guard> = Vec::new();
        for n in 0..6_000 {
            if open.is_empty() || (open.len() < 12 && random(2) == 0) {
                let parent = raw_id();
                open.push(match ALL[random(3)] {
                    Api::Ours => Guard::Ours(trace::start_span("ours").entered()),
                    Api::Raw => {
                        let cx = OtelContext::current();
                        Guard::Raw(cx.with_span(world.raw.start_with_context("raw", &cx)).attach())
                    }
                    Api::Tracing => Guard::Tracing(tracing::info_span!("tracing").entered()),
                });
                assert!(parents.insert(raw_id(), parent).is_none(), "step {n}: the new span is current");
            } else {
                match open.remove(random(open.len())) {
                    Guard::Ours(scope) => scope.finish(),
                    Guard::Raw(guard) => drop(guard),
                    Guard::Tracing(entered) => drop(entered),
                }
            }
            assert_same_current();
        }
        drop(open);
        assert_same_current();
        assert_eq!(raw_id(), 0, "no span is current at the end");
    });
    let number = |id: opentelemetry::trace::SpanId| u64::from_be_bytes(id.to_bytes());
    let spans = world.spans();
    let recorded =
        spans.iter().map(|span| (number(span.span_context.span_id()), number(span.parent_span_id)));
    assert_eq!(recorded.collect::<HashMap<_, _>>(), parents);
}

#[test]
fn a_forgotten_guard_is_detached_at_the_end_of_its_closure() {
    let world = World::new();
    world.run(|| {
        trace::start_span("outer").run(|| {
            let span = trace::start_span("inner");
            span.in_scope(|| mem::forget(trace::start_span("forgotten").reference().enter()));
            assert_same_current();
            span.finish();
        });
        assert_same_current();
        assert!(current_span().is_none() && raw_id() == 0);
        trace::start_span("root").finish();
    });
    assert!(world.edges().contains(&"/root".to_owned()));
}

#[test]
fn a_thread_can_end_while_guards_are_open() {
    thread_local!(static KEPT: std::cell::RefCell<Vec<Box<dyn std::any::Any>>> = const { std::cell::RefCell::new(Vec::new()) });
    for order in 0..4 {
        let world = World::new();
        let world = world.clone();
        let thread = thread::spawn(move || {
            world.run(|| {});
            let keep = |guard: Box<dyn std::any::Any>| KEPT.with(|kept| kept.borrow_mut().push(guard));
            let raw_outlives = order & 1 == 0;
            if raw_outlives {
                drop(OtelContext::current());
            }
            keep(Box::new(trace::tracer_scope(&world.handle())));
            let span = trace::start_span("kept").entered();
            assert_same_current();
            if order & 2 == 0 {
                keep(Box::new(span));
            } else {
                mem::forget(span);
            }
            keep(Box::new(trace::start_span("also kept").entered()));
            let raw = OtelContext::current().with_value(1).attach();
            if raw_outlives {
                keep(Box::new(raw));
            } else {
                // OpenTelemetry's guard would panic in its destructor.
                mem::forget(raw);
            }
        });
        assert!(thread.join().is_ok());
    }
}

#[test]
fn spans_of_in_span_nest() {
    let world = World::new();
    world.run(|| {
        world.raw.in_span("raw", |_| {
            trace::start_span("ours").run(|| world.raw.in_span("inner", |_| trace::event("seen")));
        });
    });
    assert_eq!(world.edges(), ["/raw", "ours/inner", "raw/ours"]);
    assert_eq!(world.span("inner").events.len(), 1);
}

#[test]
fn start_trace_ignores_the_current_span_of_both_apis() {
    let world = World::new();
    world.run(|| world.raw.in_span("raw", |_| trace::start_trace("ours").finish()));
    assert_eq!(world.edges(), ["/ours", "/raw"]);
}

#[test]
fn an_empty_native_context_hides_the_current_span() {
    let world = World::new();
    world.run(|| {
        trace::start_span("outer").run(|| {
            let _cleared = OtelContext::new().attach();
            assert!(current_span().is_none() && current_ids().is_none());
            trace::start_span("root").finish();
        });
    });
    assert_eq!(world.edges(), ["/outer", "/root"]);
}

#[test]
fn a_span_found_in_a_native_context_is_the_same_span() {
    let world = World::new();
    world.run(|| {
        let span = trace::start_span("ours").tag("n", 1);
        let native = *span.native().unwrap().downcast::<OtelContext>().unwrap();
        thread::scope(|scope| {
            scope.spawn(|| {
                let _attached = native.attach();
                world.run(|| ()); // A scoped tracer does not hide a native context.
                trace::with_tracer(&world.handle(), || {
                    trace::set_tag("n", 2);
                    trace::start_span("child").finish();
                });
            });
        });
        span.finish();
    });
    assert_eq!(world.edges(), ["/ours", "ours/child"]);
    assert_eq!(world.span("ours").attributes, [opentelemetry::KeyValue::new("n", 2)]);
}

#[test]
fn a_forgotten_raw_guard_stays_current_in_both_apis() {
    let world = World::new();
    world.run(|| {
        let forgotten = trace::start_span("outer").run(|| {
            let cx = OtelContext::current();
            let cx = cx.with_span(world.raw.start_with_context("raw", &cx));
            mem::forget(cx.clone().attach());
            cx
        });
        // OpenTelemetry does not detach the context of a forgotten guard.
        assert_same_current();
        trace::start_span("beneath").run(assert_same_current);
        forgotten.span().end();
    });
    assert_eq!(world.edges(), ["/outer", "outer/raw", "raw/beneath"]);
}

#[test]
fn suppression_can_end_in_any_order() {
    let world = World::new();
    world.run(|| {
        let span = trace::start_span("outer").entered();
        let suppressed = trace::suppression::suppressed_scope();
        let again = span.enter();
        drop(suppressed);
        // A context that was attached during suppression stays suppressed.
        assert!(OtelContext::is_current_telemetry_suppressed());
        drop(again);
        assert!(!OtelContext::is_current_telemetry_suppressed());
        assert_same_current();
        trace::start_span("inner").finish();
        span.finish();
        assert_same_current();
    });
    assert_eq!(world.edges(), ["/outer", "outer/inner"]);
}

//! rustracing with a sampler that samples everything, and one that samples nothing. Spans carry a user-defined state,
//! which is empty here: the cost of ids, which a tracer would put there, is not included.

use std::hint::black_box;

use crossbeam_channel::bounded;
use rustracing::{
    Tracer,
    sampler::{AllSampler, NullSampler},
    span::Span,
    tag::Tag,
};

use crate::case::{Case, Running, Setting};

const ALL: &str = "rustracing";
const NULL: &str = "rustracing_null";

pub(super) const CASES: &[Case] = &[
    Case::new("not_sampled", NULL, not_sampled).spans(0),
    Case::new("not_sampled_at_start", NULL, not_sampled_at_start).spans(0),
    Case::new("w0", ALL, w0),
    Case::new("w1_at_start", ALL, w1_at_start),
    Case::new("w1_after", ALL, w1_after),
    Case::new("w2", ALL, w2).spans(2),
    Case::new("w3", ALL, w3).spans(100).operations(100),
];

type All = Tracer<AllSampler, ()>;

/// Creates a case whose finished spans are sent to a channel and dropped.
fn sampled(workload: fn(&All, u64)) -> Running {
    let (sender, receiver) = bounded(8192);
    let tracer = Tracer::with_sender(AllSampler, sender);
    Running::new(move |repeats| workload(&tracer, repeats))
        .exporting(move |spans| assert_eq!(receiver.try_iter().count() as u64, spans, "spans are missing"))
}

type Null = Tracer<NullSampler, ()>;

fn with_null(workload: fn(&Null, u64)) -> Running {
    let (sender, _) = bounded(1);
    let tracer = Tracer::with_sender(NullSampler, sender);
    Running::new(move |repeats| workload(&tracer, repeats))
}

fn not_sampled(_: Setting) -> Running {
    with_null(workload_not_sampled)
}

#[inline(never)]
fn workload_not_sampled(tracer: &Null, repeats: u64) {
    for _ in 0..repeats {
        let mut span = tracer.span("GET /users").start_with_state(());
        set_tags(&mut span);
    }
}

fn not_sampled_at_start(_: Setting) -> Running {
    with_null(workload_not_sampled_at_start)
}

#[inline(never)]
fn workload_not_sampled_at_start(tracer: &Null, repeats: u64) {
    for _ in 0..repeats {
        let options = tracer.span("GET /users");
        drop(options.tag(method()).tag(route()).tag(status()).tag(hit()).start_with_state(()));
    }
}

fn w0(_: Setting) -> Running {
    sampled(workload_w0)
}

#[inline(never)]
fn workload_w0(tracer: &All, repeats: u64) {
    for _ in 0..repeats {
        drop(tracer.span("GET /users").start_with_state(()));
    }
}

fn w1_at_start(_: Setting) -> Running {
    sampled(workload_w1_at_start)
}

#[inline(never)]
fn workload_w1_at_start(tracer: &All, repeats: u64) {
    for _ in 0..repeats {
        let options = tracer.span("GET /users");
        drop(options.tag(method()).tag(route()).tag(status()).tag(hit()).start_with_state(()));
    }
}

fn w1_after(_: Setting) -> Running {
    sampled(workload_w1_after)
}

#[inline(never)]
fn workload_w1_after(tracer: &All, repeats: u64) {
    for _ in 0..repeats {
        let mut span = tracer.span("GET /users").start_with_state(());
        set_tags(&mut span);
    }
}

fn w2(_: Setting) -> Running {
    sampled(workload_w2)
}

#[inline(never)]
fn workload_w2(tracer: &All, repeats: u64) {
    for _ in 0..repeats {
        let root = tracer.span("GET /users").start_with_state(());
        let context = root.context().expect("the root is sampled");
        let options = tracer.span("load").child_of(context);
        let mut child = options.tag(method()).tag(route()).tag(status()).tag(hit()).start_with_state(());
        child.log(cache_miss);
        drop(child);
        drop(root);
    }
}

fn w3(_: Setting) -> Running {
    sampled(workload_w3)
}

#[inline(never)]
fn workload_w3(tracer: &All, repeats: u64) {
    for _ in 0..repeats {
        let root = tracer.span("GET /users").start_with_state(());
        let context = root.context().expect("the root is sampled");
        for _ in 0..99 {
            let options = tracer.span("SELECT users").child_of(context);
            let rows = Tag::new("db.rows", black_box(3_i64));
            drop(options.tag(Tag::new("db.system", "postgresql")).tag(rows).start_with_state(()));
        }
        drop(root);
    }
}

#[inline]
fn set_tags(span: &mut Span<()>) {
    span.set_tag(method);
    span.set_tag(route);
    span.set_tag(status);
    span.set_tag(hit);
}

fn method() -> Tag {
    Tag::new("http.method", "GET")
}

fn route() -> Tag {
    Tag::new("http.route", "/users/{id}")
}

fn status() -> Tag {
    Tag::new("http.status_code", black_box(200_i64))
}

fn hit() -> Tag {
    Tag::new("cache.hit", black_box(true))
}

fn cache_miss(log: &mut rustracing::log::LogBuilder) {
    log.field(("event", "cache miss")).field(("cache.key", "users"));
}

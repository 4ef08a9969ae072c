//! `tracing` without a subscriber, and with tracing-opentelemetry and OpenTelemetry's SDK.

use std::{
    future::{Future, Pending},
    hint::black_box,
    pin::Pin,
    sync::OnceLock,
    task::{Context, Waker},
};

use opentelemetry::trace::{TraceContextExt, TracerProvider};
use tracing::{Instrument, Span, field::Empty, info, info_span, instrument::Instrumented};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Registry, layer::SubscriberExt};

use super::otel::{Sdk, sdk};
use crate::case::{Case, Running, Setting};

const NONE: &str = "tracing_none";
const OTEL: &str = "tracing_otel";

pub(super) const CASES: &[Case] = &[
    Case::new("nothing_installed", NONE, nothing_installed).spans(0).without_tracer(),
    Case::new("w0", OTEL, w0),
    Case::new("w1_at_start", OTEL, w1_at_start),
    Case::new("w1_after", OTEL, w1_after),
    Case::new("w2", OTEL, w2).spans(2),
    Case::new("w3", OTEL, w3).spans(100).operations(100),
    Case::new("read_ids", OTEL, read_ids).spans(0),
    Case::new("enter_leave", OTEL, enter_leave).spans(0),
    Case::new("poll", OTEL, poll).spans(0),
];

/// Installs the subscriber once per process.
fn subscribed(setting: Setting) -> &'static Sdk {
    static SUBSCRIBED: OnceLock<()> = OnceLock::new();
    let sdk = sdk(setting);
    SUBSCRIBED.get_or_init(|| {
        let layer = tracing_opentelemetry::layer().with_tracer(sdk.provider().tracer("bench"));
        tracing::subscriber::set_global_default(Registry::default().with(layer))
            .expect("no other subscriber is installed");
    });
    sdk
}

fn recorded(setting: Setting, workload: fn(u64)) -> Running {
    let sdk = subscribed(setting);
    Running::new(workload).exporting(|spans| sdk.export_spans(spans))
}

fn nothing_installed(_: Setting) -> Running {
    Running::new(workload_nothing_installed)
}

#[inline(never)]
fn workload_nothing_installed(repeats: u64) {
    for _ in 0..repeats {
        drop(black_box(info_span!("GET /users")));
    }
}

fn w0(setting: Setting) -> Running {
    recorded(setting, workload_w0)
}

#[inline(never)]
fn workload_w0(repeats: u64) {
    for _ in 0..repeats {
        drop(info_span!("GET /users"));
    }
}

fn w1_at_start(setting: Setting) -> Running {
    recorded(setting, workload_w1_at_start)
}

#[inline(never)]
fn workload_w1_at_start(repeats: u64) {
    for _ in 0..repeats {
        drop(info_span!(
            "GET /users",
            http.method = "GET",
            http.route = "/users/{id}",
            http.status_code = black_box(200_i64),
            cache.hit = black_box(true),
        ));
    }
}

fn w1_after(setting: Setting) -> Running {
    recorded(setting, workload_w1_after)
}

#[inline(never)]
fn workload_w1_after(repeats: u64) {
    for _ in 0..repeats {
        let span = info_span!(
            "GET /users",
            http.method = Empty,
            http.route = Empty,
            http.status_code = Empty,
            cache.hit = Empty,
        );
        span.record("http.method", "GET");
        span.record("http.route", "/users/{id}");
        span.record("http.status_code", black_box(200_i64));
        span.record("cache.hit", black_box(true));
    }
}

fn w2(setting: Setting) -> Running {
    recorded(setting, workload_w2)
}

#[inline(never)]
fn workload_w2(repeats: u64) {
    for _ in 0..repeats {
        let root = info_span!("GET /users");
        let child = info_span!(
            parent: &root,
            "load",
            http.method = "GET",
            http.route = "/users/{id}",
            http.status_code = black_box(200_i64),
            cache.hit = black_box(true),
        );
        cache_miss(&child);
        drop(child);
        drop(root);
    }
}

/// A separate function, because the macro contains a closure.
fn cache_miss(child: &Span) {
    info!(parent: child, cache.key = "users", "cache miss");
}

fn w3(setting: Setting) -> Running {
    recorded(setting, workload_w3)
}

#[inline(never)]
fn workload_w3(repeats: u64) {
    for _ in 0..repeats {
        let root = info_span!("GET /users");
        for _ in 0..99 {
            drop(info_span!(
                parent: &root,
                "SELECT users",
                db.system = "postgresql",
                db.rows = black_box(3_i64),
            ));
        }
        drop(root);
    }
}

fn open_span(setting: Setting) -> Span {
    subscribed(setting);
    let span = info_span!("GET /users");
    assert!(span.context().span().span_context().is_valid());
    span
}

fn read_ids(setting: Setting) -> Running {
    let span = open_span(setting);
    Running::new(move |repeats| {
        let _current = span.enter();
        workload_read_ids(repeats);
    })
}

#[inline(never)]
fn workload_read_ids(repeats: u64) {
    for _ in 0..repeats {
        let context = Span::current().context();
        let span = context.span();
        let ids = span.span_context();
        black_box((ids.trace_id(), ids.span_id()));
    }
}

fn enter_leave(setting: Setting) -> Running {
    let span = open_span(setting);
    Running::new(move |repeats| workload_enter_leave(&span, repeats))
}

#[inline(never)]
fn workload_enter_leave(span: &Span, repeats: u64) {
    for _ in 0..repeats {
        drop(span.enter());
    }
}

fn poll(setting: Setting) -> Running {
    let mut future = Box::pin(std::future::pending().instrument(open_span(setting)));
    Running::new(move |repeats| workload_poll(future.as_mut(), repeats))
}

#[inline(never)]
fn workload_poll(mut future: Pin<&mut Instrumented<Pending<()>>>, repeats: u64) {
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..repeats {
        assert!(black_box(future.as_mut().poll(&mut context)).is_pending());
    }
}

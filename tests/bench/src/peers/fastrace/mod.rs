//! fastrace: spans of its own and thread-local ones, with a reporter that drops everything.

mod current;
mod local;
mod nested;
mod propagation;
mod spans;
mod traces;

pub(crate) use spans::threads;

use std::{
    borrow::Cow,
    hint::black_box,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use fastrace::collector::{Config, Reporter, SpanRecord};

use crate::case::{Case, Running, Setting};

const OFF: &str = "fastrace_off";
const SPAN: &str = "fastrace";
const LOCAL: &str = "fastrace_local";

/// A thread's ring buffer has 10,240 entries. Entries beyond that wait until the thread submits more, so they cannot be
/// exported in time. A root takes three entries, and each operation on a span takes one.
pub(super) const CASES: &[Case] = &[
    Case::new("nothing_installed", OFF, local::off).spans(0).without_tracer(),
    Case::new("w0", SPAN, spans::w0).at_most(2700),
    Case::new("w1_at_start", SPAN, spans::w1_at_start).at_most(2700),
    Case::new("w1_after", SPAN, spans::w1_after).at_most(1200),
    Case::new("w1_one_call", SPAN, spans::w1_one_call).at_most(2000),
    Case::new("w2", SPAN, traces::w2).spans(2).at_most(1500),
    Case::new("w2", LOCAL, local::w2).spans(2).at_most(1500),
    Case::new("w3", SPAN, traces::w3).spans(100).operations(100),
    Case::new("w3", LOCAL, local::w3).spans(100).operations(100),
    Case::new("inject_traceparent", SPAN, propagation::inject_traceparent).spans(0),
    Case::new("extract_traceparent", SPAN, propagation::extract_traceparent).spans(0),
    Case::new("w5_0", SPAN, nested::w5_0).at_most(2000),
    Case::new("w5_10", SPAN, nested::w5_10).at_most(700),
    Case::new("read_ids", SPAN, current::read_ids).spans(0),
    Case::new("enter_leave", SPAN, current::enter_leave).spans(0).at_most(2700),
    Case::new("poll", SPAN, current::poll).spans(0).at_most(2700),
];

static REPORTED: AtomicU64 = AtomicU64::new(0);

struct Dropping;

impl Reporter for Dropping {
    fn report(&mut self, spans: Vec<SpanRecord>) {
        REPORTED.fetch_add(spans.len() as u64, Relaxed);
    }
}

fn start_reporting(setting: Setting) {
    static STARTED: OnceLock<()> = OnceLock::new();
    STARTED.get_or_init(|| {
        let config = match setting {
            Setting::Background => Config::default(),
            Setting::OnFlush => Config::default().report_interval(Duration::from_secs(100_000)),
        };
        fastrace::set_reporter(Dropping, config);
    });
}

/// Creates a case that runs `workload` and reports the finished spans.
fn reporting(setting: Setting, run: impl FnMut(u64) + 'static) -> Running {
    start_reporting(setting);
    Running::new(run).exporting(export_spans)
}

/// Exports the spans finished since the last call. Panics unless exactly `spans` were reported.
pub(crate) fn export_spans(spans: u64) {
    static EXPECTED: AtomicU64 = AtomicU64::new(0);
    fastrace::flush();
    let expected = EXPECTED.fetch_add(spans, Relaxed) + spans;
    assert_eq!(REPORTED.load(Relaxed), expected, "spans are missing");
}

/// A property. Its value is always text.
type Property = (&'static str, Cow<'static, str>);

/// Returns the four properties of W1.
#[inline]
fn properties() -> [Property; 4] {
    [
        ("http.method", "GET".into()),
        ("http.route", "/users/{id}".into()),
        ("http.status_code", black_box(200_i64).to_string().into()),
        ("cache.hit", if black_box(true) { "true" } else { "false" }.into()),
    ]
}

/// Returns the two properties of W3.
#[inline]
fn two_properties() -> [Property; 2] {
    [("db.system", "postgresql".into()), ("db.rows", black_box(3_i64).to_string().into())]
}

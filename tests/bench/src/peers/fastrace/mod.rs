//! fastrace: spans of their own, and those of a thread, with a reporter that drops all.

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

/// A thread's ring has 10,240 places; what is beyond waits until the thread says more, and cannot be carried off. A root
/// takes three, and what is said of a span one each time.
pub(super) const CASES: &[Case] = &[
    Case::new("nothing_installed", OFF, local::off).spans(0).alone(),
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
            Setting::Usual => Config::default(),
            Setting::Quiet => Config::default().report_interval(Duration::from_secs(100_000)),
        };
        fastrace::set_reporter(Dropping, config);
    });
}

/// A case that does `workload` and reports what it finishes.
fn reporting(setting: Setting, run: impl FnMut(u64) + 'static) -> Running {
    start_reporting(setting);
    Running::new(run).settled(carry_off)
}

/// Carries off so many spans: none was lost, and there are no others.
pub(crate) fn carry_off(spans: u64) {
    static EXPECTED: AtomicU64 = AtomicU64::new(0);
    fastrace::flush();
    let expected = EXPECTED.fetch_add(spans, Relaxed) + spans;
    assert_eq!(REPORTED.load(Relaxed), expected, "spans are missing");
}

/// A property, which is text whatever it was.
type Property = (&'static str, Cow<'static, str>);

/// The four of W1.
#[inline]
fn properties() -> [Property; 4] {
    [
        ("http.method", "GET".into()),
        ("http.route", "/users/{id}".into()),
        ("http.status_code", black_box(200_i64).to_string().into()),
        ("cache.hit", if black_box(true) { "true" } else { "false" }.into()),
    ]
}

/// The two of W3.
#[inline]
fn two_properties() -> [Property; 2] {
    [("db.system", "postgresql".into()), ("db.rows", black_box(3_i64).to_string().into())]
}

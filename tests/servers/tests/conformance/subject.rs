//! A new tracer with a service name of its own, and the spans that a server has of this service.

use std::{
    cell::RefCell,
    collections::HashMap,
    process,
    rc::Rc,
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anytrace_api::{TracerExt, TracerHandle};
use anytrace_conformance::Subject;
use anytrace_recorder::{Recorder, RecordingTracer};
use anytrace_servers::{Addresses, Tail, until, view::SpanView};

use crate::recorded::recorded;

const LONG: Duration = Duration::from_secs(10);

/// Makes service names unique, because a server may still have the services of earlier processes.
static PROCESS: LazyLock<String> = LazyLock::new(|| {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    format!("{}-{now}", process::id())
});

/// Creates a tracer that delivers to `recorder`. `received` returns the spans that the server has of a service.
pub(crate) fn fresh(
    name: &str,
    recorder: impl Recorder,
    received: impl Fn(&str) -> Result<Vec<SpanView>, String> + 'static,
) -> Subject {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let service = format!("{}{}", service_prefix(name), COUNT.fetch_add(1, Ordering::Relaxed));
    let tracer = RecordingTracer::builder(recorder).service(service.as_str()).build();
    let flushed = tracer.clone();
    Subject::new(TracerHandle::new(tracer), move || {
        let _ = flushed.flush_blocking(LONG);
        let delivered = flushed.stats().delivered;
        let mut seen = Vec::new();
        let arrived = until(&format!("{delivered} spans of {service}"), LONG, || match received(&service) {
            Ok(spans) => {
                seen = spans;
                (seen.len() as u64 >= delivered).then_some(Ok(()))
            }
            Err(why) => Some(Err(why)),
        });
        // The failed assertion fails the rule.
        let arrived = arrived.and_then(|read| read);
        assert_eq!(arrived, Ok(()), "the server has {} of {delivered} spans", seen.len());
        seen.iter().map(recorded).collect()
    })
}

/// Returns the common prefix of the service names of one backend.
fn service_prefix(name: &str) -> String {
    format!("{name}-{}-", *PROCESS)
}

/// The spans that the collector has of each service. The collector's file is read only once.
#[derive(Clone)]
pub(crate) struct Collected(Rc<RefCell<ReadSpans>>);

struct ReadSpans {
    tail: Tail,
    by_service: HashMap<String, Vec<SpanView>>,
}

impl Collected {
    pub(crate) fn new(collector: &Addresses, name: &str) -> Self {
        let tail = Tail::new(collector, service_prefix(name));
        Collected(Rc::new(RefCell::new(ReadSpans { tail, by_service: HashMap::new() })))
    }

    pub(crate) fn of(&self, service: &str) -> Result<Vec<SpanView>, String> {
        let ReadSpans { tail, by_service } = &mut *self.0.borrow_mut();
        for span in tail.read_new()? {
            by_service.entry(span.service.clone()).or_default().push(span);
        }
        Ok(by_service.get(service).cloned().unwrap_or_default())
    }
}

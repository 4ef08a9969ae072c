//! A fresh tracer of a service of its own, and what a server holds of that service.

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

/// A server may be older than this process, and know services of an earlier one.
static PROCESS: LazyLock<String> = LazyLock::new(|| {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    format!("{}-{now}", process::id())
});

/// The tracer delivers by `recorder`, and `held` is what the server has of its service by now.
pub(crate) fn fresh(
    name: &str,
    recorder: impl Recorder,
    held: impl Fn(&str) -> Result<Vec<SpanView>, String> + 'static,
) -> Subject {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let service = format!("{}{}", family(name), COUNT.fetch_add(1, Ordering::Relaxed));
    let tracer = RecordingTracer::builder(recorder).service(service.as_str()).build();
    let asked = tracer.clone();
    Subject::new(TracerHandle::new(tracer), move || {
        let _ = asked.flush_blocking(LONG);
        let delivered = asked.stats().delivered;
        let mut seen = Vec::new();
        let arrived = until(&format!("{delivered} spans of {service}"), LONG, || match held(&service) {
            Ok(spans) => {
                seen = spans;
                (seen.len() as u64 >= delivered).then_some(Ok(()))
            }
            Err(why) => Some(Err(why)),
        });
        // Breaks the rule.
        let arrived = arrived.and_then(|read| read);
        assert_eq!(arrived, Ok(()), "the server has {} of {delivered}", seen.len());
        seen.iter().map(recorded).collect()
    })
}

/// What the services of one backend begin with.
fn family(name: &str) -> String {
    format!("{name}-{}-", *PROCESS)
}

/// What the collector holds of each service: its file is read once.
#[derive(Clone)]
pub(crate) struct Collected(Rc<RefCell<Read>>);

struct Read {
    tail: Tail,
    by_service: HashMap<String, Vec<SpanView>>,
}

impl Collected {
    pub(crate) fn new(collector: &Addresses, name: &str) -> Self {
        let tail = Tail::new(collector, family(name));
        Collected(Rc::new(RefCell::new(Read { tail, by_service: HashMap::new() })))
    }

    pub(crate) fn of(&self, service: &str) -> Result<Vec<SpanView>, String> {
        let Read { tail, by_service } = &mut *self.0.borrow_mut();
        for span in tail.more()? {
            by_service.entry(span.service.clone()).or_default().push(span);
        }
        Ok(by_service.get(service).cloned().unwrap_or_default())
    }
}

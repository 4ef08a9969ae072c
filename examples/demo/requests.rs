//! What the demo asks, and what the answers have to be.

use std::{
    io::{self, Write},
    time::Instant,
};

use anytrace::{FutureExt, TracerExt};
use anytrace_noop::NoopTracer;

use crate::{
    backend::Backend,
    client::{Answer, Client, Error},
};

/// A request and its answer, with any backend.
struct Planned {
    path: &'static str,
    status: u16,
    answer: &'static str,
}

const PLAN: [Planned; 3] = [
    Planned { path: "/buy/tea", status: 200, answer: "tea for ada" },
    Planned { path: "/buy/coffee", status: 200, answer: "coffee for ada" },
    Planned { path: "/buy/unicorn", status: 502, answer: "orders answered 502 Bad Gateway" },
];

/// Sends `number` requests, one after the other; true if all were answered as planned.
pub(crate) async fn send(backend: &mut dyn Backend, entrance: &Client, number: u32) -> Result<bool, Error> {
    let mut as_planned = true;
    for (n, planned) in (1..=number).zip(PLAN.iter().cycle()) {
        // Nobody records the caller.
        let caller = NoopTracer::new().join_trace("caller", &backend.caller());
        let begun = Instant::now();
        let answer = entrance.get(planned.path).in_span(caller).await?;
        let millis = begun.elapsed().as_millis();
        let (path, status) = (planned.path, answer.status);
        backend.answered(&format!("{n}: GET {path} {status} in {millis} ms"), trace(&answer))?;
        if answer.status != planned.status || answer.body != planned.answer {
            let (status, body) = (planned.status, planned.answer);
            eprintln!("demo: {status} {body:?} was planned, not {} {:?}", answer.status, answer.body);
            as_planned = false;
        }
    }
    writeln!(io::stdout())?;
    Ok(as_planned)
}

/// Which trace it was.
fn trace(answer: &Answer) -> &str {
    answer.traceparent.as_deref().and_then(|value| value.split('-').nth(1)).unwrap_or("unknown")
}

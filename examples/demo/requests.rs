//! What the demo asks, and what the answers have to be.

use std::{
    io::{self, Write},
    time::Instant,
};

use crate::client::{Answer, Client, Error};

/// A request and its answer, with any back end.
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
pub(crate) async fn send(entrance: &Client, number: u32) -> Result<bool, Error> {
    let mut as_planned = true;
    for (n, planned) in (1..=number).zip(PLAN.iter().cycle()) {
        let begun = Instant::now();
        let answer = entrance.get(planned.path).await?;
        let millis = begun.elapsed().as_millis();
        let (path, status, trace) = (planned.path, answer.status, trace(&answer));
        writeln!(io::stdout(), "{n}: GET {path} {status} in {millis} ms{trace}")?;
        if answer.status != planned.status || answer.body != planned.answer {
            let (status, body) = (planned.status, planned.answer);
            eprintln!("demo: {status} {body:?} was planned, not {} {:?}", answer.status, answer.body);
            as_planned = false;
        }
    }
    writeln!(io::stdout())?;
    Ok(as_planned)
}

/// Which trace it was, where there was one.
fn trace(answer: &Answer) -> String {
    let trace_id = answer.traceparent.as_deref().and_then(|value| value.split('-').nth(1));
    trace_id.map(|id| format!(", trace {id}")).unwrap_or_default()
}

//! The requests of the demo and their expected responses.

use std::{
    io::{self, Write},
    time::Instant,
};

use anytrace::{FutureExt, TracerExt};
use anytrace_noop::NoopTracer;

use crate::{
    backend::Backend,
    client::{Client, Error, HttpResponse},
};

/// A request and its expected response, which is the same with every backend.
struct Expected {
    path: &'static str,
    status: u16,
    body: &'static str,
}

const REQUESTS: [Expected; 3] = [
    Expected { path: "/buy/tea", status: 200, body: "tea for ada" },
    Expected { path: "/buy/coffee", status: 200, body: "coffee for ada" },
    Expected { path: "/buy/unicorn", status: 502, body: "orders returned 502 Bad Gateway" },
];

/// Sends `number` requests, one after another. Returns true if all responses were as expected.
pub(crate) async fn send(backend: &mut dyn Backend, entrance: &Client, number: u32) -> Result<bool, Error> {
    let mut as_expected = true;
    for (n, expected) in (1..=number).zip(REQUESTS.iter().cycle()) {
        // The caller itself is not recorded.
        let caller = NoopTracer::new().join_trace("caller", &backend.caller());
        let start = Instant::now();
        let response = entrance.get(expected.path).in_span(caller).await?;
        let millis = start.elapsed().as_millis();
        let (path, status) = (expected.path, response.status);
        backend.print_response(&format!("{n}: GET {path} {status} in {millis} ms"), trace_id(&response))?;
        if response.status != expected.status || response.body != expected.body {
            let (status, body) = (expected.status, expected.body);
            eprintln!(
                "demo: unexpected response: expected {status} {body:?}, received {} {:?}",
                response.status, response.body
            );
            as_expected = false;
        }
    }
    writeln!(io::stdout())?;
    Ok(as_expected)
}

/// Returns the trace id in the response, or `unknown`.
fn trace_id(response: &HttpResponse) -> &str {
    response.traceparent.as_deref().and_then(|value| value.split('-').nth(1)).unwrap_or("unknown")
}

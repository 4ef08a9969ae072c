//! Reading spans from the servers.

use std::{fs, time::Duration};

use crate::{
    Addresses, OTLP_FILE, ZIPKIN, http, until,
    view::{SpanView, otlp, zipkin, zipkin_many},
};

/// The longest time from delivery until a server shows the spans.
const LONGEST_DELAY: Duration = Duration::from_secs(20);

/// Returns all spans that the collector has received.
///
/// # Errors
///
/// Fails if the collector's file cannot be read or parsed.
pub fn collected(addresses: &Addresses) -> Result<Vec<SpanView>, String> {
    otlp(&lines(addresses)?)
}

fn lines(addresses: &Addresses) -> Result<String, String> {
    let path = &addresses[OTLP_FILE];
    // The collector creates the file with the first span.
    let bytes = if fs::exists(path).unwrap_or(true) { fs::read(path) } else { Ok(Vec::new()) };
    let bytes = bytes.map_err(|error| format!("{path}: {error}"))?;
    // A killed collector may leave an incomplete last line, even within a character.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Removes an incomplete last line from the collector's file. A restarted collector would append to that line.
///
/// # Errors
///
/// Fails if the file cannot be written.
pub fn remove_incomplete_line(addresses: &Addresses) -> Result<(), String> {
    let path = &addresses[OTLP_FILE];
    let cut = || {
        let length = fs::read(path)?.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        fs::File::options().write(true).open(path)?.set_len(length as u64)
    };
    cut().map_err(|error| format!("{path}: {error}"))
}

/// Waits until the collector has this number of spans of a trace, and returns them.
///
/// # Errors
///
/// Fails if they do not arrive in time.
pub fn collected_trace(addresses: &Addresses, id: &str, spans: usize) -> Result<Vec<SpanView>, String> {
    wait_for_spans(id, spans, || {
        // Lines about other traces are neither parsed nor checked.
        let lines = lines(addresses)?;
        let all = otlp(&lines.split_inclusive('\n').filter(|line| line.contains(id)).collect::<String>())?;
        Ok(all.into_iter().filter(|span| span.trace_id == id).collect())
    })
}

/// Waits until the Zipkin server has this number of spans of a trace, and returns them.
///
/// # Errors
///
/// Fails if they do not arrive in time.
pub fn zipkin_trace(addresses: &Addresses, id: &str, spans: usize) -> Result<Vec<SpanView>, String> {
    wait_for_spans(id, spans, || zipkin_traces(addresses, &[id.to_owned()]))
}

/// Returns the spans of several traces that the Zipkin server has now. The traces are requested by id, because a search
/// is limited to a range of span times.
///
/// # Errors
///
/// Fails if the server does not respond or the response cannot be parsed.
pub fn zipkin_traces(addresses: &Addresses, ids: &[String]) -> Result<Vec<SpanView>, String> {
    let server = format!("{}/api/v2", addresses[ZIPKIN]);
    let mut spans = Vec::new();
    // The server limits the request line to 4096 bytes.
    for ids in ids.chunks(100) {
        // The API has one path for a single trace and another one for several.
        let url = match ids {
            [id] => format!("{server}/trace/{id}"),
            _ => format!("{server}/traceMany?traceIds={}", ids.join(",")),
        };
        match http::get(&url)? {
            (200, body) if ids.len() == 1 => spans.extend(zipkin(&body)?),
            (200, body) => spans.extend(zipkin_many(&body)?),
            (404, _) => {}
            (status, body) => return Err(format!("{url} responded with status {status}: {body}")),
        }
    }
    Ok(spans)
}

/// Returns the numbers of spans that the Zipkin server has received by HTTP and has dropped since its start.
///
/// # Errors
///
/// Fails if the server does not respond or the counters are missing.
pub fn zipkin_count(addresses: &Addresses) -> Result<(u64, u64), String> {
    let url = format!("{}/metrics", addresses[ZIPKIN]);
    let (_, body) = http::get(&url)?;
    let metrics: serde_json::Value =
        serde_json::from_str(&body).map_err(|error| format!("{url}: {error} in {body}"))?;
    let counter = |name: &str| {
        let value = &metrics[format!("counter.zipkin_collector.{name}.http")];
        // The server writes whole numbers with a decimal point.
        let count = value.as_f64().and_then(|count| format!("{count:.0}").parse().ok());
        count.ok_or_else(|| format!("{url} has no counter {name}: {body}"))
    };
    Ok((counter("spans")?, counter("spans_dropped")?))
}

fn wait_for_spans(
    id: &str,
    spans: usize,
    read: impl Fn() -> Result<Vec<SpanView>, String>,
) -> Result<Vec<SpanView>, String> {
    let mut seen = Ok(Vec::new());
    let arrived = until(&format!("{spans} spans of trace {id}"), LONGEST_DELAY, || {
        seen = read();
        seen.as_ref().is_ok_and(|seen| seen.len() >= spans).then_some(())
    });
    let seen = seen?;
    arrived.map_err(|timeout| {
        let names: Vec<&str> = seen.iter().map(|span| span.name.as_str()).collect();
        format!("{timeout}; the server has {names:?}")
    })?;
    Ok(seen)
}

//! What servers hold.

use std::{fs, time::Duration};

use crate::{
    Addresses, OTLP_FILE, ZIPKIN, http, until,
    view::{SpanView, otlp, zipkin, zipkin_many},
};

/// How long it may take until what a server took is to be seen.
const SOON: Duration = Duration::from_secs(20);

/// All spans that the collector took.
///
/// # Errors
///
/// When its file cannot be read, or not be understood.
pub fn collected(addresses: &Addresses) -> Result<Vec<SpanView>, String> {
    otlp(&lines(addresses)?)
}

fn lines(addresses: &Addresses) -> Result<String, String> {
    let path = &addresses[OTLP_FILE];
    // Made with the first span.
    let bytes = if fs::exists(path).unwrap_or(true) { fs::read(path) } else { Ok(Vec::new()) };
    let bytes = bytes.map_err(|error| format!("{path}: {error}"))?;
    // Whoever is killed may leave half a character, on a line without an end.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Takes the collector's last line away, if it has no end: the collector was killed over it, and would go on there.
///
/// # Errors
///
/// When its file cannot be written.
pub fn cut_half_line(addresses: &Addresses) -> Result<(), String> {
    let path = &addresses[OTLP_FILE];
    let cut = || {
        let whole = fs::read(path)?.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        fs::File::options().write(true).open(path)?.set_len(whole as u64)
    };
    cut().map_err(|error| format!("{path}: {error}"))
}

/// One trace, as soon as the collector has so many spans of it.
///
/// # Errors
///
/// When it does not.
pub fn collected_trace(addresses: &Addresses, id: &str, spans: usize) -> Result<Vec<SpanView>, String> {
    settled(id, spans, || {
        // What others have sent may be long, and is not ours to judge.
        let lines = lines(addresses)?;
        let all = otlp(&lines.split_inclusive('\n').filter(|line| line.contains(id)).collect::<String>())?;
        Ok(all.into_iter().filter(|span| span.trace_id == id).collect())
    })
}

/// One trace, as soon as the Zipkin server has so many spans of it.
///
/// # Errors
///
/// When it does not.
pub fn zipkin_trace(addresses: &Addresses, id: &str, spans: usize) -> Result<Vec<SpanView>, String> {
    settled(id, spans, || zipkin_traces(addresses, &[id.to_owned()]))
}

/// Some traces, as the Zipkin server has them by now. They are asked for by their ids: a search knows only spans of about
/// the time that it asks for.
///
/// # Errors
///
/// When it does not say.
pub fn zipkin_traces(addresses: &Addresses, ids: &[String]) -> Result<Vec<SpanView>, String> {
    let server = format!("{}/api/v2", addresses[ZIPKIN]);
    let mut spans = Vec::new();
    // The first line of a question may have 4096 bytes.
    for ids in ids.chunks(100) {
        // One and several are different questions to it.
        let url = match ids {
            [id] => format!("{server}/trace/{id}"),
            _ => format!("{server}/traceMany?traceIds={}", ids.join(",")),
        };
        match http::get(&url)? {
            (200, answer) if ids.len() == 1 => spans.extend(zipkin(&answer)?),
            (200, answer) => spans.extend(zipkin_many(&answer)?),
            (404, _) => {}
            (status, answer) => return Err(format!("{url} answers {status}: {answer}")),
        }
    }
    Ok(spans)
}

/// How many spans the Zipkin server took by HTTP since it was started, and how many of them it left out.
///
/// # Errors
///
/// When it does not say.
pub fn zipkin_count(addresses: &Addresses) -> Result<(u64, u64), String> {
    let url = format!("{}/metrics", addresses[ZIPKIN]);
    let (_, answer) = http::get(&url)?;
    let metrics: serde_json::Value =
        serde_json::from_str(&answer).map_err(|error| format!("{url}: {error} in {answer}"))?;
    let counter = |name: &str| {
        let value = &metrics[format!("counter.zipkin_collector.{name}.http")];
        // Whole numbers, written with a point.
        let count = value.as_f64().and_then(|count| format!("{count:.0}").parse().ok());
        count.ok_or_else(|| format!("{url} does not count {name}: {answer}"))
    };
    Ok((counter("spans")?, counter("spans_dropped")?))
}

fn settled(
    id: &str,
    spans: usize,
    read: impl Fn() -> Result<Vec<SpanView>, String>,
) -> Result<Vec<SpanView>, String> {
    let mut seen = Ok(Vec::new());
    let arrived = until(&format!("{spans} spans of trace {id}"), SOON, || {
        seen = read();
        seen.as_ref().is_ok_and(|seen| seen.len() >= spans).then_some(())
    });
    let seen = seen?;
    arrived.map_err(|late| {
        let names: Vec<&str> = seen.iter().map(|span| span.name.as_str()).collect();
        format!("{late}; there are {names:?}")
    })?;
    Ok(seen)
}

//! The report of `send`.

use std::{fmt, time::Duration};

use anytrace::{Stats, flush::FlushError};
use serde_json::{Map, Value, json};

/// The counts of a run. It displays as one line of JSON.
pub(crate) struct Report {
    pub(crate) stats: Stats,
    pub(crate) flush: Result<(), FlushError>,
    pub(crate) elapsed: Duration,
    pub(crate) longest: Duration,
}

/// Formats by hand, so that the keys keep their order.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stats = &self.stats;
        let dropped: Map<String, Value> =
            stats.dropped.iter().map(|(reason, spans)| (reason.to_string(), spans.into())).collect();
        let flush = match &self.flush {
            Ok(()) => "ok".to_owned(),
            Err(error) => format!("error: {error}"),
        };
        write!(f, "{{\"started\":{},\"delivered\":{},", stats.started, stats.delivered)?;
        write!(f, "\"dropped\":{},\"queued\":{},", Value::Object(dropped), stats.queued)?;
        write!(f, "\"flush\":{},\"elapsed_ms\":{},", json!(flush), self.elapsed.as_millis())?;
        write!(f, "\"blocked_ms_max\":{:.3}}}", self.longest.as_secs_f64() * 1e3)
    }
}

//! The report that `send` prints.

use std::{
    collections::BTreeMap,
    process::{Child, Stdio},
    time::Duration,
};

use serde_json::Value;

use super::destination::{Destination, TAGS};
use crate::program;

/// The counts in the last line of the output.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) started: u64,
    pub(crate) delivered: u64,
    dropped: BTreeMap<String, u64>,
    pub(crate) queued: u64,
    pub(crate) flush: String,
    pub(crate) elapsed: Duration,
}

/// Starts `send`.
pub(crate) fn send(destination: &Destination, endpoint: &str, spans: u64, flush: Duration) -> Child {
    let mut send = program::built("send");
    send.args(["--backend", destination.name, "--endpoint", endpoint, "--threads", "2"]);
    send.args(["--spans", &spans.to_string(), "--tags-bytes", &TAGS.to_string()]);
    send.args(["--flush-timeout", &flush.as_millis().to_string()]);
    send.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits for `send` to end, and returns its report.
pub(crate) fn finished(sender: Child) -> Report {
    let output = sender.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let json: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    let number = |key: &str| json[key].as_u64().unwrap_or_else(|| panic!("no {key} in {json}"));
    let dropped = json["dropped"].as_object().unwrap().iter();
    Report {
        started: number("started"),
        delivered: number("delivered"),
        dropped: dropped.map(|(reason, spans)| (reason.clone(), spans.as_u64().unwrap())).collect(),
        queued: number("queued"),
        flush: json["flush"].as_str().unwrap().to_owned(),
        elapsed: Duration::from_millis(number("elapsed_ms")),
    }
}

impl Report {
    /// Asserts the accounting rule.
    pub(crate) fn assert_accounted(&self, started: u64) {
        let sum = self.delivered + self.dropped.values().sum::<u64>() + self.queued;
        assert_eq!((self.started, sum), (started, started), "{self:?}");
        assert!(self.dropped.iter().all(|(reason, spans)| !reason.is_empty() && *spans > 0), "{self:?}");
    }

    /// Returns the reasons for which spans were dropped.
    pub(crate) fn reasons(&self) -> impl Iterator<Item = &String> {
        self.dropped.keys()
    }

    /// Returns the number of spans dropped for a reason.
    pub(crate) fn dropped_for(&self, reason: &str) -> u64 {
        self.dropped.get(reason).copied().unwrap_or(0)
    }
}

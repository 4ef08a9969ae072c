//! The form in which contexts are compared.

use anytrace_api::{
    Context, Sampling, TraceContext,
    propagation::{Composite, Extracted},
};
use http::HeaderMap;
use serde_json::Value as Json;

/// A context in a form that every language can report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The trace id and the span id, in hex.
    pub ids: Option<(String, String)>,
    /// The sampling decision, if there is one.
    pub sampled: Option<bool>,
    /// True for the sampling decision `debug`. The SDKs cannot report it.
    pub debug: bool,
    /// The `random` flag of W3C Trace Context level 2.
    pub random: bool,
    /// The trace state as a header value.
    pub tracestate: String,
    /// Keys, values and properties, sorted. The SDKs cannot report properties.
    pub baggage: Vec<(String, String, String)>,
    /// The errors found in the headers.
    pub errors: Vec<String>,
}

impl View {
    /// Returns the view of a context of this API.
    pub fn of(context: &Context) -> Self {
        let baggage = context.baggage();
        let entry = |(key, value): (&str, &str)| {
            (key.to_owned(), value.to_owned(), baggage.properties(key).as_str().to_owned())
        };
        let mut baggage: Vec<_> = baggage.iter().map(entry).collect();
        baggage.sort();
        View {
            ids: context.ids().map(|(trace, span)| (trace.to_string(), span.to_string())),
            sampled: context.sampling().is_sampled(),
            debug: context.sampling() == Sampling::Debug,
            random: context.is_random(),
            tracestate: context.trace_state().to_string(),
            baggage,
            errors: Vec::new(),
        }
    }

    /// Extracts a context from headers with this API, and returns its view.
    pub fn received(format: &Composite, headers: &HeaderMap) -> Self {
        let found = Extracted::read(format, headers);
        let errors = found.errors().iter().map(ToString::to_string).collect();
        View { errors, ..View::of(found.context()) }
    }

    /// Returns the view of a context that a peer reports.
    pub fn reported(json: &Json) -> Self {
        let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        let entries = json["baggage"].as_array().into_iter().flatten();
        let mut baggage: Vec<_> =
            entries.map(|entry| (text(&entry[0]), text(&entry[1]), String::new())).collect();
        baggage.sort();
        View {
            ids: json["trace_id"].as_str().map(|trace| (trace.to_owned(), text(&json["span_id"]))),
            sampled: json["sampled"].as_bool(),
            random: json["random"].as_bool().unwrap_or_default(),
            tracestate: text(&json["tracestate"]),
            baggage,
            ..View::default()
        }
    }
}

//! What is compared.

use anytrace_api::{
    Context, Sampling, TraceContext,
    propagation::{Composite, Extracted},
};
use http::HeaderMap;
use serde_json::Value as Json;

/// A context as every language can tell it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The trace's and the span's, in hex.
    pub ids: Option<(String, String)>,
    /// The decision, where there is one.
    pub sampled: Option<bool>,
    /// Recorded whatever samplers say. No SDK can tell.
    pub debug: bool,
    /// The flag of the W3C's level 2.
    pub random: bool,
    /// As it is sent.
    pub tracestate: String,
    /// Keys, values and properties, sorted. No SDK can tell properties.
    pub baggage: Vec<(String, String, String)>,
    /// What was wrong with the headers.
    pub faults: Vec<String>,
}

impl View {
    /// Of a context of ours.
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
            faults: Vec::new(),
        }
    }

    /// What is understood of headers here.
    pub fn received(format: &Composite, headers: &HeaderMap) -> Self {
        let found = Extracted::read(format, headers);
        let faults = found.errors().iter().map(ToString::to_string).collect();
        View { faults, ..View::of(found.context()) }
    }

    /// What a peer says.
    pub fn told(json: &Json) -> Self {
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

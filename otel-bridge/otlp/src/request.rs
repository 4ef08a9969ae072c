//! Encodes a batch: the message `ExportTraceServiceRequest` (`collector/trace/v1/trace_service.proto`).

use std::ptr;

use anytrace_api::{InstrumentationScope, Value};
use anytrace_recorder::{FinishedSpan, Resource};

use crate::{
    attribute::attribute,
    protobuf::{message, text},
    span::{self, TYPICAL_SPAN},
};

/// Appends the spans of one service, grouped by instrumentation scope in the order of the batch.
pub(crate) fn write(out: &mut Vec<u8>, resource: &Resource, spans: &[FinishedSpan]) {
    const RESOURCE_SPANS: u8 = 1;
    const RESOURCE: u8 = 1;
    const SCOPE_SPANS: u8 = 2;
    let scopes = scopes(spans);
    message(out, RESOURCE_SPANS, spans.len() * TYPICAL_SPAN, |out| {
        message(out, RESOURCE, 200, |out| self::resource(out, resource));
        for (scope, spans) in scopes {
            message(out, SCOPE_SPANS, spans.len() * TYPICAL_SPAN, |out| self::scope(out, scope, &spans));
        }
    });
}

type Scope<'a> = (Option<&'static InstrumentationScope>, Vec<&'a FinishedSpan>);

fn scopes(spans: &[FinishedSpan]) -> Vec<Scope<'_>> {
    let mut scopes: Vec<Scope<'_>> = Vec::new();
    for finished in spans {
        let scope = finished.instrumentation_scope();
        // Batches have few scopes, and spans of a scope are often adjacent.
        let index = scopes.iter().rposition(|(known, _)| is_same(*known, scope)).unwrap_or_else(|| {
            scopes.push((scope, Vec::new()));
            scopes.len() - 1
        });
        scopes[index].1.push(finished);
    }
    scopes
}

/// Compares scopes, first by address, because equal scopes are usually the same static.
fn is_same(one: Option<&'static InstrumentationScope>, other: Option<&'static InstrumentationScope>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => ptr::eq(one, other) || one == other,
        (None, None) => true,
        _ => false,
    }
}

fn scope(out: &mut Vec<u8>, scope: Option<&InstrumentationScope>, spans: &[&FinishedSpan]) {
    const SCOPE: u8 = 1;
    const SPANS: u8 = 2;
    if let Some(scope) = scope {
        message(out, SCOPE, 0, |out| {
            text(out, 1, scope.name);
            text(out, 2, scope.version);
        });
    }
    for finished in spans {
        span::write(out, SPANS, finished);
    }
}

/// Appends the attributes of the resource. The application's tags override the attributes of the library.
fn resource(out: &mut Vec<u8>, resource: &Resource) {
    const ATTRIBUTES: u8 = 1;
    let is_set = |key: &str| resource.tags().any(|(known, _)| known.as_str() == key);
    for (key, text) in SDK_ATTRIBUTES {
        if !is_set(key) {
            attribute(out, ATTRIBUTES, key, Value::Static(text));
        }
    }
    attribute(out, ATTRIBUTES, SERVICE_NAME, Value::Copied(resource.service_name()));
    for (key, value) in resource.tags() {
        if key.as_str() != SERVICE_NAME {
            attribute(out, ATTRIBUTES, key.as_str(), value);
        }
    }
}

const SERVICE_NAME: &str = "service.name";

/// The attributes that name the library which made the spans (semantic conventions, "telemetry SDK").
const SDK_ATTRIBUTES: [(&str, &str); 3] = [
    ("telemetry.sdk.name", "anytrace"),
    ("telemetry.sdk.language", "rust"),
    ("telemetry.sdk.version", env!("CARGO_PKG_VERSION")),
];

//! A batch, as OTLP has it.

use anytrace_api::{Origin, Value};
use anytrace_recorder::{FinishedSpan, Resource};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::InstrumentationScope,
    resource::v1::Resource as ProtoResource,
    trace::v1::{ResourceSpans, ScopeSpans},
};

use super::{span, value::attribute};
use crate::convert;

/// All of one service, those of each library together, in the order in which they came.
pub(super) fn of(resource: &Resource, spans: &[FinishedSpan]) -> ExportTraceServiceRequest {
    let mut scopes: Vec<(Option<&Origin>, ScopeSpans)> = Vec::new();
    for finished in spans {
        let origin = finished.origin();
        // There are few, and one's spans come together.
        let place = scopes.iter().rposition(|(known, _)| *known == origin).unwrap_or_else(|| {
            let scope = origin.map(scope);
            scopes.push((origin, ScopeSpans { scope, ..ScopeSpans::default() }));
            scopes.len() - 1
        });
        scopes[place].1.spans.push(span::proto(finished));
    }
    let of_service = ResourceSpans {
        resource: Some(self::resource(resource)),
        scope_spans: scopes.into_iter().map(|(_, scope)| scope).collect(),
        schema_url: String::new(),
    };
    ExportTraceServiceRequest { resource_spans: vec![of_service] }
}

fn scope(origin: &Origin) -> InstrumentationScope {
    InstrumentationScope {
        name: origin.name.to_owned(),
        version: origin.version.to_owned(),
        ..InstrumentationScope::default()
    }
}

/// What was said outright outranks what we know ourselves.
fn resource(resource: &Resource) -> ProtoResource {
    let said = |key: &str| resource.tags().any(|(known, _)| known.as_str() == key);
    let own = convert::OWN_RESOURCE.into_iter().filter(|(key, _)| !said(key));
    let own = own.filter_map(|(key, text)| attribute(key, Value::Fixed(text)));
    let name = attribute(SERVICE_NAME, Value::Text(resource.service_name()));
    let tags = resource.tags().filter(|(key, _)| key.as_str() != SERVICE_NAME);
    let tags = tags.filter_map(|(key, value)| attribute(key.as_str(), value));
    let attributes = own.chain(name).chain(tags).collect();
    ProtoResource { attributes, ..ProtoResource::default() }
}

const SERVICE_NAME: &str = "service.name";

//! Operations, span kinds and instrumentation scopes.

use std::time::SystemTime;

use anytrace_api::{InstrumentationScope, Kind, Link, Operation};
use opentelemetry::{
    InstrumentationScope as OtelScope,
    trace::{Link as OtelLink, SpanBuilder, SpanKind},
};

use super::{
    identity::span_context,
    tags::{attributes, name},
};

#[inline]
pub(crate) fn span_builder(operation: &Operation<'_>, start: SystemTime) -> SpanBuilder {
    let link = |link: &Link<'_>| {
        let to = span_context(link.to.context(), false)?;
        Some(OtelLink::new(to, attributes(link.tags), 0))
    };
    SpanBuilder {
        name: name(operation.name),
        span_kind: Some(span_kind(operation.kind)),
        start_time: Some(start),
        attributes: (!operation.tags.is_empty()).then(|| attributes(operation.tags)),
        links: (!operation.links.is_empty()).then(|| operation.links.iter().filter_map(link).collect()),
        events: None,
    }
}

#[inline]
pub(crate) fn span_kind(kind: Kind) -> SpanKind {
    match kind {
        Kind::Server => SpanKind::Server,
        Kind::Client => SpanKind::Client,
        Kind::Producer => SpanKind::Producer,
        Kind::Consumer => SpanKind::Consumer,
        _ => SpanKind::Internal,
    }
}

pub(crate) fn instrumentation_scope(scope: &InstrumentationScope) -> OtelScope {
    let builder = OtelScope::builder(scope.name);
    let builder = if scope.version.is_empty() { builder } else { builder.with_version(scope.version) };
    builder.build()
}

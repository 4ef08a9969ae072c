//! [`SemanticConventions`]: the tag names that describe a request.

/// The set of tag names that describe a request: those of OpenTelemetry, those of `OpenTracing`, or both.
///
/// Default: [`OpenTelemetry`](Self::OpenTelemetry). Choose [`Both`](Self::Both) while dashboards move from one set to
/// the other.
///
/// | | `OpenTelemetry` | `OpenTracing` |
/// |---|---|---|
/// | method | `http.request.method` | `http.method` |
/// | URL, server | `url.scheme`, `url.path`, `url.query` | `http.url` |
/// | URL, client | `url.full` | `http.url` |
/// | status code | `http.response.status_code` | `http.status_code` |
/// | remote address, on client spans | `server.address`, `server.port` | `peer.hostname`, `peer.ipv4`, `peer.ipv6`, `peer.port` |
/// | remote address, on server spans | `client.address`, `network.peer.address`, `network.peer.port` | `peer.ipv4`, `peer.ipv6`, `peer.port` |
/// | failure | `error.type`, event `exception` | `error`, event `error` |
///
/// ```
/// use anytrace_instrumentation::{SemanticConventions, ServerPolicy};
///
/// let policy = ServerPolicy::new().semantic_conventions(SemanticConventions::Both);
/// # let _ = policy;
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum SemanticConventions {
    /// The [semantic conventions](https://opentelemetry.io/docs/specs/semconv/http/http-spans/) of OpenTelemetry.
    #[default]
    OpenTelemetry,
    /// The [semantic conventions](https://opentracing.io/specification/conventions/) of `OpenTracing`.
    OpenTracing,
    /// The tags of both. Errors are recorded once, in OpenTelemetry's form.
    Both,
}

impl SemanticConventions {
    pub(crate) fn has_open_telemetry(self) -> bool {
        matches!(self, SemanticConventions::OpenTelemetry | SemanticConventions::Both)
    }

    pub(crate) fn has_open_tracing(self) -> bool {
        matches!(self, SemanticConventions::OpenTracing | SemanticConventions::Both)
    }
}

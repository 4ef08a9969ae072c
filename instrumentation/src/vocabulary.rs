//! In which words calls are described.

/// In which words calls are described: the tags of today's semantic conventions, those of `OpenTracing`, or both while
/// dashboards move from one to the other.
///
/// | | `Semconv` | `OpenTracing` |
/// |---|---|---|
/// | method | `http.request.method` | `http.method` |
/// | URL, server | `url.scheme`, `url.path`, `url.query` | `http.url` |
/// | URL, client | `url.full` | `http.url` |
/// | status | `http.response.status_code` | `http.status_code` |
/// | the other side, client | `server.address`, `server.port` | `peer.hostname`, `peer.port` |
/// | the other side, server | `client.address`, `network.peer.address`, `network.peer.port` | `peer.ipv4`, `peer.ipv6`, `peer.port` |
/// | failure | `error.type`, event `exception` | `error`, event `error` |
///
/// ```
/// use anytrace_instrumentation::{ServerPolicy, Vocabulary};
///
/// let policy = ServerPolicy::new().vocabulary(Vocabulary::Both);
/// # let _ = policy;
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Vocabulary {
    /// The [semantic conventions](https://opentelemetry.io/docs/specs/semconv/http/http-spans/) of OpenTelemetry.
    #[default]
    Semconv,
    /// The [standard tags](https://opentracing.io/specification/conventions/) of `OpenTracing`.
    OpenTracing,
    /// All of them.
    Both,
}

impl Vocabulary {
    pub(crate) fn has_semconv(self) -> bool {
        matches!(self, Vocabulary::Semconv | Vocabulary::Both)
    }

    pub(crate) fn has_open_tracing(self) -> bool {
        matches!(self, Vocabulary::OpenTracing | Vocabulary::Both)
    }
}

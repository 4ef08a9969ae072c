//! The kind of a span.

/// The role of a span in a call: OpenTelemetry's [`SpanKind`]. Default: [`Internal`](Kind::Internal).
///
/// ```
/// use anytrace_api::Kind;
///
/// assert_eq!(Kind::default(), Kind::Internal);
/// assert_eq!(Kind::Server.as_str(), "server");
/// ```
///
/// [`SpanKind`]: https://opentelemetry.io/docs/specs/otel/trace/api/#spankind
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Kind {
    /// An operation within one process.
    #[default]
    Internal,
    /// The handling of a request from another process.
    Server,
    /// A request to another process, including the wait for its response.
    Client,
    /// The sending of a message, without a wait for its processing.
    Producer,
    /// The processing of a message.
    Consumer,
}

impl Kind {
    /// Returns the kind in lower case, such as `server`: the values of the `OpenTracing` tag `span.kind`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Internal => "internal",
            Kind::Server => "server",
            Kind::Client => "client",
            Kind::Producer => "producer",
            Kind::Consumer => "consumer",
        }
    }
}

//! The part a span plays in a request.

/// Which side of which call a span is.
///
/// ```
/// use anytrace_api::Kind;
///
/// assert_eq!(Kind::default(), Kind::Internal);
/// assert_eq!(Kind::Server.as_str(), "server");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Kind {
    /// Within one process.
    #[default]
    Internal,
    /// Answers a call of another process.
    Server,
    /// Calls another process and waits.
    Client,
    /// Sends a message and does not wait.
    Producer,
    /// Works on a message.
    Consumer,
}

impl Kind {
    /// In lower case, as `OpenTracing` and OpenTelemetry write it.
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

//! Why a span was dropped.

use std::fmt;

/// The reason for which a span was dropped, that is, not delivered.
///
/// All backends, recorders and transports use these reasons, so that [`Dropped`](super::flush::Dropped) can be read in the
/// same way for each of them. A recorder with a reason of its own uses [`Other`](Self::Other), or converts from a literal:
///
/// ```
/// use anytrace_api::flush::DropReason;
///
/// assert_eq!(DropReason::from("queue full"), DropReason::QueueFull);
/// assert_eq!(DropReason::from("disk full"), DropReason::Other("disk full"));
/// assert_eq!(DropReason::TlsHandshakeFailed.to_string(), "TLS handshake failed");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DropReason {
    /// `queue full`: the queue for finished spans had reached its limit.
    QueueFull,
    /// `queued`: the span was still in the queue when tracing ended.
    Queued,
    /// `discarded`: the application discarded the span.
    Discarded,
    /// `after shutdown`: the span ended after the shutdown of its tracer.
    AfterShutdown,
    /// `shutdown timeout`: the shutdown reached its deadline before the span was delivered.
    ShutdownTimeout,
    /// `recorder panicked`: the recorder panicked while it delivered the batch.
    RecorderPanicked,
    /// `not accounted for`: the recorder reported the span neither as delivered nor as dropped.
    NotAccountedFor,
    /// `too large`: the span alone exceeds the size limit of a request.
    TooLarge,
    /// `refused`: the server refused the request, for example with an HTTP status of 4xx.
    Refused,
    /// `rejected`: the server accepted the request, but not this span of it.
    Rejected,
    /// `server error`: the server failed, for example with an HTTP status of 5xx.
    ServerError,
    /// `redirected`: the server responded with an HTTP status of 3xx. Recorders follow no redirects.
    Redirected,
    /// `unreachable`: the host name could not be resolved, or no connection could be established.
    Unreachable,
    /// `timeout`: no response arrived before the deadline. The server may have received the span.
    Timeout,
    /// `disconnected`: the connection closed before the response. The server may have received the span.
    Disconnected,
    /// `invalid response`: the response is malformed, truncated or too long. The server may have received the span.
    InvalidResponse,
    /// `TLS handshake failed`: no secure connection could be established, for example because of an invalid certificate.
    TlsHandshakeFailed,
    /// `write failed`: the recorder could not write the span to its output.
    WriteFailed,
    /// `export failed`: the exporter reported an error without a more specific reason.
    ExportFailed,
    /// `export timed out`: the exporter reported a timeout, or did not return before the deadline.
    ExportTimedOut,
    /// `exporter shut down`: the exporter had been shut down before.
    ExporterShutDown,
    /// A reason that only one recorder has.
    Other(&'static str),
}

impl DropReason {
    /// The reasons with a variant of their own.
    const KNOWN: [DropReason; 21] = [
        DropReason::QueueFull,
        DropReason::Queued,
        DropReason::Discarded,
        DropReason::AfterShutdown,
        DropReason::ShutdownTimeout,
        DropReason::RecorderPanicked,
        DropReason::NotAccountedFor,
        DropReason::TooLarge,
        DropReason::Refused,
        DropReason::Rejected,
        DropReason::ServerError,
        DropReason::Redirected,
        DropReason::Unreachable,
        DropReason::Timeout,
        DropReason::Disconnected,
        DropReason::InvalidResponse,
        DropReason::TlsHandshakeFailed,
        DropReason::WriteFailed,
        DropReason::ExportFailed,
        DropReason::ExportTimedOut,
        DropReason::ExporterShutDown,
    ];

    /// Returns the reason as text, for logs and metrics. The text of a variant does not change.
    pub const fn as_str(self) -> &'static str {
        match self {
            DropReason::QueueFull => "queue full",
            DropReason::Queued => "queued",
            DropReason::Discarded => "discarded",
            DropReason::AfterShutdown => "after shutdown",
            DropReason::ShutdownTimeout => "shutdown timeout",
            DropReason::RecorderPanicked => "recorder panicked",
            DropReason::NotAccountedFor => "not accounted for",
            DropReason::TooLarge => "too large",
            DropReason::Refused => "refused",
            DropReason::Rejected => "rejected",
            DropReason::ServerError => "server error",
            DropReason::Redirected => "redirected",
            DropReason::Unreachable => "unreachable",
            DropReason::Timeout => "timeout",
            DropReason::Disconnected => "disconnected",
            DropReason::InvalidResponse => "invalid response",
            DropReason::TlsHandshakeFailed => "TLS handshake failed",
            DropReason::WriteFailed => "write failed",
            DropReason::ExportFailed => "export failed",
            DropReason::ExportTimedOut => "export timed out",
            DropReason::ExporterShutDown => "exporter shut down",
            DropReason::Other(text) => text,
        }
    }

    /// Returns the variant with the text of `self`, so that `Other` with a known text is counted under the variant.
    pub(crate) fn normalized(self) -> Self {
        match self {
            DropReason::Other(text) => DropReason::from(text),
            known => known,
        }
    }
}

/// Converts a known text to its variant, and any other text to [`Other`](DropReason::Other).
impl From<&'static str> for DropReason {
    fn from(text: &'static str) -> Self {
        let known = DropReason::KNOWN.into_iter().find(|known| known.as_str() == text);
        known.unwrap_or(DropReason::Other(text))
    }
}

impl fmt::Display for DropReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_text_converts_to_its_variant() {
        for known in DropReason::KNOWN {
            assert_eq!(DropReason::from(known.as_str()), known);
            assert_eq!(DropReason::Other(known.as_str()).normalized(), known);
        }
        assert_eq!(DropReason::from("disk full"), DropReason::Other("disk full"));
    }
}

//! Why a span was dropped.

use std::fmt;

macro_rules! drop_reasons {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// The reason for which a span was dropped, that is, not delivered.
        ///
        /// All backends, recorders and transports use these reasons, so that [`Dropped`](super::flush::Dropped) can be
        /// read in the same way for each of them. A recorder with a reason of its own uses [`Other`](Self::Other), or
        /// converts from a literal:
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
            $($(#[$doc])* $name,)*
            /// A reason that only one recorder has.
            Other(&'static str),
        }

        impl DropReason {
            /// Lists the reasons that have their own variants.
            const KNOWN: &[DropReason] = &[$(DropReason::$name),*];

            /// Returns the reason as text, for logs and metrics. The text of a variant does not change.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(DropReason::$name => $text,)*
                    DropReason::Other(text) => text,
                }
            }
        }
    };
}

drop_reasons! {
    /// `queue full`: the queue for finished spans had reached its limit.
    QueueFull = "queue full",
    /// `queued`: the span was still in the queue when tracing ended.
    Queued = "queued",
    /// `discarded`: the application discarded the span.
    Discarded = "discarded",
    /// `after shutdown`: the span ended after the shutdown of its tracer.
    AfterShutdown = "after shutdown",
    /// `shutdown timeout`: the shutdown reached its deadline before the span was delivered.
    ShutdownTimeout = "shutdown timeout",
    /// `recorder panicked`: the recorder panicked while it delivered the batch.
    RecorderPanicked = "recorder panicked",
    /// `not accounted for`: the recorder reported the span neither as delivered nor as dropped.
    NotAccountedFor = "not accounted for",
    /// `too large`: the span alone exceeds the size limit of a request.
    TooLarge = "too large",
    /// `refused`: the server refused the request, for example with an HTTP status of 4xx.
    Refused = "refused",
    /// `rejected`: the server accepted the request, but not this span of it.
    Rejected = "rejected",
    /// `server error`: the server failed, for example with an HTTP status of 5xx.
    ServerError = "server error",
    /// `redirected`: the server responded with an HTTP status of 3xx. Recorders follow no redirects.
    Redirected = "redirected",
    /// `unreachable`: the host name could not be resolved, or no connection could be established.
    Unreachable = "unreachable",
    /// `timeout`: no response arrived before the deadline. The server may have received the span.
    Timeout = "timeout",
    /// `disconnected`: the connection closed before the response. The server may have received the span.
    Disconnected = "disconnected",
    /// `invalid response`: the response is malformed, truncated or too long. The server may have received the span.
    InvalidResponse = "invalid response",
    /// `TLS handshake failed`: no secure connection could be established, for example because of an invalid certificate.
    TlsHandshakeFailed = "TLS handshake failed",
    /// `write failed`: the recorder could not write the span to its output.
    WriteFailed = "write failed",
    /// `export failed`: the exporter reported an error without a more specific reason.
    ExportFailed = "export failed",
    /// `export timed out`: the exporter reported a timeout, or did not return before the deadline.
    ExportTimedOut = "export timed out",
    /// `exporter shut down`: the exporter had been shut down before.
    ExporterShutDown = "exporter shut down",
}

impl DropReason {
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
        let known = DropReason::KNOWN.iter().copied().find(|known| known.as_str() == text);
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
        for &known in DropReason::KNOWN {
            assert_eq!(DropReason::from(known.as_str()), known);
            assert_eq!(DropReason::Other(known.as_str()).normalized(), known);
        }
        assert_eq!(DropReason::from("disk full"), DropReason::Other("disk full"));
    }
}

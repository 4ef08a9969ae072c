//! Why spans do not arrive.

use std::fmt;

/// Why spans were lost on their way to a server: one vocabulary for every recorder that sends them somewhere, so that
/// losses can be watched whatever the transport.
///
/// ```
/// use anytrace_recorder::{Delivery, Loss};
///
/// let delivery = Delivery::all(8).dropped(Loss::Rejected.as_str(), 2);
/// assert_eq!(delivery.dropped.of("rejected"), 2);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Loss {
    /// `refused`: the server wants none of it. HTTP's 4xx.
    Refused,
    /// `rejected`: the server took the message, but not these spans of it.
    Rejected,
    /// `server error`: the server could not take it. HTTP's 5xx.
    ServerError,
    /// `redirected`: the server says to go elsewhere, which nobody does. HTTP's 3xx.
    Redirected,
    /// `unreachable`: no such host, nobody there.
    Unreachable,
    /// `timeout`: no answer in time. The server may have got it all the same.
    Timeout,
    /// `disconnected`: the connection ended before the answer. The server may have got it all the same.
    Disconnected,
    /// `bad answer`: one that makes no sense, or is too long. The server may have got it all the same.
    BadAnswer,
    /// `tls failed`: no trust.
    TlsFailed,
    /// `too large`: one span is larger than a message may be.
    TooLarge,
}

impl Loss {
    /// The reason under which spans are counted. It stays the same.
    pub const fn as_str(self) -> &'static str {
        match self {
            Loss::Refused => "refused",
            Loss::Rejected => "rejected",
            Loss::ServerError => "server error",
            Loss::Redirected => "redirected",
            Loss::Unreachable => "unreachable",
            Loss::Timeout => "timeout",
            Loss::Disconnected => "disconnected",
            Loss::BadAnswer => "bad answer",
            Loss::TlsFailed => "tls failed",
            Loss::TooLarge => "too large",
        }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

//! Why a message was lost.

use std::{fmt, io};

/// The most of an answer that is shown.
const SHOWN: usize = 200;

/// Why a message was lost, with what there is to say about it.
#[derive(Debug)]
pub(crate) enum Failure {
    /// An answer other than 2xx, and the start of its body.
    Status(u16, Vec<u8>),
    /// None within the time there was.
    Timeout,
    /// No connection.
    Unreachable(String),
    /// A connection that ended before the answer did.
    Disconnected(String),
    /// An answer that is not HTTP.
    BadAnswer(String),
    /// Not the server that it should be, or no server with TLS.
    Tls(String),
}

impl Failure {
    /// Under which name the spans are counted. It stays the same, so that losses can be watched.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Failure::Status(400..=499, _) => "refused 4xx",
            Failure::Status(500..=599, _) => "server error",
            Failure::Status(300..=399, _) => "redirected",
            Failure::Status(..) | Failure::BadAnswer(_) => "bad answer",
            Failure::Timeout => "timeout",
            Failure::Unreachable(_) => "unreachable",
            Failure::Disconnected(_) => "disconnected",
            Failure::Tls(_) => "tls failed",
        }
    }
}

/// What comes from the network is escaped and cut: it ends up in logs.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Status(status, body) => {
                write!(f, "zipkin answered {status}")?;
                let text = String::from_utf8_lossy(body);
                if text.trim().is_empty() { Ok(()) } else { write!(f, ": {}", shown(text.trim())) }
            }
            Failure::Timeout => f.write_str("zipkin did not answer in time"),
            Failure::Unreachable(why) => write!(f, "zipkin cannot be reached: {}", shown(why)),
            Failure::Disconnected(why) => write!(f, "zipkin hung up: {}", shown(why)),
            Failure::BadAnswer(why) => write!(f, "zipkin's answer makes no sense: {}", shown(why)),
            Failure::Tls(why) => write!(f, "zipkin cannot be trusted: {}", shown(why)),
        }
    }
}

impl From<ureq::Error> for Failure {
    fn from(error: ureq::Error) -> Self {
        let text = error.to_string();
        match error {
            ureq::Error::Timeout(_) => Failure::Timeout,
            ureq::Error::Io(error) => io_failure(&error, text),
            ureq::Error::HostNotFound
            | ureq::Error::ConnectionFailed
            | ureq::Error::BadUri(_)
            | ureq::Error::RequireHttpsOnly(_) => Failure::Unreachable(text),
            ureq::Error::Tls(_) | ureq::Error::TlsRequired => Failure::Tls(text),
            #[cfg(feature = "tls")]
            ureq::Error::Rustls(_) | ureq::Error::Pem(_) => Failure::Tls(text),
            _ => Failure::BadAnswer(text),
        }
    }
}

fn io_failure(error: &io::Error, text: String) -> Failure {
    use io::ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionReset, InvalidData, TimedOut, UnexpectedEof, WouldBlock,
    };
    match error.kind() {
        TimedOut | WouldBlock => Failure::Timeout,
        BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof => Failure::Disconnected(text),
        // It is how rustls complains while it reads.
        InvalidData => Failure::Tls(text),
        _ => Failure::Unreachable(text),
    }
}

/// Escaped, and cut between two characters.
pub(crate) fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_says_is_escaped_and_cut() {
        let failure = Failure::Status(400, b"bad\r\n\x1b[31m\xff list ".to_vec());
        assert_eq!(failure.to_string(), "zipkin answered 400: bad\\r\\n\\u{1b}[31m\u{fffd} list");
        assert_eq!(Failure::Status(500, Vec::new()).to_string(), "zipkin answered 500");
        let long = Failure::Status(500, vec![b'x'; 64 * 1024]).to_string();
        assert_eq!(long.chars().count(), "zipkin answered 500: ".len() + SHOWN + 1);
    }

    #[test]
    fn a_reason_is_a_class_and_not_a_number() {
        let reason = |status| Failure::Status(status, Vec::new()).reason();
        assert_eq!([400, 404, 413, 429].map(reason), ["refused 4xx"; 4]);
        assert_eq!([500, 503, 599].map(reason), ["server error"; 3]);
        assert_eq!([302, 307].map(reason), ["redirected"; 2]);
        assert_eq!([100, 999].map(reason), ["bad answer"; 2]);
    }
}

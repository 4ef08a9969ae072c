//! Why a message did not arrive.

use std::{error::Error, fmt, io};

use super::Answer;
use crate::{Loss, sanitized};

/// Why a message did not arrive, or may not have. [`Client`](super::Client) has an example.
///
/// Its words are escaped and cut: they hold what the server says, and end up in logs.
#[derive(Clone, Debug)]
pub struct Failure {
    loss: Loss,
    cause: Cause,
}

#[derive(Clone, Debug)]
enum Cause {
    /// An answer other than 2xx.
    Answered(Box<Answer>),
    /// What the network, TLS or HTTP have to say.
    Said(String),
}

impl Failure {
    /// An answer other than 2xx.
    pub(super) fn answered(answer: Answer) -> Self {
        let loss = match answer.status() {
            400..=499 => Loss::Refused,
            500..=599 => Loss::ServerError,
            300..=399 => Loss::Redirected,
            _ => Loss::BadAnswer,
        };
        Failure { loss, cause: Cause::Answered(Box::new(answer)) }
    }

    pub(super) fn said(loss: Loss, words: String) -> Self {
        Failure { loss, cause: Cause::Said(words) }
    }

    /// The reason.
    pub fn loss(&self) -> Loss {
        self.loss
    }

    /// The answer, where there was one, other than 2xx. Whoever sends again looks at its
    /// [status](Answer::status) and its [`retry_after`](Answer::retry_after).
    pub fn answer(&self) -> Option<&Answer> {
        match &self.cause {
            Cause::Answered(answer) => Some(answer),
            Cause::Said(_) => None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match &self.cause {
            Cause::Said(words) => words.as_str(),
            Cause::Answered(answer) => {
                let (status, body) = (answer.status(), String::from_utf8_lossy(answer.body()));
                let words = body.trim();
                let colon = if words.is_empty() { "" } else { ": " };
                return write!(f, "the server answered {status}{colon}{}", sanitized(words));
            }
        };
        let what = match self.loss {
            Loss::Timeout => return f.write_str("the server did not answer in time"),
            Loss::Unreachable => "the server cannot be reached",
            Loss::Disconnected => "the server hung up",
            Loss::TlsFailed => "the server cannot be trusted",
            _ => "the server's answer makes no sense",
        };
        write!(f, "{what}: {}", sanitized(words))
    }
}

impl Error for Failure {}

impl From<ureq::Error> for Failure {
    fn from(error: ureq::Error) -> Self {
        let text = error.to_string();
        let loss = match error {
            ureq::Error::Timeout(_) => Loss::Timeout,
            ureq::Error::Io(error) => of_io(error.kind()),
            ureq::Error::HostNotFound
            | ureq::Error::ConnectionFailed
            | ureq::Error::BadUri(_)
            | ureq::Error::RequireHttpsOnly(_) => Loss::Unreachable,
            ureq::Error::Tls(_) | ureq::Error::TlsRequired => Loss::TlsFailed,
            #[cfg(feature = "tls")]
            ureq::Error::Rustls(_) | ureq::Error::Pem(_) => Loss::TlsFailed,
            _ => Loss::BadAnswer,
        };
        Failure::said(loss, text)
    }
}

fn of_io(kind: io::ErrorKind) -> Loss {
    use io::ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionReset, InvalidData, TimedOut, UnexpectedEof, WouldBlock,
    };
    match kind {
        TimedOut | WouldBlock => Loss::Timeout,
        BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof => Loss::Disconnected,
        // It is how rustls complains while it reads.
        InvalidData => Loss::TlsFailed,
        _ => Loss::Unreachable,
    }
}

#[cfg(test)]
mod tests {
    use ureq::http::HeaderMap;

    use super::*;

    fn answered(status: u16, body: &[u8]) -> Failure {
        Failure::answered(Answer::new(status, HeaderMap::new(), body.to_vec()))
    }

    #[test]
    fn what_the_server_says_is_escaped_and_cut() {
        let failure = answered(400, b"bad\r\n\x1b[31m\xff list ");
        assert_eq!(failure.to_string(), "the server answered 400: bad\\r\\n\\u{1b}[31m\u{fffd} list");
        assert_eq!(answered(500, b"").to_string(), "the server answered 500");
        let long = answered(500, &vec![b'x'; 64 * 1024]).to_string();
        assert_eq!(long.chars().count(), "the server answered 500: ".len() + 201);
    }

    #[test]
    fn a_reason_is_a_class_and_not_a_number() {
        let loss = |status| answered(status, b"").loss();
        assert_eq!([400, 404, 413, 429].map(loss), [Loss::Refused; 4]);
        assert_eq!([500, 503, 599].map(loss), [Loss::ServerError; 3]);
        assert_eq!([302, 307].map(loss), [Loss::Redirected; 2]);
        assert_eq!([100, 999].map(loss), [Loss::BadAnswer; 2]);
    }
}

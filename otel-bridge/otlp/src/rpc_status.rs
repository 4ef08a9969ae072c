//! `google.rpc.Status`, which servers send as an error with both protocols. Contains only the fields in use of the
//! messages in `google/rpc/status.proto` and `error_details.proto`.

use std::time::Duration;

use prost::Message;

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Status {
    #[prost(string, tag = "2")]
    pub(crate) message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Any>,
}

#[derive(Clone, PartialEq, Message)]
struct Any {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    delay: Option<Delay>,
}

/// `google.protobuf.Duration`.
#[derive(Clone, Copy, PartialEq, Message)]
struct Delay {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

impl Status {
    /// Returns the delay before a retry that the server asked for, or `None` if there is none or it is invalid.
    pub(crate) fn retry_delay(&self) -> Option<Duration> {
        let info = self.details.iter().find(|any| any.type_url.ends_with("/google.rpc.RetryInfo"))?;
        let delay = RetryInfo::decode(info.value.as_slice()).ok()?.delay.unwrap_or_default();
        let nanos = u32::try_from(delay.nanos).ok().filter(|nanos| *nanos < 1_000_000_000)?;
        Some(Duration::new(u64::try_from(delay.seconds).ok()?, nanos))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(seconds: i64, nanos: i32) -> Option<Duration> {
        let info = RetryInfo { delay: Some(Delay { seconds, nanos }) };
        let any = |name: &str, value| Any { type_url: format!("type.googleapis.com/{name}"), value };
        let details =
            vec![any("google.rpc.Help", vec![0xff]), any("google.rpc.RetryInfo", info.encode_to_vec())];
        Status { message: String::new(), details }.retry_delay()
    }

    #[test]
    fn invalid_delays_are_ignored() {
        assert_eq!(wait(1, 500_000_000), Some(Duration::from_millis(1500)));
        assert_eq!(wait(0, 0), Some(Duration::ZERO));
        assert_eq!(wait(i64::MAX, 999_999_999), Some(Duration::new(u64::MAX >> 1, 999_999_999)));
        for (seconds, nanos) in [(-1, 0), (0, -1), (0, 1_000_000_000)] {
            assert_eq!(wait(seconds, nanos), None);
        }
        assert_eq!(Status::default().retry_delay(), None);
    }
}

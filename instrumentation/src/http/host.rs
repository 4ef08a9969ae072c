//! [`Host`]: the host and port that a request is sent to.

use http::{HeaderMap, Uri, header, uri::Authority};

/// The host and port that a request is sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Host {
    authority: Authority,
}

impl Host {
    /// Reads the host from the target, else from the `Host` header.
    pub(crate) fn of(uri: &Uri, headers: &HeaderMap) -> Option<Self> {
        let header = || Authority::try_from(headers.get(header::HOST)?.as_bytes()).ok();
        let authority = uri.authority().cloned().or_else(header)?;
        (!authority.host().is_empty()).then_some(Host { authority })
    }

    /// Returns the host, without the brackets of an IPv6 address.
    pub(crate) fn name(&self) -> &str {
        let host = self.authority.host();
        host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
    }

    pub(crate) fn port(&self) -> Option<u16> {
        self.authority.port_u16()
    }

    /// Returns host and port in the syntax of a URL.
    pub(crate) fn as_str(&self) -> &str {
        self.authority.as_str()
    }
}

/// Returns the default port of `scheme`.
pub(crate) fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(uri: &'static str, host: &str) -> Option<(String, Option<u16>)> {
        let headers = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
        Host::of(&Uri::from_static(uri), &headers).map(|host| (host.name().to_owned(), host.port()))
    }

    #[test]
    fn the_target_takes_precedence_over_the_host_header() {
        assert_eq!(of("http://a:81/x", "b:82"), Some(("a".into(), Some(81))));
        assert_eq!(of("/x", "b:82"), Some(("b".into(), Some(82))));
        assert_eq!(of("/x", "[::1]"), Some(("::1".into(), None)));
        assert_eq!(of("/x", "not a host"), None);
        assert_eq!(of("/x", ""), None);
    }
}

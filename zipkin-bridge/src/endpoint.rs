//! The endpoints of a span.

use std::net::{IpAddr, SocketAddr};

use anytrace_api::{Kind, Value};
use anytrace_recorder::FinishedSpan;

use crate::{
    json::{self, Object},
    keys,
};

/// The tags that name the remote endpoint, in order of priority, each with the tag for its port if OpenTelemetry
/// defines one (Zipkin exporter, "remote endpoint"). Only the first tag that is present is used.
const REMOTE_TAGS: [(&str, &str); 11] = [
    ("peer.service", ""),
    ("server.address", ""),
    ("net.peer.name", ""),
    ("network.peer.address", "network.peer.port"),
    ("server.socket.domain", ""),
    ("server.socket.address", "server.socket.port"),
    ("net.sock.peer.name", ""),
    ("net.sock.peer.addr", "net.sock.peer.port"),
    ("peer.hostname", ""),
    ("peer.address", ""),
    ("db.name", ""),
];

/// An endpoint in Zipkin's format. It is omitted if all three fields are empty.
#[derive(Default)]
pub(crate) struct Endpoint<'a> {
    pub(crate) service: &'a str,
    pub(crate) address: Option<IpAddr>,
    pub(crate) port: u16,
}

impl<'a> Endpoint<'a> {
    /// Returns the remote endpoint of a span: from the tags in [`keys`], or for client and producer spans from other tags.
    pub(crate) fn remote(span: &'a FinishedSpan) -> Self {
        let explicit = Endpoint {
            service: text(span, keys::REMOTE_SERVICE).unwrap_or_default(),
            address: text(span, keys::REMOTE_ADDRESS).and_then(|address| address.parse().ok()),
            port: port(span, keys::REMOTE_PORT),
        };
        if !explicit.is_empty() || !matches!(span.kind(), Kind::Client | Kind::Producer) {
            return explicit;
        }
        // One pass over the tags that keeps the best is cheaper than eleven lookups.
        let rank = |key: &str| REMOTE_TAGS.iter().position(|(known, _)| *known == key);
        let best = span.tags().filter_map(|(key, value)| {
            let rank = rank(key)?;
            str_of(value).filter(|name| !name.is_empty()).map(|name| (rank, name))
        });
        let Some((rank, name)) = best.min_by_key(|(rank, _)| *rank) else { return explicit };
        let port_key = REMOTE_TAGS[rank].1;
        let mut endpoint = Endpoint::named(name);
        if !port_key.is_empty() && endpoint.port == 0 {
            endpoint.port = port(span, port_key);
        }
        endpoint
    }

    /// Creates an endpoint from an address, or else from a name: Zipkin's address fields accept only IP addresses.
    fn named(name: &'a str) -> Self {
        if let Ok(address) = name.parse::<IpAddr>() {
            return Endpoint { address: Some(address), ..Endpoint::default() };
        }
        if let Ok(socket) = name.parse::<SocketAddr>() {
            return Endpoint { address: Some(socket.ip()), port: socket.port(), ..Endpoint::default() };
        }
        Endpoint { service: name, ..Endpoint::default() }
    }

    fn is_empty(&self) -> bool {
        self.service.is_empty() && self.address.is_none() && self.port == 0
    }

    /// Writes the fields. Service names are in lower case, and IPv4-mapped addresses are written as IPv4.
    pub(crate) fn write(&self, object: &mut Object<'_>) {
        if !self.service.is_empty() {
            json::lower_case(object.plain_key("serviceName"), self.service);
        }
        match self.address.map(|address| address.to_canonical()) {
            None => {}
            Some(IpAddr::V4(address)) => object.text("ipv4", &address.to_string()),
            Some(IpAddr::V6(address)) => object.text("ipv6", &address.to_string()),
        }
        if self.port != 0 {
            object.number("port", self.port.into());
        }
    }
}

fn str_of(value: Value<'_>) -> Option<&str> {
    match value {
        Value::Static(text) | Value::Copied(text) => Some(text),
        _ => None,
    }
}

fn text<'a>(span: &'a FinishedSpan, key: &str) -> Option<&'a str> {
    span.tag(key).and_then(str_of)
}

/// Returns the port, or 0 if there is none.
fn port(span: &FinishedSpan, key: &str) -> u16 {
    match span.tag(key) {
        Some(Value::I64(port)) => u16::try_from(port).unwrap_or(0),
        Some(Value::Static(port) | Value::Copied(port)) => port.parse().unwrap_or(0),
        _ => 0,
    }
}

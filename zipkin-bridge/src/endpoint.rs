//! One end of a connection.

use std::net::{IpAddr, SocketAddr};

use anytrace_api::{Kind, Value};
use anytrace_recorder::FinishedSpan;

use crate::{
    json::{self, Object},
    keys,
};

/// Tags that name the other end, the best first, with the tag that has its port where OpenTelemetry takes one from
/// there (Zipkin exporter, "remote endpoint"). One is used; nothing is mixed.
const RANKING: [(&str, &str); 11] = [
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

/// What Zipkin calls an endpoint. Without any of the three it is left out.
#[derive(Default)]
pub(crate) struct Endpoint<'a> {
    pub(crate) service: &'a str,
    pub(crate) address: Option<IpAddr>,
    pub(crate) port: u16,
}

impl<'a> Endpoint<'a> {
    /// The other end of a span: what was said to be it, else, for those who call, the best guess from its tags.
    pub(crate) fn remote(span: &'a FinishedSpan) -> Self {
        let said = Endpoint {
            service: text(span, keys::REMOTE_SERVICE).unwrap_or_default(),
            address: text(span, keys::REMOTE_ADDRESS).and_then(|address| address.parse().ok()),
            port: port(span, keys::REMOTE_PORT),
        };
        if !said.is_empty() || !matches!(span.kind(), Kind::Client | Kind::Producer) {
            return said;
        }
        // Eleven walks over the tags would cost more than one that remembers the best.
        let rank = |key: &str| RANKING.iter().position(|(known, _)| *known == key);
        let best = span.tags().filter_map(|(key, value)| {
            let rank = rank(key)?;
            str_of(value).filter(|name| !name.is_empty()).map(|name| (rank, name))
        });
        let Some((rank, name)) = best.min_by_key(|(rank, _)| *rank) else { return said };
        let port_key = RANKING[rank].1;
        let mut endpoint = Endpoint::named(name);
        if !port_key.is_empty() && endpoint.port == 0 {
            endpoint.port = port(span, port_key);
        }
        endpoint
    }

    /// The fields of Zipkin that hold addresses take nothing else: what is no address is a name.
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

    /// Service names are labels in lower case, and a mapped address goes where IPv4 goes.
    pub(crate) fn write(&self, object: &mut Object<'_>) {
        if !self.service.is_empty() {
            json::lower_case(object.own_key("serviceName"), self.service);
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

/// Zero is none.
fn port(span: &FinishedSpan, key: &str) -> u16 {
    match span.tag(key) {
        Some(Value::I64(port)) => u16::try_from(port).unwrap_or(0),
        Some(Value::Static(port) | Value::Copied(port)) => port.parse().unwrap_or(0),
        _ => 0,
    }
}

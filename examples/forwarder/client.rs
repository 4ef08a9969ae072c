//! The HTTP client that forwards calls.

use std::{error::Error, iter::successors, net::IpAddr, time::Duration};

use anytrace_instrumentation::{ClientLayer, ClientPolicy, ClientService};
use bytes::Bytes;
use http::{Request, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::time::timeout;
use tower::{Layer, ServiceExt};

use crate::call::Call;

/// The time limit of one call.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The maximum size of a response body, which is read so that the connection can be reused.
const MAX_RESPONSE_BYTES: usize = 1 << 20;

/// An HTTP client. One layer makes each request a child of the current span and injects its context.
#[derive(Clone)]
pub(crate) struct Client(ClientService<legacy::Client<HttpConnector, Full<Bytes>>>);

impl Client {
    pub(crate) fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = legacy::Client::builder(TokioExecutor::new()).build(connector);
        Client(ClientLayer::new(ClientPolicy::new()).layer(client))
    }

    /// Sends the call and returns the status of the response.
    pub(crate) async fn post(&self, call: &Call) -> Result<u16, String> {
        let url = loopback(&call.url)?;
        let body = Full::from(call.arguments.to_string());
        let request = Request::post(url).header(header::CONTENT_TYPE, "application/json").body(body);
        let request = request.map_err(|error| error.to_string())?;
        timeout(TIMEOUT, self.send(request)).await.map_err(|_| format!("no response within {TIMEOUT:?}"))?
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Result<u16, String> {
        let response = self.0.clone().oneshot(request).await.map_err(|error| with_sources(&error))?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, MAX_RESPONSE_BYTES).collect().await;
        body.map_err(|error| with_sources(&*error))?;
        Ok(parts.status.as_u16())
    }
}

/// Accepts only loopback URLs, so that the service cannot be used to reach other hosts (SSRF).
fn loopback(url: &str) -> Result<Uri, String> {
    let uri: Uri = url.parse().map_err(|error| format!("invalid URL: {error}"))?;
    if uri.scheme_str() != Some("http") {
        return Err("the scheme is not http".to_owned());
    }
    let host = uri.host().unwrap_or_default();
    let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let is_loopback = ip.map_or(host.eq_ignore_ascii_case("localhost"), |ip| ip.to_canonical().is_loopback());
    if is_loopback { Ok(uri) } else { Err("the host is not a loopback address".to_owned()) }
}

fn with_sources(error: &(dyn Error + 'static)) -> String {
    let all: Vec<_> = successors(Some(error), |&error| error.source()).map(ToString::to_string).collect();
    all.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_urls_are_accepted() {
        for good in ["http://127.0.0.1:7777/a?b", "http://LocalHost", "http://[::1]:80/", "http://127.9.9.9/"]
        {
            assert!(loopback(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "/",
            "127.0.0.1:80",
            "https://127.0.0.1/",
            "file:///etc/passwd",
            "http://192.0.2.1/",
            "http://169.254.169.254/",
            "http://127.0.0.1.nip.test/",
            "http://localhost@192.0.2.1/",
            "http://0.0.0.0/",
        ] {
            assert!(loopback(bad).is_err(), "{bad}");
        }
    }
}

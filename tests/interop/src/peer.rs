//! A service that is traced by the SDK of another language.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Stdio},
    time::Duration,
};

use http::{HeaderMap, Request};
use serde_json::Value as Json;
use ureq::Agent;

use crate::Language;

/// A process that serves on the loopback interface. The process ends when this value is dropped, or with the current
/// process, because it watches its standard input.
///
/// The peer accepts two POST requests. `FORMATS` are names from `OTEL_PROPAGATORS`, separated by commas.
///
/// * `/continue/FORMATS` extracts a context from the request's headers and starts a child span. The response holds both
///   as objects for [`View::reported`](crate::View::reported): `understood` is the extracted context, `child` the one
///   of the span. The response's headers are those that the child injects. With the body `{"baggage": [[key, value]]}`,
///   the child replaces the received baggage.
/// * `/plugin/FORMATS` with the body `{"back": URL}` handles the request in a span `plugin` and calls the URL in a span
///   `back`. The response holds the `spans` that were recorded since the previous such request.
#[derive(Debug)]
pub struct Peer {
    language: Language,
    process: Child,
    address: String,
    agent: Agent,
}

impl Peer {
    /// Starts the peer.
    ///
    /// # Errors
    ///
    /// Fails if the environment does not name the packages' folder or the process does not start.
    pub fn start(language: Language) -> Result<Self, String> {
        let mut command = language.command()?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let process =
            command.spawn().map_err(|error| format!("the {language} peer cannot be started: {error}"))?;
        let agent = Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(20)))
            .http_status_as_error(false)
            .proxy(None)
            .build();
        let mut peer = Peer { language, process, address: String::new(), agent: agent.into() };
        let mut line = String::new();
        if let Some(output) = peer.process.stdout.take() {
            let read = BufReader::new(output).read_line(&mut line);
            read.map_err(|error| format!("the {language} peer prints no port: {error}"))?;
        }
        let port: u16 = line
            .trim()
            .parse()
            .map_err(|_| format!("the {language} peer prints {line:?} instead of a port"))?;
        peer.address = format!("http://127.0.0.1:{port}");
        Ok(peer)
    }

    /// Returns the URL of a request.
    pub fn url(&self, action: &str, formats: &str) -> String {
        format!("{}/{action}/{formats}", self.address)
    }

    /// Sends a request, and returns the headers and the body of the response.
    ///
    /// # Errors
    ///
    /// Fails if there is no response, or one with a status other than 2xx.
    pub fn request(&self, url: &str, headers: &HeaderMap, body: &Json) -> Result<(HeaderMap, Json), String> {
        let failed = |error: &dyn std::fmt::Display| format!("{}: {url}: {error}", self.language);
        let mut request = Request::post(url).body(body.to_string()).map_err(|error| failed(&error))?;
        request.headers_mut().extend(headers.clone());
        let response = self.agent.run(request).map_err(|error| failed(&error))?;
        let (head, mut body) = response.into_parts();
        let body = body.read_to_string().map_err(|error| failed(&error))?;
        if !head.status.is_success() {
            return Err(failed(&format_args!("{} {body}", head.status)));
        }
        Ok((head.headers, serde_json::from_str(&body).map_err(|error| failed(&error))?))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Both calls fail only if the process has already ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

//! A service in another language.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Stdio},
    time::Duration,
};

use http::{HeaderMap, Request};
use serde_json::Value as Json;
use ureq::Agent;

use crate::Language;

/// A process that serves on this machine's loopback and ends when this is dropped, or with this process, whose input
/// it reads.
///
/// It is asked by POST, for a list of formats by their names in `OTEL_PROPAGATORS`:
///
/// * `/continue/FORMATS` reads the request's headers and answers what it `understood`, and what it is as the `child`
///   of that: objects that [`View::told`](crate::View::told) reads. The answer's headers are what the child sends on.
///   `{"baggage": [[key, value]]}` is baggage of the child's own, in place of what came.
/// * `/plugin/FORMATS` with `{"back": URL}` handles the request in a span `plugin` and calls the URL in a span `back`,
///   and answers with the `spans` that were recorded since it was last asked that.
#[derive(Debug)]
pub struct Peer {
    language: Language,
    process: Child,
    address: String,
    agent: Agent,
}

impl Peer {
    /// Starts it.
    ///
    /// # Errors
    ///
    /// When the environment does not say where its packages are, or it does not come up.
    pub fn start(language: Language) -> Result<Self, String> {
        let mut command = language.command()?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let process = command.spawn().map_err(|error| format!("{language} cannot be started: {error}"))?;
        let agent = Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(20)))
            .http_status_as_error(false)
            .proxy(None)
            .build();
        let mut peer = Peer { language, process, address: String::new(), agent: agent.into() };
        let mut line = String::new();
        if let Some(output) = peer.process.stdout.take() {
            let read = BufReader::new(output).read_line(&mut line);
            read.map_err(|error| format!("{language} says nothing: {error}"))?;
        }
        let port: u16 = line.trim().parse().map_err(|_| format!("{language} says no port but {line:?}"))?;
        peer.address = format!("http://127.0.0.1:{port}");
        Ok(peer)
    }

    /// Where it is asked for this.
    pub fn url(&self, order: &str, formats: &str) -> String {
        format!("{}/{order}/{formats}", self.address)
    }

    /// What it answers: headers and body.
    ///
    /// # Errors
    ///
    /// When it does not, or says that it failed.
    pub fn ask(&self, url: &str, headers: &HeaderMap, body: &Json) -> Result<(HeaderMap, Json), String> {
        let wrong = |error: &dyn std::fmt::Display| format!("{}: {url}: {error}", self.language);
        let mut request = Request::post(url).body(body.to_string()).map_err(|error| wrong(&error))?;
        request.headers_mut().extend(headers.clone());
        let answer = self.agent.run(request).map_err(|error| wrong(&error))?;
        let (head, mut body) = answer.into_parts();
        let body = body.read_to_string().map_err(|error| wrong(&error))?;
        if !head.status.is_success() {
            return Err(wrong(&format_args!("{} {body}", head.status)));
        }
        Ok((head.headers, serde_json::from_str(&body).map_err(|error| wrong(&error))?))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

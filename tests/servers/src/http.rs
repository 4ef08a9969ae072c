//! HTTP requests to the servers.

use std::time::Duration;

use ureq::Agent;

/// The longest accepted response: all traces of a test.
const MAX_RESPONSE: u64 = 256 * 1024 * 1024;

/// Sends a GET request, and returns the status and the body of the response.
pub(crate) fn get(url: &str) -> Result<(u16, String), String> {
    let answer = agent().get(url).call();
    read(url, answer)
}

/// Sends a POST request with a JSON body, and returns the status and the body of the response.
pub(crate) fn post(url: &str, json: &str) -> Result<(u16, String), String> {
    let answer = agent().post(url).header("content-type", "application/json").send(json);
    read(url, answer)
}

type Answer = Result<ureq::http::Response<ureq::Body>, ureq::Error>;

fn read(url: &str, answer: Answer) -> Result<(u16, String), String> {
    let mut answer = answer.map_err(|error| format!("{url}: {error}"))?;
    let body = answer.body_mut().with_config().limit(MAX_RESPONSE).read_to_string();
    Ok((answer.status().as_u16(), body.map_err(|error| format!("{url}: {error}"))?))
}

/// Each request uses a new connection, because a pooled one may belong to a server that was killed.
fn agent() -> Agent {
    Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(10)))
        .http_status_as_error(false)
        .proxy(None)
        .build()
        .into()
}

//! Questions over HTTP.

use std::time::Duration;

use ureq::Agent;

/// An answer of the servers may be the trees of a whole test.
const LONGEST: u64 = 256 * 1024 * 1024;

/// The status and the body of the answer to a GET.
pub(crate) fn get(url: &str) -> Result<(u16, String), String> {
    let answer = agent().get(url).call();
    read(url, answer)
}

/// The status and the body of the answer to a POST of JSON.
pub(crate) fn post(url: &str, json: &str) -> Result<(u16, String), String> {
    let answer = agent().post(url).header("content-type", "application/json").send(json);
    read(url, answer)
}

type Answer = Result<ureq::http::Response<ureq::Body>, ureq::Error>;

fn read(url: &str, answer: Answer) -> Result<(u16, String), String> {
    let mut answer = answer.map_err(|error| format!("{url}: {error}"))?;
    let body = answer.body_mut().with_config().limit(LONGEST).read_to_string();
    Ok((answer.status().as_u16(), body.map_err(|error| format!("{url}: {error}"))?))
}

/// One for each question: a connection that is kept may belong to a server that has been killed.
fn agent() -> Agent {
    Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(10)))
        .http_status_as_error(false)
        .proxy(None)
        .build()
        .into()
}

//! OTLP/HTTP with protobuf.

use std::time::Instant;

use anytrace_recorder::{
    Loss, SetupError,
    http::{self, Answer, Client},
    told,
};
use prost::Message;

use crate::{
    builder::Target,
    failure::{Again, Failure},
    response::Response,
    rpc_status,
    transport::{MAX_ANSWER, Transport},
};

const PROTOBUF: &str = "application/x-protobuf";

pub(crate) struct Http(Client);

impl Http {
    pub(crate) fn new(target: &Target) -> Result<Self, SetupError> {
        let client = Client::builder(&target.endpoint, PROTOBUF)
            .user_agent(crate::builder::USER_AGENT)
            .whole_answers(MAX_ANSWER);
        let client = if target.compress { client } else { client.without_compression() };
        let headers = target.headers.iter();
        headers.fold(client, |client, (name, value)| client.header(name, value)).build().map(Http)
    }
}

impl Transport for Http {
    fn send(&mut self, message: &[u8], deadline: Instant) -> Result<Response, Failure> {
        let answer = self.0.post(message, deadline)?;
        if !is_protobuf(&answer) {
            // Servers that know no partial success answer with anything.
            return Ok(Response::default());
        }
        Response::decode(answer.body()).map_err(|error| Failure::bad_answer(&error.to_string()))
    }
}

fn is_protobuf(answer: &Answer) -> bool {
    answer.content_type().is_some_and(|name| name.eq_ignore_ascii_case(PROTOBUF))
}

impl From<http::Failure> for Failure {
    fn from(failure: http::Failure) -> Self {
        let loss = failure.loss();
        let Some(answer) = failure.answer() else {
            let again = match loss {
                Loss::Unreachable | Loss::Disconnected => Again::Later,
                _ => Again::Never,
            };
            return Failure { loss, words: failure.to_string(), again };
        };
        // The server's own words: OTLP has them in a message, too.
        let status = is_protobuf(answer).then(|| rpc_status::Status::decode(answer.body()).ok()).flatten();
        let delay = || answer.retry_after().or_else(|| status.as_ref()?.retry_delay());
        let again = match answer.status() {
            429 | 502 | 503 | 504 => delay().map_or(Again::Later, Again::After),
            _ => Again::Never,
        };
        let words = match &status {
            Some(status) if status.message.is_empty() => format!("the server answered {}", answer.status()),
            Some(status) => format!("the server answered {}: {}", answer.status(), told(&status.message)),
            None => failure.to_string(),
        };
        Failure { loss, words, again }
    }
}

//! OTLP/HTTP with protobuf.

use std::time::Instant;

use anytrace_api::flush::{DropReason, ExportError};
use anytrace_recorder::{
    SetupError,
    http::{HttpClient, HttpError, HttpResponse},
    sanitized,
};
use prost::Message;

use crate::{
    builder::{Target, USER_AGENT},
    failure::{Failure, Retry},
    response::Response,
    rpc_status,
    transport::{MAX_RESPONSE_BYTES, Transport},
};

const PROTOBUF: &str = "application/x-protobuf";

pub(crate) struct HttpTransport(HttpClient);

impl HttpTransport {
    pub(crate) fn new(target: &Target) -> Result<Self, SetupError> {
        let client = HttpClient::builder(&target.endpoint, PROTOBUF)
            .user_agent(USER_AGENT)
            .read_responses(MAX_RESPONSE_BYTES);
        let client = if target.compress { client } else { client.without_compression() };
        let headers = target.headers.iter();
        headers.fold(client, |client, (name, value)| client.header(name, value)).build().map(HttpTransport)
    }
}

impl Transport for HttpTransport {
    fn send(&mut self, message: &[u8], deadline: Instant) -> Result<Response, Failure> {
        let response = self.0.post(message, deadline)?;
        if !is_protobuf(&response) {
            // Servers without support for partial success send bodies of other types.
            return Ok(Response::default());
        }
        Response::decode(response.body()).map_err(|error| Failure::invalid_response(&error.to_string()))
    }
}

fn is_protobuf(response: &HttpResponse) -> bool {
    response.content_type().is_some_and(|name| name.eq_ignore_ascii_case(PROTOBUF))
}

impl From<HttpError> for Failure {
    fn from(error: HttpError) -> Self {
        let Some(response) = error.response() else {
            let retry = match error.reason() {
                DropReason::Unreachable | DropReason::Disconnected => Retry::Backoff,
                _ => Retry::Never,
            };
            return Failure::new(error.into(), retry);
        };
        // OTLP servers send the message in a protobuf body.
        let status =
            is_protobuf(response).then(|| rpc_status::Status::decode(response.body()).ok()).flatten();
        let delay = || response.retry_after().or_else(|| status.as_ref()?.retry_delay());
        let retry = match response.status() {
            429 | 502 | 503 | 504 => delay().map_or(Retry::Backoff, Retry::After),
            _ => Retry::Never,
        };
        let message = match &status {
            Some(status) if status.message.is_empty() => {
                format!("the server responded {}", response.status())
            }
            Some(status) => {
                format!("the server responded {}: {}", response.status(), sanitized(&status.message))
            }
            None => error.to_string(),
        };
        Failure::new(ExportError::new(error.reason(), message).with_source(error), retry)
    }
}

//! OTLP/HTTP with protobuf.

use std::time::Instant;

use anytrace_recorder::{
    Loss, SetupError,
    http::{self, Answer, Client},
    told,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use prost::Message;

use super::{
    builder::Target,
    failure::{Again, Failure},
    transport::{MAX_ANSWER, Transport},
};

const PROTOBUF: &str = "application/x-protobuf";

pub(super) struct Http(Client);

impl Http {
    pub(super) fn new(target: Target) -> Result<Self, SetupError> {
        let client = Client::builder(target.endpoint, PROTOBUF)
            .user_agent(super::builder::USER_AGENT)
            .whole_answers(MAX_ANSWER);
        let client = if target.compress { client } else { client.without_compression() };
        let headers = target.headers.into_iter();
        headers.fold(client, |client, (name, value)| client.header(name, value)).build().map(Http)
    }
}

impl Transport for Http {
    fn send(
        &mut self,
        request: &ExportTraceServiceRequest,
        deadline: Instant,
    ) -> Result<ExportTraceServiceResponse, Failure> {
        let answer = self.0.post(&request.encode_to_vec(), deadline)?;
        if answer.content_type() != Some(PROTOBUF) {
            // Servers that know no partial success answer with anything.
            return Ok(ExportTraceServiceResponse::default());
        }
        ExportTraceServiceResponse::decode(answer.body()).map_err(|error| Failure {
            loss: Loss::BadAnswer,
            words: format!("the server's answer makes no sense: {}", told(&error.to_string())),
            again: Again::Never,
        })
    }
}

impl From<http::Failure> for Failure {
    fn from(failure: http::Failure) -> Self {
        let again = match (failure.answer(), failure.loss()) {
            (Some(answer), _) if matches!(answer.status(), 429 | 502 | 503 | 504) => {
                answer.retry_after().map_or(Again::Later, Again::After)
            }
            (None, Loss::Unreachable | Loss::Disconnected) => Again::Later,
            _ => Again::Never,
        };
        let words = failure.answer().and_then(said).unwrap_or_else(|| failure.to_string());
        Failure { loss: failure.loss(), words, again }
    }
}

/// `google.rpc.Status`, in which OTLP servers say why they refuse.
#[derive(Clone, PartialEq, Message)]
struct Status {
    #[prost(string, tag = "2")]
    message: String,
}

fn said(answer: &Answer) -> Option<String> {
    let is_status = answer.content_type() == Some(PROTOBUF);
    let status = is_status.then(|| Status::decode(answer.body()).ok()).flatten()?;
    let colon = if status.message.is_empty() { "" } else { ": " };
    Some(format!("the server answered {}{colon}{}", answer.status(), told(&status.message)))
}

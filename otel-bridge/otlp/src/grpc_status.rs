//! What a status of gRPC means for spans.

use std::{error::Error, io};

use anytrace_recorder::{Loss, told};
use prost::Message;
use tonic::{Code, ConnectError, Status};

use crate::{
    failure::{Again, Failure},
    rpc_status,
};

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        // What did not come from the server has a cause.
        match status.source() {
            Some(cause) => of_connection(cause),
            None => of_server(&status),
        }
    }
}

fn of_connection(cause: &(dyn Error + 'static)) -> Failure {
    let chain = || std::iter::successors(Some(cause), |&error| error.source());
    let last = chain().last().map(|error| told(&error.to_string())).unwrap_or_default();
    // It is how rustls complains.
    let is_tls = |error: &(dyn Error + 'static)| {
        error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::InvalidData)
    };
    let (loss, again, what) = if chain().any(is_tls) {
        (Loss::TlsFailed, Again::Never, "cannot be trusted")
    } else if chain().any(<dyn Error>::is::<ConnectError>) {
        (Loss::Unreachable, Again::Later, "cannot be reached")
    } else {
        (Loss::Disconnected, Again::Later, "hung up")
    };
    Failure { loss, words: format!("the server {what}: {last}"), again }
}

/// Which are worth another attempt is OTLP's own list (specification, "OTLP/gRPC Response", "Failures").
fn of_server(status: &Status) -> Failure {
    let delay = rpc_status::Status::decode(status.details()).ok().and_then(|details| details.retry_delay());
    let (loss, is_retryable) = match status.code() {
        // Not the server's word: tonic's, for an answer that is longer than it may be.
        Code::OutOfRange if status.message().starts_with("Error, decoded message length too large") => {
            (Loss::BadAnswer, false)
        }
        Code::OutOfRange => (Loss::Refused, true),
        Code::ResourceExhausted => (Loss::Refused, delay.is_some()),
        Code::DeadlineExceeded => (Loss::Timeout, true),
        Code::Cancelled | Code::Aborted | Code::Unavailable | Code::DataLoss => (Loss::ServerError, true),
        Code::Ok | Code::Unknown | Code::Internal => (Loss::ServerError, false),
        Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::FailedPrecondition
        | Code::Unimplemented
        | Code::Unauthenticated => (Loss::Refused, false),
    };
    let again = if is_retryable { delay.map_or(Again::Later, Again::After) } else { Again::Never };
    let message = told(status.message());
    let colon = if message.is_empty() { "" } else { ": " };
    Failure { loss, words: format!("the server answered {:?}{colon}{message}", status.code()), again }
}

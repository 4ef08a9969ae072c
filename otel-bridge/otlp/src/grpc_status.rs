//! The failure that a gRPC status stands for.

use std::{error::Error, io};

use anytrace_api::flush::{DropReason, ExportError};
use anytrace_recorder::sanitized;
use http::Uri;
use prost::Message;
use tonic::{Code, ConnectError, Status};

use crate::{
    failure::{Failure, Retry},
    rpc_status,
};

/// Converts the status of a failed request to `endpoint`.
pub(crate) fn failure(status: Status, endpoint: &Uri) -> Failure {
    // Only a status that tonic made itself, because of a failed connection, has a source.
    if status.source().is_some() { connection_failure(status, endpoint) } else { server_failure(status) }
}

fn connection_failure(status: Status, endpoint: &Uri) -> Failure {
    let chain = || std::iter::successors(status.source(), |&error| error.source());
    let detail = chain().last().map(|error| sanitized(&error.to_string())).unwrap_or_default();
    // rustls reports its errors with this kind.
    let is_tls = |error: &(dyn Error + 'static)| {
        error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::InvalidData)
    };
    let (reason, retry, message) = if chain().any(is_tls) {
        (DropReason::TlsHandshakeFailed, Retry::Never, "TLS handshake failed".to_owned())
    } else if chain().any(<dyn Error>::is::<ConnectError>) {
        (DropReason::Unreachable, Retry::Backoff, format!("cannot connect to {endpoint}"))
    } else {
        (DropReason::Disconnected, Retry::Backoff, "connection closed before the response".to_owned())
    };
    let error = ExportError::new(reason, format!("{message}: {detail}"));
    Failure::new(error.with_source(status), retry)
}

/// The retryable codes are those of the specification ("OTLP/gRPC Response", "Failures").
fn server_failure(status: Status) -> Failure {
    let delay = rpc_status::Status::decode(status.details()).ok().and_then(|details| details.retry_delay());
    let (reason, is_retryable) = match status.code() {
        // tonic sets this status for a response above the size limit.
        Code::OutOfRange if status.message().starts_with("Error, decoded message length too large") => {
            (DropReason::InvalidResponse, false)
        }
        Code::OutOfRange => (DropReason::Refused, true),
        Code::ResourceExhausted => (DropReason::Refused, delay.is_some()),
        Code::DeadlineExceeded => (DropReason::Timeout, true),
        Code::Cancelled | Code::Aborted | Code::Unavailable | Code::DataLoss => {
            (DropReason::ServerError, true)
        }
        Code::Ok | Code::Unknown | Code::Internal => (DropReason::ServerError, false),
        Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::FailedPrecondition
        | Code::Unimplemented
        | Code::Unauthenticated => (DropReason::Refused, false),
    };
    let retry = if is_retryable { delay.map_or(Retry::Backoff, Retry::After) } else { Retry::Never };
    let detail = sanitized(status.message());
    let separator = if detail.is_empty() { "" } else { ": " };
    let message = format!("the server responded {:?}{separator}{detail}", status.code());
    Failure::new(ExportError::new(reason, message).with_source(status), retry)
}

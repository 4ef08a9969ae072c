//! OTLP/gRPC.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Instant,
};

use anytrace_recorder::{SetupError, SetupErrorKind};
use http::uri::PathAndQuery;
use tonic::{
    Request, Status, client,
    codec::CompressionEncoding,
    metadata::{AsciiMetadataKey, AsciiMetadataValue, MetadataMap},
    transport::{Channel, Endpoint},
};

use crate::{
    builder::{Target, USER_AGENT},
    failure::Failure,
    grpc_codec::Encoded,
    grpc_status,
    response::Response,
    tokio_runtime::TokioRuntime,
    transport::{MAX_RESPONSE_BYTES, Transport},
};

/// Metadata that the client sets itself, besides `grpc-…`.
const RESERVED: [&str; 7] =
    ["te", "user-agent", "content-type", "content-length", "transfer-encoding", "connection", "host"];

pub(crate) struct GrpcTransport {
    /// The client, dropped before the runtime in which its tasks run. `None` before the first request, and after an attempt
    /// without a response, because the state of its connection is unknown.
    client: Option<client::Grpc<Channel>>,
    endpoint: Endpoint,
    metadata: MetadataMap,
    compress: bool,
    runtime: TokioRuntime,
}

impl GrpcTransport {
    pub(crate) fn new(target: &Target) -> Result<Self, SetupError> {
        let runtime =
            TokioRuntime::new().map_err(|error| SetupError::io("cannot create a tokio runtime", error))?;
        let endpoint = endpoint(&target.endpoint)?;
        let metadata = metadata(&target.headers)?;
        Ok(GrpcTransport { client: None, endpoint, metadata, compress: target.compress, runtime })
    }

    fn connect(&self) -> client::Grpc<Channel> {
        let channel = self.runtime.within(|| self.endpoint.connect_lazy());
        let client = client::Grpc::new(channel).max_decoding_message_size(MAX_RESPONSE_BYTES);
        if !self.compress {
            return client;
        }
        // Servers in Go compress a response if the request was compressed, whatever the client accepts.
        client.send_compressed(CompressionEncoding::Gzip).accept_compressed(CompressionEncoding::Gzip)
    }
}

impl Transport for GrpcTransport {
    fn send(&mut self, message: &[u8], deadline: Instant) -> Result<Response, Failure> {
        self.runtime.idle();
        let mut client = self.client.take().unwrap_or_else(|| self.connect());
        let mut request = Request::new(message.to_vec());
        *request.metadata_mut() = self.metadata.clone();
        let exchange = || self.runtime.block_on(export(&mut client, request), deadline);
        // tonic panics if the details of a status are not valid base64.
        let result = catch_unwind(AssertUnwindSafe(exchange))
            .map_err(|_| Failure::invalid_response("not a gRPC status"))?;
        let timeout =
            || Failure::timeout(format!("no response from {} before the deadline", self.endpoint.uri()));
        let response = result.ok_or_else(timeout)?;
        self.client = Some(client);
        response.map_err(|status| grpc_status::failure(status, self.endpoint.uri()))
    }

    fn idle(&mut self) {
        self.runtime.idle();
    }
}

async fn export(client: &mut client::Grpc<Channel>, request: Request<Vec<u8>>) -> Result<Response, Status> {
    let not_ready = |error| Status::unknown(format!("Service was not ready: {error}"));
    client.ready().await.map_err(not_ready)?;
    let path = PathAndQuery::from_static(METHOD);
    client.unary(request, path, Encoded).await.map(tonic::Response::into_inner)
}

/// The method that OTLP defines for traces.
const METHOD: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

fn endpoint(url: &str) -> Result<Endpoint, SetupError> {
    let error = |kind| SetupError::new(kind, url);
    let endpoint =
        Endpoint::from_shared(url.to_owned()).map_err(|_| error(SetupErrorKind::InvalidEndpoint))?;
    let uri = endpoint.uri();
    if uri.host().is_none_or(str::is_empty) {
        return Err(error(SetupErrorKind::InvalidEndpoint));
    }
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(error(SetupErrorKind::CredentialsInEndpoint));
    }
    let endpoint = match uri.scheme_str() {
        Some("http") => endpoint,
        Some("https") => secured(endpoint).ok_or_else(|| error(SetupErrorKind::TlsDisabled))?,
        _ => return Err(error(SetupErrorKind::InvalidEndpoint)),
    };
    endpoint.user_agent(USER_AGENT).map_err(|_| error(SetupErrorKind::InvalidEndpoint))
}

#[cfg(feature = "tls")]
fn secured(endpoint: Endpoint) -> Option<Endpoint> {
    endpoint.tls_config(tonic::transport::ClientTlsConfig::new().with_webpki_roots()).ok()
}

#[cfg(not(feature = "tls"))]
fn secured(_: Endpoint) -> Option<Endpoint> {
    None
}

fn metadata(headers: &[(String, String)]) -> Result<MetadataMap, SetupError> {
    let mut metadata = MetadataMap::new();
    for (name, text) in headers {
        let invalid = || SetupError::new(SetupErrorKind::InvalidHeader, name);
        let key =
            AsciiMetadataKey::from_bytes(name.to_ascii_lowercase().as_bytes()).map_err(|_| invalid())?;
        if RESERVED.contains(&key.as_str()) || key.as_str().starts_with("grpc-") {
            return Err(SetupError::new(SetupErrorKind::ReservedHeader, key.as_str()));
        }
        let mut value = AsciiMetadataValue::try_from(text).map_err(|_| invalid())?;
        value.set_sensitive(true);
        metadata.append(key, value);
    }
    Ok(metadata)
}

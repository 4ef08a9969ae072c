//! OTLP/gRPC.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Instant,
};

use anytrace_recorder::SetupError;
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
    response::Response,
    runtime::OwnRuntime,
    transport::{MAX_ANSWER, Transport},
};

/// What belongs to the message itself, besides `grpc-…`.
const RESERVED: [&str; 7] =
    ["te", "user-agent", "content-type", "content-length", "transfer-encoding", "connection", "host"];

pub(crate) struct Grpc {
    /// Before the runtime, which its tasks run in. None until there is something to send, and after an attempt that
    /// had no answer in time: what became of its connection nobody knows.
    client: Option<client::Grpc<Channel>>,
    endpoint: Endpoint,
    metadata: MetadataMap,
    compress: bool,
    runtime: OwnRuntime,
}

impl Grpc {
    pub(crate) fn new(target: &Target) -> Result<Self, SetupError> {
        let runtime = OwnRuntime::new().map_err(|error| SetupError::new("no runtime", &error.to_string()))?;
        let endpoint = endpoint(&target.endpoint)?;
        let metadata = metadata(&target.headers)?;
        Ok(Grpc { client: None, endpoint, metadata, compress: target.compress, runtime })
    }

    fn connect(&self) -> client::Grpc<Channel> {
        let channel = self.runtime.within(|| self.endpoint.connect_lazy());
        let client = client::Grpc::new(channel).max_decoding_message_size(MAX_ANSWER);
        if !self.compress {
            return client;
        }
        // Servers of Go answer in the way that they were asked, whatever the client says that it takes.
        client.send_compressed(CompressionEncoding::Gzip).accept_compressed(CompressionEncoding::Gzip)
    }
}

impl Transport for Grpc {
    fn send(&mut self, message: &[u8], deadline: Instant) -> Result<Response, Failure> {
        self.runtime.idle();
        let mut client = self.client.take().unwrap_or_else(|| self.connect());
        let mut request = Request::new(message.to_vec());
        *request.metadata_mut() = self.metadata.clone();
        let exchange = || self.runtime.block_on(export(&mut client, request), deadline);
        // tonic panics at details of a status that are no base64: also that is only an answer.
        let result = catch_unwind(AssertUnwindSafe(exchange)).map_err(|_| Failure::bad_answer("no gRPC"))?;
        let answer = result.ok_or_else(Failure::timeout)?;
        self.client = Some(client);
        Ok(answer?)
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

/// As the service is called in OTLP's definition.
const METHOD: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

fn endpoint(url: &str) -> Result<Endpoint, SetupError> {
    let refused = |why| SetupError::new(why, url);
    let endpoint = Endpoint::from_shared(url.to_owned()).map_err(|_| refused("not an endpoint"))?;
    let uri = endpoint.uri();
    if uri.host().is_none_or(str::is_empty) {
        return Err(refused("not an endpoint"));
    }
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(refused("gRPC has no users in endpoints: they go into a header"));
    }
    let endpoint = match uri.scheme_str() {
        Some("http") => endpoint,
        Some("https") => secured(endpoint).ok_or_else(|| refused("https takes the feature `tls`"))?,
        _ => return Err(refused("not an endpoint")),
    };
    endpoint.user_agent(USER_AGENT).map_err(|_| refused("not an endpoint"))
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
        let refused = || SetupError::new("not a header", name);
        let key =
            AsciiMetadataKey::from_bytes(name.to_ascii_lowercase().as_bytes()).map_err(|_| refused())?;
        if RESERVED.contains(&key.as_str()) || key.as_str().starts_with("grpc-") {
            return Err(SetupError::new("not a header of the caller's", key.as_str()));
        }
        let mut value = AsciiMetadataValue::try_from(text).map_err(|_| refused())?;
        value.set_sensitive(true);
        metadata.append(key, value);
    }
    Ok(metadata)
}

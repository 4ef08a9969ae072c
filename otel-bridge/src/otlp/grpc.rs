//! OTLP/gRPC.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Instant,
};

use anytrace_recorder::SetupError;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse, trace_service_client::TraceServiceClient,
};
use tonic::{
    Request,
    codec::CompressionEncoding,
    metadata::{AsciiMetadataKey, AsciiMetadataValue, MetadataMap},
    transport::{Channel, Endpoint},
};

use super::{
    builder::{Target, USER_AGENT},
    failure::Failure,
    transport::{MAX_ANSWER, Transport},
};
use crate::own_runtime::OwnRuntime;

/// What belongs to the message itself, besides `grpc-…`.
const RESERVED: [&str; 7] =
    ["te", "user-agent", "content-type", "content-length", "transfer-encoding", "connection", "host"];

pub(super) struct Grpc {
    /// Before the runtime, which its tasks run in. None until there is something to send, and after an attempt that
    /// had no answer in time: what became of its connection nobody knows.
    client: Option<TraceServiceClient<Channel>>,
    endpoint: Endpoint,
    metadata: MetadataMap,
    compress: bool,
    runtime: OwnRuntime,
}

impl Grpc {
    pub(super) fn new(target: &Target) -> Result<Self, SetupError> {
        let runtime = OwnRuntime::new().map_err(|error| SetupError::new("no runtime", &error.to_string()))?;
        let endpoint = endpoint(&target.endpoint)?;
        let metadata = metadata(&target.headers)?;
        Ok(Grpc { client: None, endpoint, metadata, compress: target.compress, runtime })
    }

    fn connect(&self) -> TraceServiceClient<Channel> {
        let channel = self.runtime.within(|| self.endpoint.connect_lazy());
        let client = TraceServiceClient::new(channel).max_decoding_message_size(MAX_ANSWER);
        if !self.compress {
            return client;
        }
        // Servers of Go answer in the way that they were asked, whatever the client says that it takes.
        client.send_compressed(CompressionEncoding::Gzip).accept_compressed(CompressionEncoding::Gzip)
    }
}

impl Transport for Grpc {
    fn send(
        &mut self,
        request: &ExportTraceServiceRequest,
        deadline: Instant,
    ) -> Result<ExportTraceServiceResponse, Failure> {
        self.runtime.idle();
        let mut client = self.client.take().unwrap_or_else(|| self.connect());
        let mut message = Request::new(request.clone());
        *message.metadata_mut() = self.metadata.clone();
        let exchange = || self.runtime.block_on(client.export(message), deadline);
        // tonic panics at details of a status that are no base64: also that is only an answer.
        let result = catch_unwind(AssertUnwindSafe(exchange)).map_err(|_| Failure::bad_answer("no gRPC"))?;
        let answer = result.ok_or_else(Failure::timeout)?;
        self.client = Some(client);
        Ok(answer?.into_inner())
    }

    fn idle(&mut self) {
        self.runtime.idle();
    }
}

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

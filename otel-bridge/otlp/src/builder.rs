//! The builder of [`OtlpRecorder`].

use std::{fmt, time::Duration};

use anytrace_recorder::SetupError;

use crate::{OtlpRecorder, recorder::Limits, transport::Transport};

pub(crate) const USER_AGENT: &str = concat!("anytrace-otlp/", env!("CARGO_PKG_VERSION"));

/// The limit that OTLP sets for a request.
const MAX_REQUEST_BYTES: usize = 64 * 1024 * 1024;

/// The transport protocol. [`OtlpRecorderBuilder::build`] returns an error for a protocol whose feature is off.
///
/// ```
/// use anytrace_otlp::{OtlpRecorder, Protocol};
///
/// let built = OtlpRecorder::builder().protocol(Protocol::Grpc).build();
/// assert_eq!(built.is_ok(), cfg!(feature = "grpc"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// OTLP/gRPC. Requires the feature `grpc`.
    Grpc,
    /// OTLP/HTTP: protobuf over HTTP/1.1. Requires the feature `http`.
    HttpProtobuf,
}

/// Returns `HttpProtobuf` if the feature `http` is on, as the OpenTelemetry specification recommends, or else `Grpc`.
impl Default for Protocol {
    fn default() -> Self {
        if cfg!(feature = "http") { Protocol::HttpProtobuf } else { Protocol::Grpc }
    }
}

/// Configures an [`OtlpRecorder`]. Created by [`OtlpRecorder::builder`].
///
/// ```
/// use std::time::Duration;
/// use anytrace_otlp::OtlpRecorder;
///
/// let recorder = OtlpRecorder::builder()
///     .endpoint("http://collector.example:4318")
///     .header("x-tenant", "acme")
///     .timeout(Duration::from_secs(3))
///     .build()?;
/// # let _ = recorder;
///
/// let error = OtlpRecorder::builder().traces_endpoint("collector:4318").build().unwrap_err();
/// assert_eq!(error.to_string(), "invalid endpoint \"collector:4318\": expected an http or https URL");
/// # Ok::<(), anytrace_recorder::SetupError>(())
/// ```
#[must_use = "call `build` to create the recorder"]
pub struct OtlpRecorderBuilder {
    protocol: Protocol,
    endpoint: Option<Endpoint>,
    headers: Vec<(String, String)>,
    compress: bool,
    limits: Limits,
}

enum Endpoint {
    /// `/v1/traces` is appended for HTTP.
    Base(String),
    /// The URL is used as it is.
    Traces(String),
}

/// The settings of a transport.
pub(crate) struct Target {
    pub(crate) endpoint: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) compress: bool,
}

impl OtlpRecorderBuilder {
    pub(crate) fn new() -> Self {
        let limits =
            Limits { timeout: Duration::from_secs(10), retries: 4, max_message_bytes: 4 * 1024 * 1024 };
        OtlpRecorderBuilder {
            protocol: Protocol::default(),
            endpoint: None,
            headers: Vec::new(),
            compress: true,
            limits,
        }
    }

    /// Sets the protocol. Default: [`Protocol::default`].
    pub fn protocol(self, protocol: Protocol) -> Self {
        OtlpRecorderBuilder { protocol, ..self }
    }

    /// Sets the base URL of the server, as `OTEL_EXPORTER_OTLP_ENDPOINT` does: for HTTP, `/v1/traces` is appended. `https`
    /// requires the feature `tls`. Default: `http://localhost:4318`, for gRPC `http://localhost:4317`.
    pub fn endpoint(self, url: impl Into<String>) -> Self {
        OtlpRecorderBuilder { endpoint: Some(Endpoint::Base(url.into())), ..self }
    }

    /// Sets the complete URL for traces, as `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` does: nothing is appended. For gRPC, this
    /// method and [`endpoint`](Self::endpoint) are equivalent.
    pub fn traces_endpoint(self, url: impl Into<String>) -> Self {
        OtlpRecorderBuilder { endpoint: Some(Endpoint::Traces(url.into())), ..self }
    }

    /// Adds a header to each request: for gRPC, metadata. Error messages and `Debug` output do not show its value.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the time limit for one batch, including all retries. Default: 10 s. The tracer's deadlines apply as well.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.limits.timeout = timeout;
        self
    }

    /// Sets the maximum number of retries of a request. Default: 4. Over HTTP, the attempt on a reused connection that the
    /// server had closed does not count.
    pub fn retries(mut self, retries: u32) -> Self {
        self.limits.retries = retries;
        self
    }

    /// Turns compression off. By default, requests are compressed with gzip, which every OTLP server accepts; over HTTP,
    /// only requests of 1 KiB and more are.
    pub fn without_compression(self) -> Self {
        OtlpRecorderBuilder { compress: false, ..self }
    }

    /// Sets the maximum size of a request in bytes, before compression. Default: 4 MiB, the usual limit of gRPC servers.
    /// Maximum: 64 MiB. A larger batch is split in halves; a single span above the limit is dropped as `too large`.
    pub fn max_message_bytes(mut self, bytes: usize) -> Self {
        self.limits.max_message_bytes = bytes.min(MAX_REQUEST_BYTES);
        self
    }

    /// Creates the recorder. It connects when the first batch is sent.
    ///
    /// # Errors
    ///
    /// Returns an error if the feature of the protocol is off, if the endpoint is not an `http` URL (or an `https` URL,
    /// with the feature `tls`), if a header is invalid, or if it is one that the client sets itself.
    pub fn build(self) -> Result<OtlpRecorder, SetupError> {
        let endpoint = match (self.endpoint, self.protocol) {
            (Some(Endpoint::Traces(url)), _) | (Some(Endpoint::Base(url)), Protocol::Grpc) => url,
            (Some(Endpoint::Base(url)), Protocol::HttpProtobuf) => with_path(&url),
            (None, Protocol::Grpc) => "http://localhost:4317".to_owned(),
            (None, Protocol::HttpProtobuf) => "http://localhost:4318/v1/traces".to_owned(),
        };
        let target = Target { endpoint, headers: self.headers, compress: self.compress };
        Ok(OtlpRecorder::new(transport(self.protocol, &target)?, self.limits))
    }
}

fn transport(protocol: Protocol, target: &Target) -> Result<Box<dyn Transport>, SetupError> {
    match protocol {
        #[cfg(feature = "http")]
        Protocol::HttpProtobuf => Ok(Box::new(crate::http_transport::HttpTransport::new(target)?)),
        #[cfg(not(feature = "http"))]
        Protocol::HttpProtobuf => {
            Err(SetupError::new(anytrace_recorder::SetupErrorKind::FeatureDisabled, "http"))
        }
        #[cfg(feature = "grpc")]
        Protocol::Grpc => Ok(Box::new(crate::grpc_transport::GrpcTransport::new(target)?)),
        #[cfg(not(feature = "grpc"))]
        Protocol::Grpc => Err(SetupError::new(anytrace_recorder::SetupErrorKind::FeatureDisabled, "grpc")),
    }
}

/// Inserts the path before the query.
fn with_path(base: &str) -> String {
    let (path, query) = base.split_at(base.find('?').unwrap_or(base.len()));
    format!("{}/v1/traces{query}", path.trim_end_matches('/'))
}

/// Omits the headers and the endpoint, which can contain secrets.
impl fmt::Debug for OtlpRecorderBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OtlpRecorderBuilder")
            .field("protocol", &self.protocol)
            .field("compress", &self.compress)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

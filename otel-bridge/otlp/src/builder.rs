//! How a recorder is set up.

use std::{fmt, time::Duration};

use anytrace_recorder::SetupError;

use crate::{OtlpRecorder, recorder::Limits, transport::Transport};

pub(crate) const USER_AGENT: &str = concat!("anytrace-otlp/", env!("CARGO_PKG_VERSION"));

/// OTLP's own limit for a request.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// How spans get to the server. One whose feature is off is known, and refused when a recorder is
/// [built](OtlpRecorderBuilder::build).
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
    /// gRPC: feature `grpc`.
    Grpc,
    /// Protobuf over HTTP/1.1: feature `http`.
    HttpProtobuf,
}

/// The better known one where there is a choice, as OpenTelemetry wants it.
impl Default for Protocol {
    fn default() -> Self {
        if cfg!(feature = "http") { Protocol::HttpProtobuf } else { Protocol::Grpc }
    }
}

/// Sets up an [`OtlpRecorder`]. Made by [`OtlpRecorder::builder`].
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
/// assert_eq!(error.to_string(), "not an endpoint: collector:4318");
/// # Ok::<(), anytrace_recorder::SetupError>(())
/// ```
#[must_use = "nothing is sent before `build`"]
pub struct OtlpRecorderBuilder {
    protocol: Protocol,
    endpoint: Option<Endpoint>,
    headers: Vec<(String, String)>,
    compress: bool,
    limits: Limits,
}

enum Endpoint {
    Base(String),
    Whole(String),
}

/// What a transport is made for.
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

    /// How spans get there: protobuf over HTTP where that is compiled in, else gRPC.
    pub fn protocol(self, protocol: Protocol) -> Self {
        OtlpRecorderBuilder { protocol, ..self }
    }

    /// Where the server is, as `OTEL_EXPORTER_OTLP_ENDPOINT` says it: for HTTP, `/v1/traces` is appended. On this machine
    /// if it is not said, `http://localhost:4318` or for gRPC `http://localhost:4317`. `https` takes the feature `tls`.
    pub fn endpoint(self, url: impl Into<String>) -> Self {
        OtlpRecorderBuilder { endpoint: Some(Endpoint::Base(url.into())), ..self }
    }

    /// The same as the whole URL, as `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` says it: nothing is appended.
    /// To gRPC both are the same, and have no path.
    pub fn traces_endpoint(self, url: impl Into<String>) -> Self {
        OtlpRecorderBuilder { endpoint: Some(Endpoint::Whole(url.into())), ..self }
    }

    /// One more header for each message: for gRPC, metadata. Its value is not shown anywhere.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// How long one batch may take at the most, with all its attempts; 10 s. The tracer's own deadlines hold besides.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.limits.timeout = timeout;
        self
    }

    /// How many more attempts there are for a message; 4. Over HTTP, a connection that turns out to have been closed
    /// meanwhile does not count as one.
    pub fn retries(mut self, retries: u32) -> Self {
        self.limits.retries = retries;
        self
    }

    /// Messages go as they are. Otherwise they are compressed by gzip, which every OTLP server has to take, HTTP's only
    /// where they have 1 KiB or more.
    pub fn without_compression(self) -> Self {
        OtlpRecorderBuilder { compress: false, ..self }
    }

    /// How many bytes one message may have before it is compressed; 4 MiB, which is what servers of gRPC take, and 64 MiB
    /// at the most. A larger one is sent in two halves; a single span that does not fit into one is lost, as
    /// `too large`.
    pub fn max_message_bytes(mut self, bytes: usize) -> Self {
        self.limits.max_message_bytes = bytes.min(MOST_BYTES);
        self
    }

    /// The recorder. It connects when there is something to send.
    ///
    /// # Errors
    ///
    /// A protocol whose feature is off, an endpoint that is no URL of `http` (or `https`, with the feature `tls`), a header
    /// that is none, or one that is not the caller's to set.
    pub fn build(self) -> Result<OtlpRecorder, SetupError> {
        let endpoint = match (self.endpoint, self.protocol) {
            (Some(Endpoint::Whole(url)), _) | (Some(Endpoint::Base(url)), Protocol::Grpc) => url,
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
        Protocol::HttpProtobuf => Ok(Box::new(crate::http_transport::Http::new(target)?)),
        #[cfg(not(feature = "http"))]
        Protocol::HttpProtobuf => Err(SetupError::new("this takes the feature `http`", "protobuf over HTTP")),
        #[cfg(feature = "grpc")]
        Protocol::Grpc => Ok(Box::new(crate::grpc_transport::Grpc::new(target)?)),
        #[cfg(not(feature = "grpc"))]
        Protocol::Grpc => Err(SetupError::new("this takes the feature `grpc`", "gRPC")),
    }
}

/// The path of traces goes before a query.
fn with_path(base: &str) -> String {
    let (path, query) = base.split_at(base.find('?').unwrap_or(base.len()));
    format!("{}/v1/traces{query}", path.trim_end_matches('/'))
}

/// Without the headers, which may be secrets, and the endpoint, which may hold one.
impl fmt::Debug for OtlpRecorderBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OtlpRecorderBuilder")
            .field("protocol", &self.protocol)
            .field("compress", &self.compress)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

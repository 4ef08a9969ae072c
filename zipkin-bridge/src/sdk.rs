//! The deprecated Zipkin exporter of OpenTelemetry's SDK.
#![allow(deprecated, reason = "for applications that depend on its format")]

use std::{
    fmt,
    future::{self, Future},
    pin::Pin,
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anytrace_otel_bridge::ExporterRecorder;
use anytrace_recorder::{SetupError, SetupErrorKind, http::HttpClient as PostClient};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_zipkin::ZipkinExporter;

use crate::builder::USER_AGENT;

/// Creates a recorder with the Zipkin exporter of OpenTelemetry's SDK, for applications that depend on its format. Prefer
/// [`ZipkinRecorder`](crate::ZipkinRecorder): the exporter is deprecated, and version 0.33 has the following defects.
///
/// | data | result |
/// |---|---|
/// | the name of the service and the resource | lost: `localEndpoint` is empty |
/// | the parent of a root | `0000000000000000` instead of none |
/// | a tag `span.kind` | replaces the kind of the span |
/// | a tag `error` | lost, even if the span has no status |
/// | the remote endpoint | lost: `remoteEndpoint` is always missing |
/// | `shared` and `debug` | always `false` |
/// | the tags of events | lost |
/// | links, trace state, numbers of dropped items | lost |
/// | the instrumentation scope | only as the deprecated tags `otel.library.…` |
/// | spans without events | an empty list of `annotations` |
/// | durations below a microsecond | 0, which Zipkin treats as unknown |
/// | trace ids of 64 bits | written with 32 digits |
/// | names of spans | not converted to lower case |
///
/// The exporter uses the [HTTP client of the recorder crate](anytrace_recorder::http): requests go to `endpoint`, the
/// complete URL, compressed, without an async runtime and without retries. `timeout` is the time limit for one request,
/// which the tracer's deadlines do not shorten. All spans of a failed request are dropped as `export failed`, and the
/// flush returns the message of the error.
///
/// # Errors
///
/// Returns an error if the endpoint is invalid, as for
/// [`ZipkinRecorderBuilder::build`](crate::ZipkinRecorderBuilder::build).
///
/// ```
/// use std::time::Duration;
/// use anytrace_recorder::RecordingTracer;
/// use anytrace_zipkin_bridge::sdk_exporter;
///
/// let recorder = sdk_exporter("http://zipkin:9411/api/v2/spans", Duration::from_secs(10))?;
/// let tracer = RecordingTracer::builder(recorder).service("orders").build();
/// # let _ = tracer;
/// # Ok::<(), anytrace_zipkin_bridge::SetupError>(())
/// ```
pub fn sdk_exporter(
    endpoint: impl Into<String>,
    timeout: Duration,
) -> Result<ExporterRecorder<ZipkinExporter>, SetupError> {
    let client = PostClient::builder(endpoint, "application/json").user_agent(USER_AGENT).build()?;
    let transport = Transport { client: Mutex::new(client), timeout };
    // The exporter logs its endpoint, which can contain a password, so only the client has it.
    let make =
        || ZipkinExporter::builder().with_collector_endpoint(PLACEHOLDER).with_http_client(transport).build();
    // If a feature of the exporter enables its own client, its builder creates one, which panics in tokio.
    let exporter = thread::scope(|scope| scope.spawn(make).join()).ok().and_then(Result::ok);
    exporter.map(ExporterRecorder::new).ok_or_else(|| {
        SetupError::new(SetupErrorKind::Io, "cannot create the exporter of opentelemetry-zipkin")
    })
}

const PLACEHOLDER: &str = "http://nowhere.invalid/";

/// Sends the requests of the exporter to the configured endpoint.
struct Transport {
    client: Mutex<PostClient>,
    timeout: Duration,
}

/// Blocks in the future, because the reporter thread has no other work.
impl HttpClient for Transport {
    fn send_bytes<'a, 'b>(
        &'a self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        let now = Instant::now();
        let deadline = now.checked_add(self.timeout).unwrap_or(now + Duration::from_secs(60 * 60));
        let mut client = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        let result = client.post(request.body(), deadline).map(|_| Response::new(Bytes::new()));
        Box::pin(future::ready(result.map_err(Into::into)))
    }
}

/// Without the endpoint, which may hold a secret.
impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

//! The deprecated Zipkin exporter of OpenTelemetry's SDK.
#![allow(deprecated, reason = "it is for those who must keep it")]

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

/// The Zipkin exporter of OpenTelemetry's SDK, for those who must keep what it sends. Prefer
/// [`ZipkinRecorder`](crate::ZipkinRecorder): the exporter is deprecated, and these faults of its 0.33 are not mended
/// here.
///
/// | what | becomes of it |
/// |---|---|
/// | the service's name, and all of the resource | lost: `localEndpoint` is empty |
/// | the parent of a root | `0000000000000000` instead of none |
/// | a tag `span.kind` | takes the span's kind away |
/// | a tag `error` | lost, also where the span has no status |
/// | the other end of a call | lost: there is never a `remoteEndpoint` |
/// | shared and debug | always `false`, and always sent |
/// | the tags of events | lost |
/// | links, trace state, dropped counts | lost |
/// | the origin | only as the tags `otel.library.…` |
/// | spans without events | an empty list of `annotations` |
/// | durations below a microsecond | 0, which to Zipkin is unknown |
/// | trace ids of 64 bits | 32 digits |
/// | the names of spans | as they are, not in lower case |
///
/// What it sends goes through [this project's transport](anytrace_recorder::http) to `endpoint`, the whole URL: without a
/// runtime, without retries, compressed. One message may take `timeout`, which the tracer's deadlines do not cut short. A
/// message that fails is lost as `export failed`, whatever the reason, which is told in words to whoever waits for a flush.
///
/// # Errors
///
/// What is no endpoint, as for [`ZipkinRecorderBuilder::build`](crate::ZipkinRecorderBuilder::build).
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
    // The exporter would show a password: where to send, the client alone knows.
    let make =
        || ZipkinExporter::builder().with_collector_endpoint(NOWHERE).with_http_client(transport).build();
    // Where somebody has turned a client of the exporter's own on, its builder makes one, and that panics within tokio.
    let exporter = thread::scope(|scope| scope.spawn(make).join()).ok().and_then(Result::ok);
    exporter.map(ExporterRecorder::new).ok_or_else(|| {
        SetupError::new(SetupErrorKind::Io, "cannot create the exporter of opentelemetry-zipkin")
    })
}

const NOWHERE: &str = "http://nowhere.invalid/";

/// Sends what the exporter makes, wherever that wants it to go.
struct Transport {
    client: Mutex<PostClient>,
    timeout: Duration,
}

/// It blocks: the recorder waits for nothing else on its thread.
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

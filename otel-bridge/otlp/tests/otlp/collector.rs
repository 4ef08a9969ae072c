//! An OTLP/gRPC server with configured responses, on the level of HTTP/2 frames.

use std::{
    collections::HashMap,
    io::Read,
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::Instant,
};

use flate2::{
    Compression,
    read::{GzDecoder, GzEncoder},
};
use h2::server::{self, SendResponse};
use http::{HeaderMap, Request as HttpRequest, Response, response::Builder};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use prost::{Message, bytes::Bytes};
use tokio::sync::{Notify, oneshot};

/// The response to one request, which has been read completely.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// A message in its frame, these bytes, and the end with status 0.
    Frame(Vec<u8>),
    /// A response with a compressed message, as servers in Go send for compressed requests.
    Packed(Vec<u8>),
    /// No message: the head, with these headers.
    Head(u16, Vec<(&'static str, String)>),
    /// The head, and no more.
    HeadOnly,
    /// No response.
    Hang,
    /// The stream ends.
    Reset,
    /// The connection ends.
    HangUp,
}

impl Reply {
    pub(crate) fn message(message: &ExportTraceServiceResponse) -> Self {
        Reply::Frame(frame(0, &message.encode_to_vec()))
    }

    pub(crate) fn taken() -> Self {
        Reply::message(&ExportTraceServiceResponse::default())
    }

    /// A failure, as most servers say it.
    pub(crate) fn status(code: i32, message: &str) -> Self {
        Reply::Head(
            200,
            vec![
                ("content-type", "application/grpc".into()),
                ("grpc-status", code.to_string()),
                ("grpc-message", message.into()),
            ],
        )
    }

    /// Adds status details in base64.
    pub(crate) fn with_details(self, details: &str) -> Self {
        match self {
            Reply::Head(status, mut headers) => {
                headers.push(("grpc-status-details-bin", details.into()));
                Reply::Head(status, headers)
            }
            other => other,
        }
    }
}

pub(crate) fn frame(compressed: u8, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[compressed], length.as_slice(), message].concat()
}

fn packed(message: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    GzEncoder::new(message, Compression::fast()).read_to_end(&mut packed).unwrap();
    packed
}

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) headers: HashMap<String, String>,
    /// The length of the message as it came over the wire.
    pub(crate) bytes: usize,
    pub(crate) message: ExportTraceServiceRequest,
    pub(crate) at: Instant,
    pub(crate) connection: usize,
    pub(crate) accepted: bool,
}

type Script = dyn Fn(usize) -> Reply + Send + Sync;

pub(crate) struct Collector {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl Collector {
    /// Answers the request with the number it is given, from 0.
    pub(crate) fn start(script: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Self {
        Collector::on(TcpListener::bind("127.0.0.1:0").unwrap(), script)
    }

    pub(crate) fn always(reply: Reply) -> Self {
        Collector::start(move |_| reply.clone())
    }

    pub(crate) fn on(listener: TcpListener, script: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Self {
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (stop, stopped) = oneshot::channel();
        let kept = requests.clone();
        let thread = thread::spawn(move || {
            listener.set_nonblocking(true).unwrap();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                tokio::select! {
                    () = listen(listener, kept, Arc::new(script)) => {}
                    _ = stopped => {}
                }
            });
        });
        Collector { address, requests, running: Some((stop, thread)) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

/// Stops the server and closes its connections.
impl Drop for Collector {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            let _ = stop.send(());
            let _ = thread.join();
        }
    }
}

async fn listen(listener: tokio::net::TcpListener, requests: Arc<Mutex<Vec<Request>>>, script: Arc<Script>) {
    for number in 0.. {
        let (stream, _) = listener.accept().await.unwrap();
        let (requests, script) = (requests.clone(), script.clone());
        tokio::spawn(async move {
            let Ok(mut connection) = server::handshake(stream).await else { return };
            let hung_up = Arc::new(Notify::new());
            loop {
                let (request, respond) = tokio::select! {
                    accepted = connection.accept() => match accepted {
                        Some(Ok(accepted)) => accepted,
                        _ => return,
                    },
                    () = hung_up.notified() => return,
                };
                let (requests, script, hung_up) = (requests.clone(), script.clone(), hung_up.clone());
                tokio::spawn(async move {
                    let Some(mut request) = read(request, number).await else { return };
                    let reply = {
                        let mut requests = requests.lock().unwrap();
                        let reply = script(requests.len());
                        request.accepted = matches!(reply, Reply::Frame(_) | Reply::Packed(_));
                        requests.push(request);
                        reply
                    };
                    answer(reply, respond, &hung_up).await;
                });
            }
        });
    }
}

async fn read(request: HttpRequest<h2::RecvStream>, connection: usize) -> Option<Request> {
    let (head, mut body) = request.into_parts();
    let mut frame = Vec::new();
    while let Some(data) = body.data().await {
        let data = data.ok()?;
        body.flow_control().release_capacity(data.len()).ok()?;
        frame.extend_from_slice(&data);
    }
    let (is_compressed, message) = (frame[0] == 1, &frame[5..]);
    let bytes = message.len();
    let message = if is_compressed {
        let mut unpacked = Vec::new();
        GzDecoder::new(message).read_to_end(&mut unpacked).ok()?;
        unpacked
    } else {
        message.to_vec()
    };
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        (name.to_string(), value.to_str().unwrap_or_default().to_owned())
    };
    Some(Request {
        path: head.uri.path().to_owned(),
        headers: head.headers.iter().map(header).collect(),
        bytes,
        message: ExportTraceServiceRequest::decode(message.as_slice()).ok()?,
        at: Instant::now(),
        connection,
        accepted: false,
    })
}

async fn answer(reply: Reply, mut respond: SendResponse<Bytes>, hung_up: &Notify) {
    let head = || Response::builder().status(200).header("content-type", "application/grpc");
    match reply {
        Reply::Frame(bytes) => whole(respond, head(), bytes),
        Reply::Packed(message) => {
            whole(respond, head().header("grpc-encoding", "gzip"), frame(1, &packed(&message)));
        }
        Reply::Head(status, headers) => {
            let head = headers
                .into_iter()
                .fold(Response::builder().status(status), |head, (name, value)| head.header(name, value));
            let _ = respond.send_response(head.body(()).unwrap(), true);
        }
        Reply::HeadOnly => {
            let body = respond.send_response(head().body(()).unwrap(), false);
            std::future::pending::<()>().await;
            drop(body);
        }
        Reply::Hang => std::future::pending().await,
        Reply::Reset => respond.send_reset(h2::Reason::INTERNAL_ERROR),
        Reply::HangUp => hung_up.notify_one(),
    }
}

fn whole(mut respond: SendResponse<Bytes>, head: Builder, bytes: Vec<u8>) {
    let Ok(mut body) = respond.send_response(head.body(()).unwrap(), false) else { return };
    let _ = body.send_data(bytes.into(), false);
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", "0".parse().unwrap());
    let _ = body.send_trailers(trailers);
}

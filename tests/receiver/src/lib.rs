//! An HTTP server with scripted responses, for tests of recorders that send requests. It uses blocking sockets of the
//! standard library only.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// The response to a request. A request is always read to its end first.
#[derive(Clone, Debug)]
pub enum ScriptedResponse {
    /// Sends these bytes and keeps the connection open.
    Send(Vec<u8>),
    /// Sends these bytes and closes the connection.
    SendAndClose(Vec<u8>),
    /// Sends these bytes, then an endless body as fast as the client reads.
    Flood(Vec<u8>),
    /// Sends these bytes, then one more byte every 20 ms.
    Drip(Vec<u8>),
    /// Sends nothing and keeps the connection open until the client closes it.
    Hang,
}

impl ScriptedResponse {
    /// Returns a response with this status and an empty body.
    pub fn status(status: u16) -> Self {
        ScriptedResponse::body(status, "")
    }

    /// Returns a response with this status and a text body.
    pub fn body(status: u16, body: &str) -> Self {
        ScriptedResponse::with(status, "", body.as_bytes())
    }

    /// Returns a response with this status, additional header lines and a body. Each header line ends in CR LF.
    pub fn with(status: u16, headers: &str, body: &[u8]) -> Self {
        let length = body.len();
        let start = format!("HTTP/1.1 {status} x\r\n{headers}content-length: {length}\r\n\r\n");
        ScriptedResponse::Send([start.as_bytes(), body].concat())
    }

    fn accepts(&self) -> bool {
        match self {
            ScriptedResponse::Send(bytes)
            | ScriptedResponse::SendAndClose(bytes)
            | ScriptedResponse::Flood(bytes)
            | ScriptedResponse::Drip(bytes) => {
                bytes.starts_with(b"HTTP/1.1 2") && bytes.windows(4).any(|end| end == b"\r\n\r\n")
            }
            ScriptedResponse::Hang => false,
        }
    }
}

/// A request that the server has read.
#[derive(Clone, Debug)]
pub struct Request {
    /// The request line.
    pub line: String,
    /// The headers, with names in lower case.
    pub headers: HashMap<String, String>,
    /// The length of the body on the wire, in bytes.
    pub bytes: usize,
    /// The body, decompressed.
    pub body: Vec<u8>,
    /// The number of the connection, counted from 0.
    pub connection: usize,
    /// The time at which the request had been read.
    pub at: Instant,
    /// True if the response has a 2xx status.
    pub accepted: bool,
}

impl Request {
    /// Returns the body as text.
    ///
    /// # Panics
    ///
    /// Panics if the body is not UTF-8.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// The server. It runs until the process ends.
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    flooded: Arc<AtomicUsize>,
}

impl Receiver {
    /// Starts a server on a free port. `answer` returns the response for each request by its number, counted from 0.
    ///
    /// # Panics
    ///
    /// Panics if no port of the loopback interface can be bound.
    pub fn start(answer: impl Fn(usize) -> ScriptedResponse + Send + Sync + 'static) -> Self {
        Receiver::on(TcpListener::bind("127.0.0.1:0").unwrap(), answer)
    }

    /// Starts a server that gives the same response to every request.
    pub fn always(answer: ScriptedResponse) -> Self {
        Receiver::start(move |_| answer.clone())
    }

    /// Starts a server on a listener. `answer` returns the response for each request by its number, counted from 0.
    ///
    /// # Panics
    ///
    /// Panics if the listener has no address.
    pub fn on(
        listener: TcpListener,
        answer: impl Fn(usize) -> ScriptedResponse + Send + Sync + 'static,
    ) -> Self {
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let answer = Arc::new(answer);
        let flooded = Arc::new(AtomicUsize::new(0));
        let (received, sent) = (requests.clone(), flooded.clone());
        thread::spawn(move || {
            for (connection, stream) in listener.incoming().enumerate() {
                let (received, answer, sent) = (received.clone(), answer.clone(), sent.clone());
                thread::spawn(move || serve(&stream.unwrap(), connection, &received, &*answer, &sent));
            }
        });
        Receiver { address, requests, flooded }
    }

    /// Returns the server's URL with `path`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Returns the requests received so far.
    ///
    /// # Panics
    ///
    /// Panics if `answer` has panicked.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// Returns the requests that got a response with a 2xx status.
    pub fn accepted(&self) -> Vec<Request> {
        self.requests().into_iter().filter(|request| request.accepted).collect()
    }

    /// Returns the number of bytes sent by [`ScriptedResponse::Flood`].
    pub fn flooded(&self) -> usize {
        self.flooded.load(Ordering::Relaxed)
    }
}

fn serve(
    stream: &TcpStream,
    connection: usize,
    requests: &Mutex<Vec<Request>>,
    answer: &(dyn Fn(usize) -> ScriptedResponse + Send + Sync),
    flooded: &AtomicUsize,
) {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    while let Some(mut request) = read(&mut reader, connection) {
        let answer = {
            let mut requests = requests.lock().unwrap();
            let answer = answer(requests.len());
            request.accepted = answer.accepts();
            requests.push(request);
            answer
        };
        let written = match answer {
            ScriptedResponse::Send(bytes) => writer.write_all(&bytes),
            ScriptedResponse::SendAndClose(bytes) => {
                let _ = writer.write_all(&bytes);
                return;
            }
            ScriptedResponse::Flood(bytes) => {
                let _ = writer.write_all(&bytes);
                while writer.write_all(&[b'x'; 8192]).is_ok() {
                    flooded.fetch_add(8192, Ordering::Relaxed);
                }
                return;
            }
            ScriptedResponse::Drip(bytes) => {
                let _ = writer.write_all(&bytes);
                while writer.write_all(b"x").is_ok() {
                    thread::sleep(Duration::from_millis(20));
                }
                return;
            }
            // Ends when the client closes the connection.
            ScriptedResponse::Hang => {
                let _ = reader.read_to_end(&mut Vec::new());
                return;
            }
        };
        if written.is_err() {
            return;
        }
    }
}

fn read(reader: &mut BufReader<&TcpStream>, connection: usize) -> Option<Request> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let mut headers = HashMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let mut bytes = vec![0; headers.get("content-length")?.parse().ok()?];
    reader.read_exact(&mut bytes).ok()?;
    let mut body = Vec::new();
    if headers.get("content-encoding").is_some_and(|encoding| encoding == "gzip") {
        flate2::read::GzDecoder::new(bytes.as_slice()).read_to_end(&mut body).ok()?;
    } else {
        body.clone_from(&bytes);
    }
    let line = line.trim_end().to_owned();
    Some(Request { line, headers, bytes: bytes.len(), body, connection, at: Instant::now(), accepted: false })
}

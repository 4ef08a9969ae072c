//! An HTTP server that answers as it is told, over sockets of the standard library: for tests of recorders that post.

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

/// What becomes of one request, which has been read to its end.
#[derive(Clone, Debug)]
pub enum Answer {
    /// These bytes, and the connection stays.
    Say(Vec<u8>),
    /// These bytes, and the connection ends.
    SayAndHangUp(Vec<u8>),
    /// Bytes of this head, and then a body without an end, as fast as it is read.
    Flood(Vec<u8>),
    /// These bytes, and then one every now and then.
    Drip(Vec<u8>),
    /// Nothing.
    Hang,
}

impl Answer {
    /// `status`, and no body.
    pub fn status(status: u16) -> Self {
        Answer::body(status, "")
    }

    /// `status`, and a body of text.
    pub fn body(status: u16, body: &str) -> Self {
        Answer::with(status, "", body.as_bytes())
    }

    /// `status` with more header lines, each with its end, and a body.
    pub fn with(status: u16, headers: &str, body: &[u8]) -> Self {
        let length = body.len();
        let head = format!("HTTP/1.1 {status} x\r\n{headers}content-length: {length}\r\n\r\n");
        Answer::Say([head.as_bytes(), body].concat())
    }

    fn accepts(&self) -> bool {
        match self {
            Answer::Say(bytes) | Answer::SayAndHangUp(bytes) | Answer::Flood(bytes) | Answer::Drip(bytes) => {
                bytes.starts_with(b"HTTP/1.1 2") && bytes.windows(4).any(|end| end == b"\r\n\r\n")
            }
            Answer::Hang => false,
        }
    }
}

/// One request.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its first line.
    pub line: String,
    /// Its headers, with names in lower case.
    pub headers: HashMap<String, String>,
    /// The length of the body as it came over the wire.
    pub bytes: usize,
    /// The body, unpacked.
    pub body: Vec<u8>,
    /// Which connection, from 0.
    pub connection: usize,
    /// When it had been read.
    pub at: Instant,
    /// It was answered with 2xx.
    pub accepted: bool,
}

impl Request {
    /// The body, as text.
    ///
    /// # Panics
    ///
    /// When it is none.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// The server. It lives as long as the process.
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    flooded: Arc<AtomicUsize>,
}

impl Receiver {
    /// Answers the request with the number it is given, from 0.
    ///
    /// # Panics
    ///
    /// When this machine has no network.
    pub fn start(answer: impl Fn(usize) -> Answer + Send + Sync + 'static) -> Self {
        Receiver::on(TcpListener::bind("127.0.0.1:0").unwrap(), answer)
    }

    /// Answers every request in the same way.
    pub fn always(answer: Answer) -> Self {
        Receiver::start(move |_| answer.clone())
    }

    /// The same as [`Receiver::start`], there.
    ///
    /// # Panics
    ///
    /// When the listener has no address.
    pub fn on(listener: TcpListener, answer: impl Fn(usize) -> Answer + Send + Sync + 'static) -> Self {
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let answer = Arc::new(answer);
        let flooded = Arc::new(AtomicUsize::new(0));
        let (kept, counted) = (requests.clone(), flooded.clone());
        thread::spawn(move || {
            for (connection, stream) in listener.incoming().enumerate() {
                let (kept, answer, counted) = (kept.clone(), answer.clone(), counted.clone());
                thread::spawn(move || serve(&stream.unwrap(), connection, &kept, &*answer, &counted));
            }
        });
        Receiver { address, requests, flooded }
    }

    /// Its URL, with `path`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What it was asked so far.
    ///
    /// # Panics
    ///
    /// When an answer panicked.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// The requests that were answered with 2xx.
    pub fn accepted(&self) -> Vec<Request> {
        self.requests().into_iter().filter(|request| request.accepted).collect()
    }

    /// How many bytes of floods it got rid of.
    pub fn flooded(&self) -> usize {
        self.flooded.load(Ordering::Relaxed)
    }
}

fn serve(
    stream: &TcpStream,
    connection: usize,
    requests: &Mutex<Vec<Request>>,
    answer: &(dyn Fn(usize) -> Answer + Send + Sync),
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
        let said = match answer {
            Answer::Say(bytes) => writer.write_all(&bytes),
            Answer::SayAndHangUp(bytes) => {
                let _ = writer.write_all(&bytes);
                return;
            }
            Answer::Flood(head) => {
                let _ = writer.write_all(&head);
                while writer.write_all(&[b'x'; 8192]).is_ok() {
                    flooded.fetch_add(8192, Ordering::Relaxed);
                }
                return;
            }
            Answer::Drip(head) => {
                let _ = writer.write_all(&head);
                while writer.write_all(b"x").is_ok() {
                    thread::sleep(Duration::from_millis(20));
                }
                return;
            }
            // Until the other side gives up.
            Answer::Hang => {
                let _ = reader.read_to_end(&mut Vec::new());
                return;
            }
        };
        if said.is_err() {
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

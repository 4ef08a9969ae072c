//! A Zipkin server that answers as it is told, over sockets of the standard library.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use serde_json::Value as Json;

/// What becomes of one request, which has been read to its end.
#[derive(Clone)]
pub(crate) enum Answer {
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
    pub(crate) fn status(status: u16) -> Self {
        Answer::body(status, "")
    }

    pub(crate) fn body(status: u16, body: &str) -> Self {
        let length = body.len();
        Answer::Say(format!("HTTP/1.1 {status} x\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes())
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
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) line: String,
    pub(crate) headers: HashMap<String, String>,
    /// As it came over the wire.
    pub(crate) bytes: usize,
    pub(crate) body: String,
    /// Which connection, from 0.
    pub(crate) connection: usize,
    pub(crate) accepted: bool,
}

impl Request {
    pub(crate) fn spans(&self) -> Vec<Json> {
        serde_json::from_str(&self.body).unwrap()
    }
}

pub(crate) struct Receiver {
    pub(crate) endpoint: String,
    requests: Arc<Mutex<Vec<Request>>>,
    /// How many bytes of floods it got rid of.
    flooded: Arc<AtomicUsize>,
}

impl Receiver {
    /// Answers the request with the number it is given, from 0.
    pub(crate) fn start(answer: impl Fn(usize) -> Answer + Send + Sync + 'static) -> Self {
        Receiver::on(TcpListener::bind("127.0.0.1:0").unwrap(), answer)
    }

    pub(crate) fn always(answer: Answer) -> Self {
        Receiver::start(move |_| answer.clone())
    }

    pub(crate) fn on(
        listener: TcpListener,
        answer: impl Fn(usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let endpoint = format!("http://{}/api/v2/spans", listener.local_addr().unwrap());
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
        Receiver { endpoint, requests, flooded }
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn flooded(&self) -> usize {
        self.flooded.load(Ordering::Relaxed)
    }

    /// The spans that were answered with 2xx.
    pub(crate) fn accepted(&self) -> Vec<Json> {
        self.requests().iter().filter(|request| request.accepted).flat_map(Request::spans).collect()
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
    let mut body = String::new();
    if headers.get("content-encoding").is_some_and(|encoding| encoding == "gzip") {
        flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut body).ok()?;
    } else {
        body = String::from_utf8(bytes.clone()).ok()?;
    }
    let line = line.trim_end().to_owned();
    Some(Request { line, headers, bytes: bytes.len(), body, connection, accepted: false })
}

//! A server that records the requests it receives.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::Duration,
};

pub(crate) struct Callbacks {
    port: u16,
    received: Receiver<Callback>,
}

/// A received request, with its header lines in their original order.
#[derive(Debug)]
pub(crate) struct Callback {
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Callbacks {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, received) = channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let sender = sender.clone();
                thread::spawn(move || serve(stream, &sender));
            }
        });
        Callbacks { port, received }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Waits for the next request.
    pub(crate) fn next(&self) -> Callback {
        self.received.recv_timeout(Duration::from_secs(30)).expect("a callback arrives")
    }

    /// Returns true if all received requests have been read.
    pub(crate) fn is_empty(&self) -> bool {
        self.received.try_recv().is_err()
    }
}

/// Serves all requests of a connection.
fn serve(mut stream: TcpStream, sender: &Sender<Callback>) {
    let Ok(reading) = stream.try_clone() else { return };
    let mut reading = BufReader::new(reading);
    while let Some(callback) = read(&mut reading) {
        // Recorded before the response, so that it is there once the client has the response.
        let _ = sender.send(callback);
        if stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").is_err() {
            return;
        }
    }
}

fn read(stream: &mut impl BufRead) -> Option<Callback> {
    let line = read_line(stream)?;
    let mut headers = Vec::new();
    loop {
        let line = read_line(stream)?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let mut body = vec![0; length?.1.parse().ok()?];
    stream.read_exact(&mut body).ok()?;
    Some(Callback { line, headers, body: String::from_utf8(body).ok()? })
}

fn read_line(stream: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    let read = stream.read_line(&mut line).ok()?;
    (read > 0).then(|| line.trim_end().to_owned())
}

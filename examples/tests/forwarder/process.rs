//! The `forwarder` process, and requests to it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::command::without_tracing_variables;

/// Returns the command for `forwarder` with these arguments and without the tracing variables of the environment.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = without_tracing_variables(env!("CARGO_BIN_EXE_forwarder"));
    command.args(arguments).stdin(Stdio::null());
    command
}

/// A running `forwarder` process, which is killed on drop.
pub(crate) struct Forwarder {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Forwarder {
    pub(crate) fn start() -> Self {
        let mut child = command(&["--port", "0"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.strip_prefix("listening on http://").unwrap_or_else(|| panic!("{line:?}"));
        Forwarder { child, address: address.trim_end().parse().unwrap() }
    }

    /// Posts `body` to `/test` with these unchanged header lines.
    pub(crate) fn post(&self, lines: &[impl AsRef<str>], body: &str) -> HttpResponse {
        let lines: String = lines.iter().flat_map(|line| [line.as_ref(), "\r\n"]).collect();
        self.send_raw(
            &format!("POST /test HTTP/1.1\r\nhost: here\r\n{lines}content-length: {}\r\n", body.len()),
            body,
        )
    }

    /// Sends a request with this head and body.
    pub(crate) fn send_raw(&self, head: &str, body: &str) -> HttpResponse {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.write_all(format!("{head}connection: close\r\n\r\n{body}").as_bytes()).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        HttpResponse::read(&response)
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Debug)]
pub(crate) struct HttpResponse {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl HttpResponse {
    fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{text:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        HttpResponse { status, head: head.to_owned(), body: body.to_owned() }
    }
}

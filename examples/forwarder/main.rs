//! Shows a service that forwards requests and propagates their context. For the options: `forwarder --help`.
//!
//! Conformance test clients use it. One layer around the server and one around the client are its only tracing code.

mod args;
mod call;
mod client;
mod service;
mod tracing;

use std::{
    error::Error,
    io::{self, Write},
    net::Ipv4Addr,
    process::ExitCode,
};

use anytrace::TracerHandle;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;

use self::args::{Command, USAGE};

fn main() -> ExitCode {
    let port = match Command::parse(lexopt::Parser::from_env()) {
        Ok(Command::Help) => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Ok(Command::Listen(port)) => port,
        Err(error) => {
            eprint!("forwarder: {error}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(port) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("forwarder: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(port: u16) -> Result<(), Box<dyn Error>> {
    let tracing = tracing::start()?;
    serve(port, tracing.tracer().clone())?;
    Ok(())
}

#[tokio::main(worker_threads = 2)]
async fn serve(port: u16, tracer: TracerHandle) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    writeln!(io::stdout(), "listening on http://{}", listener.local_addr()?)?;
    // Responses are small, and clients wait for each one.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, service::router(tracer)).await
}

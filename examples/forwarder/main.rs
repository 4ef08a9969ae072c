//! A service for conformance clients: forwards what it is told to, with its caller's context carried on:
//! `forwarder --help`.
//!
//! All tracing is one layer around the server and one around the client.

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
    // Answers are small and somebody waits for each.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, service::router(tracer)).await
}

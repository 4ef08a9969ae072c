//! Sends many spans to a server and reports how many were delivered or dropped. For the options: `send --help`.

mod args;
mod load;
mod report;

use std::{process::ExitCode, time::Instant};

use anytrace::{InitError, Tracing};

use self::{
    args::{Args, Command, USAGE},
    report::Report,
};

fn main() -> ExitCode {
    let run = match Command::parse(lexopt::Parser::from_env()) {
        Ok(Command::Help) => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Ok(Command::Run(args)) => {
            tracing(&args).map(|tracing| (args, tracing)).map_err(|error| error.to_string())
        }
        Err(error) => Err(error.to_string()),
    };
    match run {
        Ok((args, tracing)) => {
            println!("{}", send(&args, &tracing));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprint!("send: {error}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// Builds the tracer from the environment, with backend and endpoint from the command line.
fn tracing(args: &Args) -> Result<Tracing, InitError> {
    let (backend, endpoint) = (args.backend, args.endpoint.clone());
    anytrace::builder()
        .service("send")
        .exporter(backend.exporter)
        .variables(move |name| match name {
            _ if name == backend.endpoint_variable => Some(endpoint.clone()),
            "OTEL_EXPORTER_OTLP_PROTOCOL" => Some(backend.protocol.to_owned()),
            // These variables would take precedence over the ones above.
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" | "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL" => None,
            _ => std::env::var(name).ok(),
        })
        .build()
}

fn send(args: &Args, tracing: &Tracing) -> Report {
    let start = Instant::now();
    let longest = load::run(args, tracing.tracer());
    let flush = tracing.flush(args.flush_timeout).result;
    let shutdown = tracing.shutdown(args.flush_timeout).result;
    Report { stats: tracing.stats(), flush: flush.and(shutdown), elapsed: start.elapsed(), longest }
}

//! Makes spans as fast as it can, sends them to a server and accounts for each: `send --help`.

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

/// The endpoint takes the place of its variable; everything else is as the environment says.
fn tracing(args: &Args) -> Result<Tracing, InitError> {
    let (said, endpoint) = (args.backend, args.endpoint.clone());
    anytrace::builder()
        .service("send")
        .exporter(said.exporter)
        .variables(move |name| match name {
            _ if name == said.endpoint => Some(endpoint.clone()),
            "OTEL_EXPORTER_OTLP_PROTOCOL" => Some(said.protocol.to_owned()),
            // They would come before what is said here.
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" | "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL" => None,
            _ => std::env::var(name).ok(),
        })
        .build()
}

fn send(args: &Args, tracing: &Tracing) -> Report {
    let begun = Instant::now();
    let longest = load::make(args, tracing.tracer());
    let flush = tracing.flush(args.flush_timeout).result;
    let shutdown = tracing.shutdown(args.flush_timeout).result;
    Report { stats: tracing.stats(), flush: flush.and(shutdown), elapsed: begun.elapsed(), longest }
}

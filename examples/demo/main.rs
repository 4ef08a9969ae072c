//! Three services and one trace for each request: `cargo demo -- --help`.
//!
//! `gateway` calls `orders`, which calls `inventory`: real HTTP on this machine's loopback, through the layers of
//! the instrumentation crate. Each service has a tracer and a name of its own, and which tracer that is, only
//! `backend/` knows.

mod args;
mod backend;
mod client;
mod requests;
mod services;

use std::process::ExitCode;

use self::{
    args::{Args, Command, USAGE},
    services::Services,
};

fn main() -> ExitCode {
    match Command::parse(lexopt::Parser::from_env()) {
        Ok(Command::Help) => {
            print!("{USAGE}");
            ExitCode::SUCCESS
        }
        Ok(Command::Run(args)) => match run(&args) {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("demo: {error}");
                ExitCode::FAILURE
            }
        },
        Err(error) => {
            eprint!("demo: {error}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// True when every request was answered as planned and no span was lost.
#[tokio::main(worker_threads = 2)]
async fn run(args: &Args) -> Result<bool, client::Error> {
    let mut backend = (args.backend)();
    let services = Services::start(&mut *backend).await?;
    let as_planned = requests::send(&mut *backend, services.entrance(), args.requests).await?;
    // A span ends a little after its response, so the services stop before the spans are counted.
    services.stop().await?;
    let complete = backend.finish()?;
    Ok(as_planned && complete)
}

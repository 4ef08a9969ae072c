//! Shows three services that form one trace per request. For the options: `cargo demo -- --help`.
//!
//! `gateway` calls `orders`, which calls `inventory`, over HTTP on the loopback interface and through the layers of the
//! instrumentation crate. Each service has its own name and tracer. Only the module `backend` depends on the backend.

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

/// Returns true if all responses were as expected and no span was dropped.
#[tokio::main(worker_threads = 2)]
async fn run(args: &Args) -> Result<bool, client::Error> {
    let mut backend = (args.backend)();
    let services = Services::start(&mut *backend).await?;
    let as_expected = requests::send(&mut *backend, services.entrance(), args.requests).await?;
    // A server span ends shortly after its response is sent, so the services stop before the spans are counted.
    services.stop().await?;
    let complete = backend.finish()?;
    Ok(as_expected && complete)
}

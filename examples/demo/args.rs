//! The command line of the demo.

use lexopt::{Arg, Error, Parser, ValueExt};

use crate::backend::{self, Start};

pub(crate) const USAGE: &str = "\
usage: cargo demo [OPTIONS]

Runs three services that call each other over HTTP. Each request is one trace.

options:
  --backend NAME   console: prints the traces (default)
                   otlp, zipkin: exports the traces to a server and prints their ids
                   noop: records nothing; propagates the trace ids of a simulated caller and prints them
  --requests N     number of requests, 1 to 1000 (default: 3): one succeeds, one is slow, one fails, and so on
  --help           prints this text

environment:
  OTEL_EXPORTER_OTLP_ENDPOINT     OTLP server (default: http://localhost:4318, for grpc http://localhost:4317)
  OTEL_EXPORTER_OTLP_PROTOCOL     http/protobuf (default) or grpc
  OTEL_EXPORTER_ZIPKIN_ENDPOINT   Zipkin URL (default: http://localhost:9411/api/v2/spans)
  and all other variables of the crate anytrace

exit status: 0 if all responses were as expected and no span was dropped, 1 if not, 2 for an invalid option
";

/// The maximum of `--requests`.
pub(crate) const MAX_REQUESTS: u32 = 1000;

/// A parsed command line.
pub(crate) enum Command {
    Help,
    Run(Args),
}

pub(crate) struct Args {
    pub(crate) backend: Start,
    pub(crate) requests: u32,
}

impl Command {
    pub(crate) fn parse(mut parser: Parser) -> Result<Self, Error> {
        let mut args = Args { backend: backend::ALL[0].1, requests: 3 };
        // The cargo alias ends in `--`, and users may add another one.
        if let Some(mut raw) = parser.try_raw_args() {
            raw.next_if(|argument| argument == "--");
        }
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("help") | Arg::Short('h') => return Ok(Command::Help),
                Arg::Long("backend") => args.backend = backend(&parser.value()?.string()?)?,
                Arg::Long("requests") => args.requests = requests(&parser.value()?.string()?)?,
                argument => return Err(argument.unexpected()),
            }
        }
        Ok(Command::Run(args))
    }
}

fn backend(name: &str) -> Result<Start, String> {
    let found = backend::ALL.iter().find(|(known, _)| *known == name);
    found.map(|(_, start)| *start).ok_or_else(|| {
        let names: Vec<_> = backend::ALL.iter().map(|(name, _)| *name).collect();
        format!("invalid value for --backend: {name:?} is not one of {}", names.join(", "))
    })
}

fn requests(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| (1..=MAX_REQUESTS).contains(number));
    number.ok_or_else(|| {
        format!("invalid value for --requests: {text:?} is not a number from 1 to {MAX_REQUESTS}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Command, String> {
        Command::parse(Parser::from_args(arguments)).map_err(|error| error.to_string())
    }

    #[test]
    fn options_are_parsed() {
        let requests = |arguments: &[&str]| match parse(arguments) {
            Ok(Command::Run(args)) => args.requests,
            _ => panic!("{arguments:?}"),
        };
        assert_eq!(requests(&[]), 3);
        assert_eq!(requests(&["--backend", "noop", "--requests", "7"]), 7);
        assert_eq!(requests(&["--", "--requests", "4"]), 4);
        assert_eq!(requests(&["--requests=1000", "--backend=console"]), 1000);
        assert!(matches!(parse(&["--requests", "2", "--help"]), Ok(Command::Help)));
    }

    #[test]
    fn errors_name_the_invalid_argument() {
        let wrong: [(&[&str], &str); 7] = [
            (&["--backend", "paper"], "\"paper\""),
            (&["--backend"], "--backend"),
            (&["--requests", "0"], "1 to 1000"),
            (&["--requests", "many"], "\"many\""),
            (&["--verbose"], "--verbose"),
            (&["console"], "console"),
            (&["--", "--", "--requests", "4"], "--requests"),
        ];
        for (arguments, named) in wrong {
            let error = parse(arguments).err().unwrap_or_else(|| panic!("{arguments:?} is accepted"));
            assert!(error.contains(named), "{error}");
        }
    }
}

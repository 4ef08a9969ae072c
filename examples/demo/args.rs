//! The command line.

use lexopt::{Arg, Error, Parser, ValueExt};

use crate::backend::{self, Start};

pub(crate) const USAGE: &str = "\
usage: cargo demo [OPTIONS]

Three services talk over HTTP, and each request is one trace through them.

options:
  --backend NAME   console: draws the traces (the default)
                   otlp, zipkin: sends them to a server, and names them
                   noop: records nothing; the caller's traces, made up, are carried on and named
  --requests N     how many requests, 1 to 1000 (3): a good one, a slow one, one that fails, and again
  --help           this text

environment:
  OTEL_EXPORTER_OTLP_ENDPOINT     the server for otlp (http://localhost:4318, for grpc http://localhost:4317)
  OTEL_EXPORTER_OTLP_PROTOCOL     http/protobuf (the default) or grpc
  OTEL_EXPORTER_ZIPKIN_ENDPOINT   the URL for zipkin (http://localhost:9411/api/v2/spans)
  and what else the crate anytrace knows

exit status: 0 if all was answered as planned and no span was lost, 1 if not, 2 for a wrong option
";

/// How many requests there may be.
pub(crate) const MOST: u32 = 1000;

/// What is asked for.
pub(crate) enum Command {
    Help,
    Run(Args),
}

pub(crate) struct Args {
    pub(crate) backend: Start,
    pub(crate) requests: u32,
}

impl Command {
    pub(crate) fn parse(mut words: Parser) -> Result<Self, Error> {
        let mut args = Args { backend: backend::ALL[0].1, requests: 3 };
        // The alias ends in `--`, and whoever is used to cargo writes one more.
        if let Some(mut words) = words.try_raw_args() {
            words.next_if(|word| word == "--");
        }
        while let Some(word) = words.next()? {
            match word {
                Arg::Long("help") | Arg::Short('h') => return Ok(Command::Help),
                Arg::Long("backend") => args.backend = backend(&words.value()?.string()?)?,
                Arg::Long("requests") => args.requests = requests(&words.value()?.string()?)?,
                word => return Err(word.unexpected()),
            }
        }
        Ok(Command::Run(args))
    }
}

fn backend(name: &str) -> Result<Start, String> {
    let found = backend::ALL.iter().find(|(known, _)| *known == name);
    found.map(|(_, start)| *start).ok_or_else(|| {
        let names: Vec<_> = backend::ALL.iter().map(|(name, _)| *name).collect();
        format!("--backend is one of {}, not {name:?}", names.join(", "))
    })
}

fn requests(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| (1..=MOST).contains(number));
    number.ok_or_else(|| format!("--requests is a number from 1 to {MOST}, not {text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Command, String> {
        Command::parse(Parser::from_args(words)).map_err(|error| error.to_string())
    }

    #[test]
    fn options_are_understood() {
        let requests = |words: &[&str]| match parse(words) {
            Ok(Command::Run(args)) => args.requests,
            _ => panic!("{words:?}"),
        };
        assert_eq!(requests(&[]), 3);
        assert_eq!(requests(&["--backend", "noop", "--requests", "7"]), 7);
        assert_eq!(requests(&["--", "--requests", "4"]), 4);
        assert_eq!(requests(&["--requests=1000", "--backend=console"]), 1000);
        assert!(matches!(parse(&["--requests", "2", "--help"]), Ok(Command::Help)));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let wrong: [(&[&str], &str); 7] = [
            (&["--backend", "paper"], "\"paper\""),
            (&["--backend"], "--backend"),
            (&["--requests", "0"], "1 to 1000"),
            (&["--requests", "many"], "\"many\""),
            (&["--verbose"], "--verbose"),
            (&["console"], "console"),
            (&["--", "--", "--requests", "4"], "--requests"),
        ];
        for (words, named) in wrong {
            let error = parse(words).err().unwrap_or_else(|| panic!("{words:?} is accepted"));
            assert!(error.contains(named), "{error}");
        }
    }
}

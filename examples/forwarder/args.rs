//! The command line.

use lexopt::{Arg, Error, Parser, ValueExt};

pub(crate) const USAGE: &str = "\
usage: cargo run -p anytrace-examples --bin forwarder -- --port N

Serves on this machine's loopback until it is ended: POST /test takes a JSON array of
{\"url\": URL, \"arguments\": JSON}, and for each element, POSTs the arguments to the URL, with the context of the
request carried on. It answers 200 with a JSON array that has, for each element and in their order,
{\"url\": URL, \"status\": N} or {\"url\": URL, \"error\": \"...\"}; 400 if the body is something else.

options:
  --port N   the port, 1 to 65535; 0 chooses one. The address is printed when it listens
  --help     this text

URLs are those of servers on the same loopback, which get 10 s each.

environment:
  OTEL_TRACES_EXPORTER   where the spans go (nowhere)
  OTEL_TRACES_SAMPLER    which traces are recorded (always_on: a span of its own for each request, whatever the
                         caller decided)
  and what else the crate anytrace knows

exit status: 1 if it cannot serve, 2 for a wrong option
";

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Listen(u16),
}

impl Command {
    pub(crate) fn parse(mut words: Parser) -> Result<Self, Error> {
        let mut port = None;
        while let Some(word) = words.next()? {
            match word {
                Arg::Long("help") | Arg::Short('h') => return Ok(Command::Help),
                Arg::Long("port") => port = Some(number(&words.value()?.string()?)?),
                word => return Err(word.unexpected()),
            }
        }
        port.map(Command::Listen).ok_or_else(|| "--port is missing".into())
    }
}

fn number(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| format!("--port is a number from 0 to 65535, not {text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_understood() {
        let parse = |words: &[&str]| Command::parse(Parser::from_args(words)).unwrap();
        assert_eq!(parse(&["--port", "0"]), Command::Listen(0));
        assert_eq!(parse(&["--port=65535"]), Command::Listen(65535));
        assert_eq!(parse(&["--port", "1", "--help"]), Command::Help);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (words, named) in [
            (&[][..], "--port is missing"),
            (&["--port"], "--port"),
            (&["--port", "65536"], "0 to 65535, not \"65536\""),
            (&["--port", "-1"], "\"-1\""),
            (&["--colour"], "--colour"),
            (&["8080"], "8080"),
        ] {
            let error = Command::parse(Parser::from_args(words)).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}

//! The command line of `send`.

use std::{ops::RangeInclusive, time::Duration};

use anytrace::ExporterKind;
use lexopt::{Arg, Error, Parser, ValueExt};

pub(crate) const USAGE: &str = "\
usage: cargo run -p anytrace-examples --bin send -- --backend NAME --endpoint URL --spans N [OPTIONS]

Starts spans as fast as possible, exports them to a server, and prints one line of JSON with the counts.

options:
  --backend NAME        otlp-http, otlp-grpc or zipkin
  --endpoint URL        the server, in the form of OTEL_EXPORTER_OTLP_ENDPOINT (for otlp-http, /v1/traces is
                        appended) or of OTEL_EXPORTER_ZIPKIN_ENDPOINT (the whole URL); other variables apply, such
                        as OTEL_BSP_MAX_QUEUE_SIZE, the number of queued spans above which new spans are dropped
  --spans N             number of spans
  --tags-bytes B        bytes of tags per span, at most 4 MiB (default: 0)
  --threads T           number of threads that start spans, 1 to 1024 (default: 1)
  --flush-timeout MS    time limit of the flush, and of the shutdown, in milliseconds (default: 10000)
  --help                prints this text

output, after the shutdown; started = delivered + dropped + queued:
  {\"started\":N,\"delivered\":N,\"dropped\":{\"reason\":N},\"queued\":N,\"flush\":\"ok\"|\"error: ...\",
   \"elapsed_ms\":N,\"blocked_ms_max\":N}
  queued: spans not yet exported at the timeout; blocked_ms_max: longest time that one span took on its thread

exit status: 0 if the line was printed, even if spans were dropped; 2 for an invalid option
";

/// A parsed command line.
pub(crate) enum Command {
    Help,
    Run(Args),
}

pub(crate) struct Args {
    pub(crate) backend: Backend,
    pub(crate) endpoint: String,
    pub(crate) spans: u64,
    pub(crate) tags_bytes: usize,
    pub(crate) threads: u64,
    pub(crate) flush_timeout: Duration,
}

/// An exporter with its protocol and the variable for its endpoint.
#[derive(Clone, Copy)]
pub(crate) struct Backend {
    name: &'static str,
    pub(crate) exporter: ExporterKind,
    pub(crate) protocol: &'static str,
    pub(crate) endpoint_variable: &'static str,
}

const OTLP: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const ZIPKIN: &str = "OTEL_EXPORTER_ZIPKIN_ENDPOINT";

const BACKENDS: [Backend; 3] = [
    Backend {
        name: "otlp-http",
        exporter: ExporterKind::Otlp,
        protocol: "http/protobuf",
        endpoint_variable: OTLP,
    },
    Backend { name: "otlp-grpc", exporter: ExporterKind::Otlp, protocol: "grpc", endpoint_variable: OTLP },
    Backend { name: "zipkin", exporter: ExporterKind::Zipkin, protocol: "", endpoint_variable: ZIPKIN },
];

impl Command {
    pub(crate) fn parse(mut parser: Parser) -> Result<Self, Error> {
        let (mut backend, mut endpoint, mut spans) = (None, None, None);
        let (mut tags_bytes, mut threads, mut flush_timeout) = (0, 1, 10_000);
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("help") | Arg::Short('h') => return Ok(Command::Help),
                Arg::Long("backend") => backend = Some(backend_named(&parser.value()?.string()?)?),
                Arg::Long("endpoint") => endpoint = Some(parser.value()?.string()?),
                Arg::Long("spans") => spans = Some(number(&mut parser, "--spans", 0..=1 << 40)?),
                Arg::Long("tags-bytes") => tags_bytes = number(&mut parser, "--tags-bytes", 0..=4 << 20)?,
                Arg::Long("threads") => threads = number(&mut parser, "--threads", 1..=1024)?,
                Arg::Long("flush-timeout") => {
                    flush_timeout = number(&mut parser, "--flush-timeout", 0..=1 << 40)?;
                }
                argument => return Err(argument.unexpected()),
            }
        }
        Ok(Command::Run(Args {
            backend: backend.ok_or("--backend is missing")?,
            endpoint: endpoint.filter(|url| !url.trim().is_empty()).ok_or("--endpoint is missing")?,
            spans: spans.ok_or("--spans is missing")?,
            tags_bytes: usize::try_from(tags_bytes).unwrap_or(usize::MAX),
            threads,
            flush_timeout: Duration::from_millis(flush_timeout),
        }))
    }
}

fn backend_named(name: &str) -> Result<Backend, String> {
    let found = BACKENDS.into_iter().find(|backend| backend.name == name);
    found.ok_or_else(|| {
        let names = BACKENDS.map(|backend| backend.name).join(", ");
        format!("invalid value for --backend: {name:?} is not one of {names}")
    })
}

/// Parses the value of `option` as a number in `range`.
fn number(parser: &mut Parser, option: &str, range: RangeInclusive<u64>) -> Result<u64, Error> {
    let text = parser.value()?.string()?;
    let number = text.parse().ok().filter(|number| range.contains(number));
    let expected = || {
        format!(
            "invalid value for {option}: {text:?} is not a number from {} to {}",
            range.start(),
            range.end()
        )
    };
    Ok(number.ok_or_else(expected)?)
}

//! The command line.

use std::{ops::RangeInclusive, time::Duration};

use anytrace::ExporterKind;
use lexopt::{Arg, Error, Parser, ValueExt};

pub(crate) const USAGE: &str = "\
usage: cargo run -p anytrace-examples --bin send -- --backend NAME --endpoint URL --spans N [OPTIONS]

Makes spans as fast as it can, sends them to a server, and prints in one line of JSON what became of them.

options:
  --backend NAME        otlp-http, otlp-grpc or zipkin
  --endpoint URL        the server, as OTEL_EXPORTER_OTLP_ENDPOINT (for otlp-http, /v1/traces is appended) or
                        OTEL_EXPORTER_ZIPKIN_ENDPOINT (the whole URL) has it; the other variables hold as
                        ever: OTEL_BSP_MAX_QUEUE_SIZE is how many spans may wait before the newest are lost
  --spans N             how many spans
  --tags-bytes B        bytes of tags for each, up to 4 MiB (0)
  --threads T           threads that make them, 1 to 1024 (1)
  --flush-timeout MS    how long the flush may take, and then the shutdown (10000)
  --help                this text

output, after the shutdown; started = delivered + dropped + queued:
  {\"started\":N,\"delivered\":N,\"dropped\":{\"reason\":N},\"queued\":N,\"flush\":\"ok\"|\"error: ...\",
   \"elapsed_ms\":N,\"blocked_ms_max\":N}
  queued: on their way when time was over; blocked_ms_max: the longest that one span took on its thread

exit status: 0 if the line was printed, whatever became of the spans; 2 for a wrong option
";

/// What is asked for.
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

/// An exporter, by one protocol, and the variable that has its endpoint.
#[derive(Clone, Copy)]
pub(crate) struct Backend {
    name: &'static str,
    pub(crate) exporter: ExporterKind,
    pub(crate) protocol: &'static str,
    pub(crate) endpoint: &'static str,
}

const OTLP: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const ZIPKIN: &str = "OTEL_EXPORTER_ZIPKIN_ENDPOINT";

const BACKENDS: [Backend; 3] = [
    Backend { name: "otlp-http", exporter: ExporterKind::Otlp, protocol: "http/protobuf", endpoint: OTLP },
    Backend { name: "otlp-grpc", exporter: ExporterKind::Otlp, protocol: "grpc", endpoint: OTLP },
    Backend { name: "zipkin", exporter: ExporterKind::Zipkin, protocol: "", endpoint: ZIPKIN },
];

impl Command {
    pub(crate) fn parse(mut words: Parser) -> Result<Self, Error> {
        let (mut backend, mut endpoint, mut spans) = (None, None, None);
        let (mut tags_bytes, mut threads, mut flush_timeout) = (0, 1, 10_000);
        while let Some(word) = words.next()? {
            match word {
                Arg::Long("help") | Arg::Short('h') => return Ok(Command::Help),
                Arg::Long("backend") => backend = Some(named(&words.value()?.string()?)?),
                Arg::Long("endpoint") => endpoint = Some(words.value()?.string()?),
                Arg::Long("spans") => spans = Some(number(&mut words, "--spans", 0..=1 << 40)?),
                Arg::Long("tags-bytes") => tags_bytes = number(&mut words, "--tags-bytes", 0..=4 << 20)?,
                Arg::Long("threads") => threads = number(&mut words, "--threads", 1..=1024)?,
                Arg::Long("flush-timeout") => {
                    flush_timeout = number(&mut words, "--flush-timeout", 0..=1 << 40)?;
                }
                word => return Err(word.unexpected()),
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

fn named(name: &str) -> Result<Backend, String> {
    let found = BACKENDS.into_iter().find(|backend| backend.name == name);
    found.ok_or_else(|| {
        let names = BACKENDS.map(|backend| backend.name).join(", ");
        format!("--backend is one of {names}, not {name:?}")
    })
}

/// The value of `option`, which has just been read.
fn number(words: &mut Parser, option: &str, range: RangeInclusive<u64>) -> Result<u64, Error> {
    let text = words.value()?.string()?;
    let number = text.parse().ok().filter(|number| range.contains(number));
    let expected = || format!("{option} is a number from {} to {}, not {text:?}", range.start(), range.end());
    Ok(number.ok_or_else(expected)?)
}

//! Sends each service's spans to a server. Which one, and how it is reached, the environment says.

use std::{
    io::{self, Write},
    thread,
    time::Duration,
};

use anytrace::{ExporterKind, InitError, TracerHandle, Tracing};

use super::Backend;

/// How long the end may take, whatever the server does.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long one batch may take: less, so that one that comes to nothing is counted for its own reason by then.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(3);

pub(super) struct Network {
    exporter: ExporterKind,
    services: Vec<(&'static str, Tracing)>,
}

impl Network {
    pub(super) fn new(exporter: ExporterKind) -> Self {
        Network { exporter, services: Vec::new() }
    }
}

impl Backend for Network {
    fn tracer(&mut self, service: &'static str) -> Result<TracerHandle, InitError> {
        let tracing = anytrace::builder()
            .service(service)
            .exporter(self.exporter)
            .tune(|tracer| tracer.export_timeout(EXPORT_TIMEOUT))
            .build()?;
        let tracer = tracing.tracer().clone();
        self.services.push((service, tracing));
        Ok(tracer)
    }

    fn answered(&self, line: &str, trace: &str) -> io::Result<()> {
        writeln!(io::stdout(), "{line}\ntrace {trace}")
    }

    fn finish(self: Box<Self>) -> io::Result<bool> {
        // All at once: a server that keeps them waiting keeps them waiting together.
        let ends: Vec<_> = thread::scope(|scope| {
            let services = self.services.iter();
            let threads: Vec<_> =
                services.map(|(_, tracing)| scope.spawn(|| tracing.shutdown(PATIENCE).result)).collect();
            threads.into_iter().map(thread::ScopedJoinHandle::join).collect()
        });
        let mut complete = true;
        for ((service, tracing), end) in self.services.iter().zip(ends).rev() {
            let stats = tracing.stats();
            writeln!(io::stdout(), "{service:9} {stats}")?;
            complete &= stats.delivered == stats.started;
            if let Ok(Err(error)) = end {
                eprintln!("demo: {service}: {error}");
            }
        }
        Ok(complete)
    }
}

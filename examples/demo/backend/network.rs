//! Exports the spans of each service to a server, which the environment configures.

use std::{
    io::{self, Write},
    thread,
    time::Duration,
};

use anytrace::{ExporterKind, InitError, TracerHandle, Tracing};

use super::Backend;

/// The time limit for the shutdown.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// The time limit for one batch: shorter, so that a batch that times out is counted under its own reason.
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

    fn print_response(&self, line: &str, trace: &str) -> io::Result<()> {
        writeln!(io::stdout(), "{line}\ntrace {trace}")
    }

    fn finish(self: Box<Self>) -> io::Result<bool> {
        // Concurrently, so that a slow server delays all services only once.
        let results: Vec<_> = thread::scope(|scope| {
            let services = self.services.iter();
            let threads: Vec<_> = services
                .map(|(_, tracing)| scope.spawn(|| tracing.shutdown(SHUTDOWN_TIMEOUT).result))
                .collect();
            threads.into_iter().map(thread::ScopedJoinHandle::join).collect()
        });
        let mut all_delivered = true;
        for ((service, tracing), result) in self.services.iter().zip(results).rev() {
            let stats = tracing.stats();
            writeln!(io::stdout(), "{service:9} {stats}")?;
            all_delivered &= stats.delivered == stats.started;
            if let Ok(Err(error)) = result {
                eprintln!("demo: {service}: {error}");
            }
        }
        Ok(all_delivered)
    }
}

//! The builder of [`Tracing`].

use std::{fmt, time::Duration};

use anytrace_api::propagation::{Composite, Propagator};
use anytrace_noop::NoopTracer;
use anytrace_recorder::{Limits, Recorder, RecordingTracer, RecordingTracerBuilder, Sampler};

use crate::{
    DroppedSpans, ExporterKind, InitError, Tracing,
    environment::{self, Variables},
    tracing::{OnDrop, Tracer},
};

/// Sets up tracing for the whole process, as the [environment variables](crate#the-environment) say.
///
/// Keep the returned value until the end of `main`: its drop delivers the finished spans and ends tracing. `let _ =` drops
/// it at once, which prints a warning.
///
/// `init` does not wait for a server. If none can be reached, the application runs without one, and spans are dropped and
/// counted.
///
/// # Errors
///
/// Returns an error if a variable is invalid, if the feature of its exporter is off, or if another tracer is installed.
///
/// ```no_run
/// fn main() -> Result<(), anytrace::InitError> {
///     let _tracing = anytrace::init()?;
///     anytrace::start_span("start").run(|| println!("hello"));
///     Ok(())
/// }
/// ```
pub fn init() -> Result<Tracing, InitError> {
    builder().init()
}

/// Starts a setup in code. Options that are not set in code come from the [environment](crate#the-environment).
pub fn builder() -> TracingBuilder {
    TracingBuilder::new()
}

/// Configures [`Tracing`]. Created by [`builder`].
///
/// Settings made in code override the environment, whose variables for them are not read. `OTEL_SDK_DISABLED` overrides the
/// code, because it belongs to the operator.
///
/// ```
/// use anytrace::{MemoryRecorder, Sampler, propagation::B3};
///
/// let memory = MemoryRecorder::new();
/// let tracing = anytrace::builder()
///     .service("orders")
///     .version("1.2.3")
///     .environment("production")
///     .sampler(Sampler::parent_based(Sampler::ratio(0.1)))
///     .propagator(B3::single())
///     .recorder(memory.clone())
///     .build()?;
/// # let _ = tracing;
/// # Ok::<(), anytrace::InitError>(())
/// ```
#[must_use = "call `init` or `build` to start tracing"]
pub struct TracingBuilder {
    variables: Variables,
    service: Option<String>,
    tags: Vec<(String, String)>,
    sampler: Option<Sampler>,
    limits: Option<Limits>,
    propagator: Option<Composite>,
    destination: Option<Destination>,
    tune: Vec<Box<Tune>>,
    on_drop: OnDrop,
}

type Tune = dyn FnOnce(RecordingTracerBuilder) -> RecordingTracerBuilder + Send;

enum Destination {
    Exporter(ExporterKind),
    Recorder(Box<RecordingTracerBuilder>),
}

impl TracingBuilder {
    fn new() -> Self {
        TracingBuilder {
            variables: Variables::from_process(),
            service: None,
            tags: Vec::new(),
            sampler: None,
            limits: None,
            propagator: None,
            destination: None,
            tune: Vec::new(),
            on_drop: OnDrop {
                timeout: Duration::from_secs(5),
                on_dropped_spans: Box::new(DroppedSpans::print),
            },
        }
    }

    /// Sets the name of the service.
    pub fn service(self, name: impl Into<String>) -> Self {
        TracingBuilder { service: Some(name.into()), ..self }
    }

    /// Sets the version of the service, as the tag `service.version`.
    pub fn version(self, version: impl Into<String>) -> Self {
        self.tag("service.version", version)
    }

    /// Sets the deployment environment, such as `production`, as the tag `deployment.environment.name`.
    pub fn environment(self, name: impl Into<String>) -> Self {
        self.tag("deployment.environment.name", name)
    }

    /// Adds a tag to the [resource](crate::Resource), which describes all spans.
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.push((key.into(), value.into()));
        self
    }

    /// Sets the sampler, which decides which traces are recorded.
    pub fn sampler(self, sampler: Sampler) -> Self {
        TracingBuilder { sampler: Some(sampler), ..self }
    }

    /// Sets the limits for the data of one span.
    pub fn limits(self, limits: Limits) -> Self {
        TracingBuilder { limits: Some(limits), ..self }
    }

    /// Sets the propagator, which writes and reads trace headers. A [`Composite`] combines several formats.
    pub fn propagator(self, propagator: impl Propagator + 'static) -> Self {
        let propagator = Composite::new([Box::new(propagator) as Box<dyn Propagator>]);
        TracingBuilder { propagator: Some(propagator), ..self }
    }

    /// Sets the exporter for finished spans. Its endpoint and other options come from the environment.
    pub fn exporter(self, exporter: ExporterKind) -> Self {
        TracingBuilder { destination: Some(Destination::Exporter(exporter)), ..self }
    }

    /// Sets the recorder for finished spans: one from another crate, configured in code, or your own.
    pub fn recorder(self, recorder: impl Recorder) -> Self {
        let tracer = RecordingTracer::builder(recorder);
        TracingBuilder { destination: Some(Destination::Recorder(Box::new(tracer))), ..self }
    }

    /// Changes other options of the reference tracer, such as its queue, batches or clock. Overrides all other
    /// settings; has no effect if nothing is recorded.
    ///
    /// ```
    /// # use anytrace::MemoryRecorder;
    /// let builder = anytrace::builder().tune(|tracer| tracer.max_queued_spans(1_000));
    /// # let _ = builder.recorder(MemoryRecorder::new()).build()?;
    /// # Ok::<(), anytrace::InitError>(())
    /// ```
    pub fn tune(
        mut self,
        tune: impl FnOnce(RecordingTracerBuilder) -> RecordingTracerBuilder + Send + 'static,
    ) -> Self {
        self.tune.push(Box::new(tune));
        self
    }

    /// Sets how long the drop of [`Tracing`] waits for delivery. Default: 5 s.
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.on_drop.timeout = timeout;
        self
    }

    /// Sets the function that the drop of [`Tracing`] calls if spans were dropped. By default, the drop prints one line on
    /// standard error; `|_| {}` turns it off.
    ///
    /// ```
    /// use std::sync::mpsc;
    /// # use anytrace::{Batch, Delivery, Recorder};
    /// # struct Full;
    /// # impl Recorder for Full {
    /// #     fn record(&mut self, batch: Batch<'_>, _: std::time::Instant) -> Delivery {
    /// #         Delivery::all(0).dropped("disk full", batch.spans.len())
    /// #     }
    /// # }
    ///
    /// let (log, lines) = mpsc::channel();
    /// let tracing = anytrace::builder()
    ///     .service("orders")
    ///     .recorder(Full)
    ///     .on_dropped_spans(move |dropped| log.send(dropped.to_string()).unwrap())
    ///     .build()?;
    /// tracing.tracer().start_trace("load").finish();
    /// drop(tracing);
    /// assert_eq!(lines.recv().unwrap(), "1 of 1 spans of orders were not delivered (disk full 1)");
    /// # Ok::<(), anytrace::InitError>(())
    /// ```
    pub fn on_dropped_spans(mut self, report: impl Fn(&DroppedSpans) + Send + Sync + 'static) -> Self {
        self.on_drop.on_dropped_spans = Box::new(report);
        self
    }

    /// Reads variables with `lookup` instead of from the process environment: for tests, and for applications that keep
    /// their configuration elsewhere.
    ///
    /// ```
    /// let tracing = anytrace::builder()
    ///     .variables(|name| match name {
    ///         "OTEL_SERVICE_NAME" => Some("orders".to_owned()),
    ///         "OTEL_TRACES_EXPORTER" => Some("none".to_owned()),
    ///         _ => None,
    ///     })
    ///     .build()?;
    /// assert_eq!(tracing.stats().started, 0);
    /// # Ok::<(), anytrace::InitError>(())
    /// ```
    pub fn variables(self, lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        TracingBuilder { variables: Variables::new(lookup), ..self }
    }

    /// Builds the tracer without installing it as the global one: for tests, and for several services in one process.
    ///
    /// # Errors
    ///
    /// Returns an error if a variable is invalid, or if the feature of its exporter is off.
    pub fn build(self) -> Result<Tracing, InitError> {
        let variables = &self.variables;
        let propagator = match self.propagator {
            None => environment::propagators(variables)?,
            propagator => propagator,
        };
        let recording = match self.destination {
            _ if environment::is_disabled(variables)? => None,
            Some(Destination::Recorder(tracer)) => Some(*tracer),
            Some(Destination::Exporter(exporter)) => exporter.tracer(variables)?,
            None => environment::exporter(variables)?.tracer(variables)?,
        };
        let Some(tracer) = recording else {
            let tracer = propagator.map_or_else(NoopTracer::new, NoopTracer::with_propagator);
            return Ok(Tracing::new(Tracer::Noop(tracer), self.on_drop));
        };
        let mut tracer = environment::batch(variables, tracer)?
            .resource(environment::resource(variables, self.service, self.tags)?)
            .sampler(self.sampler.map_or_else(|| environment::sampler(variables), Ok)?)
            .limits(self.limits.map_or_else(|| environment::limits(variables), Ok)?);
        if let Some(propagator) = propagator {
            tracer = tracer.propagator(propagator);
        }
        let tracer = self.tune.into_iter().fold(tracer, |tracer, tune| tune(tracer)).build();
        Ok(Tracing::new(Tracer::Recording(tracer), self.on_drop))
    }

    /// Builds the tracer and [installs](crate::install) it for the whole process. Keep the returned value until the end of
    /// `main`.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`build`](Self::build), and an error if another tracer is installed.
    pub fn init(self) -> Result<Tracing, InitError> {
        let mut tracing = self.build()?;
        tracing.install()?;
        Ok(tracing)
    }
}

/// Shows the settings made in code, without the values of variables.
impl fmt::Debug for TracingBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TracingBuilder")
            .field("service", &self.service)
            .field("tags", &self.tags)
            .field("sampler", &self.sampler)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

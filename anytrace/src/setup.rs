//! How tracing is set up.

use std::{fmt, time::Duration};

use anytrace_api::propagation::{Composite, Propagator};
use anytrace_noop::NoopTracer;
use anytrace_recorder::{Builder as TracerBuilder, Limits, Recorder, RecordingTracer, Sampler};

use crate::{
    ExporterKind, InitError, Losses, Tracing,
    environment::{self, Variables},
    tracing::{AtEnd, Tracer},
};

/// Sets tracing up as the [environment](crate#the-environment) says, for the whole process.
///
/// No server needs to be there: the application runs as ever, and what cannot be delivered is counted.
///
/// # Errors
///
/// When a variable is wrong, its exporter is not compiled in, or another tracer is installed already.
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

/// Sets tracing up in code; what code does not say, the [environment](crate#the-environment) does.
pub fn builder() -> Builder {
    Builder::new()
}

/// Sets tracing up. Made by [`builder`].
///
/// What code says is not asked of the environment, where it may be wrong, then. One variable comes before all code:
/// `OTEL_SDK_DISABLED`, which is the operator's.
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
#[must_use = "nothing is traced before `init` or `build`"]
pub struct Builder {
    variables: Variables,
    service: Option<String>,
    tags: Vec<(String, String)>,
    sampler: Option<Sampler>,
    limits: Option<Limits>,
    propagator: Option<Composite>,
    destination: Option<Destination>,
    tune: Vec<Box<Tune>>,
    at_end: AtEnd,
}

type Tune = dyn FnOnce(TracerBuilder) -> TracerBuilder + Send;

enum Destination {
    Exporter(ExporterKind),
    Recorder(Box<TracerBuilder>),
}

impl Builder {
    fn new() -> Self {
        Builder {
            variables: Variables::of_the_process(),
            service: None,
            tags: Vec::new(),
            sampler: None,
            limits: None,
            propagator: None,
            destination: None,
            tune: Vec::new(),
            at_end: AtEnd { timeout: Duration::from_secs(5), on_losses: Box::new(Losses::tell) },
        }
    }

    /// The name of the service.
    pub fn service(self, name: impl Into<String>) -> Self {
        Builder { service: Some(name.into()), ..self }
    }

    /// The version of the service: the tag `service.version`.
    pub fn version(self, version: impl Into<String>) -> Self {
        self.tag("service.version", version)
    }

    /// Where the service is deployed, `production` or `staging`: the tag `deployment.environment.name`.
    pub fn environment(self, name: impl Into<String>) -> Self {
        self.tag("deployment.environment.name", name)
    }

    /// One more tag that all spans have in common.
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.push((key.into(), value.into()));
        self
    }

    /// Which traces are recorded.
    pub fn sampler(self, sampler: Sampler) -> Self {
        Builder { sampler: Some(sampler), ..self }
    }

    /// How much one span may hold.
    pub fn limits(self, limits: Limits) -> Self {
        Builder { limits: Some(limits), ..self }
    }

    /// Which headers are written and read; several formats are one [`Composite`].
    pub fn propagator(self, propagator: impl Propagator + 'static) -> Self {
        let propagator = Composite::new([Box::new(propagator) as Box<dyn Propagator>]);
        Builder { propagator: Some(propagator), ..self }
    }

    /// Where finished spans go, by name. How to get there, the environment says.
    pub fn exporter(self, exporter: ExporterKind) -> Self {
        Builder { destination: Some(Destination::Exporter(exporter)), ..self }
    }

    /// Where finished spans go, in code: a recorder of a bridge that is set up, or one of your own.
    pub fn recorder(self, recorder: impl Recorder) -> Self {
        let tracer = RecordingTracer::builder(recorder);
        Builder { destination: Some(Destination::Recorder(Box::new(tracer))), ..self }
    }

    /// The last word over everything else that the reference tracer can be told, where there is one: its queue, its
    /// batches, its clock.
    ///
    /// ```
    /// # use anytrace::MemoryRecorder;
    /// let builder = anytrace::builder().tune(|tracer| tracer.max_queued_spans(1_000));
    /// # let _ = builder.recorder(MemoryRecorder::new()).build()?;
    /// # Ok::<(), anytrace::InitError>(())
    /// ```
    pub fn tune(mut self, tune: impl FnOnce(TracerBuilder) -> TracerBuilder + Send + 'static) -> Self {
        self.tune.push(Box::new(tune));
        self
    }

    /// How long a drop of [`Tracing`] waits until everything is delivered: 5 s.
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.at_end.timeout = timeout;
        self
    }

    /// What a drop of [`Tracing`] does about spans that were lost while it lived, instead of a line on standard error:
    /// a log line of the application's own, or `|_| {}`.
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
    ///     .on_losses(move |losses| log.send(losses.to_string()).unwrap())
    ///     .build()?;
    /// tracing.tracer().start_trace("load").finish();
    /// drop(tracing);
    /// assert_eq!(lines.recv().unwrap(), "1 of 1 spans of orders were not delivered (disk full 1)");
    /// # Ok::<(), anytrace::InitError>(())
    /// ```
    pub fn on_losses(mut self, tell: impl Fn(&Losses) + Send + Sync + 'static) -> Self {
        self.at_end.on_losses = Box::new(tell);
        self
    }

    /// What to ask instead of the process's environment: variables by name. For tests, and for applications that keep
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
        Builder { variables: Variables::new(lookup), ..self }
    }

    /// Sets tracing up without a word to the process: for several services in one, and for tests.
    ///
    /// # Errors
    ///
    /// When a variable is wrong, or its exporter is not compiled in.
    pub fn build(self) -> Result<Tracing, InitError> {
        let variables = &self.variables;
        let propagator = match self.propagator {
            None => environment::propagators(variables)?,
            said => said,
        };
        let recording = match self.destination {
            _ if environment::is_disabled(variables)? => None,
            Some(Destination::Recorder(tracer)) => Some(*tracer),
            Some(Destination::Exporter(exporter)) => exporter.tracer(variables)?,
            None => environment::exporter(variables)?.tracer(variables)?,
        };
        let Some(tracer) = recording else {
            let tracer = propagator.map_or_else(NoopTracer::new, NoopTracer::with_propagator);
            return Ok(Tracing::new(Tracer::Noop(tracer), self.at_end));
        };
        let mut tracer = environment::batch(variables, tracer)?
            .resource(environment::resource(variables, self.service, self.tags)?)
            .sampler(self.sampler.map_or_else(|| environment::sampler(variables), Ok)?)
            .limits(self.limits.map_or_else(|| environment::limits(variables), Ok)?);
        if let Some(propagator) = propagator {
            tracer = tracer.propagator(propagator);
        }
        let tracer = self.tune.into_iter().fold(tracer, |tracer, tune| tune(tracer)).build();
        Ok(Tracing::new(Tracer::Recording(tracer), self.at_end))
    }

    /// Sets tracing up and makes it the process's: see [`install`](crate::install).
    ///
    /// # Errors
    ///
    /// Those of [`build`](Self::build), and when another tracer is installed already.
    pub fn init(self) -> Result<Tracing, InitError> {
        let tracing = self.build()?;
        tracing.install()?;
        Ok(tracing)
    }
}

/// What code has said, without what variables hold.
impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("service", &self.service)
            .field("tags", &self.tags)
            .field("sampler", &self.sampler)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

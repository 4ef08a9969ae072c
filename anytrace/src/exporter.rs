//! The exporters that can be selected by name.

use anytrace_recorder::RecordingTracerBuilder;

use crate::{InitError, environment::Variables};

/// The exporter for finished spans. Its options come from the [environment](crate#the-environment).
///
/// ```
/// use anytrace::ExporterKind;
///
/// // Overrides `OTEL_TRACES_EXPORTER`.
/// let tracing = anytrace::builder().service("orders").exporter(ExporterKind::None).build()?;
/// # let _ = tracing;
/// # Ok::<(), anytrace::InitError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExporterKind {
    /// `otlp`: sends spans to a server with the OpenTelemetry protocol. Requires the feature `otlp-http` or `otlp-grpc`.
    Otlp,
    /// `zipkin`: sends spans to a Zipkin server. Requires the feature `zipkin`.
    Zipkin,
    /// `console`: draws traces on standard output. Requires the feature `console`.
    Console,
    /// `none`: records nothing, and propagates incoming contexts.
    None,
}

impl ExporterKind {
    /// Returns a builder of a tracer with this exporter, or `None` if nothing is recorded.
    pub(crate) fn tracer(self, variables: &Variables) -> Result<Option<RecordingTracerBuilder>, InitError> {
        match self {
            ExporterKind::Otlp => otlp(variables).map(Some),
            ExporterKind::Zipkin => zipkin(variables).map(Some),
            ExporterKind::Console => console().map(Some),
            ExporterKind::None => Ok(None),
        }
    }
}

#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
fn otlp(variables: &Variables) -> Result<RecordingTracerBuilder, InitError> {
    crate::environment::otlp(variables).map(anytrace_recorder::RecordingTracer::builder)
}

#[cfg(not(any(feature = "otlp-http", feature = "otlp-grpc")))]
fn otlp(_: &Variables) -> Result<RecordingTracerBuilder, InitError> {
    Err(InitError::feature(None, "the exporter `otlp`", "the feature `otlp-http` or `otlp-grpc`"))
}

#[cfg(feature = "zipkin")]
fn zipkin(variables: &Variables) -> Result<RecordingTracerBuilder, InitError> {
    crate::environment::zipkin(variables).map(anytrace_recorder::RecordingTracer::builder)
}

#[cfg(not(feature = "zipkin"))]
fn zipkin(_: &Variables) -> Result<RecordingTracerBuilder, InitError> {
    Err(InitError::feature(None, "the exporter `zipkin`", "the feature `zipkin`"))
}

#[cfg(feature = "console")]
#[allow(clippy::unnecessary_wraps, reason = "the variant without the feature can fail")]
fn console() -> Result<RecordingTracerBuilder, InitError> {
    Ok(anytrace_recorder::RecordingTracer::builder(anytrace_console::ConsoleRecorder::new()))
}

#[cfg(not(feature = "console"))]
fn console() -> Result<RecordingTracerBuilder, InitError> {
    Err(InitError::feature(None, "the exporter `console`", "the feature `console`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_about_an_exporter_names_its_feature() {
        for (exporter, feature, is_enabled) in [
            (ExporterKind::Otlp, "otlp-http", cfg!(any(feature = "otlp-http", feature = "otlp-grpc"))),
            (ExporterKind::Zipkin, "zipkin", cfg!(feature = "zipkin")),
            (ExporterKind::Console, "console", cfg!(feature = "console")),
        ] {
            match exporter.tracer(&Variables::from([])) {
                Ok(tracer) => assert!(is_enabled && tracer.is_some(), "{exporter:?}"),
                Err(error) => {
                    let error = error.to_string();
                    assert!(!is_enabled && error.contains(&format!("the feature `{feature}`")), "{error}");
                }
            }
        }
    }
}

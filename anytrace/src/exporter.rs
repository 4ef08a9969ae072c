//! Where spans go, by name.

use anytrace_recorder::RecordingTracerBuilder;

use crate::{InitError, environment::Variables};

/// Where finished spans go; how to get there is in the [environment](crate#the-environment).
///
/// ```
/// use anytrace::ExporterKind;
///
/// // Never mind what `OTEL_TRACES_EXPORTER` says.
/// let tracing = anytrace::builder().service("orders").exporter(ExporterKind::None).build()?;
/// # let _ = tracing;
/// # Ok::<(), anytrace::InitError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExporterKind {
    /// `otlp`: to whatever speaks OpenTelemetry's protocol. Features `otlp-http`, `otlp-grpc`.
    Otlp,
    /// `zipkin`: to a Zipkin server. Feature `zipkin`.
    Zipkin,
    /// `console`: drawn on standard output. Feature `console`.
    Console,
    /// `none`: nowhere. Nothing is recorded, and the contexts of callers are carried on.
    None,
}

impl ExporterKind {
    /// The tracer that sends there; none where nothing is recorded.
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
#[allow(clippy::unnecessary_wraps, reason = "as the others")]
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
    fn an_exporter_that_is_not_compiled_in_names_its_feature() {
        for (exporter, feature, is_there) in [
            (ExporterKind::Otlp, "otlp-http", cfg!(any(feature = "otlp-http", feature = "otlp-grpc"))),
            (ExporterKind::Zipkin, "zipkin", cfg!(feature = "zipkin")),
            (ExporterKind::Console, "console", cfg!(feature = "console")),
        ] {
            match exporter.tracer(&Variables::from([])) {
                Ok(tracer) => assert!(is_there && tracer.is_some(), "{exporter:?}"),
                Err(error) => {
                    let error = error.to_string();
                    assert!(!is_there && error.contains(&format!("the feature `{feature}`")), "{error}");
                }
            }
        }
    }
}

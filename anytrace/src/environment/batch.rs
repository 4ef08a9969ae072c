//! The queue and the batches of finished spans.

use anytrace_recorder::RecordingTracerBuilder;

use super::Variables;
use crate::InitError;

/// Reads `OTEL_BSP_*`. Unset variables keep the defaults of the reference tracer.
pub(crate) fn batch(
    variables: &Variables,
    mut tracer: RecordingTracerBuilder,
) -> Result<RecordingTracerBuilder, InitError> {
    let spans = |name| variables.find(&[name]).map(|variable| variable.number(1..=u32::MAX)).transpose();
    if let Some(spans) = spans("OTEL_BSP_MAX_QUEUE_SIZE")? {
        tracer = tracer.max_queued_spans(spans as usize);
    }
    if let Some(spans) = spans("OTEL_BSP_MAX_EXPORT_BATCH_SIZE")? {
        tracer = tracer.max_batch(spans as usize);
    }
    if let Some(variable) = variables.find(&["OTEL_BSP_SCHEDULE_DELAY"]) {
        tracer = tracer.interval(variable.millis()?);
    }
    if let Some(variable) = variables.find(&["OTEL_BSP_EXPORT_TIMEOUT"]) {
        tracer = tracer.export_timeout(variable.timeout()?);
    }
    Ok(tracer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use anytrace_recorder::{MemoryRecorder, RecordingTracer};

    fn read(variables: impl Into<Variables>) -> Result<String, String> {
        let tracer = RecordingTracer::builder(MemoryRecorder::new());
        let tracer = batch(&variables.into(), tracer).map_err(|error| error.to_string())?;
        Ok(format!("{tracer:?}"))
    }

    #[test]
    fn unset_variables_keep_the_defaults() {
        let default = read([]).unwrap();
        assert!(
            default.contains("max_queued_spans: 16384,") && default.contains("max_batch: 512,"),
            "{default}"
        );
        let tuned = read([
            ("OTEL_BSP_MAX_QUEUE_SIZE", "100"),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "10"),
            ("OTEL_BSP_SCHEDULE_DELAY", "250"),
            ("OTEL_BSP_EXPORT_TIMEOUT", "0"),
        ])
        .unwrap();
        for part in ["max_queued_spans: 100,", "max_batch: 10,", "interval: 250ms"] {
            assert!(tuned.contains(part), "{tuned}");
        }
    }

    #[test]
    fn a_limit_of_zero_is_an_error() {
        for name in ["OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"] {
            let error = read([(name, "0")]).unwrap_err();
            assert_eq!(
                error,
                format!("invalid value for {name}: \"0\" is not a number from 1 to 4294967295")
            );
        }
        for name in ["OTEL_BSP_SCHEDULE_DELAY", "OTEL_BSP_EXPORT_TIMEOUT"] {
            let error = read([(name, "-1")]).unwrap_err();
            assert_eq!(error, format!("invalid value for {name}: \"-1\" is not a time in milliseconds"));
        }
    }
}

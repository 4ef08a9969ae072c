//! Ids that a new span must have, for the id generator that OpenTelemetry's SDK calls while it starts the span.

use std::cell::Cell;

use anytrace_api::{Context, Operation, SpanId, TraceId};

thread_local! {
    static PRESET: Cell<PresetIds> = const { Cell::new(PresetIds { trace: None, span: None }) };
}

#[cfg_attr(not(feature = "sdk"), expect(dead_code, reason = "only `ContextIds` reads the ids"))]
#[derive(Clone, Copy, Default)]
pub(crate) struct PresetIds {
    trace: Option<TraceId>,
    span: Option<SpanId>,
}

impl PresetIds {
    /// Returns the ids of the operation's preset context, or the trace id of a parent context without a span id. `None`
    /// if there are no such ids.
    #[inline]
    pub(super) fn of(operation: &Operation<'_>, parent: &Context) -> Option<Self> {
        if let Some((trace, span)) = operation.preset_context.and_then(Context::ids) {
            return Some(PresetIds { trace: Some(trace), span: Some(span) });
        }
        let trace = parent.trace_id().filter(|_| parent.span_id().is_none())?;
        Some(PresetIds { trace: Some(trace), span: None })
    }

    /// Sets the ids for the next span that starts on this thread.
    pub(super) fn set(self) {
        PRESET.set(self);
    }

    /// Removes the ids that no id generator has taken.
    pub(super) fn clear() {
        PRESET.set(PresetIds::default());
    }

    #[cfg(feature = "sdk")]
    pub(crate) fn take_trace_id() -> Option<TraceId> {
        let preset = PRESET.get();
        PRESET.set(PresetIds { trace: None, ..preset });
        preset.trace
    }

    #[cfg(feature = "sdk")]
    pub(crate) fn take_span_id() -> Option<SpanId> {
        let preset = PRESET.get();
        PRESET.set(PresetIds { span: None, ..preset });
        preset.span
    }
}

//! [`SharedSettings`]: the settings that server and client policies share.

use anytrace_api::{InstrumentationScope, SpanRef, TracerHandle, instrumentation_scope};

use super::{callback::Callback, shared_counter::SharedCounter};
use crate::{Redaction, ResponseHead, SemanticConventions};

static SCOPE: InstrumentationScope = instrumentation_scope!();

type OnResponse = dyn Fn(&SpanRef, &ResponseHead<'_>) + Send + Sync;

#[derive(Clone, Debug)]
pub(crate) struct SharedSettings {
    pub(crate) tracer: Option<TracerHandle>,
    pub(crate) conventions: SemanticConventions,
    pub(crate) redaction: Redaction,
    pub(crate) scope: &'static InstrumentationScope,
    /// The number of callbacks that panicked.
    pub(crate) panics: SharedCounter,
    pub(crate) on_response: Callback<OnResponse>,
}

impl Default for SharedSettings {
    fn default() -> Self {
        SharedSettings {
            tracer: None,
            conventions: SemanticConventions::default(),
            redaction: Redaction::default(),
            scope: &SCOPE,
            panics: SharedCounter::default(),
            on_response: Callback::default(),
        }
    }
}

impl SharedSettings {
    /// Returns the tracer of the policy, else the current one.
    pub(crate) fn tracer(&self) -> TracerHandle {
        self.tracer.clone().unwrap_or_else(anytrace_api::tracer)
    }

    pub(crate) fn call_on_response(&self, span: &SpanRef, response: &ResponseHead<'_>) {
        self.on_response.call(&self.panics, |on_response| span.in_scope(|| on_response(span, response)));
    }
}

/// Implements the methods that both policies have.
macro_rules! shared_setters {
    ($policy:ident) => {
        impl $policy {
            /// Creates a policy with the defaults.
            pub fn new() -> Self {
                Self::default()
            }

            /// Uses this tracer instead of the current one.
            ///
            /// Default: the current tracer at each request. A [`ServerLayer`](crate::ServerLayer) makes the tracer of
            /// its policy the current one in the handlers, also for skipped requests.
            pub fn tracer(self, tracer: anytrace_api::TracerHandle) -> Self {
                self.with(|inner| inner.shared.tracer = Some(tracer))
            }

            /// Sets the tag names that spans have.
            ///
            /// Default: [`SemanticConventions::OpenTelemetry`](crate::SemanticConventions::OpenTelemetry).
            pub fn semantic_conventions(self, conventions: $crate::SemanticConventions) -> Self {
                self.with(|inner| inner.shared.conventions = conventions)
            }

            /// Sets which secrets are removed from recorded URLs.
            ///
            /// Default: [`Redaction::default`](crate::Redaction), which removes user, password and the values of the
            /// query keys that the semantic conventions list.
            pub fn redaction(self, redaction: $crate::Redaction) -> Self {
                self.with(|inner| inner.shared.redaction = redaction)
            }

            /// Sets the instrumentation scope of spans: for crates that instrument a library with this policy.
            ///
            /// Default: the scope of this crate, `anytrace-instrumentation`.
            pub fn instrumentation_scope(self, scope: &'static anytrace_api::InstrumentationScope) -> Self {
                self.with(|inner| inner.shared.scope = scope)
            }

            /// Sets a callback that runs with the span current when the response head is complete, before the body.
            ///
            /// Default: no callback. The callback does not run for skipped requests and for outgoing requests without a
            /// span.
            pub fn on_response(
                self,
                on_response: impl Fn(&anytrace_api::SpanRef, &$crate::ResponseHead<'_>) + Send + Sync + 'static,
            ) -> Self {
                self.with(|inner| inner.shared.on_response.set(std::sync::Arc::new(on_response)))
            }

            /// Returns the number of callbacks of this policy and its clones that panicked.
            ///
            /// A request whose callback panics continues as if the callback were not set, unless the setter says
            /// otherwise.
            pub fn callback_panics(&self) -> u64 {
                self.inner.shared.panics.read()
            }

            pub(crate) fn shared(&self) -> &$crate::policy::SharedSettings {
                &self.inner.shared
            }

            fn with(mut self, change: impl FnOnce(&mut Inner)) -> Self {
                change(std::sync::Arc::make_mut(&mut self.inner));
                self
            }
        }
    };
}
pub(super) use shared_setters;

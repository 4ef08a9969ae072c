//! What policies of servers and of clients have in common.

use anytrace_api::{InstrumentationScope, SpanRef, TracerHandle, instrumentation_scope};

use super::{callback::Callback, counter::Counter};
use crate::{Redaction, ResponseHead, Vocabulary};

static SCOPE: InstrumentationScope = instrumentation_scope!();

type OnResponse = dyn Fn(&SpanRef, &ResponseHead<'_>) + Send + Sync;

#[derive(Clone, Debug)]
pub(crate) struct Common {
    pub(crate) tracer: Option<TracerHandle>,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) redaction: Redaction,
    pub(crate) origin: &'static InstrumentationScope,
    /// How often functions of the application panicked.
    pub(crate) panics: Counter,
    pub(crate) on_response: Callback<OnResponse>,
}

impl Default for Common {
    fn default() -> Self {
        Common {
            tracer: None,
            vocabulary: Vocabulary::default(),
            redaction: Redaction::default(),
            origin: &SCOPE,
            panics: Counter::default(),
            on_response: Callback::default(),
        }
    }
}

impl Common {
    /// The tracer of the policy, else the one in force here.
    pub(crate) fn tracer(&self) -> TracerHandle {
        self.tracer.clone().unwrap_or_else(anytrace_api::tracer)
    }

    pub(crate) fn answered(&self, span: &SpanRef, response: &ResponseHead<'_>) {
        self.on_response.ask(&self.panics, |on_response| span.in_scope(|| on_response(span, response)));
    }
}

/// The setters that both have.
macro_rules! common_setters {
    ($policy:ident) => {
        impl $policy {
            /// What is right for most.
            pub fn new() -> Self {
                Self::default()
            }

            /// By this tracer, instead of the one in force at each request. In the handlers of a server's layer it is in
            /// force.
            pub fn tracer(self, tracer: anytrace_api::TracerHandle) -> Self {
                self.with(|inner| inner.common.tracer = Some(tracer))
            }

            /// In these words, instead of those of the semantic conventions.
            pub fn vocabulary(self, vocabulary: $crate::Vocabulary) -> Self {
                self.with(|inner| inner.common.vocabulary = vocabulary)
            }

            /// What is taken out of URLs, instead of what the semantic conventions say.
            pub fn redaction(self, redaction: $crate::Redaction) -> Self {
                self.with(|inner| inner.common.redaction = redaction)
            }

            /// For hook crates: which library makes the spans.
            pub fn instrumentation_scope(self, origin: &'static anytrace_api::InstrumentationScope) -> Self {
                self.with(|inner| inner.common.origin = origin)
            }

            /// Runs when the head of the response is there, with the span current, before its body.
            pub fn on_response(
                self,
                on_response: impl Fn(&anytrace_api::SpanRef, &$crate::ResponseHead<'_>) + Send + Sync + 'static,
            ) -> Self {
                self.with(|inner| inner.common.on_response.set(std::sync::Arc::new(on_response)))
            }

            /// How often callbacks of this policy and its clones panicked. The requests went on as if the callback
            /// were not there.
            pub fn callback_panics(&self) -> u64 {
                self.inner.common.panics.read()
            }

            pub(crate) fn common(&self) -> &$crate::policy::Common {
                &self.inner.common
            }

            fn with(mut self, change: impl FnOnce(&mut Inner)) -> Self {
                change(std::sync::Arc::make_mut(&mut self.inner));
                self
            }
        }
    };
}
pub(super) use common_setters;

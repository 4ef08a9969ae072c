//! What a destination is told.

use anytrace_api::{Baggage, SpanRef, TextMapWriter};

/// What a destination is told of the trace: one's own services everything, others perhaps less.
///
/// Headers that were set once are sent again to wherever a client is redirected, if it follows redirects by itself.
///
/// ```
/// use anytrace_instrumentation::{ClientPolicy, Propagation};
///
/// let policy = ClientPolicy::new().propagation(|request| match request.uri().host() {
///     Some(host) if host.ends_with(".internal") => Propagation::All,
///     Some("partner.example") => Propagation::Baggage(&["order"]),
///     _ => Propagation::Nothing,
/// });
/// # let _ = policy;
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Propagation {
    /// The trace and all of the baggage.
    #[default]
    All,
    /// The trace, and of the baggage these keys.
    Baggage(&'static [&'static str]),
    /// Nothing.
    Nothing,
}

impl Propagation {
    pub(crate) fn inject(self, span: &SpanRef, carrier: &mut dyn TextMapWriter) {
        match self {
            Propagation::All => span.inject(carrier),
            Propagation::Baggage(allowed) => {
                let mut baggage = Baggage::new();
                for key in allowed {
                    if let Some(value) = span.baggage().get(key) {
                        // Not too much: it was in a baggage already.
                        let _ = baggage.insert(key, value);
                    }
                }
                span.clone().with_baggage_items(baggage).inject(carrier);
            }
            Propagation::Nothing => {}
        }
    }
}

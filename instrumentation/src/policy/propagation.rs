//! [`Propagation`]: the part of a trace context that a destination receives.

use anytrace_api::{SpanRef, propagation::TextMapWriter};

/// The part of the trace context that is sent to a destination.
///
/// Default: [`All`](Self::All). Use [`ClientPolicy::propagation`](crate::ClientPolicy::propagation) to decide per
/// request.
///
/// By default, all destinations receive all baggage, third parties included, although baggage may hold internal data
/// ([W3C Baggage], section "Privacy Considerations"). Note that a client that follows redirects by itself sends the
/// same headers to the new destination.
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
///
/// [W3C Baggage]: https://www.w3.org/TR/baggage/#privacy-considerations
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Propagation {
    /// Sends the trace and all baggage.
    #[default]
    All,
    /// Sends the trace, and the baggage members that have these keys, with their properties. Keys are case-sensitive.
    Baggage(&'static [&'static str]),
    /// Sends nothing, and removes trace headers and baggage that the request has already, such as those that a proxy
    /// forwards.
    Nothing,
}

impl Propagation {
    /// Injects the allowed part of `span`'s context. Returns the number of baggage members that are withheld.
    pub(crate) fn inject(self, span: &SpanRef, carrier: &mut dyn TextMapWriter) -> usize {
        match self {
            Propagation::All => {
                span.inject(carrier);
                0
            }
            Propagation::Baggage(allowed) => inject_with_baggage(allowed, span, carrier),
            Propagation::Nothing => {
                span.inject(&mut Eraser(carrier));
                span.baggage().len()
            }
        }
    }
}

fn inject_with_baggage(allowed: &[&str], span: &SpanRef, carrier: &mut dyn TextMapWriter) -> usize {
    let all = span.baggage();
    let withheld: Vec<&str> = all.iter().map(|(key, _)| key).filter(|key| !allowed.contains(key)).collect();
    if withheld.is_empty() {
        span.inject(carrier);
        return 0;
    }
    // Removes members from a copy: inserting the allowed ones into an empty baggage would lose their properties.
    let mut remaining = all.clone();
    for key in &withheld {
        remaining.remove(key);
    }
    span.clone().with_baggage_items(remaining).inject(carrier);
    withheld.len()
}

/// A writer that removes each key instead of setting it.
struct Eraser<'a>(&'a mut dyn TextMapWriter);

impl TextMapWriter for Eraser<'_> {
    fn set(&mut self, key: &str, _: &str) {
        self.0.remove(key);
    }

    fn remove(&mut self, key: &str) {
        self.0.remove(key);
    }

    fn remove_with_prefix(&mut self, prefix: &str) {
        self.0.remove_with_prefix(prefix);
    }
}

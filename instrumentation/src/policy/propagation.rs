//! What a destination is told.

use anytrace_api::{SpanRef, propagation::TextMapWriter};

/// What a destination is told of the trace: one's own services everything, others perhaps less.
///
/// Baggage is sent to everybody who is called, unless somebody says where it ends: what only one's own services may know
/// does not belong with a third party ([W3C Baggage], section "Privacy Considerations"). And headers that were set once
/// are sent again to wherever a client is redirected, if it follows redirects by itself.
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
    /// The trace and all of the baggage.
    #[default]
    All,
    /// The trace, and of the baggage the members under these keys, with their properties. The case of keys counts.
    Baggage(&'static [&'static str]),
    /// Nothing: what the request has in those headers already, from whoever is asking in turn, is taken out.
    Nothing,
}

impl Propagation {
    /// How many members of the baggage are withheld.
    pub(crate) fn inject(self, span: &SpanRef, carrier: &mut dyn TextMapWriter) -> usize {
        match self {
            Propagation::All => {
                span.inject(carrier);
                0
            }
            Propagation::Baggage(allowed) => inject_some(allowed, span, carrier),
            Propagation::Nothing => {
                span.inject(&mut Eraser(carrier));
                span.baggage().len()
            }
        }
    }
}

fn inject_some(allowed: &[&str], span: &SpanRef, carrier: &mut dyn TextMapWriter) -> usize {
    let all = span.baggage();
    let withheld: Vec<&str> = all.iter().map(|(key, _)| key).filter(|key| !allowed.contains(key)).collect();
    if withheld.is_empty() {
        span.inject(carrier);
        return 0;
    }
    // What stays is as it was: insertions would lose properties.
    let mut some = all.clone();
    for key in &withheld {
        some.remove(key);
    }
    span.clone().with_baggage_items(some).inject(carrier);
    withheld.len()
}

/// Removes what would be written.
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

//! The header `baggage` of W3C.

use super::{Extracted, Propagator};
use crate::model::{Baggage, Context, TextMapReader, TextMapWriter};

/// The propagator for the header `baggage` ([W3C Baggage]).
///
/// * All header lines form one list. A malformed member is left out and counted as an error, and the other members are
///   still read.
/// * The limits of [`Baggage`] apply. A member that would exceed a limit after the members to its left is left out as a
///   whole and counted as an error.
/// * Members with equal keys are all kept and passed on.
/// * Only characters that the grammar does not allow, and `%`, are percent-encoded.
/// * Empty baggage removes the header.
///
/// ```
/// use anytrace_api::propagation::{Extracted, Propagator, W3cBaggage};
/// use std::collections::HashMap;
///
/// let context = Extracted::read(&W3cBaggage, &[("baggage", "city=New%20York;p , tenant = acme")]).into_context();
/// assert_eq!(context.baggage().get("city"), Some("New York"));
///
/// let mut outgoing = HashMap::new();
/// W3cBaggage.inject(&context, &mut outgoing);
/// assert_eq!(outgoing["baggage"], "city=New%20York;p,tenant=acme");
/// ```
///
/// [W3C Baggage]: https://www.w3.org/TR/baggage/
#[derive(Clone, Copy, Debug, Default)]
pub struct W3cBaggage;

pub(super) const BAGGAGE: &str = "baggage";

#[deny(clippy::missing_trait_methods)]
impl Propagator for W3cBaggage {
    fn fields(&self) -> &[&'static str] {
        &[BAGGAGE]
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        match context.baggage() {
            baggage if baggage.is_empty() => carrier.remove(BAGGAGE),
            baggage => carrier.set(BAGGAGE, &baggage.header()),
        }
    }

    fn extract(&self, carrier: &dyn TextMapReader, into: &mut Extracted) {
        let mut baggage = Baggage::new();
        carrier.values(BAGGAGE, &mut |line| {
            if into.admit(BAGGAGE, line) {
                read_line(line, &mut baggage, into);
            }
        });
        into.add_baggage(BAGGAGE, baggage);
    }
}

pub(super) fn read_line(line: &[u8], baggage: &mut Baggage, into: &mut Extracted) {
    for member in line.split(|byte| *byte == b',') {
        into.add_received(BAGGAGE, baggage.receive(member));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TraceContext;

    #[test]
    #[cfg_attr(miri, ignore = "megabytes take minutes")]
    fn number_of_headers_and_their_size_are_limited() {
        let lines: Vec<_> = (0..10_000).map(|n| ("baggage", format!("k{n}=v"))).collect();
        let extracted = Extracted::read(&W3cBaggage, &lines);
        assert_eq!(extracted.context().baggage().len(), Baggage::MEMBERS);
        assert_eq!(extracted.errors().len(), 1);
        assert_eq!(extracted.errors()[0].count(), 10_000 - Baggage::MEMBERS);

        let extracted = Extracted::read(
            &W3cBaggage,
            &[("baggage", "a=,".repeat(333_333)), ("baggage", "b=2".to_owned())],
        );
        assert_eq!(extracted.context().baggage().iter().collect::<Vec<_>>(), [("b", "2")]);
    }

    #[test]
    fn empty_baggage_removes_the_header() {
        let mut carrier = vec![("Baggage".to_owned(), "stale=1".to_owned())];
        W3cBaggage.inject(&Context::default(), &mut carrier);
        assert!(carrier.is_empty());
    }
}

use super::{Extracted, Propagator};
use crate::model::{Baggage, Context, TextMapReader, TextMapWriter};

/// `baggage`: [W3C Baggage].
///
/// * All header lines together are one list. A member outside the grammar is left out and counted as a fault; the
///   others stay. So it is with what exceeds the limits of [`Baggage`], from the left, whole members only.
/// * Equal keys stay beside each other when they are passed on.
/// * As little as must be is percent-encoded. No header is sent for empty baggage.
///
/// ```
/// use anytrace_api::{Extracted, Propagator, W3cBaggage};
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
    fn ten_thousand_headers_and_a_megabyte_are_one_budget() {
        let lines: Vec<_> = (0..10_000).map(|n| ("baggage", format!("k{n}=v"))).collect();
        let found = Extracted::read(&W3cBaggage, &lines);
        assert_eq!(found.context().baggage().len(), Baggage::MEMBERS);
        assert_eq!(found.errors().len(), 1);
        assert_eq!(found.errors()[0].count(), 10_000 - Baggage::MEMBERS);

        let found = Extracted::read(
            &W3cBaggage,
            &[("baggage", "a=,".repeat(333_333)), ("baggage", "b=2".to_owned())],
        );
        assert_eq!(found.context().baggage().iter().collect::<Vec<_>>(), [("b", "2")]);
    }

    #[test]
    fn no_baggage_removes_the_header() {
        let mut carrier = vec![("Baggage".to_owned(), "stale=1".to_owned())];
        W3cBaggage.inject(&Context::default(), &mut carrier);
        assert!(carrier.is_empty());
    }
}

//! The process-wide counts of extraction errors.

use anytrace_api::{
    counters::extract_errors,
    propagation::{Composite, ExtractErrorKind, Extracted, Propagator},
};

/// A format with a field that no other test uses, because the tests share the process.
struct Foreign;

impl Propagator for Foreign {
    fn fields(&self) -> &[&'static str] {
        &["foreign"]
    }

    fn inject(&self, _: &anytrace_api::Context, _: &mut dyn anytrace_api::propagation::TextMapWriter) {}

    fn extract(&self, carrier: &dyn anytrace_api::propagation::TextMapReader, into: &mut Extracted) {
        carrier.values("foreign", &mut |_| into.add_error("foreign", ExtractErrorKind::Malformed));
    }
}

fn counted(kind: ExtractErrorKind) -> usize {
    let errors = extract_errors();
    let of_kind = errors.iter().filter(|error| (error.field(), error.kind()) == ("foreign", kind));
    of_kind.map(anytrace_api::propagation::ExtractError::count).sum()
}

#[test]
fn every_error_is_counted_once_on_every_thread() {
    let format = Composite::new([Foreign]);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..100 {
                    Extracted::read(&format, &[("foreign", "1"), ("other", "2"), ("Foreign", "3")]);
                }
            });
        }
    });
    assert_eq!((counted(ExtractErrorKind::Malformed), counted(ExtractErrorKind::OverBudget)), (800, 0));
    let entries = extract_errors().iter().filter(|error| error.field() == "foreign").count();
    assert_eq!(entries, 1);
    Extracted::read(&format, &[("other", "2")]);
    assert_eq!(counted(ExtractErrorKind::Malformed), 800);
}

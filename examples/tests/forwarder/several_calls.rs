//! The suite's cases with several calls for one request.

use std::collections::HashSet;

use crate::harness::{Harness, PARENT, Sent, TRACE, parent_line};

fn distinct(sent: &[Sent], id: impl Fn(&Sent) -> &str) -> usize {
    sent.iter().map(id).collect::<HashSet<_>>().len()
}

#[test]
fn all_calls_are_in_the_callers_trace_and_each_is_a_span() {
    let sent = Harness::start().send_for(&[parent_line("01")], 3);
    assert!(sent.iter().all(|sent| sent.trace_id == TRACE && sent.parent_id != PARENT), "{sent:?}");
    assert_eq!(distinct(&sent, |sent| &sent.parent_id), 3);
}

#[test]
fn without_a_caller_each_call_is_a_span() {
    let none: [&str; 0] = [];
    let sent = Harness::start().send_for(&none, 3);
    assert_eq!(distinct(&sent, |sent| &sent.parent_id), 3);
    assert_eq!(distinct(&sent, |sent| &sent.trace_id), 1, "one trace, which the suite does not require");
}

#[test]
fn a_malformed_parent_is_in_none_of_the_calls() {
    let zeros = "0".repeat(32);
    let sent = Harness::start().send_for(&[format!("traceparent: 00-{zeros}-{PARENT}-01")], 3);
    // The harness checks that no id is zero.
    assert_eq!(distinct(&sent, |sent| &sent.parent_id), 3);
}

//! Runs the models.

use anytrace_model::{baggage, check, queue, slots};

#[test]
fn what_a_reference_says_is_recorded_or_too_late() {
    check(slots::one_reference_speaks);
}

#[test]
fn what_two_references_say_is_recorded_or_too_late() {
    check(slots::two_references_speak);
}

#[test]
fn a_live_span_is_used_again_only_when_nobody_refers_to_it() {
    check(slots::a_reference_goes);
}

#[test]
fn a_record_is_handed_over_once() {
    check(slots::two_ends_meet);
}

#[test]
fn spans_of_threads_that_go_are_delivered_once() {
    check(queue::threads_come_and_go);
}

#[test]
fn spans_of_ending_threads_are_delivered_once() {
    check(queue::threads_share_a_shard);
}

#[test]
fn emptied_records_come_back() {
    check(queue::records_come_back);
}

#[test]
fn what_finds_no_room_is_counted() {
    check(queue::the_queue_is_full);
}

#[test]
fn the_account_sums_up_whenever_somebody_looks() {
    check(queue::somebody_looks);
}

#[test]
fn a_span_may_end_on_another_thread() {
    check(queue::a_span_moves);
}

#[test]
fn concurrent_changes_of_baggage_all_arrive() {
    check(baggage::changes_all_arrive);
}

//! Runs the models.

use anytrace_model::{baggage, check, queue, span_end};

#[test]
fn each_write_of_a_reference_is_recorded_or_counted_as_late() {
    check(span_end::one_reference_writes);
}

#[test]
fn each_write_of_two_references_is_recorded_or_counted_as_late() {
    check(span_end::two_references_write);
}

#[test]
fn a_live_span_is_reused_only_without_references() {
    check(span_end::a_reference_is_dropped);
}

#[test]
fn a_record_is_taken_once() {
    check(span_end::two_owners_finish);
}

#[test]
fn spans_of_ended_threads_are_delivered_once() {
    check(queue::threads_start_and_end);
}

#[test]
fn spans_of_threads_without_thread_local_storage_are_delivered_once() {
    check(queue::threads_use_the_shared_shard);
}

#[test]
fn emptied_records_return_to_their_thread() {
    check(queue::records_return);
}

#[test]
fn spans_that_do_not_fit_into_the_queue_are_counted() {
    check(queue::the_queue_is_full);
}

#[test]
fn the_account_adds_up_at_all_times() {
    check(queue::stats_are_read);
}

#[test]
fn a_span_may_end_on_another_thread() {
    check(queue::a_span_moves);
}

#[test]
fn no_concurrent_change_of_baggage_is_lost() {
    check(baggage::no_change_is_lost);
}

//! Baggage shared by all spans of a request.

use anytrace_api::{self as trace, errors::BaggageError, suppression::suppressed};

use crate::areas::{
    baggage::{ensure_baggage, entry_spans, to_message},
    checks,
};
use crate::case::{Case, Checked, ensure_eq};

checks! { Baggage:
    unrecorded_spans_carry_baggage [];
    shared_baggage_can_be_set_from_any_span_of_the_request [];
    shared_baggage_outlives_its_span [];
    forked_baggage_stays_in_its_branch [];
    setting_baggage_without_effect_is_an_error [];
}

fn unrecorded_spans_carry_baggage(case: &Case) -> Checked {
    for mut span in entry_spans(case) {
        span.share_baggage();
        suppressed(|| {
            let mut child = span.start_child("child");
            span.set_baggage("shared", "1").map_err(to_message)?;
            child.fork_baggage();
            child.set_baggage("own", "2").map_err(to_message)?;
            ensure_baggage(
                "an unrecorded child",
                &child.start_child("child"),
                &[("shared", "1"), ("own", "2")],
            )?;
            span.in_scope(|| trace::set_baggage("current", "3")).map_err(to_message)?;
            ensure_baggage("the parent", &span, &[("shared", "1"), ("current", "3")])
        })?;
    }
    Ok(())
}

fn shared_baggage_can_be_set_from_any_span_of_the_request(case: &Case) -> Checked {
    for mut span in entry_spans(case) {
        span.set_baggage("before", "0").map_err(to_message)?;
        span.share_baggage();
        span.share_baggage();
        let earlier = span.start_child("earlier");
        span.in_scope(|| {
            trace::start_span("child").run(|| {
                trace::start_span("grandchild").run(|| trace::set_baggage("tenant", "acme"))?;
                trace::set_baggage("user", "7")?;
                trace::current_span().set_baggage("user", "8")
            })
        })
        .map_err(to_message)?;
        let pairs = [("before", "0"), ("tenant", "acme"), ("user", "8")];
        ensure_baggage("the span that shares it", &span, &pairs)?;
        ensure_baggage("a later child", &span.start_child("later"), &pairs)?;
        ensure_baggage("a child of an earlier child", &earlier.start_child("later"), &pairs)?;
        let removed = earlier.in_scope(|| trace::remove_baggage("tenant"));
        ensure_eq!(removed, Ok(true), "the result of removing an existing key");
        ensure_baggage("a later child", &span.start_child("later"), &[("before", "0"), ("user", "8")])?;
    }
    Ok(())
}

fn shared_baggage_outlives_its_span(case: &Case) -> Checked {
    for mut span in entry_spans(case) {
        span.share_baggage();
        let (reference, child) = (span.reference(), span.start_child("child"));
        span.finish();
        reference.set_baggage("late", "1").map_err(to_message)?;
        ensure_baggage("a child of an open child", &child.start_child("grandchild"), &[("late", "1")])?;
        ensure_baggage("a late child", &reference.start_child("late"), &[("late", "1")])?;
    }
    Ok(())
}

fn forked_baggage_stays_in_its_branch(case: &Case) -> Checked {
    for mut span in entry_spans(case) {
        span.share_baggage();
        span.set_baggage("tenant", "acme").map_err(to_message)?;
        let mut branch = span.start_child("branch");
        branch.fork_baggage();
        branch.in_scope(|| trace::set_baggage("branch", "1")).map_err(to_message)?;
        span.set_baggage("trunk", "2").map_err(to_message)?;
        let (in_branch, in_trunk) = (branch.start_child("child"), span.start_child("child"));
        ensure_baggage("a child in the branch", &in_branch, &[("tenant", "acme"), ("branch", "1")])?;
        ensure_baggage("a child in the trunk", &in_trunk, &[("tenant", "acme"), ("trunk", "2")])?;
    }
    Ok(())
}

fn setting_baggage_without_effect_is_an_error(case: &Case) -> Checked {
    for mut span in entry_spans(case) {
        span.set_baggage("tenant", "acme").map_err(to_message)?;
        let not_shared = Err(BaggageError::NotShared);
        span.in_scope(|| {
            ensure_eq!(
                trace::set_baggage("lost", "1"),
                not_shared,
                "the result of setting baggage without effect"
            );
            let removed = trace::remove_baggage("tenant").map(|_| ());
            ensure_eq!(removed, not_shared, "the result of removing baggage without effect");
            Ok(())
        })?;
        ensure_eq!(
            span.start_child("child").set_baggage("own", "1"),
            Ok(()),
            "the result of setting baggage on an own child"
        );
        let of_reference = span.reference().set_baggage("lost", "1");
        ensure_eq!(of_reference, not_shared, "the result of setting baggage on a reference");
        ensure_baggage("the span", &span, &[("tenant", "acme")])?;
    }
    Ok(())
}

//! Baggage that a whole request shares.

use anytrace_api::{self as trace, errors::BaggageError, suppression::suppressed};

use crate::areas::{
    baggage::{beginnings, ensure_sees, refused},
    checks,
};
use crate::case::{Case, Checked, ensure_eq};

checks! { Baggage:
    spans_that_are_not_recorded_carry_baggage [];
    a_shared_baggage_is_set_from_anywhere [];
    a_shared_baggage_outlives_its_span [];
    a_fork_reaches_its_branch_alone [];
    a_call_that_nobody_would_see_is_an_error [];
}

fn spans_that_are_not_recorded_carry_baggage(case: &Case) -> Checked {
    for mut span in beginnings(case) {
        span.share_baggage();
        suppressed(|| {
            let mut child = span.start_child("child");
            span.set_baggage("shared", "1").map_err(refused)?;
            child.fork_baggage();
            child.set_baggage("own", "2").map_err(refused)?;
            ensure_sees(
                "an unrecorded child",
                &child.start_child("child"),
                &[("shared", "1"), ("own", "2")],
            )?;
            span.in_scope(|| trace::set_baggage("current", "3")).map_err(refused)?;
            ensure_sees("the parent", &span, &[("shared", "1"), ("current", "3")])
        })?;
    }
    Ok(())
}

fn a_shared_baggage_is_set_from_anywhere(case: &Case) -> Checked {
    for mut span in beginnings(case) {
        span.set_baggage("before", "0").map_err(refused)?;
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
        .map_err(refused)?;
        let pairs = [("before", "0"), ("tenant", "acme"), ("user", "8")];
        ensure_sees("the span that shares it", &span, &pairs)?;
        ensure_sees("a later child", &span.start_child("later"), &pairs)?;
        ensure_sees("a child of an earlier child", &earlier.start_child("later"), &pairs)?;
        let removed = earlier.in_scope(|| trace::remove_baggage("tenant"));
        ensure_eq!(removed, Ok(true), "whether what is there was removed");
        ensure_sees("a later child", &span.start_child("later"), &[("before", "0"), ("user", "8")])?;
    }
    Ok(())
}

fn a_shared_baggage_outlives_its_span(case: &Case) -> Checked {
    for mut span in beginnings(case) {
        span.share_baggage();
        let (reference, child) = (span.reference(), span.start_child("child"));
        span.finish();
        reference.set_baggage("late", "1").map_err(refused)?;
        ensure_sees("a child of an open child", &child.start_child("grandchild"), &[("late", "1")])?;
        ensure_sees("a late child", &reference.start_child("late"), &[("late", "1")])?;
    }
    Ok(())
}

fn a_fork_reaches_its_branch_alone(case: &Case) -> Checked {
    for mut span in beginnings(case) {
        span.share_baggage();
        span.set_baggage("tenant", "acme").map_err(refused)?;
        let mut branch = span.start_child("branch");
        branch.fork_baggage();
        branch.in_scope(|| trace::set_baggage("branch", "1")).map_err(refused)?;
        span.set_baggage("trunk", "2").map_err(refused)?;
        let (in_branch, in_trunk) = (branch.start_child("child"), span.start_child("child"));
        ensure_sees("a child in the branch", &in_branch, &[("tenant", "acme"), ("branch", "1")])?;
        ensure_sees("a child in the trunk", &in_trunk, &[("tenant", "acme"), ("trunk", "2")])?;
    }
    Ok(())
}

fn a_call_that_nobody_would_see_is_an_error(case: &Case) -> Checked {
    for mut span in beginnings(case) {
        span.set_baggage("tenant", "acme").map_err(refused)?;
        let not_shared = Err(BaggageError::NotShared);
        span.in_scope(|| {
            ensure_eq!(trace::set_baggage("lost", "1"), not_shared, "setting what nobody would see");
            let removed = trace::remove_baggage("tenant").map(|_| ());
            ensure_eq!(removed, not_shared, "removing what nobody would miss");
            Ok(())
        })?;
        ensure_eq!(span.start_child("child").set_baggage("own", "1"), Ok(()), "setting one's own");
        let of_reference = span.reference().set_baggage("lost", "1");
        ensure_eq!(of_reference, not_shared, "setting it on a reference");
        ensure_sees("the span", &span, &[("tenant", "acme")])?;
    }
    Ok(())
}

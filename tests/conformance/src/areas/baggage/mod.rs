//! Baggage: who sees what was set. No capability is asked for: a backend that records nothing carries it too.

pub(crate) mod sent;
pub(crate) mod shared;

use std::{error::Error, sync::Arc};

use anytrace_api::{
    self as trace, Baggage, Context, Sampling, SpanRef, StartedSpan, TraceContext,
    errors::{LimitError, LimitKind},
    suppression::suppressed,
};

use crate::areas::{checks, spans::caller};
use crate::case::{Case, Checked, ensure, ensure_eq};

checks! { Baggage:
    what_starts_later_sees_what_was_set [];
    what_started_earlier_does_not_see_it [];
    a_parent_and_its_other_children_do_not_see_it [];
    a_later_value_replaces_and_a_removed_one_is_gone [];
    keys_are_found_whatever_their_case_exact_ones_first [];
    the_baggage_of_a_caller_reaches_all_below [];
    what_does_not_fit_is_refused_and_nothing_is_lost [];
    values_may_be_any_text [];
    properties_are_carried_along [];
    what_is_local_travels_with_it [];
}

/// Why a check ends where something was refused that has to be taken.
#[allow(clippy::needless_pass_by_value, reason = "it is for `map_err`")]
pub(crate) fn refused(error: impl Error) -> String {
    error.to_string()
}

pub(crate) fn ensure_sees(who: &str, span: &SpanRef, pairs: &[(&str, &str)]) -> Checked {
    let seen: Vec<_> = span.baggage().iter().collect();
    ensure_eq!(seen, pairs, "the baggage of {who}");
    Ok(())
}

/// A root of this tracer, and what joins a caller, denied or not: whether or not they are recorded.
pub(crate) fn beginnings(case: &Case) -> [StartedSpan; 4] {
    let denied = caller().with_sampling(Sampling::Drop);
    [
        case.tracer().start_trace("root"),
        case.tracer().join_trace("joined", &caller()),
        case.tracer().join_trace("denied", &denied),
        suppressed(|| case.tracer().join_trace("suppressed", &caller())),
    ]
}

fn what_starts_later_sees_what_was_set(case: &Case) -> Checked {
    for mut span in beginnings(case) {
        span.set_baggage("tenant", "acme").map_err(refused)?;
        ensure_sees("the span itself", &span, &[("tenant", "acme")])?;
        ensure_sees("a reference", &span.reference(), &[("tenant", "acme")])?;
        let mut child = span.start_child("child");
        child.set_baggage("user", "7").map_err(refused)?;
        let both = [("tenant", "acme"), ("user", "7")];
        ensure_sees("a grandchild", &child.start_child("grandchild"), &both)?;
        child.in_scope(|| {
            ensure_sees("a child of what is current", &trace::start_span("grandchild"), &both)?;
            ensure_sees("what is current", &trace::current_span(), &both)
        })?;
        ensure_sees("what joins it", &case.tracer().join_trace("joins", &child), &both)?;
        ensure_sees("what joins its context", &case.tracer().join_trace("joins", child.context()), &both)?;
    }
    Ok(())
}

fn what_started_earlier_does_not_see_it(case: &Case) -> Checked {
    for mut span in beginnings(case) {
        let (child, reference, context) =
            (span.start_child("child"), span.reference(), span.context().clone());
        span.set_baggage("tenant", "acme").map_err(refused)?;
        ensure_sees("an earlier child", &child, &[])?;
        ensure_sees("an earlier reference", &reference, &[])?;
        ensure_sees("an earlier context", &SpanRef::from(context), &[])?;
        ensure_sees("a later child of an earlier one", &child.start_child("grandchild"), &[])?;
    }
    Ok(())
}

fn a_parent_and_its_other_children_do_not_see_it(case: &Case) -> Checked {
    for mut parent in beginnings(case) {
        parent.set_baggage("tenant", "acme").map_err(refused)?;
        let mut child = parent.start_child("child");
        child.set_baggage("tenant", "other").map_err(refused)?;
        child.set_baggage("user", "7").map_err(refused)?;
        ensure_sees("the child", &child, &[("tenant", "other"), ("user", "7")])?;
        ensure_sees("the parent", &parent, &[("tenant", "acme")])?;
        ensure_sees("another child", &parent.start_child("sibling"), &[("tenant", "acme")])?;
    }
    Ok(())
}

fn a_later_value_replaces_and_a_removed_one_is_gone(case: &Case) -> Checked {
    for mut span in beginnings(case) {
        for (key, value) in [("a", "1"), ("b", "2"), ("a", "3")] {
            span.set_baggage(key, value).map_err(refused)?;
        }
        ensure_sees("a child", &span.start_child("child"), &[("a", "3"), ("b", "2")])?;
        let before = span.start_child("before");
        ensure_eq!(span.remove_baggage("a"), Ok(true), "whether what is there was removed");
        ensure_eq!(span.remove_baggage("a"), Ok(false), "whether what is gone was removed");
        ensure_sees("a later child", &span.start_child("after"), &[("b", "2")])?;
        ensure_sees("an earlier child", &before, &[("a", "3"), ("b", "2")])?;
    }
    Ok(())
}

/// The keys of the first `OpenTracing` API ignored case.
fn keys_are_found_whatever_their_case_exact_ones_first(case: &Case) -> Checked {
    for mut span in beginnings(case) {
        span.set_baggage("Kiff-loves", "1").map_err(refused)?;
        let child = span.start_child("child");
        ensure_eq!(child.baggage().get("kiff-Loves"), Some("1"), "what is found under another case");
        span.set_baggage("kiff-Loves", "2").map_err(refused)?;
        let child = span.start_child("child");
        let found = ["Kiff-loves", "kiff-Loves"].map(|key| child.baggage().get(key));
        ensure_eq!(found, [Some("1"), Some("2")], "what is found under either key");
    }
    Ok(())
}

fn the_baggage_of_a_caller_reaches_all_below(case: &Case) -> Checked {
    let callers = [
        caller(),
        caller().with_sampling(Sampling::Drop),
        Context::EMPTY,
        Context::EMPTY.with_sampling(Sampling::Drop),
        Context::EMPTY.with_sampling(Sampling::Debug),
    ];
    for caller in callers {
        let caller = caller.with_baggage("tenant", "acme").map_err(refused)?;
        let span = case.tracer().join_trace("joined", &caller);
        ensure_sees("what joins it", &span, &[("tenant", "acme")])?;
        let grandchild = span.start_child("child").start_child("grandchild");
        ensure_sees("a grandchild", &grandchild, &[("tenant", "acme")])?;
        SpanRef::from(caller)
            .in_scope(|| ensure_sees("a child of it", &trace::start_span("child"), &[("tenant", "acme")]))?;
    }
    Ok(())
}

fn what_does_not_fit_is_refused_and_nothing_is_lost(case: &Case) -> Checked {
    for share in [false, true] {
        for mut span in beginnings(case) {
            span.set_baggage("tenant", "acme").map_err(refused)?;
            if share {
                span.share_baggage();
            }
            let (long, huge) = ("v".repeat(Baggage::BYTES), "v".repeat(1_000_000));
            for (key, value, kind) in [
                ("", "no key", LimitKind::Key),
                ("no token", "", LimitKind::Key),
                ("schlüssel", "", LimitKind::Key),
                ("k\r\nx", "", LimitKind::Key),
                ("long", &long, LimitKind::Bytes),
                ("tenant", &huge, LimitKind::Bytes),
            ] {
                let error = span.set_baggage(key, value).map_err(|error| error.kind());
                ensure_eq!(error, Err(kind), "what becomes of {key:?} with {} bytes", value.len());
            }
            ensure_sees("the span", &span, &[("tenant", "acme")])?;
            for n in 1..Baggage::MEMBERS {
                span.set_baggage(&format!("key{n}"), "value").map_err(refused)?;
            }
            let error = span.set_baggage("more", "").map_err(|error| error.kind());
            ensure_eq!(error, Err(LimitKind::Entries), "what becomes of one more than may be");
            let child = span.start_child("child");
            ensure_eq!(child.baggage().len(), Baggage::MEMBERS, "what a child has of a full baggage");
            ensure_eq!(child.baggage().get("tenant"), Some("acme"), "what was there first");
        }
    }
    Ok(())
}

/// Text that no wire can hold as it is.
pub(crate) const TEXTS: [&str; 7] =
    ["größe 測 🦀", "a=b,c;d", "%41 \"\\", " \t ", "\r\nset-cookie: a=b", "\0\u{1}\u{7f}\u{85}", ""];

fn values_may_be_any_text(case: &Case) -> Checked {
    for mut span in beginnings(case) {
        for (n, text) in TEXTS.into_iter().enumerate() {
            span.set_baggage(&format!("key{n}"), text).map_err(refused)?;
        }
        let grandchild = span.start_child("child").start_child("grandchild");
        for (n, text) in TEXTS.into_iter().enumerate() {
            ensure_eq!(grandchild.baggage().get(&format!("key{n}")), Some(text), "a value");
        }
    }
    Ok(())
}

pub(crate) fn with_properties() -> Result<Baggage, LimitError> {
    let mut baggage = Baggage::new();
    baggage.insert_with_properties("tenant", "acme", [("ttl", Some("3 hops")), ("signed", None)])?;
    baggage.insert("user", "7")?;
    Ok(baggage)
}

fn properties_are_carried_along(case: &Case) -> Checked {
    let baggage = with_properties().map_err(refused)?;
    let mut span = case.tracer().join_trace("span", &caller().with_baggage_items(baggage.clone()));
    ensure_eq!(span.start_child("child").baggage(), &baggage, "the baggage of a child");
    span.set_baggage("user", "8").map_err(refused)?;
    let child = span.start_child("child");
    ensure_eq!(child.baggage().properties("tenant").as_str(), "ttl=3%20hops;signed", "the properties");
    Ok(())
}

fn what_is_local_travels_with_it(case: &Case) -> Checked {
    struct Tenant(u32);
    let local = |span: &SpanRef| span.context().extension::<Tenant>().map(|tenant| tenant.0);
    for mut span in beginnings(case) {
        span.set_extension(Arc::new(Tenant(7)));
        let mut child = span.start_child("child");
        child.set_baggage("user", "7").map_err(refused)?;
        ensure_eq!(local(&child.start_child("grandchild")), Some(7), "what a grandchild has");
        let joined = case.tracer().join_trace("joined", &child);
        ensure_eq!(local(&joined), Some(7), "what joins it has");
        child.set_extension(Arc::new(Tenant(8)));
        ensure_eq!(local(&child.start_child("grandchild")), Some(8), "what a later grandchild has");
        ensure_eq!(local(&span), Some(7), "what the parent has");
    }
    let joined = case.tracer().join_trace("joined", &caller().with_extension(Arc::new(Tenant(9))));
    ensure!(local(&joined) == Some(9), "a local value of the parent is lost");
    Ok(())
}

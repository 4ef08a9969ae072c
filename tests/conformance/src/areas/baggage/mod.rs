//! Baggage within a process. No capability is required: backends that record nothing carry baggage too.

pub(crate) mod propagation;
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
    baggage_reaches_later_children [];
    baggage_does_not_reach_earlier_children [];
    baggage_of_a_child_does_not_reach_its_parent_or_siblings [];
    baggage_values_can_be_replaced_and_removed [];
    baggage_lookup_ignores_case_but_prefers_an_exact_match [];
    baggage_of_the_caller_reaches_all_descendants [];
    invalid_or_oversized_baggage_is_rejected [];
    baggage_values_may_be_any_text [];
    baggage_properties_reach_children [];
    context_extensions_reach_children [];
}

/// Converts the error of a call that should have succeeded into the message of the failed check.
#[allow(clippy::needless_pass_by_value, reason = "the signature `map_err` needs")]
pub(crate) fn to_message(error: impl Error) -> String {
    error.to_string()
}

pub(crate) fn ensure_baggage(owner: &str, span: &SpanRef, pairs: &[(&str, &str)]) -> Checked {
    let seen: Vec<_> = span.baggage().iter().collect();
    ensure_eq!(seen, pairs, "the baggage of {owner}");
    Ok(())
}

/// Returns a root and three spans that join a caller: sampled, not sampled, and suppressed.
pub(crate) fn entry_spans(case: &Case) -> [StartedSpan; 4] {
    let unsampled = caller().with_sampling(Sampling::Drop);
    [
        case.tracer().start_trace("root"),
        case.tracer().join_trace("joined", &caller()),
        case.tracer().join_trace("unsampled", &unsampled),
        suppressed(|| case.tracer().join_trace("suppressed", &caller())),
    ]
}

fn baggage_reaches_later_children(case: &Case) -> Checked {
    for mut span in entry_spans(case) {
        span.set_baggage("tenant", "acme").map_err(to_message)?;
        ensure_baggage("the span itself", &span, &[("tenant", "acme")])?;
        ensure_baggage("a reference", &span.reference(), &[("tenant", "acme")])?;
        let mut child = span.start_child("child");
        child.set_baggage("user", "7").map_err(to_message)?;
        let both = [("tenant", "acme"), ("user", "7")];
        ensure_baggage("a grandchild", &child.start_child("grandchild"), &both)?;
        child.in_scope(|| {
            ensure_baggage("a child of the current span", &trace::start_span("grandchild"), &both)?;
            ensure_baggage("the current span", &trace::current_span(), &both)
        })?;
        ensure_baggage("a span that joins it", &case.tracer().join_trace("joins", &child), &both)?;
        ensure_baggage(
            "a span that joins its context",
            &case.tracer().join_trace("joins", child.context()),
            &both,
        )?;
    }
    Ok(())
}

fn baggage_does_not_reach_earlier_children(case: &Case) -> Checked {
    for mut span in entry_spans(case) {
        let (child, reference, context) =
            (span.start_child("child"), span.reference(), span.context().clone());
        span.set_baggage("tenant", "acme").map_err(to_message)?;
        ensure_baggage("an earlier child", &child, &[])?;
        ensure_baggage("an earlier reference", &reference, &[])?;
        ensure_baggage("an earlier context", &SpanRef::from(context), &[])?;
        ensure_baggage("a later child of an earlier child", &child.start_child("grandchild"), &[])?;
    }
    Ok(())
}

fn baggage_of_a_child_does_not_reach_its_parent_or_siblings(case: &Case) -> Checked {
    for mut parent in entry_spans(case) {
        parent.set_baggage("tenant", "acme").map_err(to_message)?;
        let mut child = parent.start_child("child");
        child.set_baggage("tenant", "other").map_err(to_message)?;
        child.set_baggage("user", "7").map_err(to_message)?;
        ensure_baggage("the child", &child, &[("tenant", "other"), ("user", "7")])?;
        ensure_baggage("the parent", &parent, &[("tenant", "acme")])?;
        ensure_baggage("another child", &parent.start_child("sibling"), &[("tenant", "acme")])?;
    }
    Ok(())
}

fn baggage_values_can_be_replaced_and_removed(case: &Case) -> Checked {
    for mut span in entry_spans(case) {
        for (key, value) in [("a", "1"), ("b", "2"), ("a", "3")] {
            span.set_baggage(key, value).map_err(to_message)?;
        }
        ensure_baggage("a child", &span.start_child("child"), &[("a", "3"), ("b", "2")])?;
        let before = span.start_child("before");
        ensure_eq!(span.remove_baggage("a"), Ok(true), "the result of removing an existing key");
        ensure_eq!(span.remove_baggage("a"), Ok(false), "the result of removing a missing key");
        ensure_baggage("a later child", &span.start_child("after"), &[("b", "2")])?;
        ensure_baggage("an earlier child", &before, &[("a", "3"), ("b", "2")])?;
    }
    Ok(())
}

/// Keys ignored case in the first `OpenTracing` API.
fn baggage_lookup_ignores_case_but_prefers_an_exact_match(case: &Case) -> Checked {
    for mut span in entry_spans(case) {
        span.set_baggage("Kiff-loves", "1").map_err(to_message)?;
        let child = span.start_child("child");
        ensure_eq!(child.baggage().get("kiff-Loves"), Some("1"), "the value under the key in another case");
        span.set_baggage("kiff-Loves", "2").map_err(to_message)?;
        let child = span.start_child("child");
        let found = ["Kiff-loves", "kiff-Loves"].map(|key| child.baggage().get(key));
        ensure_eq!(found, [Some("1"), Some("2")], "the values under both keys");
    }
    Ok(())
}

fn baggage_of_the_caller_reaches_all_descendants(case: &Case) -> Checked {
    let callers = [
        caller(),
        caller().with_sampling(Sampling::Drop),
        Context::EMPTY,
        Context::EMPTY.with_sampling(Sampling::Drop),
        Context::EMPTY.with_sampling(Sampling::Debug),
    ];
    for caller in callers {
        let caller = caller.with_baggage("tenant", "acme").map_err(to_message)?;
        let span = case.tracer().join_trace("joined", &caller);
        ensure_baggage("a span that joins it", &span, &[("tenant", "acme")])?;
        let grandchild = span.start_child("child").start_child("grandchild");
        ensure_baggage("a grandchild", &grandchild, &[("tenant", "acme")])?;
        SpanRef::from(caller).in_scope(|| {
            ensure_baggage(
                "a child of the current context",
                &trace::start_span("child"),
                &[("tenant", "acme")],
            )
        })?;
    }
    Ok(())
}

fn invalid_or_oversized_baggage_is_rejected(case: &Case) -> Checked {
    for share in [false, true] {
        for mut span in entry_spans(case) {
            span.set_baggage("tenant", "acme").map_err(to_message)?;
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
                ensure_eq!(error, Err(kind), "the result of setting {key:?} to {} bytes", value.len());
            }
            ensure_baggage("the span", &span, &[("tenant", "acme")])?;
            for n in 1..Baggage::MEMBERS {
                span.set_baggage(&format!("key{n}"), "value").map_err(to_message)?;
            }
            let error = span.set_baggage("more", "").map_err(|error| error.kind());
            ensure_eq!(error, Err(LimitKind::Entries), "the result of adding one entry over the limit");
            let child = span.start_child("child");
            ensure_eq!(
                child.baggage().len(),
                Baggage::MEMBERS,
                "the number of entries in a child of a span with full baggage"
            );
            ensure_eq!(child.baggage().get("tenant"), Some("acme"), "the first entry");
        }
    }
    Ok(())
}

/// Texts that every wire format has to escape.
pub(crate) const TEXTS: [&str; 7] =
    ["größe 測 🦀", "a=b,c;d", "%41 \"\\", " \t ", "\r\nset-cookie: a=b", "\0\u{1}\u{7f}\u{85}", ""];

fn baggage_values_may_be_any_text(case: &Case) -> Checked {
    for mut span in entry_spans(case) {
        for (n, text) in TEXTS.into_iter().enumerate() {
            span.set_baggage(&format!("key{n}"), text).map_err(to_message)?;
        }
        let grandchild = span.start_child("child").start_child("grandchild");
        for (n, text) in TEXTS.into_iter().enumerate() {
            ensure_eq!(grandchild.baggage().get(&format!("key{n}")), Some(text), "a value of a grandchild");
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

fn baggage_properties_reach_children(case: &Case) -> Checked {
    let baggage = with_properties().map_err(to_message)?;
    let mut span = case.tracer().join_trace("span", &caller().with_baggage_items(baggage.clone()));
    ensure_eq!(span.start_child("child").baggage(), &baggage, "the baggage of a child");
    span.set_baggage("user", "8").map_err(to_message)?;
    let child = span.start_child("child");
    ensure_eq!(child.baggage().properties("tenant").as_str(), "ttl=3%20hops;signed", "the properties");
    Ok(())
}

fn context_extensions_reach_children(case: &Case) -> Checked {
    struct Tenant(u32);
    let local = |span: &SpanRef| span.context().extension::<Tenant>().map(|tenant| tenant.0);
    for mut span in entry_spans(case) {
        span.set_extension(Arc::new(Tenant(7)));
        let mut child = span.start_child("child");
        child.set_baggage("user", "7").map_err(to_message)?;
        ensure_eq!(local(&child.start_child("grandchild")), Some(7), "the extension of a grandchild");
        let joined = case.tracer().join_trace("joined", &child);
        ensure_eq!(local(&joined), Some(7), "the extension of a span that joins it");
        child.set_extension(Arc::new(Tenant(8)));
        ensure_eq!(local(&child.start_child("grandchild")), Some(8), "the extension of a later grandchild");
        ensure_eq!(local(&span), Some(7), "the extension of the parent");
    }
    let joined = case.tracer().join_trace("joined", &caller().with_extension(Arc::new(Tenant(9))));
    ensure!(local(&joined) == Some(9), "the extension of a joined context is lost");
    Ok(())
}

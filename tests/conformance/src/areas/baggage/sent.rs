//! Baggage across a process border.

use anytrace_api::{Baggage, suppression::suppressed};

use crate::areas::{
    baggage::{TEXTS, beginnings, refused, with_properties},
    checks,
    propagation::{ensure_clean, headers, received},
    spans::caller,
};
use crate::case::{Case, Checked, ensure, ensure_eq};

checks! { Baggage:
    baggage_crosses_a_process_border [BaggagePropagation];
    baggage_set_later_is_sent_as_well [BaggagePropagation];
    a_full_baggage_crosses_whole [BaggagePropagation];
    properties_cross_as_well [BaggagePropagation];
    what_was_removed_is_not_sent [BaggagePropagation];
    one_call_may_go_without [BaggagePropagation];
    nothing_in_baggage_breaks_an_entry [];
}

fn baggage_crosses_a_process_border(case: &Case) -> Checked {
    for mut span in beginnings(case) {
        for (n, text) in TEXTS.into_iter().enumerate() {
            span.set_baggage(&format!("key{n}"), text).map_err(refused)?;
        }
        let grandchild = span.start_child("child").start_child("grandchild");
        let received = received(case, &headers(&grandchild));
        ensure_eq!(received.baggage(), span.baggage(), "what arrives");
        let there = case.tracer().join_trace("there", &received);
        ensure_eq!(there.start_child("child").baggage(), span.baggage(), "what a child there has");
    }
    Ok(())
}

fn baggage_set_later_is_sent_as_well(case: &Case) -> Checked {
    for mut span in beginnings(case) {
        span.set_baggage("tenant", "acme").map_err(refused)?;
        ensure_eq!(received(case, &headers(&span)).baggage(), span.baggage(), "what the span sends");
        span.share_baggage();
        span.set_baggage("user", "7").map_err(refused)?;
        ensure_eq!(received(case, &headers(&span)).baggage(), span.baggage(), "what it sends once it shares");
        suppressed(|| {
            let child = span.start_child("child");
            ensure_eq!(received(case, &headers(&child)).baggage(), span.baggage(), "what is sent in silence");
            Ok(())
        })?;
    }
    Ok(())
}

/// What fits is sent whole.
fn a_full_baggage_crosses_whole(case: &Case) -> Checked {
    let mut many = Baggage::new();
    for n in 0..Baggage::MEMBERS {
        many.insert(&format!("key{n}"), &"é".repeat(n % 8)).map_err(refused)?;
    }
    let mut long = Baggage::new();
    long.insert("k", &"v".repeat(Baggage::BYTES - 2)).map_err(refused)?;
    for baggage in [many, long] {
        let caller = caller().with_baggage_items(baggage.clone());
        let child = case.tracer().join_trace("joined", &caller).start_child("child");
        ensure_eq!(received(case, &headers(&child)).baggage(), &baggage, "what arrives");
    }
    Ok(())
}

fn properties_cross_as_well(case: &Case) -> Checked {
    let baggage = with_properties().map_err(refused)?;
    let child = case.tracer().join_trace("joined", &caller().with_baggage_items(baggage.clone()));
    ensure_eq!(received(case, &headers(&child.start_child("child"))).baggage(), &baggage, "what arrives");
    Ok(())
}

fn what_was_removed_is_not_sent(case: &Case) -> Checked {
    for mut span in beginnings(case) {
        span.set_baggage("kept", "1").map_err(refused)?;
        span.set_baggage("gone", "secret").map_err(refused)?;
        let mut carrier = headers(&span);
        span.remove_baggage("gone").map_err(refused)?;
        for again in [&*span, &span.start_child("child")] {
            again.inject(&mut carrier);
            ensure_eq!(received(case, &carrier).baggage(), span.baggage(), "what arrives");
            ensure!(carrier.iter().all(|(_, value)| !value.contains("secret")), "it is in {carrier:?}");
        }
        span.remove_baggage("kept").map_err(refused)?;
        // Where no span is at all, a carrier stays as it is.
        if !span.is_none() {
            span.inject(&mut carrier);
            ensure!(received(case, &carrier).baggage().is_empty(), "it is in {carrier:?}");
        }
    }
    Ok(())
}

fn one_call_may_go_without(case: &Case) -> Checked {
    for mut span in beginnings(case) {
        span.set_baggage("tenant", "secret").map_err(refused)?;
        let without = span.reference().with_baggage_items(Baggage::new());
        let carrier = headers(&without);
        ensure!(carrier.iter().all(|(_, value)| !value.contains("secret")), "it is in {carrier:?}");
        ensure_eq!(received(case, &carrier).ids(), received(case, &headers(&span)).ids(), "the ids");
        ensure_eq!(received(case, &headers(&span)).baggage(), span.baggage(), "what other calls send");
    }
    Ok(())
}

/// A line break in an entry is an entry of its own where the carrier is written out.
fn nothing_in_baggage_breaks_an_entry(case: &Case) -> Checked {
    for mut span in beginnings(case) {
        for (n, text) in TEXTS.into_iter().enumerate() {
            span.set_baggage(&format!("key{n}"), text).map_err(refused)?;
        }
        for sender in [&*span, &span.start_child("child")] {
            ensure_clean(&headers(sender))?;
        }
    }
    Ok(())
}

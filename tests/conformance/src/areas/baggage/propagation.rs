//! Baggage propagation between processes.

use anytrace_api::{Baggage, suppression::suppressed};

use crate::areas::{
    baggage::{TEXTS, entry_spans, to_message, with_properties},
    checks,
    propagation::{ensure_clean, headers, received},
    spans::caller,
};
use crate::case::{Case, Checked, ensure, ensure_eq};

checks! { Baggage:
    baggage_is_propagated [BaggagePropagation];
    baggage_set_before_inject_is_propagated [BaggagePropagation];
    baggage_of_the_maximum_size_is_propagated [BaggagePropagation];
    baggage_properties_are_propagated [BaggagePropagation];
    removed_baggage_is_not_injected [BaggagePropagation];
    one_call_may_be_sent_without_baggage [BaggagePropagation];
    baggage_never_puts_control_characters_into_headers [];
}

fn baggage_is_propagated(case: &Case) -> Checked {
    for mut span in entry_spans(case) {
        for (n, text) in TEXTS.into_iter().enumerate() {
            span.set_baggage(&format!("key{n}"), text).map_err(to_message)?;
        }
        let grandchild = span.start_child("child").start_child("grandchild");
        let received = received(case, &headers(&grandchild));
        ensure_eq!(received.baggage(), span.baggage(), "the extracted baggage");
        let there = case.tracer().join_trace("there", &received);
        ensure_eq!(
            there.start_child("child").baggage(),
            span.baggage(),
            "the baggage of a child in the receiving process"
        );
    }
    Ok(())
}

fn baggage_set_before_inject_is_propagated(case: &Case) -> Checked {
    for mut span in entry_spans(case) {
        span.set_baggage("tenant", "acme").map_err(to_message)?;
        ensure_eq!(received(case, &headers(&span)).baggage(), span.baggage(), "the baggage the span injects");
        span.share_baggage();
        span.set_baggage("user", "7").map_err(to_message)?;
        ensure_eq!(
            received(case, &headers(&span)).baggage(),
            span.baggage(),
            "the baggage the span injects after share_baggage"
        );
        suppressed(|| {
            let child = span.start_child("child");
            ensure_eq!(
                received(case, &headers(&child)).baggage(),
                span.baggage(),
                "the baggage a suppressed child injects"
            );
            Ok(())
        })?;
    }
    Ok(())
}

/// Baggage at the limits is sent completely.
fn baggage_of_the_maximum_size_is_propagated(case: &Case) -> Checked {
    let mut many = Baggage::new();
    for n in 0..Baggage::MEMBERS {
        many.insert(&format!("key{n}"), &"é".repeat(n % 8)).map_err(to_message)?;
    }
    let mut long = Baggage::new();
    long.insert("k", &"v".repeat(Baggage::BYTES - 2)).map_err(to_message)?;
    for baggage in [many, long] {
        let caller = caller().with_baggage_items(baggage.clone());
        let child = case.tracer().join_trace("joined", &caller).start_child("child");
        ensure_eq!(received(case, &headers(&child)).baggage(), &baggage, "the extracted baggage");
    }
    Ok(())
}

fn baggage_properties_are_propagated(case: &Case) -> Checked {
    let baggage = with_properties().map_err(to_message)?;
    let child = case.tracer().join_trace("joined", &caller().with_baggage_items(baggage.clone()));
    ensure_eq!(
        received(case, &headers(&child.start_child("child"))).baggage(),
        &baggage,
        "the extracted baggage"
    );
    Ok(())
}

fn removed_baggage_is_not_injected(case: &Case) -> Checked {
    for mut span in entry_spans(case) {
        span.set_baggage("kept", "1").map_err(to_message)?;
        span.set_baggage("gone", "secret").map_err(to_message)?;
        let mut carrier = headers(&span);
        span.remove_baggage("gone").map_err(to_message)?;
        for again in [&*span, &span.start_child("child")] {
            again.inject(&mut carrier);
            ensure_eq!(received(case, &carrier).baggage(), span.baggage(), "the extracted baggage");
            ensure!(
                carrier.iter().all(|(_, value)| !value.contains("secret")),
                "removed baggage is in {carrier:?}"
            );
        }
        span.remove_baggage("kept").map_err(to_message)?;
        // An empty span does not change the carrier.
        if !span.is_none() {
            span.inject(&mut carrier);
            ensure!(received(case, &carrier).baggage().is_empty(), "removed baggage is in {carrier:?}");
        }
    }
    Ok(())
}

fn one_call_may_be_sent_without_baggage(case: &Case) -> Checked {
    for mut span in entry_spans(case) {
        span.set_baggage("tenant", "secret").map_err(to_message)?;
        let without = span.reference().with_baggage_items(Baggage::new());
        let carrier = headers(&without);
        ensure!(
            carrier.iter().all(|(_, value)| !value.contains("secret")),
            "removed baggage is in {carrier:?}"
        );
        ensure_eq!(received(case, &carrier).ids(), received(case, &headers(&span)).ids(), "the ids");
        ensure_eq!(received(case, &headers(&span)).baggage(), span.baggage(), "the baggage of other calls");
    }
    Ok(())
}

/// A line break in a value would start a new header when the carrier is written to a connection.
fn baggage_never_puts_control_characters_into_headers(case: &Case) -> Checked {
    for mut span in entry_spans(case) {
        for (n, text) in TEXTS.into_iter().enumerate() {
            span.set_baggage(&format!("key{n}"), text).map_err(to_message)?;
        }
        for sender in [&*span, &span.start_child("child")] {
            ensure_clean(&headers(sender))?;
        }
    }
    Ok(())
}

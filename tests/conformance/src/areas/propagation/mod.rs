//! Inject and extract, with whichever formats the backend uses.

pub(crate) mod foreign_contexts;
pub(crate) mod malformed;

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Debug,
};

use anytrace_api::{
    self as trace, Context, Sampling, SpanId, SpanRef, StartedSpan, TraceContext, TraceId,
    propagation::{TextMapReader, TextMapWriter},
};

use crate::areas::{
    baggage::{entry_spans, to_message},
    checks,
    spans::caller,
};
use crate::{
    Capability,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Propagation:
    an_injected_context_can_be_extracted [Propagation];
    the_whole_context_of_a_span_is_propagated [Propagation];
    the_sampling_decision_is_propagated [Propagation, SampledFlag];
    a_debug_request_is_propagated_as_sampled [Propagation, SampledFlag];
    a_span_that_joins_an_extracted_context_is_a_child_of_the_sender [Recording, Propagation];
    every_inject_method_writes_the_same_headers [];
    injecting_twice_equals_injecting_once [];
    headers_of_an_earlier_context_are_replaced [];
    unrelated_headers_stay [];
    header_names_ignore_case [];
    extracting_from_unrelated_headers_finds_nothing [];
    injecting_an_empty_span_writes_nothing [];
}

/// Headers as sent to another process.
pub(crate) type Headers = Vec<(String, String)>;

pub(crate) fn headers(span: &SpanRef) -> Headers {
    let mut headers = Headers::new();
    span.inject(&mut headers);
    headers
}

/// Returns the headers that the tracer itself writes for a context.
pub(crate) fn written(case: &Case, context: &dyn TraceContext) -> Headers {
    let mut headers = Headers::new();
    case.tracer().inject(context, &mut headers);
    headers
}

pub(crate) fn received(case: &Case, headers: &dyn TextMapReader) -> Context {
    case.tracer().extract(headers).into_context()
}

/// Returns a context with every optional part set.
pub(crate) fn full() -> Result<Context, String> {
    let state = "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE".parse().map_err(to_message)?;
    let baggage = caller().with_baggage("tenant", "acme & söhne").map_err(to_message)?;
    let context = baggage.with_baggage("user", "7").map_err(to_message)?;
    Ok(context.with_trace_state(state).with_parent_span_id(SpanId::from_u64(0x5e3a)).with_random(true))
}

/// Checks that every name is a valid header name and that no value contains control characters.
pub(crate) fn ensure_clean(headers: &Headers) -> Checked {
    for (name, value) in headers {
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':');
        ensure!(is_name, "{name:?} is not a header name");
        ensure!(!value.chars().any(char::is_control), "{name:?} is {value:?}");
    }
    Ok(())
}

/// Checks that `found` equals `sent` in everything that the backend claims to propagate.
fn ensure_same(case: &Case, source: &str, found: &Context, sent: &Context) -> Checked {
    ensure_eq!(found.ids(), sent.ids(), "the ids of {source}");
    if case.can(Capability::SampledFlag) && sent.ids().is_some() {
        ensure_eq!(
            found.sampling().is_sampled(),
            sent.sampling().is_sampled(),
            "the sampling decision of {source}"
        );
    }
    if case.can(Capability::BaggagePropagation) {
        ensure_eq!(found.baggage(), sent.baggage(), "the baggage of {source}");
    }
    ensure!(found.is_remote() || found.ids().is_none(), "{source} is not marked as remote");
    Ok(())
}

fn an_injected_context_can_be_extracted(case: &Case) -> Checked {
    fn check<C>(case: &Case, sent: &Context) -> Checked
    where
        C: TextMapReader + TextMapWriter + Default + Debug,
    {
        let mut carrier = C::default();
        case.tracer().inject(sent, &mut carrier);
        let found = received(case, &carrier);
        ensure_same(case, &format!("{carrier:?}"), &found, sent)
    }
    let ids = (TraceId::from_u128(u128::MAX).unwrap(), SpanId::from_u64(u64::MAX).unwrap());
    let largest = Context::new(ids.0, ids.1, Sampling::Record);
    let ids = (TraceId::from_u128(1).unwrap(), SpanId::from_u64(1).unwrap());
    let smallest = Context::new(ids.0, ids.1, Sampling::Record);
    for sent in [caller(), full()?, largest, smallest] {
        check::<HashMap<String, String>>(case, &sent)?;
        check::<BTreeMap<String, String>>(case, &sent)?;
        check::<Headers>(case, &sent)?;
    }
    Ok(())
}

fn the_whole_context_of_a_span_is_propagated(case: &Case) -> Checked {
    let full = full()?;
    let mut spans = Vec::from(entry_spans(case));
    spans.push(case.tracer().join_trace("full", &full));
    let children: Vec<_> = spans.iter().map(|span| span.start_child("child")).collect();
    for span in spans.iter().chain(&children) {
        ensure_same(case, "a span", &received(case, &headers(span)), span.context())?;
    }
    Ok(())
}

fn the_sampling_decision_is_propagated(case: &Case) -> Checked {
    for sampling in [Sampling::Record, Sampling::Drop] {
        let found = received(case, &written(case, &caller().with_sampling(sampling)));
        ensure_eq!(found.sampling(), sampling, "the extracted sampling decision");
    }
    Ok(())
}

fn a_debug_request_is_propagated_as_sampled(case: &Case) -> Checked {
    let found = received(case, &written(case, &caller().with_sampling(Sampling::Debug)));
    ensure_eq!(found.sampling().is_sampled(), Some(true), "the extracted sampling decision");
    Ok(())
}

fn a_span_that_joins_an_extracted_context_is_a_child_of_the_sender(case: &Case) -> Checked {
    let sender = case.tracer().start_trace("sender");
    let found = case.tracer().extract(&headers(&sender));
    case.tracer().join_trace("receiver", &found).finish();
    sender.finish();
    let [sender, receiver] = case.spans(["sender", "receiver"])?;
    ensure_eq!(receiver.trace_id, sender.trace_id, "the trace of the receiver");
    ensure_eq!(receiver.parent, Some(sender.span_id), "the parent of the receiver");
    Ok(())
}

fn every_inject_method_writes_the_same_headers(case: &Case) -> Checked {
    let full = full()?;
    let mut spans = Vec::from(entry_spans(case));
    spans.push(case.tracer().join_trace("full", &full));
    spans.push(case.tracer().join_trace("child", &full).start_child("child"));
    for span in &spans {
        let by_the_span = headers(span);
        let mut by_the_verb = Headers::new();
        span.in_scope(|| trace::inject(&mut by_the_verb));
        ensure_eq!(by_the_verb, by_the_span, "the headers of the current span");
        ensure_eq!(headers(&span.reference()), by_the_span, "the headers of a reference");
        ensure_eq!(written(case, span), by_the_span, "the headers the tracer writes for the span");
        ensure_eq!(
            written(case, span.context()),
            by_the_span,
            "the headers the tracer writes for the context"
        );
        let mut into_a_map = BTreeMap::new();
        span.inject(&mut into_a_map);
        ensure_eq!(into_a_map, by_the_span.into_iter().collect(), "the headers in a map");
    }
    Ok(())
}

fn injecting_twice_equals_injecting_once(case: &Case) -> Checked {
    for sent in [caller(), full()?, Context::EMPTY] {
        let once = written(case, &sent);
        let mut twice = once.clone();
        case.tracer().inject(&sent, &mut twice);
        ensure_eq!(twice, once, "the headers after injecting twice");
    }
    let span = case.tracer().join_trace("span", &full()?);
    let mut carrier = headers(&span);
    let once = carrier.clone();
    span.inject(&mut carrier);
    ensure_eq!(carrier, once, "the headers after a span injects twice");
    Ok(())
}

/// A retried request, or one whose headers are copied from another, carries one context only.
fn headers_of_an_earlier_context_are_replaced(case: &Case) -> Checked {
    let unsampled = caller().with_sampling(Sampling::Drop);
    let alone = Context::EMPTY.with_baggage("user", "8").map_err(to_message)?;
    let sender = case.tracer().start_trace("sender");
    let contexts = [caller(), unsampled, alone, sender.context().clone(), Context::EMPTY];
    for stale in [full()?, caller().with_sampling(Sampling::Debug)] {
        for sent in &contexts {
            let mut expected = written(case, sent);
            expected.sort_unstable();
            let mut carrier = Headers::new();
            for (name, value) in written(case, &stale) {
                carrier.push((name.to_uppercase(), value.clone()));
                carrier.push((name, value));
            }
            case.tracer().inject(sent, &mut carrier);
            carrier.sort_unstable();
            ensure_eq!(carrier, expected, "the headers after replacing another context");
        }
    }
    Ok(())
}

fn unrelated_headers_stay(case: &Case) -> Checked {
    let others: Headers = [("accept", "*/*"), ("X-Request-Id", "7"), ("accept", "text/html"), ("empty", "")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    for sent in [full()?, Context::EMPTY] {
        let mut carrier = others.clone();
        case.tracer().inject(&sent, &mut carrier);
        let unrelated: Headers = carrier.into_iter().filter(|entry| others.contains(entry)).collect();
        ensure_eq!(unrelated, others, "the unrelated headers");
    }
    Ok(())
}

/// HTTP header names ignore case, and so does reading any carrier.
fn header_names_ignore_case(case: &Case) -> Checked {
    let sent = written(case, &full()?);
    let found = received(case, &sent);
    let upper: Headers = sent.iter().map(|(name, value)| (name.to_uppercase(), value.clone())).collect();
    let map: HashMap<String, String> = upper.iter().cloned().collect();
    ensure_eq!(received(case, &upper), found, "the context extracted from upper-case names");
    ensure_eq!(received(case, &map), found, "the context extracted from upper-case names in a map");
    Ok(())
}

fn extracting_from_unrelated_headers_finds_nothing(case: &Case) -> Checked {
    let unrelated = [("accept", "*/*"), ("host", "api.test"), ("", ""), ("x-request-id", "7")];
    for carrier in [&Headers::new() as &dyn TextMapReader, &unrelated, &HashMap::<String, String>::new()] {
        let found = case.tracer().extract(carrier);
        ensure!(found.is_empty(), "{:?} was extracted", found.context());
        ensure!(found.errors().is_empty(), "extract reported {:?}", found.errors());
        let span = case.tracer().join_trace("joined", &found);
        if case.can(Capability::Recording) {
            ensure!(span.is_recording(), "a span that joins an empty context is not recording");
        }
    }
    Ok(())
}

fn injecting_an_empty_span_writes_nothing(case: &Case) -> Checked {
    ensure_eq!(written(case, &Context::EMPTY), Headers::new(), "the headers of an empty context");
    for nothing in [SpanRef::none(), StartedSpan::none().reference()] {
        ensure_eq!(headers(&nothing), Headers::new(), "the headers of an empty span");
        ensure_eq!(
            written(case, &nothing),
            Headers::new(),
            "the headers the tracer writes for an empty span"
        );
    }
    let mut current = Headers::new();
    trace::inject(&mut current);
    ensure_eq!(current, Headers::new(), "the headers without a current span");
    Ok(())
}

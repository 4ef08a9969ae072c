//! Inject and extract, through the backend's own formats, whatever they are.

pub(crate) mod foreign;
pub(crate) mod hostile;

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Debug,
};

use anytrace_api::{
    self as trace, Context, Sampling, SpanId, SpanRef, StartedSpan, TraceContext, TraceId,
    propagation::{TextMapReader, TextMapWriter},
};

use crate::areas::{
    baggage::{beginnings, refused},
    checks,
    spans::caller,
};
use crate::{
    Capability,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Propagation:
    what_is_injected_is_extracted [Propagation];
    a_span_crosses_with_all_that_it_carries [Propagation];
    either_decision_crosses [Propagation, SampledFlag];
    a_request_for_debugging_crosses_as_a_decision_to_record [Propagation, SampledFlag];
    a_child_of_what_arrived_hangs_on_its_sender [Recording, Propagation];
    every_way_to_inject_writes_the_same [];
    injecting_twice_is_injecting_once [];
    entries_of_another_context_are_replaced [];
    entries_of_others_are_kept [];
    names_of_entries_may_be_in_any_case [];
    nothing_is_found_where_nothing_was_sent [];
    injecting_nothing_writes_nothing [];
}

/// As they cross a process border.
pub(crate) type Headers = Vec<(String, String)>;

pub(crate) fn headers(span: &SpanRef) -> Headers {
    let mut headers = Headers::new();
    span.inject(&mut headers);
    headers
}

/// What the backend writes for a context, of whomever it is.
pub(crate) fn written(case: &Case, context: &dyn TraceContext) -> Headers {
    let mut headers = Headers::new();
    case.tracer().inject(context, &mut headers);
    headers
}

pub(crate) fn received(case: &Case, headers: &dyn TextMapReader) -> Context {
    case.tracer().extract(headers).into_context()
}

/// A context that has all that one can have.
pub(crate) fn full() -> Result<Context, String> {
    let state = "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE".parse().map_err(refused)?;
    let baggage = caller().with_baggage("tenant", "acme & söhne").map_err(refused)?;
    let context = baggage.with_baggage("user", "7").map_err(refused)?;
    Ok(context.with_trace_state(state).with_parent_span_id(SpanId::from_u64(0x5e3a)).with_random(true))
}

/// Names that every carrier can hold, and values that no carrier breaks into two.
pub(crate) fn ensure_clean(headers: &Headers) -> Checked {
    for (name, value) in headers {
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':');
        ensure!(is_name, "{name:?} is no name of an entry");
        ensure!(!value.chars().any(char::is_control), "{name:?} is {value:?}");
    }
    Ok(())
}

/// What one context says, the other does, as far as the backend can send it.
fn ensure_same(case: &Case, what: &str, found: &Context, sent: &Context) -> Checked {
    ensure_eq!(found.ids(), sent.ids(), "the ids of {what}");
    if case.can(Capability::SampledFlag) && sent.ids().is_some() {
        ensure_eq!(found.sampling().is_sampled(), sent.sampling().is_sampled(), "the decision of {what}");
    }
    if case.can(Capability::BaggagePropagation) {
        ensure_eq!(found.baggage(), sent.baggage(), "the baggage of {what}");
    }
    ensure!(found.is_remote() || found.ids().is_none(), "{what} comes from elsewhere, and does not say so");
    Ok(())
}

fn what_is_injected_is_extracted(case: &Case) -> Checked {
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

fn a_span_crosses_with_all_that_it_carries(case: &Case) -> Checked {
    let full = full()?;
    let mut spans = Vec::from(beginnings(case));
    spans.push(case.tracer().join_trace("full", &full));
    let children: Vec<_> = spans.iter().map(|span| span.start_child("child")).collect();
    for span in spans.iter().chain(&children) {
        ensure_same(case, "a span", &received(case, &headers(span)), span.context())?;
    }
    Ok(())
}

fn either_decision_crosses(case: &Case) -> Checked {
    for sampling in [Sampling::Record, Sampling::Drop] {
        let found = received(case, &written(case, &caller().with_sampling(sampling)));
        ensure_eq!(found.sampling(), sampling, "the decision that arrives");
    }
    Ok(())
}

fn a_request_for_debugging_crosses_as_a_decision_to_record(case: &Case) -> Checked {
    let found = received(case, &written(case, &caller().with_sampling(Sampling::Debug)));
    ensure_eq!(found.sampling().is_sampled(), Some(true), "the decision that arrives");
    Ok(())
}

fn a_child_of_what_arrived_hangs_on_its_sender(case: &Case) -> Checked {
    let sender = case.tracer().start_trace("sender");
    let found = case.tracer().extract(&headers(&sender));
    case.tracer().join_trace("receiver", &found).finish();
    sender.finish();
    let [sender, receiver] = case.spans(["sender", "receiver"])?;
    ensure_eq!(receiver.trace_id, sender.trace_id, "the trace of the receiver");
    ensure_eq!(receiver.parent, Some(sender.span_id), "the parent of the receiver");
    Ok(())
}

fn every_way_to_inject_writes_the_same(case: &Case) -> Checked {
    let full = full()?;
    let mut spans = Vec::from(beginnings(case));
    spans.push(case.tracer().join_trace("full", &full));
    spans.push(case.tracer().join_trace("child", &full).start_child("child"));
    for span in &spans {
        let by_the_span = headers(span);
        let mut by_the_verb = Headers::new();
        span.in_scope(|| trace::inject(&mut by_the_verb));
        ensure_eq!(by_the_verb, by_the_span, "what is written of what is current");
        ensure_eq!(headers(&span.reference()), by_the_span, "what is written of a reference");
        ensure_eq!(written(case, span), by_the_span, "what the tracer writes of the span");
        ensure_eq!(written(case, span.context()), by_the_span, "what the tracer writes of its context");
        let mut into_a_map = BTreeMap::new();
        span.inject(&mut into_a_map);
        ensure_eq!(into_a_map, by_the_span.into_iter().collect(), "what is written into a map");
    }
    Ok(())
}

fn injecting_twice_is_injecting_once(case: &Case) -> Checked {
    for sent in [caller(), full()?, Context::EMPTY] {
        let once = written(case, &sent);
        let mut twice = once.clone();
        case.tracer().inject(&sent, &mut twice);
        ensure_eq!(twice, once, "what is injected twice");
    }
    let span = case.tracer().join_trace("span", &full()?);
    let mut carrier = headers(&span);
    let once = carrier.clone();
    span.inject(&mut carrier);
    ensure_eq!(carrier, once, "what a span injects twice");
    Ok(())
}

/// A request that is sent again, and one whose headers are copied from another, tell of one context.
fn entries_of_another_context_are_replaced(case: &Case) -> Checked {
    let denied = caller().with_sampling(Sampling::Drop);
    let alone = Context::EMPTY.with_baggage("user", "8").map_err(refused)?;
    let sender = case.tracer().start_trace("sender");
    let contexts = [caller(), denied, alone, sender.context().clone(), Context::EMPTY];
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
            ensure_eq!(carrier, expected, "what is left where another context was injected before");
        }
    }
    Ok(())
}

fn entries_of_others_are_kept(case: &Case) -> Checked {
    let others: Headers = [("accept", "*/*"), ("X-Request-Id", "7"), ("accept", "text/html"), ("empty", "")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    for sent in [full()?, Context::EMPTY] {
        let mut carrier = others.clone();
        case.tracer().inject(&sent, &mut carrier);
        let kept: Headers = carrier.into_iter().filter(|entry| others.contains(entry)).collect();
        ensure_eq!(kept, others, "the entries of others");
    }
    Ok(())
}

/// HTTP's names are, and carriers are read without regard to it.
fn names_of_entries_may_be_in_any_case(case: &Case) -> Checked {
    let sent = written(case, &full()?);
    let found = received(case, &sent);
    let upper: Headers = sent.iter().map(|(name, value)| (name.to_uppercase(), value.clone())).collect();
    let map: HashMap<String, String> = upper.iter().cloned().collect();
    ensure_eq!(received(case, &upper), found, "what is found under names in upper case");
    ensure_eq!(received(case, &map), found, "what is found in a map under such names");
    Ok(())
}

fn nothing_is_found_where_nothing_was_sent(case: &Case) -> Checked {
    let unrelated = [("accept", "*/*"), ("host", "api.test"), ("", ""), ("x-request-id", "7")];
    for carrier in [&Headers::new() as &dyn TextMapReader, &unrelated, &HashMap::<String, String>::new()] {
        let found = case.tracer().extract(carrier);
        ensure!(found.is_empty(), "{:?} is found", found.context());
        ensure!(found.errors().is_empty(), "{:?} is wrong", found.errors());
        let span = case.tracer().join_trace("joined", &found);
        if case.can(Capability::Recording) {
            ensure!(span.is_recording(), "what joins nothing is not recorded");
        }
    }
    Ok(())
}

fn injecting_nothing_writes_nothing(case: &Case) -> Checked {
    ensure_eq!(written(case, &Context::EMPTY), Headers::new(), "what is written of an empty context");
    for nothing in [SpanRef::none(), StartedSpan::none().reference()] {
        ensure_eq!(headers(&nothing), Headers::new(), "what is written of no span");
        ensure_eq!(written(case, &nothing), Headers::new(), "what the tracer writes of no span");
    }
    let mut current = Headers::new();
    trace::inject(&mut current);
    ensure_eq!(current, Headers::new(), "what is written where nothing is current");
    Ok(())
}

//! Property tests for every context and every carrier.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use anytrace_api::{
    Baggage, Context, Sampling, SpanId, TraceContext, TraceId,
    data::TraceState,
    propagation::{
        B3, Binary, Composite, Extracted, Jaeger, Propagator, W3C, W3cBaggage, W3cTraceContext, XRay,
    },
};
use anytrace_wire_tests::{CountingReader, StrictCarrier, headers, invariants};
use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;

fn formats() -> Vec<(&'static str, Box<dyn Propagator>)> {
    let all = Composite::new([B3::both()]).and(W3cTraceContext).and(W3cBaggage);
    let all_names = Box::new(invariants::all_formats());
    vec![
        ("jaeger", Box::new(Jaeger)),
        ("xray", Box::new(XRay)),
        ("all names", all_names),
        ("trace context", Box::new(W3cTraceContext)),
        ("baggage", Box::new(W3cBaggage)),
        ("b3 single", Box::new(B3::single())),
        ("b3 multi", Box::new(B3::multi())),
        ("b3 both", Box::new(B3::both())),
        ("w3c", Box::new(W3C.clone())),
        ("all", Box::new(all)),
    ]
}

fn sampling() -> impl Strategy<Value = Sampling> {
    prop::sample::select(vec![Sampling::Defer, Sampling::Drop, Sampling::Record, Sampling::Debug])
}

/// Generates baggage with arbitrary text. Rejected members are skipped.
fn baggage() -> impl Strategy<Value = Baggage> {
    let key = prop_oneof!["[a-zA-Z0-9!#$%&'*+.^_`|~-]{1,12}", any::<String>()];
    let property = (key.clone(), prop::option::of(any::<String>()));
    let member = (key, any::<String>(), prop::collection::vec(property, 0..3));
    prop::collection::vec(member, 0..12).prop_map(|members| {
        let mut baggage = Baggage::new();
        for (key, value, properties) in &members {
            let properties = properties.iter().map(|(key, value)| (key.as_str(), value.as_deref()));
            let _ = baggage.insert_with_properties(key, value, properties);
        }
        baggage
    })
}

fn trace_state() -> impl Strategy<Value = TraceState> {
    let key = prop_oneof!["[a-z0-9][a-z0-9_*/@-]{0,20}", any::<String>()];
    let value = prop_oneof!["[ -+.-<>-~]{0,20}[!-+.-<>-~]", any::<String>()];
    prop::collection::vec((key, value), 0..40).prop_map(|entries| {
        let mut state = TraceState::new();
        for (key, value) in &entries {
            let _ = state.set(key, value);
        }
        state
    })
}

fn context() -> impl Strategy<Value = Context> {
    let ids = (any::<u128>(), any::<u64>(), any::<bool>(), prop::option::of(any::<u64>()));
    (ids, sampling(), any::<bool>(), trace_state(), baggage()).prop_map(
        |(ids, sampling, random, state, baggage)| {
            let (trace, span, short, parent) = ids;
            let trace = TraceId::from_u128(if short { trace & u128::from(u64::MAX) } else { trace });
            let context = match (trace, SpanId::from_u64(span)) {
                (Some(trace), Some(span)) => Context::remote(trace, span, sampling)
                    .with_random(random)
                    .with_trace_state(state)
                    .with_parent_span_id(parent.and_then(SpanId::from_u64)),
                _ => Context::default().with_sampling(sampling),
            };
            context.with_baggage_items(baggage)
        },
    )
}

/// Generates header values, most of which resemble those of a format.
fn malformed_value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        "[0-9a-fA-F+ \t,;=%-]{0,200}".prop_map(String::into_bytes),
        "[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.{0,9})?".prop_map(String::into_bytes),
        "[0-9a-f]{16}([0-9a-f]{16})?(-[0-9a-f]{16}(-[01d](-[0-9a-f]{16})?)?)?".prop_map(String::into_bytes),
        "([a-z0-9]{1,3}[ =;%]{0,2}[a-z0-9%]{0,4}[,;= \t]){0,80}".prop_map(String::into_bytes),
        "[0-9a-f]{32}|[0-9a-f]{16}|[01d]|true|false".prop_map(String::into_bytes),
        "([0-9a-fA-F]{1,33}(:|%3A|%3a)){3}[0-9a-fA-F]{1,3}".prop_map(String::into_bytes),
        "((Root=1-[0-9a-fA-F]{8}-[0-9a-f]{24}|Parent=[0-9a-f]{16}|Sampled=[01?]|[A-Z]{0,4}=?.{0,4}); ?){0,6}"
            .prop_map(String::into_bytes),
        (any::<u8>(), 0..100_000_usize).prop_map(|(byte, count)| vec![byte; count]),
    ]
}

fn malformed_headers() -> impl Strategy<Value = Vec<(&'static str, Vec<u8>)>> {
    let name = prop::sample::select(vec![
        "traceparent",
        "TraceParent",
        "tracestate",
        "baggage",
        "BAGGAGE",
        "b3",
        "X-B3-TraceId",
        "X-B3-SpanId",
        "x-b3-parentspanid",
        "x-b3-sampled",
        "x-b3-flags",
        "uber-trace-id",
        "uberctx-a",
        "UberCtx-A",
        "uberctx-b\0",
        "jaeger-debug-id",
        "Jaeger-Baggage",
        "X-Amzn-Trace-Id",
        "other",
    ]);
    prop::collection::vec((name, malformed_value()), 0..8)
}

fn check_output(context: &Context) {
    for (name, format) in formats() {
        let mut clean = StrictCarrier::default();
        format.inject(context, &mut clean);
        for (field, value) in &clean.0 {
            let of_jaeger = field.starts_with("uberctx-") && format.fields().contains(&"uber-trace-id");
            assert!(
                of_jaeger || format.fields().contains(&field.as_str()),
                "{name}: {field} is not declared"
            );
            let most = match field.as_str() {
                "baggage" => Baggage::BYTES,
                "tracestate" => 32 * (256 + 1 + 256) + 31,
                "x-amzn-trace-id" => 74 + 1 + 4096,
                _ if of_jaeger => 3 * Baggage::BYTES,
                _ => 68,
            };
            assert!(value.len() <= most, "{name}: {field}");
        }
        let written: BTreeMap<_, _> = clean.0.into_iter().collect();
        let stale = [("Baggage", "baggage"), ("UberCtx-Stale", "uber-trace-id")];
        let mut map: HashMap<String, String> = stale
            .into_iter()
            .filter(|(_, field)| format.fields().contains(field))
            .map(|(name, _)| (name.to_owned(), "\r\n".to_owned()))
            .collect();
        format.inject(context, &mut map);
        assert_eq!(map.into_iter().collect::<BTreeMap<_, _>>(), written, "{name}");
        let mut sorted = BTreeMap::new();
        format.inject(context, &mut sorted);
        assert_eq!(sorted, written, "{name}");
        let mut pairs: Vec<(String, String)> = Vec::new();
        format.inject(context, &mut pairs);
        assert_eq!(pairs.len(), written.len(), "{name}");
        format.inject(context, &mut pairs);
        assert_eq!(pairs.len(), written.len(), "{name}: injected twice");
        assert_eq!(pairs.iter().cloned().collect::<BTreeMap<_, _>>(), written, "{name}");
        format.inject(&Context::default(), &mut pairs);
        assert_eq!(pairs, [], "{name}: another context");
        let mut http = HeaderMap::new();
        format.inject(context, &mut http);
        let http = http.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        assert_eq!(http.collect::<BTreeMap<_, _>>(), written, "{name}");
    }
}

fn round_trip(format: &dyn Propagator, context: &Context) -> Context {
    let mut carrier = Vec::new();
    format.inject(context, &mut carrier);
    let found = Extracted::read(format, &carrier);
    assert_eq!(found.errors(), [], "{carrier:?}");
    let mut again = Vec::new();
    format.inject(found.context(), &mut again);
    assert_eq!(again, carrier);
    found.into_context()
}

fn sorted(context: &Context) -> Vec<(&str, &str)> {
    let mut pairs: Vec<_> = context.baggage().iter().collect();
    pairs.sort_unstable();
    pairs
}

/// Generates bytes, most of which resemble the binary format.
fn malformed_bytes() -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    let message = (context(), changes, 0..20_usize).prop_map(|(context, changes, cut)| {
        let mut bytes = Binary::to_bytes(&context);
        for (index, byte) in changes {
            *index.get_mut(&mut bytes) = byte;
        }
        bytes.truncate(bytes.len() - cut.saturating_sub(15));
        bytes
    });
    prop_oneof![prop::collection::vec(any::<u8>(), 0..200), message]
}

/// Runs the fuzzer's corpus without the fuzzer.
#[test]
fn the_fuzz_corpus_keeps_the_invariants() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let mut read = 0;
    for target in ["traceparent", "tracestate", "baggage", "b3", "jaeger", "xray", "binary", "composite"] {
        for file in std::fs::read_dir(folder.join(target)).unwrap() {
            let input = std::fs::read(file.unwrap().path()).unwrap();
            for (_, format) in formats() {
                invariants::check_text(&format, &headers(&input));
            }
            invariants::check_bytes(&input);
            read += 1;
        }
    }
    assert!(read > 100, "{read}");
}

#[test]
fn the_number_of_lookups_does_not_depend_on_the_carrier() {
    let full: Vec<_> = ["traceparent", "tracestate", "baggage", "b3", "uber-trace-id", "x-amzn-trace-id"]
        .into_iter()
        .flat_map(|name| (0..10_000).map(move |n| (name.to_owned(), format!("{n}"))))
        .chain((0..10_000).map(|n| (format!("uberctx-{n}"), "v".repeat(100))))
        .collect();
    let empty: [(&str, &str); 0] = [];
    for (name, format) in formats() {
        let (empty, full) = (CountingReader::new(&empty[..]), CountingReader::new(full.as_slice()));
        Extracted::read(&format, &empty);
        let found = Extracted::read(&format, &full);
        assert!(found.context().baggage().len() <= Baggage::MEMBERS);
        assert!(full.lookups() <= empty.lookups(), "{name}: {} {}", full.lookups(), empty.lookups());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn injected_headers_are_always_valid(context in context()) {
        check_output(&context);
    }

    #[test]
    fn w3c_round_trips(context in context()) {
        let back = round_trip(&W3C, &context);
        let expected = match context.ids() {
            Some((trace, span)) => {
                let sampled = context.sampling().is_sampled() == Some(true);
                Context::remote(trace, span, if sampled { Sampling::Record } else { Sampling::Drop })
                    .with_random(context.is_random())
                    .with_trace_state(context.trace_state().clone())
            }
            None => Context::default(),
        };
        prop_assert_eq!(back, expected.with_baggage_items(context.baggage().clone()));
    }

    #[test]
    fn b3_round_trips(context in context()) {
        let expected = context
            .clone()
            .with_random(false)
            .with_shareable(context.ids().is_some())
            .with_trace_state(TraceState::new())
            .with_baggage_items(Baggage::new());
        prop_assert_eq!(&round_trip(&B3::multi(), &context), &expected);
        let expected = if context.sampling() == Sampling::Defer { expected.with_parent_span_id(None) } else { expected };
        prop_assert_eq!(&round_trip(&B3::single(), &context), &expected);
        // If both forms are present, the single form wins, so fields that it lacks are lost.
        prop_assert_eq!(&round_trip(&B3::both(), &expected), &expected);
    }

    #[test]
    fn the_size_limit_of_baggage_is_exact(baggage in baggage(), removed in prop::collection::vec(any::<prop::sample::Index>(), 0..8)) {
        let mut baggage = baggage;
        for index in removed {
            let keys: Vec<String> = baggage.iter().map(|(key, _)| key.to_owned()).collect();
            if !keys.is_empty() {
                prop_assert!(baggage.remove(index.get::<String>(&keys)));
            }
        }
        let mut carrier = HashMap::<String, String>::new();
        W3cBaggage.inject(&Context::default().with_baggage_items(baggage.clone()), &mut carrier);
        let sent = carrier.get("baggage").map_or(0, String::len);
        // The remaining bytes can be used completely, and not one more.
        let left = Baggage::BYTES - sent - usize::from(sent > 0);
        let mut full = baggage.clone();
        full.remove("k");
        if full == baggage {
            prop_assert!(full.insert("k", &"v".repeat(left - 1)).is_err());
            prop_assert_eq!(&full, &baggage);
            prop_assert!(full.insert("k", &"v".repeat(left - 2)).is_ok());
        }
    }

    #[test]
    fn malformed_headers_neither_panic_nor_reach_the_output(headers in malformed_headers()) {
        for (name, format) in formats() {
            let found = Extracted::read(&format, &headers);
            prop_assert!(found.errors().len() <= 24, "{}", name);
            check_output(found.context());

            let mut http = HeaderMap::new();
            let mut accepted = true;
            for (name, value) in &headers {
                match (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value)) {
                    (Ok(name), Ok(value)) => drop(http.append(name, value)),
                    _ => accepted = false,
                }
            }
            let by_http = Extracted::read(&format, &http);
            if accepted {
                prop_assert_eq!(by_http.context().ids(), found.context().ids());
                prop_assert_eq!(sorted(by_http.context()), sorted(found.context()));
                prop_assert_eq!(by_http.errors().len(), found.errors().len());
            }
        }
    }

    #[test]
    fn extracted_contexts_round_trip(headers in malformed_headers()) {
        for (_, format) in formats() {
            invariants::check_text(&format, &headers);
        }
        let alone: [&dyn Propagator; 6] =
            [&W3cTraceContext, &W3cBaggage, &B3::single(), &B3::multi(), &Jaeger, &XRay];
        for format in alone {
            invariants::check_single_format(format, &headers);
        }
    }

    #[test]
    fn parsing_a_trace_state_never_panics(text in any::<String>(), limit in 0..600_usize) {
        if let Ok(mut state) = text.parse::<TraceState>() {
            prop_assert_eq!(state.to_string().parse::<TraceState>(), Ok(state.clone()));
            state.truncate(limit);
            prop_assert!(state.to_string().len() <= limit);
        }
    }
}

// Fewer cases, because generating contexts is slow.
proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_keep_the_invariants(bytes in malformed_bytes()) {
        invariants::check_bytes(&bytes);
    }

    #[test]
    fn the_binary_format_round_trips(context in context(), rest in prop::collection::vec(any::<u8>(), 0..9)) {
        let mut bytes = rest.clone();
        Binary::append_to(&context, &mut bytes);
        bytes.extend(&rest);
        let mut left = &bytes[rest.len()..];
        let found = Binary::take_from(&mut left);
        prop_assert_eq!(left, &rest);
        prop_assert_eq!((found.context(), found.errors()), (&context, &[][..]));
        // Ids and baggage can be encoded separately.
        let baggage = Context::default().with_baggage_items(context.baggage().clone());
        let mut parts = Binary::from_bytes(&Binary::to_bytes(&context.identity()));
        parts.add_context(Binary::from_bytes(&Binary::to_bytes(&baggage)).into_context());
        prop_assert_eq!(parts.context(), &context.with_parent_span_id(None));
    }

    #[test]
    fn jaeger_round_trips(context in context()) {
        let back = round_trip(&Jaeger, &context);
        prop_assert_eq!(back.ids(), context.ids());
        if context.ids().is_some() {
            let decided = if context.sampling() == Sampling::Defer { Sampling::Drop } else { context.sampling() };
            prop_assert_eq!(back.sampling(), decided);
        }
        for (key, _) in context.baggage() {
            let lower = key.to_ascii_lowercase();
            prop_assert_eq!(back.baggage().get(&lower), context.baggage().get(&lower));
        }
    }

    #[test]
    fn xray_round_trips(context in context()) {
        let back = round_trip(&XRay, &context);
        prop_assert_eq!(back.ids(), context.ids());
        if context.ids().is_some() {
            prop_assert_eq!(back.sampling().is_sampled(), context.sampling().is_sampled());
        }
    }
}

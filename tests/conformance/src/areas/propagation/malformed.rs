//! Malformed and hostile headers: extract never panics and never yields the ids of another context.

use anytrace_api::{Context, SpanId, TraceContext, TraceId, propagation::TextMapReader};

use crate::areas::{
    checks,
    propagation::{Headers, ensure_clean, full, headers, received, written},
    spans::caller,
};
use crate::case::{Case, Checked, ensure, ensure_eq};

checks! { Propagation:
    a_missing_header_leaves_both_ids_or_none [];
    a_truncated_header_does_not_yield_another_context [];
    a_header_with_inserted_garbage_does_not_yield_another_context [];
    a_reformatted_header_does_not_yield_another_context [];
    headers_of_two_contexts_are_never_mixed [];
    a_header_of_one_megabyte_is_harmless [];
    ten_thousand_headers_are_harmless [];
    random_headers_are_harmless [];
    incoming_headers_never_put_control_characters_into_outgoing_ones [];
}

type Raw = Vec<(String, Vec<u8>)>;

/// Checks that a changed header yields either the original ids or none, and that the result can be continued.
///
/// A truncated id would be another id, and the trace would continue in a foreign trace.
fn ensure_harmless(case: &Case, input: &str, carrier: &dyn TextMapReader, sent: &Context) -> Checked {
    let found = received(case, carrier);
    ensure!(
        found.span_id().is_none() || found.trace_id().is_some(),
        "a span id without a trace id was extracted from {input}"
    );
    let is_own = |own: bool| -> Checked {
        ensure!(own, "{:?} was extracted from {input}", found.ids());
        Ok(())
    };
    is_own(found.trace_id().is_none() || found.trace_id() == sent.trace_id())?;
    is_own(found.span_id().is_none() || found.span_id() == sent.span_id())?;
    ensure_can_continue(case, &found)
}

/// Checks that the extracted context can be joined, and that the headers of the new span can be extracted again.
fn ensure_can_continue(case: &Case, found: &Context) -> Checked {
    let span = case.tracer().join_trace("joined", found);
    let child = span.start_child("child");
    let sent = headers(&child);
    ensure_clean(&sent)?;
    let again = received(case, &sent);
    ensure!(
        again.ids().is_none() || again.ids() == child.context().ids(),
        "the ids were injected as {:?}",
        again.ids()
    );
    Ok(())
}

/// Returns the contexts under test, each with the headers that this backend writes for it.
fn all_sent(case: &Case) -> Result<Vec<(Context, Headers)>, String> {
    let root = case.tracer().start_trace("sender");
    let contexts = [caller(), full()?, root.context().clone()];
    Ok(contexts.into_iter().map(|context| (context.clone(), written(case, &context))).collect())
}

/// Yields copies of `headers` in which one value is replaced, with a description of the change.
fn each_changed<'a, T: AsRef<[u8]>>(
    headers: &'a Headers,
    changes: impl Fn(&'a str) -> Vec<T>,
) -> impl Iterator<Item = (String, Raw)> {
    headers.iter().enumerate().flat_map(move |(at, (name, value))| {
        let variants = changes(value).into_iter().map(move |new| {
            let shown = new.as_ref()[..new.as_ref().len().min(200)].escape_ascii();
            let input = format!("{name:?} as \"{shown}\"");
            let mut all = raw(headers);
            all[at].1 = new.as_ref().to_vec();
            (input, all)
        });
        variants.collect::<Vec<_>>()
    })
}

fn raw(headers: &Headers) -> Raw {
    headers.iter().map(|(name, value)| (name.clone(), value.clone().into_bytes())).collect()
}

fn a_missing_header_leaves_both_ids_or_none(case: &Case) -> Checked {
    for (sent, headers) in all_sent(case)? {
        for at in 0..headers.len() {
            let mut some = headers.clone();
            let (name, _) = some.remove(at);
            let found = received(case, &some);
            ensure_eq!(
                found.trace_id().is_some(),
                found.span_id().is_some(),
                "whether both ids are extracted without {name:?}"
            );
            ensure_harmless(case, "the remaining headers", &some, &sent)?;
            let alone = headers[at..=at].to_vec();
            ensure_harmless(case, "one header alone", &alone, &sent)?;
        }
    }
    Ok(())
}

/// Formats that also accept 64-bit ids read half of a 128-bit id as valid, so the ids used here fit into 64 bits.
fn a_truncated_header_does_not_yield_another_context(case: &Case) -> Checked {
    for (sent, headers) in [caller(), full()?].map(|sent| (sent.clone(), written(case, &sent))) {
        let cuts = |value: &str| (0..value.len()).map(|at| value.as_bytes()[..at].to_vec()).collect();
        for (input, carrier) in each_changed(&headers, cuts) {
            ensure_harmless(case, &input, &carrier, &sent)?;
        }
        let heads = |value: &str| (1..value.len()).map(|at| value.as_bytes()[at..].to_vec()).collect();
        for (input, carrier) in each_changed(&headers, heads) {
            ensure_can_continue(case, &received(case, &carrier)).map_err(|why| format!("{input}: {why}"))?;
        }
    }
    Ok(())
}

fn a_header_with_inserted_garbage_does_not_yield_another_context(case: &Case) -> Checked {
    const JUNK: [u8; 8] = [0, b'\r', b'\n', 0x1b, 0x7f, 0x80, 0xc3, 0xff];
    for (sent, headers) in all_sent(case)? {
        let replaced = |value: &str| {
            let places = (0..value.len()).flat_map(|at| JUNK.map(|junk| (at, junk)));
            let changed = places.map(|(at, junk)| {
                let mut changed = value.as_bytes().to_vec();
                changed[at] = junk;
                changed
            });
            changed.collect()
        };
        for (input, carrier) in each_changed(&headers, replaced) {
            ensure_harmless(case, &input, &carrier, &sent)?;
        }
    }
    Ok(())
}

fn a_reformatted_header_does_not_yield_another_context(case: &Case) -> Checked {
    for (sent, headers) in all_sent(case)? {
        let other_ways = |value: &str| {
            vec![
                value.to_uppercase(),
                format!("{value},{value}"),
                format!("{value}\r\nx: y"),
                format!("{value}\0"),
                format!(" \t{value} \t"),
                format!("+{value}"),
                format!("0x{value}"),
                format!("\"{value}\""),
                value.replace(['-', ':', ';', '='], ""),
                " ".to_owned(),
            ]
        };
        for (input, carrier) in each_changed(&headers, other_ways) {
            ensure_harmless(case, &input, &carrier, &sent)?;
        }
    }
    Ok(())
}

fn headers_of_two_contexts_are_never_mixed(case: &Case) -> Checked {
    let (trace, span) = (TraceId::from_u128(0x0bad).unwrap(), SpanId::from_u64(0x0b0b).unwrap());
    let other = Context::remote(trace, span, caller().sampling());
    for (sent, headers) in all_sent(case)? {
        for (first, second) in [(&headers, &written(case, &other)), (&written(case, &other), &headers)] {
            let both: Headers = first.iter().chain(second).cloned().collect();
            let found = received(case, &both);
            let is_whole = [None, sent.ids(), other.ids()].contains(&found.ids());
            ensure!(is_whole, "{:?} was extracted from {:?} and {:?}", found.ids(), sent.ids(), other.ids());
            ensure_can_continue(case, &found)?;
        }
    }
    Ok(())
}

fn a_header_of_one_megabyte_is_harmless(case: &Case) -> Checked {
    const MEGABYTE: usize = 1 << 20;
    for (sent, headers) in all_sent(case)? {
        let large = |value: &str| {
            let mut large: Vec<_> = ["f", "0", ",", " ", "%", "%41", ";", "a=b,", "a=b;c=d,", "k=é,"]
                .map(|part| {
                    let filling = part.repeat(MEGABYTE / part.len());
                    format!("{value}{filling}")
                })
                .into();
            large.push(format!("{value},").repeat(MEGABYTE / (value.len() + 1)));
            large
        };
        for (input, carrier) in each_changed(&headers, large) {
            ensure_harmless(case, &input, &carrier, &sent)?;
        }
    }
    Ok(())
}

fn ten_thousand_headers_are_harmless(case: &Case) -> Checked {
    for (sent, headers) in all_sent(case)? {
        let mut unrelated = headers.clone();
        unrelated.extend((0..10_000).map(|n| (format!("x-{n}"), n.to_string())));
        ensure_eq!(
            received(case, &unrelated),
            received(case, &headers),
            "the context extracted among many other headers"
        );
        for (name, value) in &headers {
            let alike =
                |n: usize| [(format!("{name}{n}"), value.clone()), (format!("x-{name}"), n.to_string())];
            let mut carrier: Headers = (0..5_000).flat_map(alike).collect();
            ensure_harmless(case, "similar header names", &carrier, &sent)?;
            carrier = vec![(name.clone(), value.clone()); 10_000];
            ensure_harmless(case, "a repeated header", &carrier, &sent)?;
            carrier.extend((0..10_000).map(|n| (name.to_uppercase(), format!("key{n}=value"))));
            carrier.extend(headers.iter().cloned());
            ensure_harmless(case, "a header with many values", &carrier, &sent)?;
        }
    }
    Ok(())
}

fn random_headers_are_harmless(case: &Case) -> Checked {
    let texts =
        ["", "\0", "\r\n", "0", "-", "00-", "ü", "%", "=", ",;=", "null", "\u{feff}", "../..", "${x}", "'--"];
    for (_, headers) in all_sent(case)? {
        for (name, value) in &headers {
            for text in texts {
                ensure_can_continue(case, &received(case, &vec![(name.clone(), text)]))?;
                let (before, after) = (format!("{text}{name}"), format!("{name}{text}"));
                ensure_can_continue(
                    case,
                    &received(case, &vec![(before, value.clone()), (after, value.clone())]),
                )?;
            }
        }
    }
    Ok(())
}

/// Each outgoing header stays one name and one value on one line.
fn incoming_headers_never_put_control_characters_into_outgoing_ones(case: &Case) -> Checked {
    let breaks =
        ["\r\nset-cookie: a=b", "%0d%0aset-cookie: a=b", "\0", "%00", "\u{85}", "%E2%80%A8", "\u{1b}[31m"];
    for (_, headers) in all_sent(case)? {
        let ends = |value: &str| {
            let ends = breaks.iter().flat_map(|text| {
                [format!("{value}{text}"), format!("{text}{value}"), format!("{value},key={text}"), {
                    let middle = value.len() / 2;
                    let (start, end) = value.split_at_checked(middle).unwrap_or((value, ""));
                    format!("{start}{text}{end}")
                }]
            });
            ends.collect()
        };
        for (input, carrier) in each_changed(&headers, ends) {
            let found = received(case, &carrier);
            let sent = written(case, &found);
            ensure_clean(&sent).map_err(|why| format!("{input}: {why}"))?;
            ensure_can_continue(case, &found)?;
        }
    }
    Ok(())
}

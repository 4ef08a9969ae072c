//! Every format in both directions, with the public SDK of each language.

use std::{env, process::ExitCode};

use anytrace_api::propagation::{Composite, Propagator};
use anytrace_interop::{Case, DIFFERENCES, Difference, Direction, Language, Peer, Table, View, cases};
use http::HeaderMap;
use serde_json::json;

fn main() -> ExitCode {
    // An argument selects the tests whose names contain it, like in other test binaries.
    let filter = env::args().skip(1).find(|word| !word.starts_with('-')).unwrap_or_default();
    let (mut table, mut passed, mut failures) = (Table::default(), 0, Vec::new());
    for language in Language::ALL {
        let peer = match Peer::start(language) {
            Ok(peer) => peer,
            Err(error) => {
                failures.push(error);
                continue;
            }
        };
        for case in cases() {
            let results = exchange(&peer, &case);
            for direction in Direction::ALL {
                let name = format!("{language}, {}, {}, {direction}", case.format, case.name);
                if !name.contains(&filter) {
                    continue;
                }
                let known = Difference::of(language, &case, direction);
                let outcome = match &results {
                    Ok(results) => check(&case, direction, &known, results),
                    Err(error) => Err(error.clone()),
                };
                table.add(language, case.format, direction, outcome.is_ok(), !known.is_empty());
                let Err(error) = outcome else {
                    passed += 1;
                    continue;
                };
                println!("test {name} ... FAILED\n{error}");
                failures.push(name);
            }
        }
    }
    println!("\n{table}\nknown differences:");
    for known in DIFFERENCES {
        println!("* {}, {}, {}: {}", known.language, known.format, known.cases.join("; "), known.deviation);
    }
    let verdict = if failures.is_empty() { "ok" } else { "FAILED" };
    println!("\ntest result: {verdict}. {passed} passed; {} failed; 0 ignored", failures.len());
    for failure in &failures {
        eprintln!("failed: {failure}");
    }
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The results of one request.
struct Results {
    understood: View,
    /// The context of the peer's child span.
    child: View,
    received: View,
    on_the_wire: String,
}

fn exchange(peer: &Peer, case: &Case) -> Result<Results, String> {
    let format = Composite::named(case.formats).map_err(|error| error.to_string())?;
    let mut headers = HeaderMap::new();
    format.inject(&case.context, &mut headers);
    let body = match case.context.baggage().iter().collect::<Vec<_>>() {
        baggage if case.own_baggage && !baggage.is_empty() => json!({ "baggage": baggage }),
        _ => json!({}),
    };
    let (answered, body) = peer.request(&peer.url("continue", case.formats), &headers, &body)?;
    Ok(Results {
        understood: View::reported(&body["understood"]),
        child: View::reported(&body["child"]),
        received: View::received(&format, &answered),
        on_the_wire: format!("{headers:?}\n  received {answered:?}"),
    })
}

fn check(case: &Case, direction: Direction, known: &[&Difference], results: &Results) -> Result<(), String> {
    let (agreeing, found) = match direction {
        Direction::ToPeer => (expected_from_peer_reading(case), &results.understood),
        Direction::FromPeer => (expected_from_peer_writing(case, &results.child), &results.received),
    };
    let mut expected = agreeing.clone();
    for known in known {
        let before = expected.clone();
        (known.change)(&mut expected);
        if before == expected {
            return Err(format!("  this known difference changes nothing: {}", known.deviation));
        }
    }
    if *found == expected {
        return Ok(());
    }
    let differences: Vec<_> = known.iter().map(|known| known.deviation).collect();
    Err(format!(
        "  expected {expected:?}\n  found    {found:?}\n  with {differences:?}\n  sent {}",
        results.on_the_wire
    ))
}

/// Returns the view that a peer should report: the context without the parts that it cannot report.
fn expected_from_peer_reading(case: &Case) -> View {
    let mut view = View::of(&case.context);
    view.debug = false;
    if case.format == "jaeger" {
        lower_case(&mut view);
    }
    for (_, _, properties) in &mut view.baggage {
        properties.clear();
    }
    view
}

/// Returns the view that should be received from a peer: a child of the context that was sent, or a trace of the peer's
/// own if the context had no ids.
fn expected_from_peer_writing(case: &Case, child: &View) -> View {
    let mut view = View::of(&case.context);
    let trace = view.ids.take().map(|(trace, _)| trace);
    view.ids = child.ids.clone().filter(|_| case.formats != "baggage");
    match (trace, &mut view.ids) {
        (Some(sent), Some((continued, _))) => *continued = sent,
        // A trace that the peer starts has its own random flag, which only `tracecontext` carries.
        _ => view.random = child.random && case.formats.contains("tracecontext"),
    }
    if view.sampled.is_none() && view.ids.is_some() {
        // A peer that receives no sampling decision samples.
        view.sampled = Some(true);
    }
    if case.format == "jaeger" {
        lower_case(&mut view);
    }
    view
}

/// Header names are case-insensitive, and Jaeger's baggage keys are a part of them.
fn lower_case(view: &mut View) {
    for (key, _, _) in &mut view.baggage {
        key.make_ascii_lowercase();
    }
}

//! Every format, both ways, with the public SDK of each language.

use std::{env, process::ExitCode};

use anytrace_api::propagation::{Composite, Propagator};
use anytrace_interop::{Case, DIFFERENCES, Difference, Direction, Language, Peer, Table, View, cases};
use http::HeaderMap;
use serde_json::json;

fn main() -> ExitCode {
    // As with other tests, a word chooses those whose names have it.
    let wanted = env::args().skip(1).find(|word| !word.starts_with('-')).unwrap_or_default();
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
            let results = ask(&peer, &case);
            for direction in Direction::ALL {
                let name = format!("{language}, {}, {}, {direction}", case.format, case.name);
                if !name.contains(&wanted) {
                    continue;
                }
                let known = Difference::of(language, &case, direction);
                let held = match &results {
                    Ok(results) => hold(&case, direction, &known, results),
                    Err(error) => Err(error.clone()),
                };
                table.add(language, case.format, direction, held.is_ok(), !known.is_empty());
                let Err(error) = held else {
                    passed += 1;
                    continue;
                };
                println!("test {name} ... FAILED\n{error}");
                failures.push(name);
            }
        }
    }
    println!("\n{table}\nknown to differ:");
    for known in DIFFERENCES {
        println!("* {}, {}, {}: {}", known.language, known.format, known.cases.join("; "), known.what);
    }
    let verdict = if failures.is_empty() { "ok" } else { "FAILED" };
    println!("\ntest result: {verdict}. {passed} passed; {} failed; 0 ignored", failures.len());
    for failure in &failures {
        eprintln!("failed: {failure}");
    }
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What one request showed.
struct Shown {
    understood: View,
    /// What the child says it is.
    child: View,
    received: View,
    on_the_wire: String,
}

fn ask(peer: &Peer, case: &Case) -> Result<Shown, String> {
    let format = Composite::named(case.formats).map_err(|error| error.to_string())?;
    let mut headers = HeaderMap::new();
    format.inject(&case.context, &mut headers);
    let body = match case.context.baggage().iter().collect::<Vec<_>>() {
        own if case.own_baggage && !own.is_empty() => json!({ "baggage": own }),
        _ => json!({}),
    };
    let (answered, told) = peer.ask(&peer.url("continue", case.formats), &headers, &body)?;
    Ok(Shown {
        understood: View::told(&told["understood"]),
        child: View::told(&told["child"]),
        received: View::received(&format, &answered),
        on_the_wire: format!("{headers:?}\n  answered {answered:?}"),
    })
}

fn hold(case: &Case, direction: Direction, known: &[&Difference], shown: &Shown) -> Result<(), String> {
    let (agreeing, found) = match direction {
        Direction::ToPeer => (understood(case), &shown.understood),
        Direction::FromPeer => (received(case, &shown.child), &shown.received),
    };
    let mut expected = agreeing.clone();
    for known in known {
        let before = expected.clone();
        (known.change)(&mut expected);
        if before == expected {
            return Err(format!("  this difference changes nothing: {}", known.what));
        }
    }
    if *found == expected {
        return Ok(());
    }
    let differences: Vec<_> = known.iter().map(|known| known.what).collect();
    Err(format!(
        "  expected {expected:?}\n  found    {found:?}\n  with {differences:?}\n  sent {}",
        shown.on_the_wire
    ))
}

/// What a peer is to understand: all that it has words for.
fn understood(case: &Case) -> View {
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

/// What is to be received: a child of what was sent. A trace of the peer's own where none was.
fn received(case: &Case, child: &View) -> View {
    let mut view = View::of(&case.context);
    let trace = view.ids.take().map(|(trace, _)| trace);
    view.ids = child.ids.clone().filter(|_| case.formats != "baggage");
    match (trace, &mut view.ids) {
        (Some(sent), Some((continued, _))) => *continued = sent,
        // Its own ids are as random as it says, where there is a place to say so.
        _ => view.random = child.random && case.formats.contains("tracecontext"),
    }
    if view.sampled.is_none() && view.ids.is_some() {
        // Nobody had decided, so the peer does.
        view.sampled = Some(true);
    }
    if case.format == "jaeger" {
        lower_case(&mut view);
    }
    view
}

/// Names of fields have no case, and Jaeger's baggage is in names.
fn lower_case(view: &mut View) {
    for (key, _, _) in &mut view.baggage {
        key.make_ascii_lowercase();
    }
}

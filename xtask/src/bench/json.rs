//! The results as JSON.

use serde_json::{Value, json};

use super::cost::Times;
use super::figures::Figures;
use super::limits::Limits;
use super::parties;
use super::programs::ANYTRACE;
use super::rows::ROWS;

/// Returns all results.
pub(super) fn json(heading: &str, limits: &Limits, figures: &Figures) -> String {
    let rows: Value = ROWS
        .iter()
        .map(|row| {
            let costs: serde_json::Map<String, Value> = std::iter::once(ANYTRACE)
                .chain(parties::peers())
                .filter_map(|party| Some((party.to_owned(), row.cost(figures, party)?.json())))
                .collect();
            json!({ "row": row.name, "what": row.description, "limit": limit(limits, row.name), "costs": costs })
        })
        .collect();
    let goals: Value = limits
        .goals()
        .iter()
        .filter_map(|goal| goal.measured(figures).ok())
        .map(|measured| {
            json!({
                "row": measured.goal.row(),
                "peer": measured.goal.peer(),
                "value": measured.value,
                "met": measured.is_met(),
                "text": measured.to_string(),
            })
        })
        .collect();
    let threads: Value = figures
        .on_threads()
        .map(|party| {
            let of = |threads| {
                let figures = figures.threads(party, threads).unwrap_or_default();
                json!({ "ns": figures.elapsed.map(Times::json), "thread_ns": figures.cpu_time.map(Times::json) })
            };
            json!({ "party": party, "one": of(1), "two": of(2), "factor": figures.factor(party) })
        })
        .collect();
    let memory = figures.memory.map(
        |memory| json!({ "spans": memory.spans, "bytes": memory.bytes, "after_as_many_again": memory.after }),
    );
    let all =
        json!({ "of": heading, "rows": rows, "goals": goals, "threads": threads, "full_queue": memory });
    format!("{all:#}\n")
}

fn limit(limits: &Limits, name: &str) -> Option<Value> {
    let limit = limits.of(name)?;
    Some(json!({ "instructions": limit.instructions, "allocations": limit.allocations }))
}

#[cfg(test)]
mod rules {
    use super::*;

    #[test]
    fn what_was_found_can_be_read_again() {
        let mut figures = Figures::default();
        figures
            .read("producer\tw0\tanytrace\t1\t2\t3\t4\nproducer\tw0\totel_sdk\t1\t1\t6\t1")
            .expect("times");
        figures.read("memory\t16\t1600\t1600").expect("memory");
        let limits = Limits::parse("w0 500 instructions\nw0 0.4x otel_sdk").expect("the limits are valid");
        let parsed: Value = serde_json::from_str(&json("heading", &limits, &figures)).expect("this is JSON");
        assert_eq!(parsed["of"], "heading");
        let rows = parsed["rows"].as_array().expect("a list");
        let w0 = rows.iter().find(|row| row["row"] == "w0").expect("the row exists");
        assert_eq!(w0["limit"]["instructions"], 500);
        assert_eq!(w0["costs"]["anytrace"]["ns"], json!({ "min": 1.0, "p10": 2.0, "p50": 3.0, "p90": 4.0 }));
        assert_eq!((&parsed["goals"][0]["value"], &parsed["goals"][0]["met"]), (&json!(0.5), &json!(false)));
        assert_eq!(parsed["full_queue"]["bytes"], 1600);
    }
}

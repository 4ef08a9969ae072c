//! The faults of what is recorded.

use std::time::Duration;

use anytrace_conformance::{Recorded, RecordedStatus, Said};

use super::{Broken, Fault};
use crate::subjects::recording;

const LATE: Duration = Duration::from_secs(10);

pub(super) fn shown(broken: &Broken) -> Vec<Recorded> {
    let mut all: Vec<_> = broken.0.mock.finished().iter().map(recording::recorded).collect();
    let mut again = Vec::new();
    let known = broken.0.extra.lock().unwrap();
    for span in &mut all {
        let extra = known.get(&span.span_id).cloned().unwrap_or_default();
        match broken.0.fault {
            Fault::WritesAfterTheEnd | Fault::KeepsEveryTag => span.tags.extend(extra.tags),
            Fault::RecordsTwice => again.push(span.clone()),
            Fault::RecordsASecondEnd if extra.ends > 1 => again.push(span.clone()),
            Fault::CutsNames => span.name.retain(|char| char.is_ascii_graphic() || char == ' '),
            Fault::TurnsTagsIntoText => {
                for (_, value) in &mut span.tags {
                    *value = Said::Text(text(value));
                }
            }
            Fault::LetsErrorsReplaceOk if span.status == Some(RecordedStatus::Ok) => {
                span.status = extra.error.map(RecordedStatus::Error).or(Some(RecordedStatus::Ok));
            }
            Fault::CountsNothingThatIsDropped => {
                (span.dropped_tags, span.dropped_events, span.dropped_links) = (0, 0, 0);
            }
            Fault::EndsBeforeItStarts => span.end = extra.end.unwrap_or(span.end),
            Fault::IsLate => (span.start, span.end) = (span.start + LATE, span.end + LATE),
            _ => {}
        }
    }
    all.extend(again);
    all
}

fn text(value: &Said) -> String {
    match value {
        Said::Bool(value) => value.to_string(),
        Said::Int(value) => value.to_string(),
        Said::Float(value) => value.to_string(),
        Said::Text(text) => text.clone(),
        other => format!("{other:?}"),
    }
}

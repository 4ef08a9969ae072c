//! Defects in the recorded spans.

use std::time::Duration;

use anytrace_conformance::{RecordedSpan, RecordedStatus, RecordedValue};

use super::{Broken, Defect};
use crate::subjects::recording;

const SHIFT: Duration = Duration::from_secs(10);

pub(super) fn recorded(broken: &Broken) -> Vec<RecordedSpan> {
    let mut all: Vec<_> = broken.0.mock.finished().iter().map(recording::recorded).collect();
    if broken.is(Defect::ForgetsToAdoptNativeSpans) {
        let started = broken.0.started.lock().unwrap();
        all.retain(|span| started.contains(&span.span_id));
    }
    let mut duplicates = Vec::new();
    let extras = broken.0.extra.lock().unwrap();
    for span in &mut all {
        let extra = extras.get(&span.span_id).cloned().unwrap_or_default();
        match broken.0.defect {
            Defect::RecordsTagsAfterTheEnd | Defect::RecordsDuplicateTags => span.tags.extend(extra.tags),
            Defect::RecordsSpansTwice => duplicates.push(span.clone()),
            Defect::RecordsEveryEnd if extra.ends > 1 => duplicates.push(span.clone()),
            Defect::StripsNonAsciiFromNames => {
                span.name.retain(|char| char.is_ascii_graphic() || char == ' ');
            }
            Defect::ConvertsTagsToText => {
                for (_, value) in &mut span.tags {
                    *value = RecordedValue::Text(text(value));
                }
            }
            Defect::ReplacesStatusOkWithErrors if span.status == Some(RecordedStatus::Ok) => {
                span.status = extra.error.map(RecordedStatus::Error).or(Some(RecordedStatus::Ok));
            }
            Defect::DoesNotCountDroppedItems => {
                (span.dropped_tags, span.dropped_events, span.dropped_links) = (0, 0, 0);
            }
            Defect::EndsBeforeItStarts => span.end = extra.end.unwrap_or(span.end),
            Defect::ShiftsTimes => (span.start, span.end) = (span.start + SHIFT, span.end + SHIFT),
            _ => {}
        }
    }
    all.extend(duplicates);
    all
}

fn text(value: &RecordedValue) -> String {
    match value {
        RecordedValue::Bool(value) => value.to_string(),
        RecordedValue::Int(value) => value.to_string(),
        RecordedValue::Float(value) => value.to_string(),
        RecordedValue::Text(text) => text.clone(),
        other => format!("{other:?}"),
    }
}

//! A trace as the tree it is.

use std::collections::{BTreeMap, BTreeSet};

use super::SpanView;

/// What times of two spans may be apart by cutting them to microseconds.
const CUT: u64 = 2_000;

/// One tree with nothing beside it, every span within the bounds of its parent.
///
/// # Errors
///
/// What keeps it from being one.
pub fn whole(spans: &[SpanView]) -> Result<(), String> {
    let mut by_id = BTreeMap::new();
    for span in spans {
        if by_id.insert(&span.span_id, span).is_some() {
            return Err(format!("{} {:?} is there twice", span.span_id, span.name));
        }
    }
    let traces: BTreeSet<_> = spans.iter().map(|span| &span.trace_id).collect();
    let roots = spans.iter().filter(|span| span.parent.is_none()).count();
    if traces.len() != 1 || roots != 1 {
        return Err(format!("{} traces with {roots} roots", traces.len()));
    }
    for span in spans {
        let Some(parent) = &span.parent else { continue };
        let parent = by_id.get(parent).ok_or_else(|| format!("nobody is the parent of {:?}", span.name))?;
        let (end, last) = (span.start + span.duration, parent.start + parent.duration);
        // A server's span ends a little after its answer, so perhaps after its caller's.
        let in_time =
            if span.service == parent.service { end <= last + CUT } else { span.start <= last + CUT };
        if span.start + CUT < parent.start || !in_time {
            let times = format!("{}..{end} and {}..{last}", span.start, parent.start);
            return Err(format!("{:?} is not within its parent {:?}: {times}", span.name, parent.name));
        }
    }
    // As many spans beneath the root as there are: no circle stands beside it.
    let below = children(spans);
    let mut reached: Vec<&SpanView> = below.get(&None).into_iter().flatten().copied().collect();
    let mut next = 0;
    while let Some(span) = reached.get(next) {
        reached.extend(below.get(&Some(&span.span_id)).into_iter().flatten());
        next += 1;
    }
    if reached.len() == spans.len() { Ok(()) } else { Err("some spans are their own ancestors".to_owned()) }
}

/// All that does not differ from one run to the next, a line for each span, its tags and its events, indented. Ids and
/// times are left out, and of the tags the values for which `varies` says so.
pub fn drawn(spans: &[SpanView], varies: &dyn Fn(&str) -> bool) -> String {
    branches(&children(spans), None, varies).concat().join("\n")
}

type Children<'a> = BTreeMap<Option<&'a String>, Vec<&'a SpanView>>;

fn children(spans: &[SpanView]) -> Children<'_> {
    let mut children = Children::new();
    for span in spans {
        children.entry(span.parent.as_ref()).or_default().push(span);
    }
    children
}

/// Each one as its lines, sorted by what they say, since the order in which siblings start may differ.
fn branches(
    below: &Children<'_>,
    parent: Option<&String>,
    varies: &dyn Fn(&str) -> bool,
) -> Vec<Vec<String>> {
    let spans = below.get(&parent).into_iter().flatten();
    let branch = |span: &&SpanView| {
        let deeper = branches(below, Some(&span.span_id), varies).concat();
        let mut lines = lines(span, varies);
        lines.extend(deeper.iter().map(|line| format!("  {line}")));
        lines
    };
    let mut branches: Vec<Vec<String>> = spans.map(branch).collect();
    branches.sort();
    branches
}

fn lines(span: &SpanView, varies: &dyn Fn(&str) -> bool) -> Vec<String> {
    let SpanView { name, kind, service, scope, outcome, .. } = span;
    let mut lines = vec![format!("{service}: {name:?} {kind}, {outcome:?}, by {:?}", scope.0)];
    for (key, value) in &span.tags {
        let value = if varies(key) { "…".to_owned() } else { format!("{value:?}") };
        lines.push(format!("    {key} = {value}"));
    }
    lines.extend(span.events.iter().map(|event| format!("    {:?} {:?}", event.name, event.tags)));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::otlp;

    /// A span of trace 1, with these ids and times.
    fn span(id: u64, parent: Option<u64>, service: &str, times: (u64, u64)) -> SpanView {
        let parent = parent.map_or(String::new(), |parent| format!(r#""parentSpanId":"{parent:016x}","#));
        let line = format!(
            r#"{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"{service}"}}}}]}},
            "scopeSpans":[{{"spans":[{{"traceId":"{:032x}","spanId":"{id:016x}",{parent}"name":"{id}","kind":1,
            "startTimeUnixNano":"{}","endTimeUnixNano":"{}"}}]}}]}}]}}"#,
            1, times.0, times.1
        );
        otlp(&(line.replace('\n', " ") + "\n")).unwrap().remove(0)
    }

    #[test]
    fn a_tree_is_whole_or_says_why_not() {
        let root = span(1, None, "a", (0, 90_000));
        let fine =
            [span(3, Some(2), "b", (20_000, 95_000)), root.clone(), span(2, Some(1), "a", (10_000, 80_000))];
        assert_eq!(whole(&fine), Ok(()));
        let wrong = |span: SpanView| whole(&[root.clone(), span]).unwrap_err();
        assert!(wrong(span(2, Some(7), "a", (1, 2))).starts_with("nobody is the parent"));
        assert!(wrong(span(1, None, "a", (1, 2))).ends_with("is there twice"));
        assert!(wrong(span(2, None, "a", (1, 2))).ends_with("2 roots"));
        assert!(wrong(span(2, Some(2), "a", (1, 2))).ends_with("their own ancestors"));
        assert!(wrong(span(2, Some(1), "a", (1, 99_000))).contains("is not within its parent"));
        assert!(wrong(span(2, Some(1), "b", (99_000, 99_001))).contains("is not within its parent"));
    }

    #[test]
    fn the_order_of_siblings_and_their_ids_and_times_are_not_drawn() {
        let one = [span(1, None, "a", (0, 9)), span(2, Some(1), "a", (1, 2)), span(3, Some(1), "b", (3, 4))];
        let mut other = [one[2].clone(), one[0].clone(), one[1].clone()];
        for span in &mut other {
            span.start += 5;
            span.trace_id = "2".repeat(32);
        }
        let drawn = |spans: &[SpanView]| drawn(spans, &|_| false);
        assert_eq!(drawn(&one), drawn(&other));
        other[0].service = "c".to_owned();
        assert_ne!(drawn(&one), drawn(&other));
        assert_eq!(drawn(&one).lines().count(), 3);
    }
}

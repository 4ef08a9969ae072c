//! Traces as trees.

use std::collections::{BTreeMap, BTreeSet};

use super::SpanView;

/// The largest error, in nanoseconds, of the difference between two times that are truncated to microseconds.
const TRUNCATION: u64 = 2_000;

/// Checks that the spans are one tree, and that each span lies within its parent.
///
/// # Errors
///
/// Returns the first violation.
pub fn check_tree(spans: &[SpanView]) -> Result<(), String> {
    let mut by_id = BTreeMap::new();
    for span in spans {
        if by_id.insert(&span.span_id, span).is_some() {
            return Err(format!("{} {:?} occurs twice", span.span_id, span.name));
        }
    }
    let traces: BTreeSet<_> = spans.iter().map(|span| &span.trace_id).collect();
    let roots = spans.iter().filter(|span| span.parent.is_none()).count();
    if traces.len() != 1 || roots != 1 {
        return Err(format!("there are {} traces with {roots} roots", traces.len()));
    }
    for span in spans {
        let Some(parent) = &span.parent else { continue };
        let parent =
            by_id.get(parent).ok_or_else(|| format!("{:?} has no parent among the spans", span.name))?;
        let (end, last) = (span.start + span.duration, parent.start + parent.duration);
        // A server span ends shortly after its response is sent, and thus possibly after the client span.
        let in_time = if span.service == parent.service {
            end <= last + TRUNCATION
        } else {
            span.start <= last + TRUNCATION
        };
        if span.start + TRUNCATION < parent.start || !in_time {
            let times = format!("{}..{end} and {}..{last}", span.start, parent.start);
            return Err(format!("{:?} is not within its parent {:?}: {times}", span.name, parent.name));
        }
    }
    // Spans that the root does not reach form a cycle.
    let children_by_parent = children(spans);
    let mut reached: Vec<&SpanView> = children_by_parent.get(&None).into_iter().flatten().copied().collect();
    let mut next = 0;
    while let Some(span) = reached.get(next) {
        reached.extend(children_by_parent.get(&Some(&span.span_id)).into_iter().flatten());
        next += 1;
    }
    if reached.len() == spans.len() {
        Ok(())
    } else {
        Err("the parents of some spans form a cycle".to_owned())
    }
}

/// Renders the parts that are the same in every run: one indented line for each span, tag and event. Ids and times are
/// omitted, and so are the values of the tags for which `varies` returns true.
pub fn render_tree(spans: &[SpanView], varies: &dyn Fn(&str) -> bool) -> String {
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

/// Returns the lines of each subtree, sorted, because siblings may start in any order.
fn branches(
    children_by_parent: &Children<'_>,
    parent: Option<&String>,
    varies: &dyn Fn(&str) -> bool,
) -> Vec<Vec<String>> {
    let spans = children_by_parent.get(&parent).into_iter().flatten();
    let branch = |span: &&SpanView| {
        let deeper = branches(children_by_parent, Some(&span.span_id), varies).concat();
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

    /// Returns a span of trace 1 with these ids and times.
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
    fn each_violation_of_a_tree_is_reported() {
        let root = span(1, None, "a", (0, 90_000));
        let tree =
            [span(3, Some(2), "b", (20_000, 95_000)), root.clone(), span(2, Some(1), "a", (10_000, 80_000))];
        assert_eq!(check_tree(&tree), Ok(()));
        let violation = |span: SpanView| check_tree(&[root.clone(), span]).unwrap_err();
        assert!(violation(span(2, Some(7), "a", (1, 2))).ends_with("has no parent among the spans"));
        assert!(violation(span(1, None, "a", (1, 2))).ends_with("occurs twice"));
        assert!(violation(span(2, None, "a", (1, 2))).ends_with("2 roots"));
        assert!(violation(span(2, Some(2), "a", (1, 2))).ends_with("form a cycle"));
        assert!(violation(span(2, Some(1), "a", (1, 99_000))).contains("is not within its parent"));
        assert!(violation(span(2, Some(1), "b", (99_000, 99_001))).contains("is not within its parent"));
    }

    #[test]
    fn ids_times_and_the_order_of_siblings_are_not_rendered() {
        let one = [span(1, None, "a", (0, 9)), span(2, Some(1), "a", (1, 2)), span(3, Some(1), "b", (3, 4))];
        let mut other = [one[2].clone(), one[0].clone(), one[1].clone()];
        for span in &mut other {
            span.start += 5;
            span.trace_id = "2".repeat(32);
        }
        let render = |spans: &[SpanView]| render_tree(spans, &|_| false);
        assert_eq!(render(&one), render(&other));
        other[0].service = "c".to_owned();
        assert_ne!(render(&one), render(&other));
        assert_eq!(render(&one).lines().count(), 3);
    }
}

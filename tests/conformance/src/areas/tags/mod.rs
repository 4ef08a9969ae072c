//! Tags: on which span they are, and which value of equal keys wins.

pub(crate) mod values;

use anytrace_api::{self as trace, Name, Operation, StartedSpan, TraceContext, Value, tags};

use crate::areas::{checks, spans::caller, tags::values::ensure_tag};
use crate::{
    Capability, RecordedSpan,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Tags:
    tags_can_be_set_at_start_and_later [Recording, Tags];
    a_later_tag_value_replaces_an_earlier_one [Recording, Tags, ReplacedTags];
    the_last_of_equal_keys_in_one_call_wins [Recording, Tags, ReplacedTags];
    tag_keys_are_compared_as_text [Recording, Tags];
    tags_can_be_set_on_the_current_span [Recording, Tags];
    tags_stay_on_their_own_span [Recording, Tags];
    a_new_span_has_no_tags_of_earlier_spans [Recording, Tags];
    setters_return_their_span [];
    tags_over_the_limit_are_counted [Recording, Tags, Limits];
}

/// Checks that each key is recorded once: for duplicates, backends disagree about which value to show.
pub(crate) fn ensure_each_key_once(span: &RecordedSpan) -> Checked {
    for (key, _) in &span.tags {
        let times = span.tags.iter().filter(|(other, _)| other == key).count();
        ensure_eq!(times, 1, "the number of tags {key:?} on {:?}", span.name);
    }
    Ok(())
}

fn tags_can_be_set_at_start_and_later(case: &Case) -> Checked {
    let first = tags! { "given" => "at the start", "rows" => 3 };
    let span = case.tracer().start_trace(Operation::internal("span").tags(&first)).tag("chained", true);
    span.set_tag("set", "later");
    span.set_tags(&tags! { "one" => 1, "two" => 2 });
    span.finish();
    let span = case.span("span")?;
    let expected: [(&str, Value<'_>); 6] = [
        ("given", "at the start".into()),
        ("rows", 3.into()),
        ("chained", true.into()),
        ("set", "later".into()),
        ("one", 1.into()),
        ("two", 2.into()),
    ];
    expected.into_iter().try_for_each(|(key, value)| ensure_tag(case, &span, key, value))?;
    ensure_each_key_once(&span)
}

fn a_later_tag_value_replaces_an_earlier_one(case: &Case) -> Checked {
    let first = tags! { "start" => "old", "kept" => "old" };
    let span = case.tracer().start_trace(Operation::internal("span").tags(&first));
    span.set_tag("start", "new").set_tag("later", "old").set_tag("later", "new");
    span.set_tags(&tags! { "later" => "newest", "other" => "old" }).set_tag("other", "new");
    span.finish();
    let span = case.span("span")?;
    for (key, value) in [("start", "new"), ("kept", "old"), ("later", "newest"), ("other", "new")] {
        ensure_tag(case, &span, key, value.into())?;
    }
    ensure_each_key_once(&span)
}

fn the_last_of_equal_keys_in_one_call_wins(case: &Case) -> Checked {
    let twins = tags! { "start" => 1, "between" => 0, "start" => 2 };
    let span = case.tracer().start_trace(Operation::internal("span").tags(&twins));
    span.set_tags(&tags! { "later" => 1, "later" => 2, "later" => 3 });
    span.finish();
    let span = case.span("span")?;
    for (key, value) in [("start", 2), ("between", 0), ("later", 3)] {
        ensure_tag(case, &span, key, value.into())?;
    }
    ensure_each_key_once(&span)
}

/// Equal addresses or literals must not make two keys equal.
fn tag_keys_are_compared_as_text(case: &Case) -> Checked {
    let span = case.tracer().start_trace("span");
    let mut key = String::from("a");
    span.set_tag(&key, 1);
    key.replace_range(.., "b");
    span.set_tag(&key, 2);
    span.set_tag("ab", 3).set_tag(Name::copied(&"abc"[..1]), 4);
    span.finish();
    let span = case.span("span")?;
    ensure_tag(case, &span, "b", 2.into())?;
    ensure_tag(case, &span, "ab", 3.into())?;
    if case.can(Capability::ReplacedTags) {
        ensure_tag(case, &span, "a", 4.into())?;
        ensure_each_key_once(&span)?;
    }
    Ok(())
}

fn tags_can_be_set_on_the_current_span(case: &Case) -> Checked {
    let outer = case.tracer().start_trace("outer");
    outer.in_scope(|| {
        trace::set_tag("before", 1);
        trace::start_span("inner").run(|| {
            trace::set_tag("set", "on inner");
            trace::set_tags(&tags! { "two" => 2, "three" => 3 });
        });
        trace::set_tag("after", 2);
    });
    outer.finish();
    let [outer, inner] = case.spans(["outer", "inner"])?;
    for (span, key, value) in [
        (&outer, "before", Value::from(1)),
        (&outer, "after", 2.into()),
        (&inner, "set", "on inner".into()),
        (&inner, "two", 2.into()),
        (&inner, "three", 3.into()),
    ] {
        ensure_tag(case, span, key, value)?;
    }
    ensure!(outer.tag("set").is_none() && inner.tag("before").is_none(), "a tag is on the wrong span");
    Ok(())
}

fn tags_stay_on_their_own_span(case: &Case) -> Checked {
    let parent = case.tracer().start_trace("parent").tag("parent", true);
    let children = ["a", "b"].map(|name| parent.start_child(name));
    for (child, key) in children.iter().zip(["a", "b"]) {
        child.set_tag(key, true);
    }
    parent.set_tag("more", true);
    children.into_iter().for_each(StartedSpan::finish);
    parent.finish();
    let spans = case.spans(["parent", "a", "b"])?;
    for span in &spans {
        for (key, owner) in [("parent", "parent"), ("more", "parent"), ("a", "a"), ("b", "b")] {
            ensure_eq!(
                span.tag(key).is_some(),
                span.name == owner,
                "whether {:?} has the tag {key:?}",
                span.name
            );
        }
    }
    Ok(())
}

/// Backends may reuse the memory of finished spans.
fn a_new_span_has_no_tags_of_earlier_spans(case: &Case) -> Checked {
    for n in 0..100_i64 {
        let key = format!("key {n}");
        let list = [n];
        case.tracer().start_trace("span").tag(&key, "text").tag("list", &list).finish();
        case.tracer().start_trace("bare").finish();
    }
    for span in case.recorded() {
        let mine = |key: &str| key == "list" || key.starts_with("key ");
        let tags = span.tags.iter().filter(|(key, _)| mine(key)).count();
        ensure_eq!(tags, if span.name == "bare" { 0 } else { 2 }, "the tags of {:?}", span.name);
    }
    Ok(())
}

fn setters_return_their_span(case: &Case) -> Checked {
    let span = case.tracer().join_trace("span", &caller()).tag("a", 1).tag("größe", "測");
    let same = span.set_tag("b", 2).set_tags(&[]).set_tag_display("c", "3").event("d").set_name("renamed");
    ensure_eq!(same.context(), span.context(), "the context of the span a setter returns");
    ensure_eq!(same.is_recording(), span.is_recording(), "is_recording of the span a setter returns");
    Ok(())
}

fn tags_over_the_limit_are_counted(case: &Case) -> Checked {
    const GIVEN: usize = 2000;
    let span = case.tracer().start_trace("span");
    for n in 0..GIVEN {
        span.set_tag(&format!("key {n}"), "value");
    }
    span.finish();
    let span = case.span("span")?;
    let recorded = span.tags.iter().filter(|(key, _)| key.starts_with("key ")).count();
    ensure_eq!(
        recorded + span.dropped_tags as usize,
        GIVEN,
        "the number of recorded ({recorded}) and dropped tags"
    );
    ensure_each_key_once(&span)
}

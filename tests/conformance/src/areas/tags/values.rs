//! Values of tags.

use std::fmt;

use anytrace_api::{self as trace, Name, Operation, Sampling, SpanId, SpanRef, Tag, Value, tags};

use crate::areas::{checks, spans::caller, tags::ensure_each_key_once};
use crate::{
    Capability, RecordedSpan, RecordedValue,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Tags:
    every_type_of_value_is_recorded [Recording, Tags];
    a_tag_value_may_be_replaced_by_another_type [Recording, Tags, ReplacedTags];
    an_absent_value_changes_nothing [Recording, Tags];
    tag_keys_and_values_may_be_any_text [Recording, Tags];
    set_tag_display_formats_the_value [Recording, Tags];
    a_value_is_not_formatted_for_an_unrecorded_span [];
    tags_of_any_size_are_harmless [];
}

/// Checks a recorded value: typed, or its text if the backend does not claim `TypedTags`.
pub(crate) fn ensure_tag(case: &Case, span: &RecordedSpan, key: &str, value: Value<'_>) -> Checked {
    let recorded = span.tag(key).ok_or_else(|| format!("{key:?} is not recorded on {:?}", span.name))?;
    let typed = RecordedValue::from(value);
    let as_text = RecordedValue::Text(value.to_string());
    let holds = match (&typed, recorded) {
        // Formats without integers of this size or bytes record text; the encoding of bytes is up to them.
        (RecordedValue::Int(number), _) if i64::try_from(*number).is_err() => {
            *recorded == typed || *recorded == as_text
        }
        (RecordedValue::Bytes(_), RecordedValue::Text(text)) => !text.is_empty(),
        // The text form of a list is up to the backend.
        (RecordedValue::List(_), RecordedValue::Text(text)) => {
            !case.can(Capability::TypedTags) && !text.is_empty()
        }
        _ => *recorded == if case.can(Capability::TypedTags) { typed } else { as_text },
    };
    ensure!(holds, "{key:?} is {recorded:?}, expected {value:?}");
    Ok(())
}

fn every_type_of_value_is_recorded(case: &Case) -> Checked {
    let owned = [String::from("c"), String::from("d")];
    let tags = tags! {
        "true" => true, "false" => false,
        "zero" => 0, "negative" => -7, "smallest" => i64::MIN, "largest" => i64::MAX, "beyond" => u64::MAX,
        "float" => 0.5, "negative float" => -1.25e-3,
        "fixed" => "kept", "text" => &owned[0], "no text" => "",
        "bytes" => b"\xff\x00\x80",
        "bools" => &[true, false], "integers" => &[1_i64, -2], "floats" => &[0.5, 1.5],
        "texts" => &["a", "b"], "owned texts" => &owned,
    };
    case.tracer().start_trace(Operation::internal("at once").tags(&tags)).finish();
    let later = case.tracer().start_trace("later");
    for tag in &tags {
        later.set_tag(tag.key, tag.value);
    }
    later.finish();
    for span in case.spans(["at once", "later"])? {
        tags.iter().try_for_each(|tag| ensure_tag(case, &span, tag.key.as_str(), tag.value))?;
    }
    Ok(())
}

fn a_tag_value_may_be_replaced_by_another_type(case: &Case) -> Checked {
    let values: [Value<'_>; 5] =
        ["text".into(), 7.into(), (&[1_i64, 2]).into(), (&["a", "b", "c"]).into(), true.into()];
    let span = case.tracer().start_trace("span");
    for turn in 0..values.len() {
        // Each key gets the values in another order and ends with another value.
        for (n, key) in ["a", "b", "c", "d", "e"].into_iter().enumerate() {
            span.set_tag(key, values[(turn + n) % values.len()]);
        }
    }
    span.finish();
    let span = case.span("span")?;
    for (n, key) in ["a", "b", "c", "d", "e"].into_iter().enumerate() {
        ensure_tag(case, &span, key, values[(values.len() - 1 + n) % values.len()])?;
    }
    ensure_each_key_once(&span)
}

fn an_absent_value_changes_nothing(case: &Case) -> Checked {
    let none = None::<i64>;
    let first = tags! { "never" => none, "start" => 1 };
    let span = case.tracer().start_trace(Operation::internal("span").tags(&first)).tag("chained", none);
    span.set_tag("start", none).set_tag("later", none).set_tags(&tags! { "start" => none, "more" => none });
    span.finish();
    let span = case.span("span")?;
    ensure_tag(case, &span, "start", 1.into())?;
    for key in ["never", "chained", "later", "more"] {
        ensure_eq!(span.tag(key), None, "the recorded value of {key:?}, which was absent");
    }
    Ok(())
}

fn tag_keys_and_values_may_be_any_text(case: &Case) -> Checked {
    let texts =
        ["größe 測 🦀", "a\nb\r\n\t\"c\"\\", "{\"a\": [1]}", "\u{1}\u{7f}\u{85}\u{feff}", "a=b,c;d", " "];
    let span = case.tracer().start_trace("span");
    for text in texts {
        span.set_tag(Name::copied(text), text);
    }
    span.set_tag("empty", "");
    span.finish();
    let span = case.span("span")?;
    texts.into_iter().try_for_each(|text| ensure_tag(case, &span, text, text.into()))?;
    ensure_tag(case, &span, "empty", "".into())
}

fn set_tag_display_formats_the_value(case: &Case) -> Checked {
    let span = case.tracer().start_trace("span");
    span.set_tag_display("shown", &format_args!("{}-{}", 1, 2));
    span.finish();
    ensure_tag(case, &case.span("span")?, "shown", "1-2".into())
}

fn a_value_is_not_formatted_for_an_unrecorded_span(case: &Case) -> Checked {
    struct Unseen;
    impl fmt::Display for Unseen {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("formatted although the span is not recorded")
        }
    }
    let unsampled = caller().with_sampling(Sampling::Drop);
    let joined = case.tracer().join_trace("unsampled", &unsampled);
    // A backend without `ParentSampling` may record the span.
    if !case.can(Capability::Recording) || case.can(Capability::ParentSampling) {
        for span in [joined.reference(), joined.start_child("child").reference(), SpanRef::none()] {
            span.set_tag_display("unseen", &Unseen).record_error(&Unseen);
            span.in_scope(|| trace::record_error(&Unseen));
            ensure!(!span.is_recording(), "the unrecorded span is recording");
        }
    }
    Ok(())
}

/// At start and later, recorded or not.
fn tags_of_any_size_are_harmless(case: &Case) -> Checked {
    let text = "ä".repeat(512 * 1024);
    let integers = vec![7_i64; 100_000];
    let texts = vec![text.clone(), String::new()];
    let tags = [
        Tag::new("text", &text),
        Tag::new("bytes", text.as_bytes()),
        Tag::new("integers", &integers),
        Tag::new("texts", &texts),
        Tag::new(&text, &text),
        Tag::new("", "no key"),
    ];
    let unsampled = caller().child(SpanId::from_u64(1).unwrap(), Sampling::Drop);
    for parent in [caller(), unsampled] {
        let span = case.tracer().join_trace(Operation::internal("span").tags(&tags), &parent);
        span.set_tags(&tags).set_tag(&text, &text).set_tag("empty", "");
        for _ in 0..10 {
            span.set_tag("text", &text);
        }
        span.finish();
    }
    if !case.can(Capability::Recording) {
        return Ok(());
    }
    // Keys may be truncated.
    let recorded = case.recorded();
    let span = recorded.iter().find(|span| span.name == "span");
    let span = span.ok_or("a span with a megabyte of text is not recorded")?;
    for (index, (key, _)) in span.tags.iter().enumerate() {
        let twice =
            case.can(Capability::ReplacedTags) && span.tags[..index].iter().any(|(known, _)| known == key);
        ensure!(!twice, "a key of {} bytes is recorded twice", key.len());
    }
    Ok(())
}

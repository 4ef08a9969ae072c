//! The suite's cases of `traceparent`: whether the caller's trace goes on.

use crate::harness::{Harness, PARENT, TRACE, parent_line};

#[test]
fn without_headers_a_trace_starts() {
    let harness = Harness::start();
    let none: [&str; 0] = [];
    assert_ne!(harness.send(&none).trace_id, harness.send(&none).trace_id);
}

#[test]
fn a_parent_without_state_is_continued_by_a_span_of_its_own() {
    Harness::start().continues(&[parent_line("01")]);
}

#[test]
fn a_repeated_parent_is_refused() {
    let other = "0af7651916cd43dd8448eb211c80319c";
    let second = format!("traceparent: 00-{other}-{PARENT}-01");
    let sent = Harness::start().send(&[parent_line("01"), second]);
    assert!(sent.trace_id != TRACE && sent.trace_id != other, "{sent:?}");
}

#[test]
fn other_names_are_no_parent() {
    let harness = Harness::start();
    for name in ["trace-parent", "trace.parent"] {
        let sent = harness.send(&[parent_line("01").replace("traceparent", name)]);
        assert_ne!(sent.trace_id, TRACE, "{name}");
    }
}

#[test]
fn the_case_of_the_name_is_nothing() {
    let names = ["TraceParent", "TrAcEpArEnT", "TRACEPARENT"];
    Harness::start().continues(&names.map(|name| parent_line("01").replace("traceparent", name)));
}

#[test]
fn version_00_ends_after_the_flags() {
    let longer = [".", "-what-comes-later"];
    Harness::start().refuses(&longer.map(|more| format!("00-{TRACE}-{PARENT}-01{more}")));
}

#[test]
fn a_later_version_is_read_as_far_as_it_is_known() {
    let harness = Harness::start();
    let later = |more: &str| format!("cc-{TRACE}-{PARENT}-01{more}");
    harness.continues(&["", "-what-comes-later"].map(|more| format!("traceparent: {}", later(more))));
    harness.refuses(&[later(".what-comes-later")]);
}

#[test]
fn version_ff_is_refused() {
    Harness::start().refuses(&[format!("ff-{TRACE}-{PARENT}-01")]);
}

#[test]
fn a_version_that_is_no_hex_is_refused() {
    Harness::start().refuses(&[".0", "0."].map(|version| format!("{version}-{TRACE}-{PARENT}-01")));
}

#[test]
fn a_version_that_is_too_long_is_refused() {
    Harness::start().refuses(&["000", "0000"].map(|version| format!("{version}-{TRACE}-{PARENT}-01")));
}

#[test]
fn a_version_that_is_too_short_is_refused() {
    Harness::start().refuses(&[format!("0-{TRACE}-{PARENT}-01")]);
}

#[test]
fn a_trace_id_of_zeros_is_refused() {
    let zeros = "0".repeat(32);
    // That what is sent is not zero, the harness always asks for.
    Harness::start().refuses(&[format!("00-{zeros}-{PARENT}-01")]);
}

#[test]
fn a_trace_id_that_is_no_hex_is_refused() {
    let ids = [format!(".{}", &TRACE[1..]), format!("{}.", &TRACE[..31])];
    Harness::start().refuses(&ids.map(|id| format!("00-{id}-{PARENT}-01")));
}

#[test]
fn a_trace_id_that_is_too_long_is_refused() {
    let harness = Harness::start();
    let sent = harness.send(&[format!("traceparent: 00-{TRACE}3-{PARENT}-01")]);
    assert!(sent.trace_id != TRACE && sent.trace_id[..31] != TRACE[1..], "{sent:?}");
}

#[test]
fn a_trace_id_that_is_too_short_is_refused() {
    let sent = Harness::start().send(&[format!("traceparent: 00-{}-{PARENT}-01", &TRACE[..31])]);
    assert!(!sent.trace_id.contains(&TRACE[..31]), "{sent:?}");
}

#[test]
fn a_parent_id_of_zeros_is_refused() {
    Harness::start().refuses(&[format!("00-{TRACE}-{}-01", "0".repeat(16))]);
}

#[test]
fn a_parent_id_that_is_no_hex_is_refused() {
    let ids = [format!(".{}", &PARENT[1..]), format!("{}.", &PARENT[..15])];
    Harness::start().refuses(&ids.map(|id| format!("00-{TRACE}-{id}-01")));
}

#[test]
fn a_parent_id_that_is_too_long_is_refused() {
    Harness::start().refuses(&[format!("00-{TRACE}-{PARENT}7-01")]);
}

#[test]
fn a_parent_id_that_is_too_short_is_refused() {
    Harness::start().refuses(&[format!("00-{TRACE}-{}-01", &PARENT[..15])]);
}

#[test]
fn flags_that_are_no_hex_are_refused() {
    Harness::start().refuses(&[".0", "0."].map(|flags| format!("00-{TRACE}-{PARENT}-{flags}")));
}

#[test]
fn flags_that_are_too_long_are_refused() {
    Harness::start().refuses(&[format!("00-{TRACE}-{PARENT}-001")]);
}

#[test]
fn flags_that_are_too_short_are_refused() {
    Harness::start().refuses(&[format!("00-{TRACE}-{PARENT}-1")]);
}

#[test]
fn white_space_around_a_parent_is_nothing() {
    let around = [(" ", ""), ("\t", ""), ("", " "), ("", "\t"), ("\t ", " \t")];
    Harness::start().continues(
        &around.map(|(before, after)| format!("traceparent:{before}00-{TRACE}-{PARENT}-01{after}")),
    );
}

/// The one case of level 2.
#[test]
fn the_random_flag_is_carried_on() {
    let sent = Harness::start().send(&[parent_line("02")]);
    assert_eq!((sent.trace_id.as_str(), sent.flags & 2), (TRACE, 2));
    assert_ne!(sent.parent_id, PARENT);
}

//! The suite's cases for `traceparent`: whether the caller's trace is continued.

use crate::harness::{Harness, PARENT, TRACE, parent_line};

#[test]
fn without_headers_a_trace_starts() {
    let harness = Harness::start();
    let none: [&str; 0] = [];
    assert_ne!(harness.send(&none).trace_id, harness.send(&none).trace_id);
}

#[test]
fn a_parent_without_state_is_continued_by_a_new_span() {
    Harness::start().assert_continues(&[parent_line("01")]);
}

#[test]
fn a_repeated_parent_is_rejected() {
    let other = "0af7651916cd43dd8448eb211c80319c";
    let second = format!("traceparent: 00-{other}-{PARENT}-01");
    let sent = Harness::start().send(&[parent_line("01"), second]);
    assert!(sent.trace_id != TRACE && sent.trace_id != other, "{sent:?}");
}

#[test]
fn other_header_names_are_ignored() {
    let harness = Harness::start();
    for name in ["trace-parent", "trace.parent"] {
        let sent = harness.send(&[parent_line("01").replace("traceparent", name)]);
        assert_ne!(sent.trace_id, TRACE, "{name}");
    }
}

#[test]
fn the_case_of_the_header_name_is_ignored() {
    let names = ["TraceParent", "TrAcEpArEnT", "TRACEPARENT"];
    Harness::start().assert_continues(&names.map(|name| parent_line("01").replace("traceparent", name)));
}

#[test]
fn version_00_ends_after_the_flags() {
    let longer = [".", "-what-comes-later"];
    Harness::start().assert_restarts(&longer.map(|more| format!("00-{TRACE}-{PARENT}-01{more}")));
}

#[test]
fn a_later_version_is_read_up_to_its_known_fields() {
    let harness = Harness::start();
    let later = |more: &str| format!("cc-{TRACE}-{PARENT}-01{more}");
    harness.assert_continues(&["", "-what-comes-later"].map(|more| format!("traceparent: {}", later(more))));
    harness.assert_restarts(&[later(".what-comes-later")]);
}

#[test]
fn version_ff_is_rejected() {
    Harness::start().assert_restarts(&[format!("ff-{TRACE}-{PARENT}-01")]);
}

#[test]
fn a_version_with_non_hex_digits_is_rejected() {
    Harness::start().assert_restarts(&[".0", "0."].map(|version| format!("{version}-{TRACE}-{PARENT}-01")));
}

#[test]
fn a_version_that_is_too_long_is_rejected() {
    Harness::start()
        .assert_restarts(&["000", "0000"].map(|version| format!("{version}-{TRACE}-{PARENT}-01")));
}

#[test]
fn a_version_that_is_too_short_is_rejected() {
    Harness::start().assert_restarts(&[format!("0-{TRACE}-{PARENT}-01")]);
}

#[test]
fn a_trace_id_of_zeros_is_rejected() {
    let zeros = "0".repeat(32);
    // The harness checks that no id is zero.
    Harness::start().assert_restarts(&[format!("00-{zeros}-{PARENT}-01")]);
}

#[test]
fn a_trace_id_with_non_hex_digits_is_rejected() {
    let ids = [format!(".{}", &TRACE[1..]), format!("{}.", &TRACE[..31])];
    Harness::start().assert_restarts(&ids.map(|id| format!("00-{id}-{PARENT}-01")));
}

#[test]
fn a_trace_id_that_is_too_long_is_rejected() {
    let harness = Harness::start();
    let sent = harness.send(&[format!("traceparent: 00-{TRACE}3-{PARENT}-01")]);
    assert!(sent.trace_id != TRACE && sent.trace_id[..31] != TRACE[1..], "{sent:?}");
}

#[test]
fn a_trace_id_that_is_too_short_is_rejected() {
    let sent = Harness::start().send(&[format!("traceparent: 00-{}-{PARENT}-01", &TRACE[..31])]);
    assert!(!sent.trace_id.contains(&TRACE[..31]), "{sent:?}");
}

#[test]
fn a_parent_id_of_zeros_is_rejected() {
    Harness::start().assert_restarts(&[format!("00-{TRACE}-{}-01", "0".repeat(16))]);
}

#[test]
fn a_parent_id_with_non_hex_digits_is_rejected() {
    let ids = [format!(".{}", &PARENT[1..]), format!("{}.", &PARENT[..15])];
    Harness::start().assert_restarts(&ids.map(|id| format!("00-{TRACE}-{id}-01")));
}

#[test]
fn a_parent_id_that_is_too_long_is_rejected() {
    Harness::start().assert_restarts(&[format!("00-{TRACE}-{PARENT}7-01")]);
}

#[test]
fn a_parent_id_that_is_too_short_is_rejected() {
    Harness::start().assert_restarts(&[format!("00-{TRACE}-{}-01", &PARENT[..15])]);
}

#[test]
fn flags_with_non_hex_digits_are_rejected() {
    Harness::start().assert_restarts(&[".0", "0."].map(|flags| format!("00-{TRACE}-{PARENT}-{flags}")));
}

#[test]
fn flags_that_are_too_long_are_rejected() {
    Harness::start().assert_restarts(&[format!("00-{TRACE}-{PARENT}-001")]);
}

#[test]
fn flags_that_are_too_short_are_rejected() {
    Harness::start().assert_restarts(&[format!("00-{TRACE}-{PARENT}-1")]);
}

#[test]
fn white_space_around_a_parent_is_ignored() {
    let around = [(" ", ""), ("\t", ""), ("", " "), ("", "\t"), ("\t ", " \t")];
    Harness::start().assert_continues(
        &around.map(|(before, after)| format!("traceparent:{before}00-{TRACE}-{PARENT}-01{after}")),
    );
}

/// The only case of level 2.
#[test]
fn the_random_flag_is_propagated() {
    let sent = Harness::start().send(&[parent_line("02")]);
    assert_eq!((sent.trace_id.as_str(), sent.flags & 2), (TRACE, 2));
    assert_ne!(sent.parent_id, PARENT);
}

//! The suite's cases for `tracestate`: which entries are propagated with the caller's trace.

use crate::harness::{Harness, TRACE, parent_line};

#[test]
fn a_state_without_a_parent_is_discarded() {
    let harness = Harness::start();
    for line in ["tracestate: foo=1", "tracestate: foo=1,bar=2"] {
        assert_eq!(harness.send(&[line]).state, "");
    }
}

#[test]
fn a_state_with_a_parent_is_propagated() {
    assert_eq!(Harness::start().state_after(&["tracestate: foo=1,bar=2"]), "foo=1,bar=2");
}

#[test]
fn other_header_names_are_ignored() {
    let harness = Harness::start();
    for line in ["trace-state: foo=1", "trace.state: foo=1"] {
        assert_eq!(harness.state_after(&[line]), "");
    }
}

#[test]
fn the_case_of_the_header_name_is_ignored() {
    let harness = Harness::start();
    for line in ["TraceState: foo=1", "TrAcEsTaTe: foo=1", "TRACESTATE: foo=1"] {
        assert_eq!(harness.state_after(&[line]), "foo=1", "{line}");
    }
}

#[test]
fn empty_lines_are_ignored() {
    let harness = Harness::start();
    assert_eq!(harness.state_after(&["tracestate:"]), "");
    assert_eq!(harness.state_after(&["tracestate: foo=1", "tracestate: "]), "foo=1");
    assert_eq!(harness.state_after(&["tracestate: ", "tracestate: foo=1"]), "foo=1");
}

#[test]
fn several_lines_form_one_ordered_list() {
    let lines = ["tracestate: foo=1,bar=2", "tracestate: rojo=1,congo=2", "tracestate: baz=3"];
    assert_eq!(Harness::start().state_after(&lines), "foo=1,bar=2,rojo=1,congo=2,baz=3");
}

/// The suite allows a service to keep all duplicates or any of them. This service keeps the first, which is the newest.
#[test]
fn one_entry_of_a_repeated_key_is_kept() {
    let harness = Harness::start();
    for lines in [
        &["tracestate: foo=1,foo=1"][..],
        &["tracestate: foo=1,foo=2"],
        &["tracestate: foo=1", "tracestate: foo=1"],
        &["tracestate: foo=1", "tracestate: foo=2"],
    ] {
        assert_eq!(harness.state_after(lines), "foo=1", "{lines:?}");
    }
}

#[test]
fn all_allowed_characters_are_propagated() {
    let harness = Harness::start();
    let key: String = ('a'..='z').chain('0'..='9').chain("_-*/".chars()).collect();
    let value: String = (' '..='~').filter(|c| !matches!(c, ',' | '=')).collect();
    for member in [format!("{key}={value}"), format!("{key}@a-z0-9_-*/={value}")] {
        assert_eq!(harness.state_after(&[&format!("tracestate: {member}")]), member);
    }
}

#[test]
fn white_space_around_members_is_ignored() {
    let harness = Harness::start();
    for line in ["tracestate: foo=1 \t , \t bar=2, \t baz=3", "tracestate: foo=1\t \t,\t \tbar=2,\t \tbaz=3"]
    {
        assert_eq!(harness.state_after(&[line]), "foo=1,bar=2,baz=3", "{line:?}");
    }
    for value in [" foo=1", "\tfoo=1", "foo=1 ", "foo=1\t", "\t foo=1 \t"] {
        assert_eq!(harness.state_after(&[&format!("tracestate:{value}")]), "foo=1", "{value:?}");
    }
}

#[test]
fn a_key_with_other_characters_is_rejected() {
    let harness = Harness::start();
    for member in ["foo =1", "FOO=1", "foo.bar=1"] {
        assert_eq!(harness.state_after(&[&format!("tracestate: {member}")]), "", "{member}");
    }
}

/// In level 2 the at sign is an ordinary character, except that a key cannot start with it.
#[test]
fn an_at_sign_may_be_anywhere_but_at_the_start() {
    let harness = Harness::start();
    assert_eq!(harness.state_after(&["tracestate: @foo=1,bar=2"]), "");
    for state in ["foo@=1,bar=2", "foo@@bar=1,bar=2", "foo@bar@baz=1,bar=2"] {
        assert_eq!(harness.state_after(&[&format!("tracestate: {state}")]), state);
    }
}

#[test]
fn at_most_32_members_are_propagated() {
    let harness = Harness::start();
    let members = |numbers: std::ops::RangeInclusive<u32>| {
        numbers.map(|n| format!("bar{n:02}={n:02}")).collect::<Vec<_>>().join(",")
    };
    let lines = |last| [1..=10, 11..=20, 21..=30, 31..=last].map(|of| format!("tracestate: {}", members(of)));
    let state_after = |last| harness.state_after(&lines(last).each_ref().map(String::as_str));
    assert_eq!(state_after(32), members(1..=32));
    assert_eq!(state_after(33), "");
}

#[test]
fn a_key_has_at_most_256_characters() {
    let harness = Harness::start();
    let state_after =
        |key: &str| harness.state_after(&["tracestate: foo=1", &format!("tracestate: {key}=1")]);
    let good = ["z".repeat(256), "t".repeat(241) + "@" + &"v".repeat(14), "t".repeat(242) + "@v"];
    for key in good.iter().chain(&["t@".to_owned() + &"v".repeat(15)]) {
        assert_eq!(state_after(key), format!("foo=1,{key}=1"));
    }
    assert_eq!(state_after(&"z".repeat(257)), "");
}

#[test]
fn a_value_with_other_characters_is_rejected() {
    let harness = Harness::start();
    for state in ["foo=bar=baz", "foo=,bar=3"] {
        assert_eq!(harness.state_after(&[&format!("tracestate: {state}")]), "", "{state}");
    }
    // `state_after` checks that the parent is kept.
    assert_eq!(harness.send(&[parent_line("00"), "tracestate: foo=".to_owned()]).trace_id, TRACE);
}

//! Invalid and malicious spans.

use anytrace_api::{Context, Sampling, SpanId, TraceId, TracerExt};

use crate::stage::{Stage, assert_drawn};

/// Returns the context of a span of trace 1.
fn parent(span: u64) -> Context {
    Context::new(TraceId::from_u128(1).unwrap(), SpanId::from_u64(span).unwrap(), Sampling::Record)
}

#[test]
fn names_and_tags_cannot_control_the_terminal() {
    let name = "a\u{1b}[2J\u{1b}]0;owned\u{7}\r\n\u{9b}31m\u{202e}gpj.exe";
    let play = |_: &Stage, tracer: &anytrace_recorder::RecordingTracer| {
        let root = tracer.start_trace(name).tag("k\u{1b}ey\n", "one\ntwo\u{8}");
        root.record_error("no\u{1b}[31m\n\tway");
        root.event("e\u{0}vent");
        root.finish();
    };
    for ascii in [false, true] {
        for width in [40, 80] {
            let drawn = Stage::drawn(|console| console.ascii(ascii).width(width), play);
            let is_safe = |char: char| char == '\n' || !char.is_control();
            assert!(drawn.chars().all(is_safe), "{drawn:?}");
            assert!(!drawn.contains('\u{202e}') && (!ascii || drawn.is_ascii()), "{drawn:?}");
            assert_eq!(drawn.lines().count(), 4, "{drawn}");
        }
    }
    assert_drawn(
        &Stage::drawn(|console| console, play),
        r#"
trace 00000000000000000000000000000001
✗ a␛[2J␛]0;owned␇  �31mgpj.exe       0 ns │█                                   │
   no␛[31m  way  k␛ey ="one two␈" !e␀vent +0 ns

"#,
    );
}

#[test]
fn wide_characters_do_not_break_the_columns() {
    let drawn = Stage::drawn(
        |console| console.width(40),
        |stage, tracer| {
            let root =
                tracer.start_trace("注文を確認する").tag("顧客", "エイダ・ラブレスさんとその友人たちみんな");
            root.start_child("🧑‍🚀 liftoff e\u{301}").finish();
            stage.pass(1);
            root.finish();
        },
    );
    assert_drawn(
        &drawn,
        "
trace 00000000000000000000000000000001
注文を確認する      1.00 ms │██████████│
│  顧客=エイダ・ラブレスさんとその友人…
└─ 🧑🚀 liftoff…       0 ns │█         │

",
    );
}

#[test]
fn a_very_long_name_is_cut() {
    let drawn =
        Stage::drawn(|console| console, |_, tracer| tracer.start_trace(&"x".repeat(100_000)).finish());
    assert_drawn(
        &drawn,
        "
trace 00000000000000000000000000000001
xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…       0 ns │█                   │

",
    );
}

#[test]
fn a_span_whose_parent_is_unknown_is_a_root_with_a_mark() {
    let drawn = Stage::drawn(
        |console| console,
        |stage, tracer| {
            let root = tracer.start_trace("root");
            stage.pass(1);
            let orphan = tracer.join_trace("orphan", &parent(99));
            orphan.start_child("child of the orphan").finish();
            stage.pass(1);
            orphan.finish();
            root.finish();
        },
    );
    assert_drawn(
        &drawn,
        "
trace 00000000000000000000000000000001
root                      2.00 ms │████████████████████████████████████████████│
… orphan                  1.00 ms │                      ██████████████████████│
└─ child of the orphan       0 ns │                      █                     │

",
    );
}

#[test]
fn spans_in_a_cycle_are_all_drawn() {
    let drawn = Stage::drawn(
        |console| console,
        |stage, tracer| {
            // The ids are 1, 2, 3, 4.
            tracer.join_trace("first", &parent(2)).finish();
            stage.pass(1);
            tracer.join_trace("second", &parent(3)).finish();
            tracer.join_trace("third", &parent(1)).finish();
            tracer.join_trace("its own parent", &parent(4)).finish();
        },
    );
    assert_drawn(
        &drawn,
        "
trace 00000000000000000000000000000001
… third                0 ns │                                                 █│
└─ second              0 ns │                                                 █│
   └─ first            0 ns │█                                                 │
… its own parent       0 ns │                                                 █│

",
    );
}

#[test]
fn ten_thousand_spans_are_drawn_at_once() {
    let drawn = Stage::drawn(
        |console| console,
        |_, tracer| {
            let root = tracer.start_trace("root");
            for n in 0..5_000 {
                root.start_child(&format!("child {n}")).finish();
            }
            let mut parent = root.start_child("chain");
            for _ in 0..5_000 {
                let child = parent.start_child("link");
                std::mem::replace(&mut parent, child).finish();
            }
            parent.finish();
            root.finish();
        },
    );
    assert_eq!(drawn.lines().count(), 1 + 1 + 5_000 + 1 + 5_000 + 1);
    assert!(drawn.lines().all(|line| line.chars().count() <= 80));
}

//! Complete drawings.

use std::time::Duration;

use anytrace_api::{EndReason, Event, Link, Operation, Status, TracerExt, tags};
use anytrace_console::ConsoleRecorder;
use anytrace_recorder::RecordingTracer;

use crate::stage::{Stage, assert_drawn, flush};

/// Records a failed request through three services.
fn checkout(stage: &Stage, console: &ConsoleRecorder) -> [RecordingTracer; 3] {
    let tracers = ["gateway", "shop", "payments"].map(|service| stage.tracer(service, console.clone()));
    let [gateway, shop, payments] = &tracers;
    let request = gateway.start_trace(Operation::server("POST /checkout")).tag("http.route", "/checkout");
    stage.pass(2);
    let call = request.start_child(Operation::client("POST /orders"));
    stage.pass(1);
    let order = shop.join_trace(Operation::server("POST /orders"), &call).tag("user", "ada lovelace");
    let load = order.start_child("load cart").tag("rows", 3);
    stage.pass(12);
    load.finish();
    let charge = order.start_child(Operation::client("charge"));
    let card = payments.join_trace(Operation::server("charge"), &charge).tag("amount", 42.5);
    stage.pass(20);
    card.event_with(Event::new("retry").tags(&tags! { "attempt" => 2 }));
    stage.pass(40);
    card.record_error("card declined by the bank");
    card.finish();
    charge.set_status(Status::failed());
    charge.finish();
    stage.pass(1);
    order.finish();
    call.finish();
    stage.pass(3);
    request.finish();
    tracers
}

fn checkout_drawn(set_up: impl FnOnce(ConsoleRecorder) -> ConsoleRecorder) -> String {
    let stage = Stage::new();
    let console = set_up(stage.console()).draws_when_asked();
    for tracer in checkout(&stage, &console) {
        assert_eq!(flush(&tracer), Ok(()));
    }
    console.draw().unwrap();
    stage.paper.text()
}

#[test]
fn three_services_are_one_tree() {
    assert_drawn(
        &checkout_drawn(|console| console),
        r#"
trace 00000000000000000000000000000001
POST /checkout        gateway  server  79.00 ms │██████████████████████████████│
│  http.route=/checkout
└─ POST /orders       gateway  client  74.00 ms │█████████████████████████████ │
   └─ POST /orders    shop     server  73.00 ms │ ████████████████████████████ │
      │  user="ada lovelace"
      ├─ load cart    shop             12.00 ms │ █████                        │
      │     rows=3
      └─ ✗ charge     shop     client  60.00 ms │     ████████████████████████ │
         └─ ✗ charge  payments server  60.00 ms │     ████████████████████████ │
               card declined by the bank  amount=42.5 !retry +20.00 ms attempt=2

"#,
    );
}

#[test]
fn text_and_columns_without_space_are_cut_or_omitted() {
    assert_drawn(
        &checkout_drawn(|console| console.width(60)),
        r#"
trace 00000000000000000000000000000001
POST /checkout   gateway  server  79.00 ms │███████████████│
│  http.route=/checkout
└─ POST /orders  gateway  client  74.00 ms │███████████████│
   └─ POST /or…  shop     server  73.00 ms │███████████████│
      │  user="ada lovelace"
      ├─ load …  shop             12.00 ms │███            │
      │     rows=3
      └─ ✗ cha…  shop     client  60.00 ms │  █████████████│
         └─ ✗ …  payments server  60.00 ms │  █████████████│
               card declined by the bank  amount=42.5 !retr…

"#,
    );
    assert_drawn(
        &checkout_drawn(|console| console.width(0)),
        r#"
trace 00000000000000000000000000000001
POST /checkout     79.00 ms │██████████│
│  http.route=/checkout
└─ POST /orders    74.00 ms │██████████│
   └─ POST /ord…   73.00 ms │██████████│
      │  user="ada lovelace"
      ├─ load c…   12.00 ms │██        │
      │     rows=3
      └─ ✗ char…   60.00 ms │ █████████│
      »  ✗ char…   60.00 ms │ █████████│
            card declined by the bank  …

"#,
    );
}

#[test]
fn a_drawing_in_ascii_without_tags() {
    assert_drawn(
        &checkout_drawn(|console| console.ascii(true).tags(false)),
        "
trace 00000000000000000000000000000001
POST /checkout        gateway  server  79.00 ms |##############################|
`- POST /orders       gateway  client  74.00 ms |############################# |
   `- POST /orders    shop     server  73.00 ms | ############################ |
      |- load cart    shop             12.00 ms | #####                        |
      `- x charge     shop     client  60.00 ms |     ######################## |
         `- x charge  payments server  60.00 ms |     ######################## |
               card declined by the bank

",
    );
}

#[test]
fn colours_do_not_change_the_layout() {
    let (plain, colored) =
        (checkout_drawn(|console| console), checkout_drawn(|console| console.colors(true)));
    assert!(!plain.contains('\u{1b}'));
    assert!(colored.contains("\u{1b}[31m✗ charge\u{1b}[0m"));
    assert!(colored.starts_with("trace 00000000000000000000000000000001\n"));
    let mut stripped = String::new();
    for (n, part) in colored.split("\u{1b}[").enumerate() {
        stripped.push_str(if n == 0 { part } else { part.split_once('m').unwrap().1 });
    }
    assert_eq!(stripped, plain);
}

#[test]
fn every_line_has_the_full_width() {
    for width in 40..=200 {
        let drawn = checkout_drawn(|console| console.width(width));
        assert!(drawn.lines().all(|line| line.chars().count() <= width), "{width}:\n{drawn}");
        assert!(drawn.lines().any(|line| line.chars().count() == width), "{width}:\n{drawn}");
    }
}

#[test]
fn end_reasons_and_errors_are_shown() {
    let drawn = Stage::drawn(
        |console| console,
        |stage, tracer| {
            let root = tracer.start_trace("job");
            stage.pass(1);
            drop(root.start_child("dropped").tag("empty", ""));
            stage.pass(1);
            root.start_child("cancelled").finish_as(EndReason::Cancelled);
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let _span = root.start_child("panicked");
                stage.pass(1);
                std::panic::resume_unwind(Box::new(()));
            }));
            assert!(result.is_err());
            let other = tracer.start_trace("other");
            let links = [Link::to(&other)];
            root.start_child(Operation::producer("send").links(&links)).finish();
            drop(root);
            stage.clock.advance(Duration::from_micros(1500));
            other.finish();
        },
    );
    assert_drawn(
        &drawn,
        r#"
trace 00000000000000000000000000000001
job                       3.00 ms │████████████████████████████████████████████│
│  dropped
├─ dropped                   0 ns │              █                             │
│     dropped  empty=""
├─ cancelled                 0 ns │                             █              │
│     cancelled
├─ ✗ panicked             1.00 ms │                             ███████████████│
│     panicked
└─ send        producer      0 ns │                                           █│
      ~00000000000000000000000000000006

trace 00000000000000000000000000000006
other    1.50 ms │█████████████████████████████████████████████████████████████│

"#,
    );
}

#[test]
fn a_trace_without_duration_is_drawn() {
    let drawn = Stage::drawn(
        |console| console,
        |_, tracer| {
            let root = tracer.start_trace("now");
            root.start_child("too").finish();
            root.finish();
        },
    );
    assert_drawn(
        &drawn,
        "
trace 00000000000000000000000000000001
now          0 ns │█                                                           │
└─ too       0 ns │█                                                           │

",
    );
}

#[test]
fn bars_stay_in_the_frame_despite_clock_skew() {
    let drawn = Stage::drawn(
        |console| console,
        |stage, tracer| {
            let root = tracer.start_trace("root");
            let before = stage.clock.now() - Duration::from_millis(50);
            root.start_child(Operation::from("early").start_at(before))
                .finish_at(before + Duration::from_millis(10));
            stage.pass(100);
            root.start_child("late").finish_at(stage.clock.now() + Duration::from_millis(50));
            root.finish();
        },
    );
    assert_drawn(
        &drawn,
        "
trace 00000000000000000000000000000001
root      100.00 ms │              ██████████████████████████████              │
├─ early   10.00 ms │███                                                       │
└─ late    50.00 ms │                                           ███████████████│

",
    );
}

#[test]
fn many_siblings_with_one_name_are_summarised() {
    let drawn = Stage::drawn(
        |console| console,
        |stage, tracer| {
            let root = tracer.start_trace("import");
            for n in 0..1000 {
                let row = root.start_child("row");
                stage.pass(1);
                row.start_child("insert").finish();
                if n > 995 {
                    row.set_status(Status::error("duplicate"));
                }
                row.finish();
            }
            root.start_child("commit").finish();
            root.finish();
        },
    );
    assert_drawn(
        &drawn,
        "
trace 00000000000000000000000000000001
import                      1.00 s │███████████████████████████████████████████│
├─ row                     1.00 ms │█                                          │
│  └─ insert                  0 ns │█                                          │
├─ row                     1.00 ms │█                                          │
│  └─ insert                  0 ns │█                                          │
├─ row                     1.00 ms │█                                          │
│  └─ insert                  0 ns │█                                          │
├─ × 994 more like this            │▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒│
│     1 failed  with 994 beneath
├─ ✗ row                   1.00 ms │                                          █│
│  │  duplicate
│  └─ insert                  0 ns │                                          █│
├─ ✗ row                   1.00 ms │                                          █│
│  │  duplicate
│  └─ insert                  0 ns │                                          █│
├─ ✗ row                   1.00 ms │                                          █│
│  │  duplicate
│  └─ insert                  0 ns │                                          █│
└─ commit                     0 ns │                                          █│

",
    );
}

#[test]
fn deep_trees_stay_within_the_width() {
    let drawn = Stage::drawn(
        |console| console.width(40),
        |stage, tracer| {
            let mut open = vec![tracer.start_trace("level 0")];
            for level in 1..7 {
                stage.pass(1);
                let child = open[level - 1].start_child(&format!("level {level}"));
                open.push(child);
            }
            while let Some(span) = open.pop() {
                stage.pass(1);
                span.finish();
            }
        },
    );
    assert_drawn(
        &drawn,
        "
trace 00000000000000000000000000000001
level 0            13.00 ms │██████████│
└─ level 1         11.00 ms │██████████│
   └─ level 2       9.00 ms │ ████████ │
      └─ level 3    7.00 ms │  ██████  │
      »  level 4    5.00 ms │   ████   │
      »  level 5    3.00 ms │   ████   │
      »  level 6    1.00 ms │    ██    │

",
    );
}

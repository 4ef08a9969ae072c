//! The demo as its users run it.

use std::process::{Command, Output};

/// Depth and name of each span of a request, over all three services.
const TREE: [(usize, &str); 10] = [
    (0, "GET /buy/{item}"),
    (1, "gateway.authenticate"),
    (1, "GET"),
    (2, "GET /orders/{item}"),
    (3, "orders.price"),
    (3, "orders.reserve"),
    (4, "GET"),
    (5, "GET /stock/{item}"),
    (6, "inventory.take"),
    (7, "SELECT shelves"),
];

fn demo(words: &[&str]) -> Output {
    let mut demo = Command::new(env!("CARGO_BIN_EXE_demo"));
    demo.args(words).envs([("NO_COLOR", "1"), ("COLUMNS", "120"), ("LC_ALL", "C.UTF-8")]);
    demo.env_remove("CLICOLOR_FORCE").output().unwrap()
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The spans of one drawing: depth, name and whether it failed.
fn spans(drawing: &str) -> Vec<(usize, &str, bool)> {
    let tree = |c: char| "│├└─ ".contains(c);
    let with_bar = drawing.lines().filter(|line| line.ends_with('│'));
    with_bar
        .map(|line| {
            let text = line.trim_start_matches(tree);
            let depth = (line.chars().count() - text.chars().count()) / 3;
            let (failed, text) = text.strip_prefix("✗ ").map_or((false, text), |text| (true, text));
            (depth, text.split("  ").next().unwrap(), failed)
        })
        .collect()
}

#[test]
fn console_draws_each_request_as_one_tree_over_three_services() {
    let printed = printed(&demo(&[]));
    let mut drawings = printed.split("\ntrace ");
    let requests = drawings.next().unwrap();
    let drawings: Vec<_> = drawings.collect();
    assert_eq!(drawings.len(), 3, "{printed}");
    for (drawing, request) in drawings.iter().zip(requests.lines()) {
        let (id, drawing) = drawing.split_once('\n').unwrap();
        assert!(id.len() == 32 && request.ends_with(id), "{request} is drawn as {id}");
        let spans = spans(drawing);
        let tree: Vec<_> = spans.iter().map(|(depth, name, _)| (*depth, *name)).collect();
        assert_eq!(tree, TREE, "{drawing}");

        let failed: Vec<_> = spans.iter().filter(|span| span.2).map(|span| span.1).collect();
        if request.contains("unicorn") {
            let upwards = ["GET /buy/{item}", "GET", "GET /orders/{item}", "orders.reserve", "GET"];
            assert_eq!(
                failed,
                [&upwards[..], &["GET /stock/{item}", "inventory.take"]].concat(),
                "{drawing}"
            );
            assert!(drawing.contains("no shelf for unicorn"));
        } else {
            assert_eq!(failed, [] as [&str; 0], "{drawing}");
            assert!(drawing.contains("customer=ada"), "the gateway's baggage in inventory: {drawing}");
        }
    }
    for stats in [
        "gateway   started 9, delivered 9, dropped 0, queued 0, open 0",
        "orders    started 12, delivered 12, dropped 0, queued 0, open 0",
        "inventory started 9, delivered 9, dropped 0, queued 0, open 0",
    ] {
        assert!(printed.contains(stats), "{printed}");
    }
}

#[test]
fn noop_answers_as_ever_and_says_that_nothing_was_recorded() {
    let printed = printed(&demo(&["--backend", "noop", "--requests", "4"]));
    let statuses = [" 200 OK in ", " 200 OK in ", " 502 Bad Gateway in ", " 200 OK in "];
    for (line, status) in printed.lines().zip(statuses) {
        assert!(line.contains(status) && line.ends_with(" ms"), "{printed}");
    }
    assert!(printed.ends_with("nothing was recorded: the noop backend only carries contexts onwards\n"));
}

#[test]
fn a_wrong_option_is_told_apart_from_a_failure() {
    for words in [&["--backend", "paper"][..], &["--requests", "0"], &["--colour"]] {
        let output = demo(words);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{words:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(words[0]) && said.contains("usage: cargo demo"), "{said}");
    }
    assert!(printed(&demo(&["--help"])).starts_with("usage: cargo demo"));
}

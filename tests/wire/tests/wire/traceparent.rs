use anytrace_api::propagation::{ExtractError, ExtractErrorKind, W3cTraceContext};

use crate::vectors;

#[test]
fn every_vector() {
    let cases = vectors::cases("w3c-traceparent", 159);
    let mut reads = 0;
    for case in &cases {
        let (name, expect) = (vectors::name(case), &case["expect"]);
        for (carrier, found) in vectors::extract(&W3cTraceContext, case) {
            reads += 1;
            let context = vectors::context(&found);
            assert_eq!(vectors::ids(context), vectors::expected_ids(expect), "{name}, {carrier}");
            let errors: Vec<_> = found
                .errors()
                .iter()
                .filter(|error| error.field() == "traceparent")
                .map(ExtractError::kind)
                .collect();
            let written = vectors::inject(&W3cTraceContext, context);
            if expect["valid"] == true {
                assert_eq!(context.sampling(), vectors::sampling(expect), "{name}, {carrier}");
                assert_eq!(context.is_random(), expect["random"], "{name}, {carrier}");
                assert!(context.is_remote(), "{name}, {carrier}");
                let (trace_id, span_id) = vectors::ids(context);
                let flags = vectors::text(&expect["flags_out"]);
                let header = format!("00-{}-{}-{flags}", trace_id.unwrap(), span_id.unwrap());
                assert_eq!(written[0], ("traceparent".to_owned(), header), "{name}, {carrier}");
                assert_eq!(errors, [], "{name}, {carrier}");
            } else {
                assert!(found.is_empty() && written.is_empty(), "{name}, {carrier}");
                let kind = match vectors::text(&expect["restart_reason"]) {
                    "absent" => None,
                    "repeated" => Some(ExtractErrorKind::Repeated),
                    "version-forbidden" => Some(ExtractErrorKind::UnsupportedVersion),
                    _ => Some(ExtractErrorKind::Malformed),
                };
                assert_eq!(errors, Vec::from_iter(kind), "{name}, {carrier}");
            }
        }
    }
    vectors::report(&format!("w3c-traceparent: {} cases, {reads} reads", cases.len()));
}

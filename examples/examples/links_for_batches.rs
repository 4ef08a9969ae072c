//! Shows how a batch links to the spans of its many producers, none of which is its parent.

use std::collections::HashMap;

use anytrace_api::{
    self as trace, Link, Operation, TraceContext, keys, propagation::Extracted, tags, with_tracer,
};
use anytrace_recorder::MockTracer;

type Message = (HashMap<String, String>, &'static str);

fn main() {
    let mock = MockTracer::new();
    with_tracer(&mock.handle(), || {
        let messages: Vec<Message> = ["tea", "coffee"].into_iter().map(produce).collect();
        consume(&messages);
    });
    print!("{}", mock.tree());

    let batch = mock.span("orders process");
    assert_eq!((batch.parent_span_id(), batch.links().count()), (None, 2));
    let producers: Vec<_> = mock.finished().into_iter().filter(|span| span.name() == "orders send").collect();
    for (link, producer) in batch.links().zip(&producers) {
        assert_eq!(link.context().ids(), producer.context().ids());
        assert_eq!(link.tags().count(), 1);
        assert_ne!(producer.trace_id(), batch.trace_id());
    }
    // Links can be added after the start.
    assert_eq!(mock.span("orders retry").links().count(), 1);
}

/// Sends a message with the context in its properties.
fn produce(order: &'static str) -> Message {
    let span = trace::start_trace(Operation::producer("orders send"));
    let mut properties = HashMap::new();
    span.inject(&mut properties);
    span.finish();
    (properties, order)
}

fn consume(messages: &[Message]) {
    let producers: Vec<Extracted> = messages.iter().map(|message| trace::extract(&message.0)).collect();
    let tags = tags! { keys::MESSAGING_OPERATION_NAME => "process" };
    let links: Vec<_> = producers.iter().map(|producer| Link::to(producer).tags(&tags)).collect();
    trace::start_trace(Operation::consumer("orders process").links(&links)).run(|| {
        for (_, order) in messages {
            trace::event_with(trace::Event::new("order").tags(&tags! { "order" => *order }));
        }
    });
    let retry = trace::start_trace("orders retry");
    retry.link(Link::to(&producers[0]));
    retry.finish();
}

//! Applications with each kind of tokio runtime, and without one.

use std::time::Duration;

use anytrace_api::TracerExt;
use anytrace_otlp::OtlpRecorderBuilder;
use anytrace_recorder::RecordingTracer;
use anytrace_test_receiver::{Receiver, ScriptedResponse};
use tokio::runtime::Builder;

use crate::{
    collector::{Collector, Reply},
    harness::{LONG, grpc, http, spans},
};

/// Set up, used, flushed twice and shut down here, with blocking calls.
fn deliver(builder: OtlpRecorderBuilder) {
    let tracer = RecordingTracer::builder(builder.build().unwrap()).build();
    for _ in 0..2 {
        spans(&tracer, 3);
        assert_eq!(tracer.flush_blocking(LONG).delivered, 3);
    }
    spans(&tracer, 1);
    let flushed = tracer.shutdown_blocking(LONG);
    assert_eq!((flushed.result, flushed.delivered), (Ok(()), 1));
}

/// By the thread that flushes, instead of the reporter's own.
fn deliver_here(builder: OtlpRecorderBuilder) {
    let tracer = RecordingTracer::builder(builder.build().unwrap()).without_thread().build();
    spans(&tracer, 3);
    assert_eq!(tracer.flush_blocking(LONG).delivered, 3);
}

fn each() {
    let receiver = Receiver::always(ScriptedResponse::status(200));
    let collector = Collector::always(Reply::taken());
    for deliver in [deliver, deliver_here] {
        deliver(http(receiver.url("")));
        deliver(grpc(collector.url()));
    }
}

#[test]
fn works_without_a_runtime() {
    each();
}

#[test]
fn works_within_a_current_thread_runtime_that_is_blocked() {
    Builder::new_current_thread().enable_all().build().unwrap().block_on(async { each() });
}

#[test]
fn works_within_a_runtime_without_drivers() {
    Builder::new_current_thread().build().unwrap().block_on(async { each() });
}

#[test]
fn works_within_a_runtime_whose_one_worker_is_blocked() {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async { tokio::spawn(async { each() }).await.unwrap() });
}

#[test]
fn a_flush_can_be_awaited() {
    Builder::new_current_thread().build().unwrap().block_on(async {
        let collector = Collector::always(Reply::taken());
        let tracer = RecordingTracer::builder(grpc(collector.url()).build().unwrap()).build();
        spans(&tracer, 3);
        assert_eq!(tracer.shutdown_async(LONG).await.delivered, 3);
    });
}

#[test]
fn a_recorder_can_be_dropped_anywhere() {
    let collector = Collector::always(Reply::taken());
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        drop(grpc(collector.url()).build().unwrap());
        let recorder = grpc(collector.url()).build().unwrap();
        tokio::spawn(async move { drop(recorder) }).await.unwrap();
        // With a connection, on whichever thread the last handle is dropped.
        let tracer = RecordingTracer::builder(grpc(collector.url()).build().unwrap()).build();
        spans(&tracer, 1);
        assert_eq!(tracer.flush_blocking(LONG).delivered, 1);
        drop(tracer);
    });
    let recorder = grpc(collector.url()).build().unwrap();
    drop(runtime);
    drop(recorder);
}

#[test]
fn a_recorder_made_within_a_runtime_outlives_it() {
    let collector = Collector::always(Reply::taken());
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let tracer = runtime.block_on(async {
        let tracer = RecordingTracer::builder(grpc(collector.url()).build().unwrap()).build();
        spans(&tracer, 1);
        assert_eq!(tracer.flush_blocking(LONG).delivered, 1);
        tracer
    });
    runtime.shutdown_timeout(Duration::ZERO);
    spans(&tracer, 1);
    assert_eq!(tracer.shutdown_blocking(LONG).delivered, 1);
}

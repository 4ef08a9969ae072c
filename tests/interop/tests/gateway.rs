//! A gateway whose plugin is written in another language: one trace across three services.
//!
//! The gateway calls the plugin, which the language's public SDK traces; the plugin calls a service that this API
//! traces.

use std::net::Ipv4Addr;

use anytrace_api::{
    Context, Sampling, SpanId, TraceContext, TraceId, TracerHandle,
    propagation::{Composite, Propagator},
};
use anytrace_instrumentation::{ClientLayer, ClientPolicy, ServerLayer, ServerPolicy};
use anytrace_interop::{Language, Peer};
use anytrace_recorder::{FinishedSpan, MockTracer, Sampler};
use axum::{Router, body::Body, extract::State, http::Request, routing::post};
use http::{HeaderMap, header};
use http_body_util::BodyExt;
use hyper_util::{client::legacy, rt::TokioExecutor};
use serde_json::{Value as Json, json};
use tokio::{net::TcpListener, runtime::Runtime};
use tower::{Layer, ServiceExt};

/// The formats that all three services use, by their names in `OTEL_PROPAGATORS`.
const FORMATS: [&str; 4] = ["tracecontext,baggage", "b3,baggage", "b3multi,baggage", "jaeger"];
const TRACE: u128 = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736;
const CALLER: u64 = 0x00f0_67aa_0ba9_02b7;

#[test]
fn a_plugin_in_python_joins_the_trace_of_the_gateway() {
    for formats in FORMATS {
        one_trace(Language::Python, formats);
    }
}

#[test]
fn a_plugin_in_node_joins_the_trace_of_the_gateway() {
    for formats in FORMATS {
        one_trace(Language::Node, formats);
    }
}

#[test]
fn no_service_records_a_trace_that_is_not_sampled() {
    for (language, formats) in
        Language::ALL.into_iter().flat_map(|language| FORMATS.map(|formats| (language, formats)))
    {
        let recorded = Recorded::of(language, formats, Sampling::Drop);
        assert!(
            recorded.gateway.is_empty() && recorded.plugin.is_empty(),
            "{language}, {formats}: {:?}",
            recorded.plugin
        );
        assert!(recorded.service.is_empty(), "{language}, {formats}: {:?}", recorded.service);
        assert_eq!(
            recorded.tenants,
            ["Köln;a=b%"],
            "{language}, {formats}: baggage is carried for a trace that is not sampled, too"
        );
    }
}

fn one_trace(language: Language, formats: &str) {
    let recorded = Recorded::of(language, formats, Sampling::Record);
    let Recorded { gateway, plugin, service, tenants } = &recorded;
    let from_plugin = |name: &str| {
        let span = plugin.iter().find(|span| span["name"] == name).unwrap_or_else(|| panic!("{plugin:?}"));
        ["trace_id", "kind", "span_id", "parent"].map(|key| span[key].as_str().unwrap_or_default().to_owned())
    };
    let from_service = |span: &FinishedSpan| {
        let parent = span.parent_span_id().map(|id| id.to_string()).unwrap_or_default();
        let kind = format!("{:?}", span.kind()).to_lowercase();
        [span.trace_id().to_string(), kind, span.span_id().to_string(), parent]
    };
    assert_eq!((gateway.len(), plugin.len(), service.len()), (2, 2, 1), "{language}, {formats}");
    // Spans are recorded in the order in which they end.
    let [call, handling] = [from_service(&gateway[0]), from_service(&gateway[1])];
    let chain = [handling, call, from_plugin("plugin"), from_plugin("back"), from_service(&service[0])];
    let mut parent = SpanId::from_u64(CALLER).map(|id| id.to_string()).unwrap_or_default();
    for (index, (span, kind)) in
        chain.iter().zip(["server", "client", "server", "client", "server"]).enumerate()
    {
        let [trace, found_kind, id, found_parent] = span;
        assert_eq!(*trace, format!("{TRACE:032x}"), "{language}, {formats}: span {index}");
        assert_eq!(
            (found_kind.as_str(), found_parent),
            (kind, &parent),
            "{language}, {formats}: span {index}"
        );
        parent.clone_from(id);
    }
    assert_eq!(*tenants, ["Köln;a=b%"], "{language}, {formats}");
}

/// The spans that each service recorded.
struct Recorded {
    gateway: Vec<FinishedSpan>,
    plugin: Vec<Json>,
    service: Vec<FinishedSpan>,
    /// The baggage that arrived at the service.
    tenants: Vec<String>,
}

impl Recorded {
    fn of(language: Language, formats: &str, sampling: Sampling) -> Self {
        let format = || Composite::named(formats).unwrap();
        // Without a sampled parent, neither tracer records anything.
        let tracer = || {
            let sampler = Sampler::parent_based(Sampler::ratio(0.0));
            MockTracer::with(|builder| builder.propagator(format()).sampler(sampler))
        };
        let (gateway, service) = (tracer(), tracer());
        let plugin = Peer::start(language).unwrap();
        let runtime = Runtime::new().unwrap();
        let seen = Seen::default();
        let back = runtime.block_on(serve(post(answer).with_state(seen.clone()), &service));
        let call = Call { tracer: gateway.handle(), plugin: plugin.url("plugin", formats), back };
        let url = runtime.block_on(serve(post(ask_plugin).with_state(call), &gateway));

        let ids = TraceId::from_u128(TRACE).zip(SpanId::from_u64(CALLER)).unwrap();
        let caller = Context::new(ids.0, ids.1, sampling).with_baggage("tenant", "Köln;a=b%").unwrap();
        let mut headers = HeaderMap::new();
        format().inject(&caller, &mut headers);
        let (_, body) = plugin.request(&url, &headers, &json!({})).unwrap();
        drop(runtime);
        let plugin = body["spans"].as_array().unwrap_or_else(|| panic!("{body}")).clone();
        let tenants = std::mem::take(&mut *seen.lock().unwrap());
        Recorded { gateway: gateway.finished(), plugin, service: service.finished(), tenants }
    }
}

type Seen = std::sync::Arc<std::sync::Mutex<Vec<String>>>;

/// Serves on the loopback interface as long as the runtime lives, and returns the URL.
async fn serve(handler: axum::routing::MethodRouter, tracer: &MockTracer) -> String {
    let layer = ServerLayer::new(ServerPolicy::new().tracer(tracer.handle()));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let router = Router::new().route("/", handler).layer(layer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

/// The service that the plugin calls.
async fn answer(State(seen): State<Seen>) -> &'static str {
    let tenant = anytrace_api::current_span().context().baggage().get("tenant").map(str::to_owned);
    seen.lock().unwrap().extend(tenant);
    "[]"
}

#[derive(Clone)]
struct Call {
    /// The tracer whose formats are used for requests that are not recorded: no tracer is current here.
    tracer: TracerHandle,
    plugin: String,
    back: String,
}

/// The gateway, which returns the response of its plugin.
async fn ask_plugin(State(call): State<Call>) -> Vec<u8> {
    let client = legacy::Client::builder(TokioExecutor::new()).build_http::<Body>();
    let client = ClientLayer::new(ClientPolicy::new().tracer(call.tracer)).layer(client);
    let body = json!({ "back": call.back }).to_string();
    let request = Request::post(call.plugin).header(header::CONTENT_TYPE, "application/json");
    let response = client.oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    response.into_body().collect().await.unwrap().to_bytes().into()
}

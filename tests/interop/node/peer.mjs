// A service that is traced with OpenTelemetry's public SDK for JavaScript. Its requests are documented in
// tests/interop/src/peer.rs.
//
// The service prints its port, and ends when its standard input is closed.

import http from "node:http";
import { createRequire } from "node:module";

// The packages are in another folder than this file.
const require = createRequire(`${process.env.ANYTRACE_NODE_PACKAGES}/`);
const { ROOT_CONTEXT, SpanKind, defaultTextMapGetter, defaultTextMapSetter, isSpanContextValid, propagation, trace } =
  require("@opentelemetry/api");
const { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } = require("@opentelemetry/core");
const { B3InjectEncoding, B3Propagator } = require("@opentelemetry/propagator-b3");
const { JaegerPropagator } = require("@opentelemetry/propagator-jaeger");
const { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } = require("@opentelemetry/sdk-trace-base");

const FORMATS = {
  tracecontext: () => new W3CTraceContextPropagator(),
  baggage: () => new W3CBaggagePropagator(),
  b3: () => new B3Propagator({ injectEncoding: B3InjectEncoding.SINGLE_HEADER }),
  b3multi: () => new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER }),
  jaeger: () => new JaegerPropagator(),
};

const memory = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(memory)] });
const tracer = provider.getTracer("peer");

// Describes a context.
function describe(context) {
  const found = trace.getSpanContext(context);
  const span = found && isSpanContextValid(found) ? found : undefined;
  const baggage = propagation.getBaggage(context)?.getAllEntries() ?? [];
  return {
    trace_id: span?.traceId ?? null,
    span_id: span?.spanId ?? null,
    sampled: span ? (span.traceFlags & 1) === 1 : null,
    random: span ? (span.traceFlags & 2) === 2 : false,
    tracestate: span?.traceState?.serialize() ?? "",
    baggage: baggage.map(([key, entry]) => [key, entry.value]),
  };
}

// Describes a finished span.
function exported(span) {
  const { traceId: trace_id, spanId: span_id } = span.spanContext();
  const kind = SpanKind[span.kind].toLowerCase();
  return { name: span.name, kind, trace_id, span_id, parent: span.parentSpanContext?.spanId ?? null };
}

const ACTIONS = {
  // Reports the extracted context and that of a child span, and injects the child.
  async continue(format, received, body) {
    const span = tracer.startSpan("child", { kind: SpanKind.CLIENT }, received);
    let context = trace.setSpan(received, span);
    if (body.baggage) {
      const entries = Object.fromEntries(body.baggage.map(([key, value]) => [key, { value }]));
      context = propagation.setBaggage(context, propagation.createBaggage(entries));
    }
    const headers = {};
    format.inject(context, headers, defaultTextMapSetter);
    span.end();
    return [headers, { understood: describe(received), child: describe(context) }];
  },

  // Calls the given URL, and reports the recorded spans.
  async plugin(format, received, body) {
    const server = tracer.startSpan("plugin", { kind: SpanKind.SERVER }, received);
    const within = trace.setSpan(received, server);
    const client = tracer.startSpan("back", { kind: SpanKind.CLIENT }, within);
    const headers = { "content-type": "application/json" };
    format.inject(trace.setSpan(within, client), headers, defaultTextMapSetter);
    const response = await fetch(body.back, { method: "POST", body: "[]", headers });
    await response.text();
    client.end();
    server.end();
    const spans = memory.getFinishedSpans().map(exported);
    memory.reset();
    return [{}, { spans }];
  },
};

async function handle(request) {
  const [action, names] = request.url.split("/").filter(Boolean);
  const format = new CompositePropagator({ propagators: names.split(",").map((name) => FORMATS[name]()) });
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const context = format.extract(ROOT_CONTEXT, request.headers, defaultTextMapGetter);
  return ACTIONS[action](format, context, JSON.parse(Buffer.concat(chunks)));
}

const server = http.createServer(async (request, response) => {
  try {
    const [headers, body] = await handle(request);
    response.writeHead(200, headers).end(JSON.stringify(body));
  } catch (error) {
    response.writeHead(500).end(`${error.stack}`);
  }
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.resume().on("end", () => process.exit(0));

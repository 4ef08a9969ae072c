"""A service that is traced with OpenTelemetry's public SDK for Python. Its requests are documented in
tests/interop/src/peer.rs.

The service prints its port, and ends when its standard input is closed.
"""

import json
import os
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry import baggage, trace
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.context import Context
from opentelemetry.propagators.b3 import B3MultiFormat, B3SingleFormat
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.propagators.jaeger import JaegerPropagator
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

FORMATS = {
    "tracecontext": TraceContextTextMapPropagator,
    "baggage": W3CBaggagePropagator,
    "b3": B3SingleFormat,
    "b3multi": B3MultiFormat,
    "jaeger": JaegerPropagator,
}

memory = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
tracer = provider.get_tracer("peer")


def describe(context):
    """Describes a context."""
    span = trace.get_current_span(context).get_span_context()
    flags = int(span.trace_flags)
    return {
        "trace_id": trace.format_trace_id(span.trace_id) if span.is_valid else None,
        "span_id": trace.format_span_id(span.span_id) if span.is_valid else None,
        "sampled": bool(flags & 1) if span.is_valid else None,
        "random": bool(flags & 2),
        "tracestate": span.trace_state.to_header(),
        "baggage": [[key, str(value)] for key, value in baggage.get_all(context).items()],
    }


def exported(span):
    """Describes a finished span."""
    return {
        "name": span.name,
        "kind": span.kind.name.lower(),
        "trace_id": trace.format_trace_id(span.context.trace_id),
        "span_id": trace.format_span_id(span.context.span_id),
        "parent": trace.format_span_id(span.parent.span_id) if span.parent else None,
    }


class Peer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        action, names = self.path.strip("/").split("/")
        format = CompositePropagator([FORMATS[name]() for name in names.split(",")])
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        carrier = {name.lower(): self.headers.get_all(name) for name in self.headers}
        context = format.extract(carrier, Context())
        headers, answer = {"continue": self.continue_trace, "plugin": self.call_back}[action](format, context, body)
        content = json.dumps(answer).encode()
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def continue_trace(self, format, context, body):
        """Reports the extracted context and that of a child span, and injects the child."""
        understood = describe(context)
        with tracer.start_as_current_span("child", context, kind=SpanKind.CLIENT) as span:
            context = trace.set_span_in_context(span, context)
            if "baggage" in body:
                context = baggage.clear(context)
                for key, value in body["baggage"]:
                    context = baggage.set_baggage(key, value, context)
            headers = {}
            format.inject(headers, context)
            return headers, {"understood": understood, "child": describe(context)}

    def call_back(self, format, context, body):
        """Calls the given URL, and reports the recorded spans."""
        with tracer.start_as_current_span("plugin", context, kind=SpanKind.SERVER) as server:
            context = trace.set_span_in_context(server, context)
            with tracer.start_as_current_span("back", context, kind=SpanKind.CLIENT) as client:
                headers = {"content-type": "application/json"}
                format.inject(headers, trace.set_span_in_context(client, context))
                request = urllib.request.Request(body["back"], b"[]", headers)
                # A proxy of the environment is not used for the loopback interface.
                opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
                with opener.open(request, timeout=10) as response:
                    response.read()
        spans = [exported(span) for span in memory.get_finished_spans()]
        memory.clear()
        return {}, {"spans": spans}

    def log_message(self, *_):
        pass


def end_with_input():
    sys.stdin.buffer.read()
    os._exit(0)


threading.Thread(target=end_with_input, daemon=True).start()
server = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
print(server.server_address[1], flush=True)
server.serve_forever()

"""A service that is traced with OpenTelemetry's public SDK for Python: tests/interop/src/peer.rs says what it is asked.

It prints the port it listens on, and ends with its standard input.
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


def told(context):
    """What a context holds."""
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
    """A finished span."""
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
        order, names = self.path.strip("/").split("/")
        format = CompositePropagator([FORMATS[name]() for name in names.split(",")])
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        carrier = {name.lower(): self.headers.get_all(name) for name in self.headers}
        context = format.extract(carrier, Context())
        headers, answer = {"continue": self.go_on, "plugin": self.plug_in}[order](format, context, body)
        content = json.dumps(answer).encode()
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def go_on(self, format, context, body):
        """Says what it understood, and what a child of it sends on."""
        understood = told(context)
        with tracer.start_as_current_span("child", context, kind=SpanKind.CLIENT) as span:
            context = trace.set_span_in_context(span, context)
            if "baggage" in body:
                context = baggage.clear(context)
                for key, value in body["baggage"]:
                    context = baggage.set_baggage(key, value, context)
            headers = {}
            format.inject(headers, context)
            return headers, {"understood": understood, "child": told(context)}

    def plug_in(self, format, context, body):
        """Calls back, as a plugin does, and says which spans it recorded."""
        with tracer.start_as_current_span("plugin", context, kind=SpanKind.SERVER) as server:
            context = trace.set_span_in_context(server, context)
            with tracer.start_as_current_span("back", context, kind=SpanKind.CLIENT) as client:
                headers = {"content-type": "application/json"}
                format.inject(headers, trace.set_span_in_context(client, context))
                request = urllib.request.Request(body["back"], b"[]", headers)
                # No proxy is asked for what is on this machine.
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

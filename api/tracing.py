"""Traces by OpenTelemetry, where a collector is named. Only what is known to be harmless leaves the process.

FastAPI and the driver tell more than is fit to be told: addresses with what people look for, links that open
something, words of exceptions. So a list says what is kept, and all else is dropped before it is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from geo.settings import Settings

if TYPE_CHECKING:
    from fastapi.telemetry import TelemetryConfig
    from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

#: Statements hold names of values, never values (`geo.db.reads`).
KEPT: Final = frozenset(
    {
        "http.request.method",
        "http.route",
        "http.response.status_code",
        "error.type",
        "code.function.name",
        "db.system",
        "db.statement",
    }
)
_OFF: Final[TelemetryConfig] = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}


def open_tracing(settings: Settings) -> TracerProvider | None:
    """Return what sends the traces of this process to the collector; None where none is named."""
    if settings.otlp_url is None:
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio

    provider = TracerProvider(
        ParentBasedTraceIdRatio(settings.otlp_share), Resource.create({"service.name": "quartier"})
    )
    exporter = OTLPSpanExporter(f"{settings.otlp_url.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(_discreet(exporter)))
    AsyncPGInstrumentor().instrument(tracer_provider=provider)  # type: ignore[no-untyped-call]
    return provider


def telemetry_of(provider: TracerProvider | None) -> TelemetryConfig:
    """Return FastAPI's own settings: nothing but spans, and none unless somebody takes them."""
    return _OFF if provider is None else _OFF | {"tracing": True, "tracer_provider": provider}


def _discreet(exporter: SpanExporter) -> SpanExporter:
    """Return an exporter that passes spans on with what `KEPT` names, without events and messages."""
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
    from opentelemetry.trace import Status

    def without_words(span: ReadableSpan) -> ReadableSpan:
        kept: dict[str, Any] = {key: each for key, each in (span.attributes or {}).items() if key in KEPT}
        return ReadableSpan(
            name=span.name,
            context=span.get_span_context(),
            parent=span.parent,
            resource=span.resource,
            attributes=kept,
            kind=span.kind,
            status=Status(span.status.status_code),
            start_time=span.start_time,
            end_time=span.end_time,
            instrumentation_scope=span.instrumentation_scope,
        )

    class Discreet(SpanExporter):
        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            return exporter.export([without_words(each) for each in spans])

        def shutdown(self) -> None:
            exporter.shutdown()

    return Discreet()

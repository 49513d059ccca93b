"""The log: lines for people, or JSON for programs. Neither holds an address, a search or a position.

Of an exception stands there what kind it is and where it came from; its message may quote what somebody sent.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import traceback
from typing import Any, Final

from api.measured import Measure
from geo.settings import Settings

_REQUESTS: Final = logging.getLogger("quartier.requests")


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, process, and what a line brings along."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as JSON."""
        told: dict[str, Any] = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
        }
        told |= getattr(record, "facts", {})
        if record.exc_info and record.exc_info[0]:
            told["exception"] = record.exc_info[0].__name__
            told["frames"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return json.dumps(told, ensure_ascii=False, default=str)


class PlainLines(logging.Formatter):
    """Lines for people."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name that logging calls
        """Return where an exception came from, and what kind it is."""
        return "".join([*traceback.format_tb(ei[2]), ei[0].__name__])


def log_request(measure: Measure) -> None:
    """Write a line about one request."""
    facts = {
        "method": measure.method,
        "route": measure.route,
        "status": measure.status,
        "duration_ms": round(measure.seconds * 1000, 2),
    }
    line = "%s %s %s %.1f ms"
    values = (measure.method, measure.route, measure.status, measure.seconds * 1000)
    _REQUESTS.info(line, *values, extra={"facts": facts})


def describe_log(settings: Settings) -> dict[str, Any]:
    """Return how this process writes its log, for `logging.config` and for each server process."""
    kind = JsonLines if settings.log_format == "json" else PlainLines
    words = "%(levelname)s %(name)s: %(message)s"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": f"{kind.__module__}.{kind.__name__}", "fmt": words}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {"quartier.requests": {"level": "INFO" if settings.log_requests else "WARNING"}},
    }

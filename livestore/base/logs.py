"""Log lines: one JSON object a line for machines, or lines for people; whose work it was stands in both.

What may not be in a log is taken out here as well, whatever a library put into its message: credentials, card
numbers, the values that PostgreSQL repeats when it refuses a row, and input that pydantic repeats.
"""

from __future__ import annotations

import datetime as dt
import logging
import re

import orjson

from livestore.base import process
from livestore.base.tracing import Trace, current

_SECRETS = re.compile(
    r"(?P<bearer>(?i:bearer)\s+)[^\s'\",]+"
    r"|(?P<ticket>\bticket\.)[A-Za-z0-9._~+/=-]+"
    r"|(?P<cookie>\b(?:sessionid|csrftoken|csrfmiddlewaretoken)['\"]?[=:]\s*['\"]?)[^\s;,'\"]+"
    r"|(?P<scheme>\b(?i:authorization)['\"]?\s*[=:]\s*['\"]?(?:[A-Za-z]+\s+)?)[^\s;,&'\"]+"
    r"|(?P<word>\b(?i:password|token|secret|secret_key)['\"]?\s*[=:]\s*['\"]?)[^\s;,&'\"]+"
    r"|(?P<url>://[^\s:/@]*:)[^\s/@]+(?=@)"
    r"|(?P<detail>\bDETAIL:\s+)[^\n]*"
    r"|(?P<input>\binput_value=).*?(?=, input_type)"
    r"|(?P<card>)\b\d(?:[ -]?\d){12,18}\b"
)
GONE = "[left out]"


def redacted(text: str) -> str:
    """The text without what looks like a secret."""
    return _SECRETS.sub(lambda match: (match[match.lastgroup or 0] or "") + GONE, text)


class _Formatter(logging.Formatter):
    """What both kinds share: one place where an exception becomes text."""

    def said(self, record: logging.LogRecord) -> str:
        return redacted(record.getMessage())

    def trouble(self, record: logging.LogRecord) -> str:
        """The traceback, or ""."""
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        texts = [record.exc_text or ""]
        if record.stack_info:
            texts.append(self.formatStack(record.stack_info))
        return redacted("\n".join(text for text in texts if text))


class JsonFormatter(_Formatter):
    """`{"time", "level", "logger", "message", "process", "request"?, "show"?, "user"?, "exception"?}`"""

    def format(self, record: logging.LogRecord) -> str:
        at = dt.datetime.fromtimestamp(record.created, dt.UTC)
        line = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": self.said(record),
            "process": process.name(),
            **_of(current()),
        }
        if trouble := self.trouble(record):
            line["exception"] = trouble
        return orjson.dumps(line, default=str).decode("utf-8", "replace")


class LineFormatter(_Formatter):
    """`2026-01-31 12:00:00,123 INFO logger message [request=... show=... user=...]`"""

    def format(self, record: logging.LogRecord) -> str:
        ids = " ".join(f"{name}={value}" for name, value in _of(current()).items())
        head = f"{self.formatTime(record)} {record.levelname} {record.name} {self.said(record)}"
        line = f"{head} [{ids}]" if ids else head
        trouble = self.trouble(record)
        return f"{line}\n{trouble}" if trouble else line


def _of(trace: Trace) -> dict[str, str | int]:
    return {name: value for name, value in trace._asdict().items() if value}

"""Logs: structlog, a line a thing that happened, with nothing in it that could identify a caller.

On a terminal the lines are for reading, elsewhere they are JSON. ``call_sid`` is bound once where a call's work begins
(``about_call``) and stands on every line below. Telephone numbers, digits, words and names are masked here,
last in the chain, so that no call site can forget it.
"""

from __future__ import annotations

import logging
import re
import sys
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from structlog.typing import Processor

# Seven digits are the shortest subscriber number that identifies somebody; 15 is E.164's longest.
# A library may quote a URL, in which the plus is %2B; digits around a point are a measure, not a number.
TELEPHONE_NUMBER = re.compile(r"(?:%2[Bb]|(?<!\w)(?<!\d\.)\+?)\d{7,15}(?!\w|\.\d)")
OURS = frozenset({"call_sid", "timestamp", "level"})
PRIVATE = frozenset(
    {
        "account_token", "answer", "body", "caller", "called", "customer", "digits", "email", "first_name", "from_",
        "name_of_caller", "number", "password", "secret", "speech", "text", "to", "token", "words",
    }
)  # fmt: skip


# One variable of our own instead of structlog's context: it is set on every turn, and costs a tenth there.
_call_sid: ContextVar[str] = ContextVar("call_sid", default="")


class about_call:  # noqa: N801 - used as a statement, like suppress()
    """Name the call on every line that is logged meanwhile, here and in the tasks started from here."""

    __slots__ = ("_before", "_sid")

    def __init__(self, call_sid: str) -> None:
        self._sid = call_sid

    def __enter__(self) -> None:
        self._before = _call_sid.set(self._sid)

    def __exit__(self, *_error: object) -> None:
        _call_sid.reset(self._before)


def add_call(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put the call's id onto the line, where there is one."""
    if call_sid := _call_sid.get():
        event.setdefault("call_sid", call_sid)
    return event


def mask_number(number: str) -> str:
    """The number with only its last two digits left, enough to tell two calls apart: ``+•••43``."""
    return f"+•••{number[-2:]}" if len(number) > 4 else "•••"


def mask_private(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask what callers said, typed or are called, by field name, and telephone numbers wherever they stand."""
    for key, value in event.items():
        if key not in OURS:
            event[key] = _masked(key, value)
    return event


def _masked(key: object, value: Any) -> Any:
    """The value as it may be logged under ``key``, in lists and maps too."""
    if isinstance(value, dict):
        return {name: _masked(name, one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_masked(key, one) for one in value]
    if key in PRIVATE and not (isinstance(value, str) and TELEPHONE_NUMBER.fullmatch(value)):
        return f"<{len(value)} characters>" if isinstance(value, str) else "<masked>"
    if isinstance(value, str):
        return TELEPHONE_NUMBER.sub(lambda found: mask_number(found.group()), value)
    return value


def set_up_logs(log_format: str) -> None:
    """Send every log line of ours and of the libraries to stderr; called once, by the command that runs."""
    readable = log_format == "console" or (log_format == "auto" and sys.stderr.isatty())
    shared: list[Processor] = [
        add_call,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,  # as text, so that the masking below sees it too
        mask_private,
    ]
    renderer: Processor = (
        structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)

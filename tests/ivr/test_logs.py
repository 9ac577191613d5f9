"""Log lines: each names its call, none tells who called or what was said."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from ivr.logs import about_call, mask_private, set_up_logs

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[StringIO]:
    """What is written to stderr by logs set up as a command does it; afterwards the run's own are back."""
    root = logging.getLogger()
    was, handlers, level = structlog.get_config(), root.handlers[:], root.level
    stream = StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    # A test run's own handler must not be closed, only put aside.
    root.handlers.clear()
    set_up_logs(getattr(request, "param", "json"))
    yield stream
    structlog.configure(**was)
    root.handlers[:], root.level = handlers, level


def lines(written: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("event", "no such caller: +12025550143", "no such caller: +•••43"),
        ("error", "it was +12025550143.", "it was +•••43."),
        ("error", "GET /M.json?To=%2B12025550143&From=%2b12025550100", "GET /M.json?To=+•••43&From=+•••00"),
        ("error", "sip:+12025550143@example.com", "sip:+•••43@example.com"),
        ("path", "/twilio/calls/CA12345678901234567890123456789012/turns/3",
         "/twilio/calls/CA12345678901234567890123456789012/turns/3"),
        ("seconds", "0.12345678", "0.12345678"),
        ("turn", 3, 3),
        ("caller", "+12025550143", "+•••43"),
        ("digits", "1234", "<4 characters>"),
        ("words", "my name is Ana", "<14 characters>"),
        ("first_name", "Ana", "<3 characters>"),
        ("token", 12345, "<masked>"),
        ("text", None, "<masked>"),
        ("numbers", ["+12025550143", "12025550100"], ["+•••43", "+•••00"]),
        ("form", {"From": "+12025550143", "digits": "12"}, {"From": "+•••43", "digits": "<2 characters>"}),
        ("call_sid", "12345678", "12345678"),
    ],
)  # fmt: skip
def test_what_could_identify_a_caller_is_masked(field: str, value: object, shown: object) -> None:
    """By the field's name, or because it looks like a telephone number; ids, measures and counts stay."""
    assert mask_private(None, "info", {field: value}) == {field: shown}


def test_every_line_names_its_call(written: StringIO) -> None:
    """Ours and the libraries', until the call's work is done."""
    with about_call("CA1"):
        structlog.get_logger().info("turn_taken", turn=1)
        logging.getLogger("a.library").warning("caller %s is odd", "+12025550143")
    structlog.get_logger().info("idle")
    taken, odd, idle = lines(written)

    assert (taken["event"], taken["call_sid"], taken["turn"], taken["level"]) == ("turn_taken", "CA1", 1, "info")
    assert (odd["event"], odd["call_sid"], odd["level"]) == ("caller +•••43 is odd", "CA1", "warning")
    assert "call_sid" not in idle
    assert all(line["timestamp"].endswith("Z") for line in (taken, odd, idle))


async def test_tasks_begun_for_a_call_name_it_too(written: StringIO) -> None:
    """An act outlives the webhook that named it, and is still about the same call; another call's work is not."""

    async def act() -> None:
        structlog.get_logger().info("act")

    with about_call("CA1"):
        task = asyncio.create_task(act())
        with about_call("CA2"):
            structlog.get_logger().info("other")
        structlog.get_logger().info("same")
    await task

    assert [(line["event"], line["call_sid"]) for line in lines(written)] == [
        ("other", "CA2"), ("same", "CA1"), ("act", "CA1"),
    ]  # fmt: skip


def test_exceptions_are_logged_without_numbers(written: StringIO) -> None:
    """A stack with its message, in one line, by ours and by the libraries' loggers."""
    for log in (structlog.get_logger().exception, logging.getLogger("a.library").exception):
        try:
            dict[str, int]()["+12025550143"]
        except KeyError:
            log("broke")
    found = lines(written)

    assert len(found) == 2
    assert all("KeyError: '+•••43'" in line["exception"] for line in found)
    assert "2025550143" not in str(found)


@pytest.mark.parametrize("written", ["console"], indirect=True)
def test_on_a_terminal_lines_are_for_reading(written: StringIO) -> None:
    """No JSON, and masked all the same."""
    with about_call("CA1"):
        structlog.get_logger().info("turn_taken", caller="+12025550143")
        logging.getLogger("a.library").warning("odd: +12025550143")
    text = written.getvalue()

    assert "turn_taken" in text
    assert "CA1" in text
    assert "2025550143" not in text
    assert not text.startswith("{")

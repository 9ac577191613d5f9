"""Answers of other systems, typed by who tries a flow, and kept as if they had been given."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flows.instructions import Fetch, LookUp, SendRequest
from flows.scenarios.given import FACTS, FAILURES, NOT_FOUND, Reply

if TYPE_CHECKING:
    from flows.instructions import Act, Question
    from flows.scenarios import Call, Given

STATUS = re.compile(r"([1-5][0-9]{2})(?:\s+(.*))?", re.DOTALL)


def question(asked: Question | Act) -> tuple[str, str]:
    """What the flow wants to know, and how to answer."""
    if isinstance(asked, LookUp):
        facts = f"first_name=Ana tier=gold, {NOT_FOUND}, or {' or '.join(FAILURES[:2])}"
        return f"who has the {asked.by} {asked.value}?", facts
    fetch = asked.fetch if isinstance(asked, SendRequest) else asked
    assert isinstance(fetch, Fetch), "everything else is answered from what is given"  # noqa: S101 - a bug of ours
    return f"{fetch.method} {fetch.url}", f'200 {{"name": "value"}}, 404, or {" or ".join(FAILURES[:2])}'


def give(call: Call, asked: Question | Act, typed: str) -> str:
    """Keep the answer and go on with it; why it is none, else nothing."""
    given = call.answers.given
    changed = _looked_up(given, asked, typed) if isinstance(asked, LookUp) else _replied(given, asked, typed)
    if isinstance(changed, str):
        return changed
    call.answers.given = changed
    event = call.answers.answer(asked)
    assert event is not None, "it has just been given"  # noqa: S101 - a bug of ours
    call.answer(event)
    return ""


def _replied(given: Given, asked: Question | Act, typed: str) -> Given | str:
    fetch = asked.fetch if isinstance(asked, SendRequest) else asked
    assert isinstance(fetch, Fetch), "everything else is answered from what is given"  # noqa: S101 - a bug of ours
    reply = _reply(typed.strip())
    if isinstance(reply, str):
        return reply
    pattern = f"{fetch.method} {fetch.url}"
    return replace(given, http={**given.http, pattern: (*given.http.get(pattern, ()), reply)})


def _reply(typed: str) -> Reply | str:
    if typed in FAILURES:
        return Reply(fails=typed)
    match = STATUS.fullmatch(typed)
    if match is None:
        return f"a status is needed, with JSON behind it or without; or one of {', '.join(FAILURES)}"
    try:
        body: Any = json.loads(match[2]) if match[2] else None
    except (ValueError, RecursionError) as error:
        return f"what follows the status is not JSON: {error}"
    return Reply(status=int(match[1]), body=body)


def _looked_up(given: Given, asked: LookUp, typed: str) -> Given | str:
    word = typed.strip()
    if word == NOT_FOUND or word in FAILURES:
        return replace(given, lookups={**given.lookups, asked.value: None if word == NOT_FOUND else word})
    facts = dict(one.split("=", 1) for one in word.split() if "=" in one)
    wrong = [name for name in facts if name not in FACTS]
    if wrong or not facts:
        return f"facts such as first_name=Ana are needed; the names are {', '.join(FACTS)}"
    return replace(given, lookups={**given.lookups, asked.value: facts})

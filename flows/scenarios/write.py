"""A call that somebody has tried, written down as a scenario: what was given, what was done, what was heard.

What is written here is read by ``read.py`` and passes when it is played. Keys that were sealed are never written:
others stand in for them, of the same length, that the step judges alike.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flows.instructions import JoinQueue, Note, Play, PromiseCallback, Say, SendMessage
from flows.phrases.language import plain
from flows.scenarios.given import WITHHELD
from flows.scenarios.lines import BUILT_IN
from flows.scenarios.read import ENDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from flows.scenarios.call import Call
    from flows.scenarios.given import Given, Reply
    from flows.scenarios.lines import Line

PLAIN = re.compile(r"[A-Za-z0-9_]([\w +./%'!-]*[\w.%!])?", re.ASCII)
PLAIN_LINE = re.compile(r"[^\W_]([\w ,;+./%'!?()-]*[\w.%!?)])?")  # outside of brackets, where a comma is only a comma
MAX_HEARD = 240  # characters of one text that a scenario repeats; more says no more
STRONGEST = ("handled", "voicemail", "callback", "transferred", "abandoned")  # of the words for an end, before others
TEST_CARDS = ("4242424242424242", "5555555555554444", "378282246310005", "4222222222222")  # stripe.com/docs/testing


@dataclass(slots=True)
class Diary:
    """What was done in a call, each deed with what the flow did then, and the queue in which the caller was left.

    The first has no deed.
    """

    entries: list[tuple[str, tuple[Line, ...], JoinQueue | None]] = field(default_factory=list)

    def note(self, deed: str, call: Call) -> None:
        """Keep a deed, as a scenario writes it, with what came of it."""
        self.entries.append((deed, tuple(call.turn()), call.queue))


def as_scenario(name: str, call: Call, diary: Diary) -> str:
    """The YAML of a list with one scenario; ``name`` is its sentence."""
    given = call.answers.given
    zone = call.stage.program.center.zone
    lines = [
        f"- scenario: {scalar(name, PLAIN_LINE)}",
        "  given:",
        *(f"    {row}" for row in _given(given, zone)),
        "  call:",
    ]
    for deed, happened, queue in diary.entries:
        lines += [f"    - {deed}"] if deed else []
        lines += [f"    - {row}" for row in _expected(happened, queue)]
    if lines[-1] == "  call:":
        lines[-1] = "  call: []"
    end = _end(call)
    return "\n".join([*lines, *([f"  ends: {end}"] if end else [])]) + "\n"


def press(call: Call, keys: str) -> str:
    """The deed of pressing keys, with others in their place when they are sealed."""
    return f"presses: {scalar(_stand_in(call, keys) if call.is_secret() else keys)}"


def scalar(text: str, plain_form: re.Pattern[str] = PLAIN) -> str:
    """A text as YAML, quoted unless that changes nothing."""
    if plain_form.fullmatch(text):
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(one if one.isprintable() else _escaped(one) for one in quoted)


def _escaped(character: str) -> str:
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"


def _stand_in(call: Call, keys: str) -> str:
    """Keys that the waiting step judges as it judges these; zeros when none are found."""
    finish = getattr(call.waiting, "finish_on_key", "")
    digits, ended, _ = keys.partition(finish) if finish else (keys, "", "")
    verdict = call.verdict(digits)
    alike = [one for one in TEST_CARDS if len(one) == len(digits)]
    alike += [("1234567890" * 4)[: len(digits)], *(figure * len(digits) for figure in "0123456789")]
    return next((one for one in alike if one != digits and call.verdict(one) == verdict), "0" * len(digits)) + ended


# --- what was given --------------------------------------------------------------------------------------------------


def _given(given: Given, zone: ZoneInfo) -> Iterator[str]:
    """Line by line; what is unknown or empty is left out."""
    yield f"at: {given.at.astimezone(zone):%Y-%m-%d %H:%M}"
    yield f"caller: {_json(given.caller) if given.caller else WITHHELD}"
    yield f"called: {_json(given.called)}"
    for name in ("flow", "language"):
        if getattr(given, name):
            yield f"{name}: {getattr(given, name)}"
    tables: dict[str, dict[str, Any]] = {
        "customer": given.customer or {},
        "vars": given.vars,
        "hours": {name: _closure(one, zone) for name, one in given.closures.items()},
        "queues": _queues(given),
        "http": {pattern: [_reply(one) for one in replies] for pattern, replies in given.http.items()},
        "lookup": {value: "not_found" if found is None else found for value, found in given.lookups.items()},
    }
    for name, table in tables.items():
        if table:
            yield f"{name}:"
            yield from (f"  {scalar(key)}: {_json(value)}" for key, value in table.items())
    plain_words = {"sms": (given.sms, "sent"), "callbacks": (given.callbacks, "promised")}
    yield from (f"{name}: {word}" for name, (word, default) in plain_words.items() if word != default)
    if given.surveyed:
        yield "surveyed: yes"


def _closure(closed: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    until = datetime.fromtimestamp(closed["until_ms"] / 1000, UTC).astimezone(zone)
    return {"until": f"{until:%H:%M}"} | ({"say": closed["say"]} if closed["say"] else {})


def _queues(given: Given) -> dict[str, dict[str, Any]]:
    joins = {name: {"join": how} for name, how in given.joins.items() if how != "joined"}
    names = dict.fromkeys([*given.queues, *joins])
    return {name: {**given.queues.get(name, {}), **joins.get(name, {})} for name in names}


def _reply(reply: Reply) -> Any:
    if reply.fails:
        return reply.fails
    late = {"after": f"{reply.after_s}s"} if reply.after_s else {}
    return {"status": reply.status} | ({} if reply.body is None else {"body": reply.body}) | late


def _json(value: Any) -> str:
    """JSON, which is YAML; what is not printable is escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return "".join(one if one.isprintable() else _escaped(one) for one in text)


# --- what was seen ---------------------------------------------------------------------------------------------------


def _expected(happened: tuple[Line, ...], waits_in: JoinQueue | None) -> Iterator[str]:
    """What a scenario is to expect of one turn: what was heard, in order, then all else that can be seen."""
    yield from (f"hears: {said}" for said in map(_heard, happened) if said)
    for line in happened:
        match line.instruction:
            case JoinQueue(queue=queue, priority=priority) if line.instruction is waits_in:
                yield f"queued: {{queue: {queue}, priority: {priority}}}"
            case PromiseCallback(number=number, promise=promise):
                yield f"callback: {{number: {_json(number)}, promise: {promise}}}"
            case SendMessage(to=to, body=body) if plain(body):
                yield f"texted: {{to: {_json(to)}, body: {_json(body[:MAX_HEARD])}}}"
            case Note(text=text) if plain(text):
                yield f"noted: {scalar(text[:MAX_HEARD], PLAIN_LINE)}"


def _heard(line: Line) -> str:
    """A text in quotes, or a recording; empty for what has no words."""
    if isinstance(line.instruction, Play):
        return f"{{recording: {scalar(line.text)}}}" if line.text != BUILT_IN else ""
    if not isinstance(line.instruction, Say) or not plain(line.text):
        return ""
    text = line.text if len(line.text) <= MAX_HEARD else line.text[:MAX_HEARD].rpartition(" ")[0]
    return scalar(text, PLAIN_LINE) if plain(text) else ""


def _end(call: Call) -> str:
    """The word that says most about how the call ended; empty while it goes on."""
    found = call.ending()
    if call.session.ended is None and "queued" not in found:
        return ""
    return next((word for word in (*STRONGEST, *ENDS) if word in found), "")

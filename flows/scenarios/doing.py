"""What people do in a scenario, one word each: keys, words and silence of the caller, the agent, the queue, time.

Each reader checks what the author wrote and gives what is to be done in a ``Call``: a function that says why it could
not be done, or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from flows.form import Form, duration
from flows.instructions import Dial
from flows.problems import did_you_mean
from flows.shapes import Choice, Duration, Either, Fields, Percent, Word
from flows.source import Mapping, Scalar

if TYPE_CHECKING:
    from flows.form import Reading
    from flows.scenarios.call import Call
    from flows.source import Node

Deed = Callable[["Call"], str]
KEYS = re.compile(r"[0-9*#]{1,40}")
LONGEST_S = 86_400
CONFIDENCE_PERCENT = 90  # of what is said when nothing else is given
SAID = {
    "words": Word("What the recogniser understands.", needed=True),
    "confidence": Percent("How sure it is.", default=CONFIDENCE_PERCENT),
}
WHILE = Duration(default_s=1, least_s=1, most_s=LONGEST_S)
SPOKEN = {
    "for": Duration("How long the caller speaks.", default_s=1, least_s=0, most_s=LONGEST_S, needed=True),
    "key": Word("The key that ends it."),
    "then": Choice("The caller ends it by hanging up.", words=("hangs up",)),
}
SILENT = Choice(words=("silent",))
CALLER = Choice(words=("hangs up", "stays silent"))
AGENT = Choice(words=("answers", "declines", "hangs up"))
SERVER = Choice(words=("fails",))
OUTCOMES = Choice(words=("overflow", "nobody", "full", "too_long", "closed"))
SHAPES = {
    "presses": Word("Keys that the caller presses."),
    "says": Either("What the caller says.", shapes=(Word(), Fields(options=SAID))),
    "stays": Choice("The caller says and presses nothing.", words=SILENT.words),
    "waits": Duration("Time that passes; in a queue the caller waits on.", least_s=1, most_s=LONGEST_S),
    "records": Either("How long the caller speaks after the tone.", shapes=(WHILE, Fields(options=SPOKEN))),
    "caller": Choice("What else the caller does.", words=CALLER.words),
    "agent": Choice("What the agent does.", words=AGENT.words),
    "queue": Choice("Why the queue gives the caller back.", words=OUTCOMES.words),
    "server": Choice("A fault of ours: the call goes on at the centre's fallback.", words=SERVER.words),
}


def _presses(reading: Reading, node: Node) -> Deed:
    keys = reading.word(node, "keys of the telephone")
    if keys and not KEYS.fullmatch(keys):
        reading.problem(node, f'"{keys[:60]}" is not a row of keys: 0-9, * and #', "bad-key")
    return lambda call: call.press(keys)


def _says(reading: Reading, node: Node) -> Deed:
    if not isinstance(node, Mapping):
        words = reading.word(node, "what the caller says")
        return lambda call: call.speak(words, CONFIDENCE_PERCENT / 100)
    form = Form(reading, node, SAID)
    said, confidence = form.word("words"), form.percent("confidence") / 100
    return lambda call: call.speak(said, confidence)


def _stays(reading: Reading, node: Node) -> Deed:
    _one_of(reading, node, SILENT)
    return lambda call: call.stay_silent()


def _caller(reading: Reading, node: Node) -> Deed:
    given = _one_of(reading, node, CALLER)
    return lambda call: call.hang_up() if given == "hangs up" else call.stay_silent()


def _waits(reading: Reading, node: Node) -> Deed:
    seconds = duration(reading, node, WHILE)
    return lambda call: call.wait(seconds)


def _agent(reading: Reading, node: Node) -> Deed:
    given = _one_of(reading, node, AGENT)
    return {"answers": _meet, "declines": _decline, "hangs up": _agent_leaves}.get(given, _decline)


def _meet(call: Call) -> str:
    return call.meet_agent()


def _decline(call: Call) -> str:
    return call.decline()


def _agent_leaves(call: Call) -> str:
    if not isinstance(call.waiting, Dial) or call.waiting.sort != "conference":
        return f"the agent hangs up, but {call.state()}"
    return call.other_side("ended")


def _queue(reading: Reading, node: Node) -> Deed:
    outcome = _one_of(reading, node, OUTCOMES)
    return lambda call: call.leave_queue(outcome)


def _server(reading: Reading, node: Node) -> Deed:
    _one_of(reading, node, SERVER)
    return lambda call: call.fall_back()


def _records(reading: Reading, node: Node) -> Deed:
    if not isinstance(node, Mapping):
        seconds = duration(reading, node, WHILE)
        return lambda call: call.record(seconds)
    form = Form(reading, node, SPOKEN)
    length, key = form.duration("for"), form.word("key", "a key")
    hangs_up = form.value("then") is not None and form.choice("then") == "hangs up"
    if key and not (len(key) == 1 and KEYS.fullmatch(key)):
        reading.problem(node, f'"{key[:60]}" is not a key: 0-9, * or #', "bad-key")
    return lambda call: call.record(length, key, hangs_up=hangs_up)


def _one_of(reading: Reading, node: Node, shape: Choice) -> str:
    given = node.text if isinstance(node, Scalar) else ""
    if given not in shape.words:
        hint = did_you_mean(given, shape.words)
        reading.problem(node, f"one of {', '.join(shape.words)} is needed here{hint}", "bad-value")
    return given


DEEDS: dict[str, Callable[[Reading, Node], Deed]] = {
    "presses": _presses,
    "says": _says,
    "stays": _stays,
    "waits": _waits,
    "records": _records,
    "caller": _caller,
    "agent": _agent,
    "queue": _queue,
    "server": _server,
}

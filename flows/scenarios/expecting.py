"""What a scenario expects of a call, one word each: what is heard, where the caller waits, what was sent and noted.

Each reader checks what the author wrote and gives how to look at a ``Call``: a function that says what is otherwise, or
nothing. They look at what has happened since somebody did something last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from flows.expressions import compile_pattern, matches
from flows.form import Form, items, whole
from flows.instructions import Dial, Note, Play, PromiseCallback, Say, SendMessage
from flows.phrases.language import plain
from flows.problems import did_you_mean, listed
from flows.shapes import Choice, Duration, Either, Fields, Items, Table, Whole, Word
from flows.source import Mapping, Scalar

if TYPE_CHECKING:
    from flows.form import Reading
    from flows.scenarios.call import Call
    from flows.shapes import Options
    from flows.source import Node

Look = Callable[["Call"], str]
CONNECTIONS = ("ended", "busy", "no_answer", "failed")
LONGEST_S = 86_400
MAX_TEXT = 2_000  # of what is to be heard in one line
LEVEL = Whole(default=1, least=1, most=10)
HEARD_AS = {
    "exactly": Word("A whole text, letter by letter."),
    "like": Word("A regular expression that is found in a text."),
    "recording": Word("The name of a recording that is played."),
}
QUEUED = {
    "queue": Word("The queue in which the caller waits."),
    "priority": Whole("Points of head start.", least=-10, most=10),
    "require": Table("Skills with least levels.", each=LEVEL),
    "prefer": Word("The agent for whom the call is held back, or `last`."),
    "overflow": Duration("When waiting ends.", least_s=1, most_s=LONGEST_S),
}
PROMISED = {
    "number": Word("The number that will be called."),
    "queue": Word("The queue that will call."),
    "promise": Word("`keep_place`, `later_today` or `at_a_time`."),
}
TRANSFERRED = {
    "to": Word("The number or SIP address."),
    "outcome": Choice("What becomes of it; else the two are talking.", words=CONNECTIONS),
    "for": Duration("How long they talk.", default_s=60, least_s=1, most_s=LONGEST_S),
}
TEXTED = {"body": Word("What stands in the message."), "to": Word("The number it is sent to.")}
HEARD = Items(each=Either(shapes=(Word(), Fields(options=HEARD_AS))))
SHAPES = {
    "hears": Items("What the caller hears, in this order.", each=HEARD.each),
    "does_not_hear": Items("What the caller does not hear.", each=HEARD.each),
    "queued": Either("Where the caller waits.", shapes=(Word(), Fields(options=QUEUED))),
    "callback": Either("What was promised, or `promised`.", shapes=(Word(), Fields(options=PROMISED))),
    "transferred": Either("With whom the caller is connected.", shapes=(Word(), Fields(options=TRANSFERRED))),
    "texted": Either("What stands in the text message.", shapes=(Word(), Fields(options=TEXTED))),
    "noted": Word("What was noted."),
}


@dataclass(frozen=True, slots=True)
class Heard:
    """What is to be heard: ``words`` wherever they stand, or a whole text ``exactly``, ``like`` a pattern, played."""

    sort: str
    told: str
    found: Callable[[Call], bool]


def _hears(reading: Reading, node: Node) -> Look:
    wanted = [_heard(reading, item) for item in items(node)]

    def play(call: Call) -> str:
        for one in wanted:
            if not one.found(call):
                return f"the caller does not hear {one.told}{_earlier(call, one) or _nearest(call, one)}"
        return ""

    return play


def _does_not_hear(reading: Reading, node: Node) -> Look:
    unwanted = [_heard(reading, item, in_order=False) for item in items(node)]

    def play(call: Call) -> str:
        return next((f"the caller hears {one.told}" for one in unwanted if one.found(call)), "")

    return play


def _heard(reading: Reading, node: Node, *, in_order: bool = True) -> Heard:
    if isinstance(node, Mapping):
        return _heard_as(reading, node)
    text = reading.word(node, "what is heard")
    words = plain(text[:MAX_TEXT])
    if text and not words:
        reading.problem(node, f'"{text[:60]}" has no word or number to hear', "bad-value")

    def found(call: Call) -> bool:
        at = call.spoken().find(f" {words} ", call.heard_to if in_order else 0)
        if at >= 0 and in_order:
            call.heard_to = at + len(words) + 1
        return at >= 0

    return Heard("words", f'"{text}"', found)


def _heard_as(reading: Reading, node: Mapping) -> Heard:
    form = Form(reading, node, HEARD_AS)
    if len(node.pairs) != 1:
        reading.problem(node, 'one of "exactly", "like" and "recording" is needed here', "bad-value")
    if form.value("recording") is not None:
        name = form.word("recording", "the name of a recording")
        names = {path.rpartition("/")[2] for path in reading.audio}
        if name and name not in names:
            message = f'no recording named "{name[:60]}"; prompts/ has {listed(names)}'
            reading.problem(form.value("recording") or node, message, "missing-audio")
        return Heard("recording", name, lambda call: name in _recordings(call))
    if form.value("like") is not None:
        return _heard_like(reading, form)
    text = form.word("exactly", "a text")
    return Heard("exactly", f'exactly "{text}"', lambda call: text in _texts(call))


def _heard_like(reading: Reading, form: Form) -> Heard:
    given, node = form.word("like", "a regular expression"), form.value("like")
    pattern = compile_pattern(f"(?s:.*)(?:{given})(?s:.*)")
    if pattern is None and node is not None and given:
        message = f'"{given[:60]}" is not a regular expression, or is longer than 60 characters'
        reading.problem(node, message, "bad-pattern")

    def found(call: Call) -> bool:
        return pattern is not None and any(matches(pattern, text) for text in _texts(call))

    return Heard("like", f"anything like {given}", found)


def _recordings(call: Call) -> list[str]:
    return [line.text for line in call.turn() if isinstance(line.instruction, Play)]


def _texts(call: Call) -> list[str]:
    return [line.text for line in call.turn() if isinstance(line.instruction, Say)]


def _earlier(call: Call, wanted: Heard) -> str:
    """Where it was said before, when it was: the commonest slip is a line too late."""
    words = plain(wanted.told)
    before = call.lines if wanted.sort == "words" else []
    if words and f" {words} " in call.spoken():
        return " after what was heard before it; the scenario has the two in another order"
    for line in before[: call.since]:
        if isinstance(line.instruction, Say) and f" {words} " in f" {plain(line.text)} " and line.station is not None:
            return f" now; {line.station.place} said it earlier in the call"
    return ""


def _nearest(call: Call, wanted: Heard) -> str:
    """What was heard instead, where something is alike."""
    near = get_close_matches(wanted.told.strip('"'), _texts(call), n=1, cutoff=0.5)
    return f'; the nearest is "{near[0]}"' if near else ""


def _queued(reading: Reading, node: Node) -> Look:
    """In which queue the caller waits, and what was asked of it."""
    form = _form(reading, node, "queue", QUEUED)
    queue, wanted = _known(form, "queue", reading.center.queues), dict[str, Any]()
    if form.value("priority") is not None:
        wanted["priority"] = form.whole("priority")
    if form.value("require") is not None:
        wanted["require"] = _skills(form)
    if form.value("prefer") is not None:
        wanted["prefer"] = form.word("prefer", "an agent's name, or last")
    if form.value("overflow") is not None:
        wanted["overflow_s"] = form.duration("overflow")

    def play(call: Call) -> str:
        if call.queue is None or not call.in_line:
            return f"the caller is not waiting in a queue: {call.state()}"
        if queue and call.queue.queue != queue:
            return f"the caller waits in {call.queue.queue}, not in {queue}"
        return _differs(call.queue, wanted)

    return play


def _skills(form: Form) -> tuple[tuple[str, int], ...]:
    mapping = form.reading.mapping(form.value("require"), "a map of skills to levels")
    pairs = mapping.pairs if mapping is not None else ()
    return tuple(sorted((key.text, whole(form.reading, value, LEVEL)) for key, value in pairs))


def _differs(one: Any, wanted: dict[str, Any]) -> str:
    """What is otherwise than wanted: ``priority is 0, not 2``."""
    found = {name: getattr(one, name) for name in wanted}
    found |= {"require": tuple(sorted(found["require"]))} if "require" in found else {}
    wrong = [name for name, value in wanted.items() if found[name] != value]
    return "; ".join(f"{name} is {_shown(found[name])}, not {_shown(wanted[name])}" for name in wrong)


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return "{" + ", ".join(f"{skill}: {level}" for skill, level in value) + "}"
    return str(value) if value != "" else "nobody"


def _callback(reading: Reading, node: Node) -> Look:
    """What was promised: ``promised``, or a map with the number, the queue and how."""
    if isinstance(node, Scalar) and node.text == "promised":
        wanted: dict[str, str] = {}
    else:
        form = _form(reading, node, "number", PROMISED)
        wanted = {name: form.word(name) for name in PROMISED if form.value(name) is not None}

    def play(call: Call) -> str:
        made = _last(call, PromiseCallback)
        return "nothing was promised here" if made is None else _differs(made, dict(wanted))

    return play


def _transferred(reading: Reading, node: Node) -> Look:
    """To whom the caller is being connected, and what becomes of it."""
    form = _form(reading, node, "to", TRANSFERRED)
    to, given = form.word("to", "a telephone number or a SIP address"), form.value("outcome")
    outcome = "" if given is None else form.choice("outcome")
    seconds = form.duration("for")

    def play(call: Call) -> str:
        if not isinstance(call.waiting, Dial) or call.waiting.sort == "conference":
            return f"the caller is not being transferred: {call.state()}"
        if to and call.waiting.to != to:
            return f"the caller is connected with {call.waiting.to}, not with {to}"
        return call.other_side(outcome, seconds) if outcome else ""

    return play


def _texted(reading: Reading, node: Node) -> Look:
    form = _form(reading, node, "body", TEXTED)
    body, to = form.word("body", "a text"), form.word("to", "a telephone number")

    def play(call: Call) -> str:
        sent = _last(call, SendMessage)
        if sent is None:
            return "no text message was sent here"
        if to and sent.to != to:
            return f"the message went to {sent.to}, not to {to}"
        return "" if not body or _holds(sent.body, body) else f'the message is "{sent.body}"; it does not have "{body}"'

    return play


def _noted(reading: Reading, node: Node) -> Look:
    text = reading.word(node, "what was noted")

    def play(call: Call) -> str:
        notes = [line.instruction.text for line in call.turn() if isinstance(line.instruction, Note)]
        if any(_holds(note, text) for note in notes):
            return ""
        return f'noted was {" and ".join(notes)}, not "{text}"' if notes else "nothing was noted here"

    return play


def _holds(text: str, words: str) -> bool:
    return f" {plain(words)} " in f" {plain(text)} "


def _last(call: Call, kind: type[Any]) -> Any:
    """The last instruction of a kind in this turn; None when there is none."""
    return next((line.instruction for line in reversed(call.turn()) if isinstance(line.instruction, kind)), None)


def _form(reading: Reading, node: Node, first: str, options: Options) -> Form:
    """A map of options, or a text alone that stands for the first of them."""
    if isinstance(node, Mapping):
        return Form(reading, node, options)
    word = reading.word(node, f"{'an' if first[0] in 'aeiou' else 'a'} {first}, or a map with {', '.join(options)}")
    key = Scalar(first, node.line, node.column, quoted=False, shift=0)
    pairs = ((key, node),) if word else ()
    return Form(reading, Mapping(pairs, node.line, node.column), options)


def _known(form: Form, name: str, known: Any) -> str:
    node, given = form.value(name), form.word(name, f"the name of a {name}")
    if node is not None and given and given not in known:
        hint = did_you_mean(given, known) or f"; center.yaml has {listed(known)}"
        form.reading.problem(node, f'no {name} named "{given[:60]}"{hint}', f"unknown-{name}")
    return given


EXPECTATIONS: dict[str, Callable[[Reading, Node], Look]] = {
    "hears": _hears,
    "does_not_hear": _does_not_hear,
    "queued": _queued,
    "callback": _callback,
    "transferred": _transferred,
    "texted": _texted,
    "noted": _noted,
}

"""Who is at the far end, in words: a line a number, as ``--person`` and the file of ``--people`` have them.

``PATTERN = SENTENCE``, where the sentence is one of

    answers after 3s, presses 1, says my bill, stays 60s      declines after 2s      no answer
    voicemail after 20s, greeting 8s, records 120s            busy after 1s          not in service after 1s
    fax after 5s, stays 40s

All but the first words may be left out. Several with ``|`` between them are drawn for each call, by weight where a
sentence begins with one: ``3x answers | 1x busy | 1x no answer``. Empty lines of a file, and those that begin with
``#``, are not read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ivr.simulator.people import Answers, Busy, Chance, Declines, Fax, NoAnswer, NotInService, Voicemail

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ivr.simulator.people import Line, People

Given = dict[str, float]

WEIGHT = re.compile(r"(\d{1,4}(?:\.\d+)?)x\s+(.*)", re.DOTALL)
CLAUSE = re.compile(r"(after|stays|greeting|records)\s+(\d{1,5}(?:\.\d+)?)s")
DEED = re.compile(r"(?:presses\s+([0-9*#]+)|says\s+(\S.*))")
FIELDS = {"after": "after_s", "stays": "stays_s", "greeting": "greeting_s", "records": "records_s"}

# What a sentence begins with, the clauses it may have, and whom it makes.
SENTENCES: Mapping[str, tuple[frozenset[str], Callable[..., Line]]] = {
    "answers": (frozenset({"after", "stays"}), Answers),
    "declines": (frozenset({"after"}), Declines),
    "no answer": (frozenset(), NoAnswer),
    "busy": (frozenset({"after"}), Busy),
    "not in service": (frozenset({"after"}), NotInService),
    "voicemail": (frozenset({"after", "greeting", "records"}), Voicemail),
    "fax": (frozenset({"after", "stays"}), Fax),
}


def introduce(people: People, text: str, *, seed: int = 0) -> None:
    """Put whoever ``text`` describes at the numbers it names; raises ValueError saying what it is and what is wrong."""
    pattern, equals, sentence = text.partition("=")
    if not equals or not pattern.strip():
        raise ValueError(f"{text!r} is nobody: write NUMBER = SENTENCE, such as '+1202555* = answers after 3s'")
    people.put(pattern.strip(), read_line(sentence, seed=seed))


def introduce_all(people: People, text: str, *, seed: int = 0) -> None:
    """``introduce`` each line of a file's ``text``; raises ValueError naming the line."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                introduce(people, line, seed=seed)
            except ValueError as error:
                raise ValueError(f"line {number}: {error}") from error


def read_line(sentence: str, *, seed: int = 0) -> Line:
    """Whom ``sentence`` describes; raises ValueError naming the words that are not understood."""
    choices = [_weighed(part.strip()) for part in sentence.split("|")]
    return choices[0][1] if len(choices) == 1 else Chance(seed, choices)


def _weighed(sentence: str) -> tuple[float, Line]:
    found = WEIGHT.fullmatch(sentence)
    weight, rest = (float(found[1]), found[2]) if found else (1.0, sentence)
    if weight <= 0:
        raise ValueError(f"{sentence!r}: a weight is above zero")
    return weight, _person(rest)


def _person(sentence: str) -> Line:
    begins = next((words for words in SENTENCES if re.match(rf"{words}(?![\w])", sentence)), None)
    if begins is None:
        raise ValueError(f"{sentence!r} is nobody: a sentence begins with {', '.join(SENTENCES)}")
    clauses = [part.strip() for part in sentence[len(begins) :].split(",") if part.strip()]
    allowed, make = SENTENCES[begins]
    given: Given = {}
    script: list[str] = []
    for clause in clauses:
        _read_clause(clause, begins, allowed, given, script)
    return make(**given, script=tuple(script)) if script else make(**given)


def _read_clause(clause: str, begins: str, allowed: frozenset[str], given: Given, script: list[str]) -> None:
    """Into ``given`` or ``script``."""
    if begins == "answers" and (deed := DEED.fullmatch(clause)):
        script.append(deed[1] or deed[2])
        return
    found = CLAUSE.fullmatch(clause)
    if found is None or found[1] not in allowed:
        raise ValueError(f"{clause!r} is not understood after {begins!r}: {_choices(begins, sorted(allowed))}")
    given[FIELDS[found[1]]] = float(found[2])


def _choices(begins: str, allowed: Sequence[str]) -> str:
    times = [f"{word} 3s" for word in allowed]
    return ", ".join([*times, *(["presses 1", "says my bill"] if begins == "answers" else [])]) or "nothing follows it"

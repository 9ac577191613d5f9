"""``docs/routing.md``, held to what it describes: its story is played, its tables are compared with the code."""

from __future__ import annotations

import dataclasses
import re
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import routing
from routing import agents
from routing.contacts import Contact
from routing.deadlines import KINDS
from routing.registry import Policy
from routing.requirements import STRATEGIES, Requirement
from routing.scripts import Script
from routing.states import AGENT, CONTACT
from routing.why import explain_contact
from tests.routing.floor import Floor, offered

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from routing.answers import Offer
    from routing.redis import Redis
    from routing.states import Moves

    Step = Callable[[Floor], Awaitable[tuple[Offer, ...]]]

PAGE = (Path(__file__).parents[2] / "docs/routing.md").read_text(encoding="utf-8")
LUA = resources.files("routing.lua")
SCRIPTS = [Script.load("routing.lua", one.name) for one in LUA.iterdir() if one.name.endswith(".lua")]
NINE_MS = 1_760_000_400_000
EASIER, BILLING, SALES = Requirement({"billing": 1}), Requirement({"billing": 3}), Requirement({"sales": 1})
SPANISH = Requirement({"billing": 3, "spanish": 2})
LESS = ((45_000, EASIER),)
PEOPLE = {
    "ana": {"billing": 5, "spanish": 4},
    "ben": {"billing": 2},
    "cem": {"billing": 4, "spanish": 2, "sales": 3},
}


def table(heading: str) -> list[tuple[str, ...]]:
    """The rows of the first table behind a heading, cells without backquotes."""
    rest = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = re.search(r"(^\|.*\n)+", rest, re.MULTILINE)
    assert rows, heading
    cells = [line.strip("|").split("|") for line in rows[0].replace("`", "").splitlines()]
    return [tuple(cell.strip() for cell in row) for row in cells[2:]]


def names(heading: str) -> list[str]:
    """The first cells of a table; several names in one are told apart."""
    return [name for row in table(heading) for name in row[0].split(", ")]


def moves(events: Mapping[str, Moves]) -> list[tuple[str, str]]:
    """A table of states as the page writes it."""
    return [
        (event, "; ".join(f"{came} → {to}" for to, came in sorted(grouped(found)))) for event, found in events.items()
    ]


def grouped(found: Moves) -> list[tuple[str, str]]:
    """Where it leads, and all states from which it leads there."""
    leads: dict[str, list[str]] = {}
    for state, after in found.items():
        leads.setdefault("stays" if after == {state} else ", ".join(sorted(after)), []).append(state)
    return [(to, ", ".join(sorted(states))) for to, states in leads.items()]


@pytest.mark.parametrize(("heading", "events"), [("States", CONTACT), ("An agent's states", AGENT)])
def test_the_tables_of_states_are_those_of_the_code(heading: str, events: Mapping[str, Moves]) -> None:
    """Every event, from where, to where."""
    assert table(heading) == moves(events)


def test_every_refusal_is_explained() -> None:
    """Every tag that a script or a wrapper refuses by, and none that nobody says."""
    tags = {tag for script in SCRIPTS for tag in script.header.tags[1:]}
    folder = Path(routing.__file__).parent
    for file in folder.glob("*.py"):
        tags |= set(re.findall(r'Refused\(\s*"(\w+)"', file.read_text(encoding="utf-8")))

    assert sorted(names("Refusals")) == sorted(tags)


def test_every_event_of_the_journal_is_explained() -> None:
    """What the scripts append, and the three reasons for which an offer comes to nothing."""
    files = [*LUA.iterdir(), *LUA.joinpath("shared").iterdir()]
    texts = [one.read_text(encoding="utf-8") for one in files if one.name.endswith(".lua")]
    events = {event for text in texts for event in re.findall(r"happened\('(\w+)'", text)}

    assert sorted(names("The journal")) == sorted(events | {"declined", "expired", "failed"})


def test_policy_deadlines_and_strategies_are_those_of_the_code() -> None:
    """Names, and what a queue has when nobody says otherwise."""
    defaults = {field.name: str(field.default) for field in dataclasses.fields(Policy)}

    assert {row[0]: row[1] for row in table("Policy of a queue")} == defaults
    assert names("Deadlines") == list(KINDS)
    assert names("One clock, one line") == list(STRATEGIES)


def at_ms(time: str) -> int:
    hour, minute, second = map(int, time.split(":"))
    return NINE_MS + ((hour - 9) * 3600 + minute * 60 + second) * 1000


async def open_at_nine(redis: Redis) -> Floor:
    """Ana, Ben and Cem have come to work and are on a break."""
    floor = await Floor(redis, now_ms=NINE_MS - 60_000).open(EASIER, BILLING, SPANISH, SALES)
    for name, skills in PEOPLE.items():
        await agents.sign_in(redis, "main", name, skills, now_ms=floor.now_ms)
    return floor


def calls(name: str, wanted: Requirement, queue: str = "billing", **more: Any) -> Step:
    async def step(floor: Floor) -> tuple[Offer, ...]:
        return offered(await floor.joins(Contact(name, queue, wanted, **more)))

    return step


def is_available(name: str) -> Step:
    async def step(floor: Floor) -> tuple[Offer, ...]:
        return offered(await floor.status(name, "available"))

    return step


def hangs_up(name: str) -> Step:
    async def step(floor: Floor) -> tuple[Offer, ...]:
        return offered(await floor.end(name))

    return step


async def nothing(_floor: Floor) -> tuple[Offer, ...]:
    """Time alone."""
    return ()


STEPS: Mapping[str, Step] = {
    "9:00:00": calls("ida", BILLING, relax=LESS),
    "9:00:10": calls("jon", SPANISH),
    "9:00:20": calls("kim", BILLING, priority=1, relax=LESS),
    "9:00:30": calls("lou", SALES, "sales"),
    "9:00:40": calls("mia", BILLING, relax=LESS),
    "9:00:50": is_available("ben"),
    "9:00:55": is_available("cem"),
    "9:01:00": is_available("ana"),
    "9:01:30": hangs_up("kim"),
    "9:02:30": hangs_up("jon"),
}


async def test_the_story_is_what_happens(redis: Redis) -> None:
    """Three agents and five callers: at each time the page names, the offers that it names; and Jon's "why"."""
    rows = table("A morning with three agents and five callers")
    floor = await open_at_nine(redis)
    found, why = [], ""
    for time, *_ in rows:
        offers = await floor.later(at_ms(time) - floor.now_ms)
        offers += await STEPS.get(time, nothing)(floor)
        found.append((time, ", ".join(f"{one.contact} to {one.agent}" for one in offers)))
        if time == "9:01:30":
            jon = await explain_contact(redis, "main", "jon", now_ms=at_ms("9:01:40"))
            why = "\n".join(jon.words) if jon else ""
        for one in offers if time != "9:01:00" else ():
            await floor.talk(one)

    assert found == [(row[0], row[2]) for row in rows]
    assert f"```\n{why}\n```" in PAGE

"""``ivr queues`` and ``ivr agents``: what they show, what they do, and what they refuse by name."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner, Result

from ivr.clock import parse_clock
from ivr.commands import agents, queues
from ivr.commands.errors import CannotRun
from ivr.meeting.lines import line_of
from ivr.programs import Programs, Published
from ivr.sealing import Vault
from ivr.workspace import Workspace
from routing import contacts
from routing.contacts import Contact
from routing.redis import Redis
from routing.requirements import Requirement
from tests.support.engine import flush
from tests.support.queueing import queue_workspace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

CLOCK = "1772463600+0.000001"  # hardly moves
BILLING = Requirement({"billing": 3})


class Desk:
    """The commands beside a running engine; their clock hardly moves."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ivr(self, word: str, *words: str) -> Result:
        app = {"queues": queues.app, "agents": agents.app}[word]
        env = {"IVR_REDIS_URL": self.url, "IVR_CLOCK": CLOCK, "COLUMNS": "200"}
        return CliRunner().invoke(app, list(words), env=env)

    def prints(self, *words: str) -> str:
        result = self.ivr(*words)
        assert result.exit_code == 0, result.output
        return " ".join(result.output.split())

    def json(self, *words: str) -> Any:
        result = self.ivr(*words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.output)

    def refusal(self, *words: str) -> str:
        result = self.ivr(*words)
        assert isinstance(result.exception, CannotRun), result.output
        return str(result.exception)

    def run(self, work: Callable[[Redis], Awaitable[object]]) -> None:
        async def connected() -> None:
            redis = await Redis.connect(self.url)
            try:
                await work(redis)
            finally:
                await redis.close()

        asyncio.run(connected())

    def join(self, *names: str) -> None:
        """Let contacts of no call wait in billing, a minute ago."""

        async def joining(redis: Redis) -> None:
            for name in names:
                contact = Contact(name, "billing", BILLING, caller="+12025550143")
                await contacts.join(redis, "main", contact, now_ms=parse_clock(CLOCK).now_ms() - 60_000)

        self.run(joining)


@pytest.fixture
def empty(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A running engine in which nothing is live."""
    monkeypatch.chdir(tmp_path)
    made = Desk(redis_url)
    made.run(flush)
    return made


@pytest.fixture
def desk(empty: Desk) -> Desk:
    """The same with a centre that has two queues."""
    files = queue_workspace()
    files["center.yaml"] += "  operator: {join_when: {agents: any}}\n"

    async def publish(redis: Redis) -> None:
        programs = Programs(redis, parse_clock(CLOCK), Vault({}, ()))
        workspace = Workspace({path: text.encode() for path, text in files.items()}, {}, {})
        assert isinstance(await programs.publish(workspace, author="a test", message=""), Published)

    empty.run(publish)
    return empty


def test_queues_are_listed_with_who_waits(desk: Desk) -> None:
    """For people and for programs."""
    desk.ivr("agents", "sign-in", "ana", "--skills", "billing:5")
    desk.join("C1", "C2")

    assert "billing main 2 1:00 0 1" in desk.prints("queues")
    assert desk.json("queues")[0] == {
        "name": "billing", "group": "main", "waiting": 2, "longest_ms": 60_000, "ready": 0, "signed_in": 1,
    }  # fmt: skip


def test_a_queue_shows_its_contacts_in_order(desk: Desk) -> None:
    """With how long they have waited and what they need; whom an agent who becomes available gets is told at once."""
    desk.ivr("agents", "sign-in", "ana", "--skills", "billing:5")
    desk.join("C1", "C2")
    told = desk.prints("agents", "status", "ana", "available")
    shown = desk.prints("queues", "show", "billing")

    assert told == "ana is available C1 is offered to ana"
    assert "1 C1 +12025550143 1:00 billing:3 offered ana 2 C2 +12025550143 1:00 billing:3 waiting" in shown
    assert [one["id"] for one in desk.json("queues", "show", "billing")] == ["C1", "C2"]
    assert desk.prints("queues", "show", "operator") == "nobody waits in operator"


def test_a_contact_tells_why_it_waits(desk: Desk) -> None:
    """Who could answer, and what the others lack."""
    desk.ivr("agents", "sign-in", "ana", "--skills", "billing:2")
    desk.ivr("agents", "sign-in", "ben", "--skills", "billing:5")
    desk.join("C1")

    assert "ana: billing 3 is needed, has 2" in desk.prints("queues", "why", "C1")
    assert desk.json("queues", "why", "C1")["queue"] == "billing"


def test_contacts_are_moved_and_given_a_head_start(desk: Desk) -> None:
    """Each says what it has done."""
    desk.ivr("agents", "sign-in", "ana", "--skills", "billing:5")
    desk.join("C1", "C2")

    assert desk.prints("queues", "priority", "C2", "3") == "C2 has priority 3 now"
    assert desk.prints("queues", "move", "C1", "operator") == "C1 waits in operator now, with its place"
    assert [one["id"] for one in desk.json("queues", "show", "operator")] == ["C1"]


def test_agents_are_listed_with_what_they_do(desk: Desk) -> None:
    """Status with its reason, state, skills; whatever the reason is, it is shown as it was written."""
    desk.ivr("agents", "sign-in", "ana", "--skills", "billing:5", "--available")
    desk.ivr("agents", "sign-in", "ben")
    desk.ivr("agents", "status", "ben", "on-break", "--reason", "[/red] tea")
    shown = desk.prints("agents")

    assert "ana main available ready" in shown
    assert "ben main on break ([/red] tea) away" in shown
    assert [(one["id"], one["group"]) for one in desk.json("agents")] == [("ana", "main"), ("ben", "main")]


def test_an_agents_line_is_kept_until_they_sign_in_without_one(desk: Desk) -> None:
    """Where they are rung is what they said last; somebody at a browser is rung nowhere."""
    found: list[str] = []

    async def look(redis: Redis) -> None:
        found.append(await line_of(redis, "ana"))

    for words in (("--phone", "+12025550170"), ("--sip", "sip:ana@example.com"), ()):
        desk.ivr("agents", "sign-in", "ana", "--skills", "billing:5", *words)
        desk.run(look)
        desk.ivr("agents", "sign-out", "ana")

    assert found == ["+12025550170", "sip:ana@example.com", ""]


def test_an_agent_signs_out(desk: Desk) -> None:
    """And is listed no more; why they have nothing is still told."""
    desk.ivr("agents", "sign-in", "ana")

    assert desk.prints("agents", "sign-out", "ana", "--reason", "end of shift") == "ana is signed out"
    assert desk.prints("agents") == "nobody is signed in; ivr agents sign-in NAME --skills billing:5"
    assert "ana is offline (end of shift)" in desk.prints("agents", "why", "ana")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("agents", "sign-out", "zoe"), "zoe: nobody of that name is signed in"),
        (("agents", "sign-in", "zoe", "--skills", "cooking:3"), 'no skill named "cooking" in the live center.yaml'),
        (("agents", "why", "zoe"), "zoe: nobody of that name has signed in within a month"),
        (("queues", "why", "C9"), "C9: no such contact, or over for more than a day"),
        (("queues", "move", "C9", "operator"), "C9: no such contact, or over for more than a day"),
        (("queues", "priority", "C9", "1"), "C9: no such contact, or over for more than a day"),
    ],
)
def test_what_was_not_done_leaves_with_status_1(desk: Desk, words: tuple[str, ...], told: str) -> None:
    """A sentence that says why, for people on the error output and for programs as JSON."""
    result = desk.ivr(*words)
    as_json = desk.ivr(*words, "--json")

    assert (result.exit_code, as_json.exit_code) == (1, 1)
    assert told in result.output
    assert json.loads(as_json.output)["why"] in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("queues", "show", "biling"), 'no queue named "biling" in the live center.yaml; did you mean "billing"?'),
        (("queues", "move", "C1", "night"), 'no queue named "night" in the live center.yaml; there are'),
        (
            ("agents", "sign-in", "zoe", "--skills", "billing:11"),
            '"billing:11" is not a skill with a level from 1 to 10',
        ),
        (("agents", "sign-in", "zoe", "--group", "night"), 'has the group "night"; there are main'),
        (("agents", "sign-in", "zoe", "--phone", "170"), '"170" can not be rung'),
        (("agents", "sign-in", "zoe", "--phone", "sip:zoe@example.com"), "--phone"),
        (("agents", "sign-in", "zoe", "--sip", "zoe"), '"zoe" can not be rung'),
        (
            ("agents", "sign-in", "zoe", "--phone", "+12025550170", "--sip", "sip:zoe@example.com"),
            "exclude each other",
        ),
    ],
)
def test_what_makes_no_sense_could_not_run(desk: Desk, words: tuple[str, ...], told: str) -> None:
    """Refused by name before anything is asked of routing."""
    assert told in desk.refusal(*words)


def test_without_a_live_program_there_are_no_queues(empty: Desk) -> None:
    """And it says what to do."""
    assert "no program is live" in empty.refusal("queues")
    assert "no program is live" in empty.refusal("agents")

"""``ivr hours``: what it shows, what it does, and what it refuses by name."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner, Result

from ivr.clock import parse_clock
from ivr.closures import Audited, Closures
from ivr.commands.errors import CannotRun
from ivr.commands.hours import app
from ivr.programs import Programs, Published
from ivr.sealing import Vault
from ivr.workspace import Workspace
from routing.redis import Redis
from tests.support.engine import flush
from tests.support.workspaces import small_workspace

if TYPE_CHECKING:
    from pathlib import Path


HOURS = """
hours:
  office:
    mon-fri: 08:00-12:30, 13:00-18:00
    sat: 22:00-02:00
    dates: {2026-03-03: holiday, 2026-03-04: closed}
  night: {mon-sun: 00:00-24:00}
"""
MONDAY_TEN = "1772463600"  # 2026-03-02 10:00 in New York


class Desk:
    """The command beside a running engine with a live program; its clock hardly moves."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.clock = f"{MONDAY_TEN}+0.000001"

    def ivr(self, *words: str) -> Result:
        env = {"IVR_REDIS_URL": self.url, "IVR_CLOCK": self.clock}
        return CliRunner().invoke(app, list(words), env=env)

    def json(self, *words: str) -> Any:
        result = self.ivr(*words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.output)

    def refusal(self, *words: str) -> str:
        result = self.ivr(*words)
        assert isinstance(result.exception, CannotRun), result.output
        return str(result.exception)

    def audit(self) -> list[Audited]:
        async def read() -> list[Audited]:
            redis = await Redis.connect(self.url)
            try:
                return await Closures(redis, parse_clock(self.clock)).audit()
            finally:
                await redis.close()

        return asyncio.run(read())


@pytest.fixture
def empty(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A running engine in which nothing is live."""
    monkeypatch.chdir(tmp_path)

    async def clear() -> None:
        redis = await Redis.connect(redis_url)
        await flush(redis)
        await redis.close()

    asyncio.run(clear())
    return Desk(redis_url)


@pytest.fixture
def desk(empty: Desk) -> Desk:
    """The same with a centre that has opening hours in two languages."""
    files = small_workspace()
    files["center.yaml"] = files["center.yaml"].replace("[en-US]", "[en-US, es-US]") + HOURS

    async def publish() -> None:
        redis = await Redis.connect(empty.url)
        programs = Programs(redis, parse_clock(empty.clock), Vault({}, ()))
        workspace = Workspace({path: text.encode() for path, text in files.items()}, {}, {})
        assert isinstance(await programs.publish(workspace, author="a test", message=""), Published)
        await redis.close()

    asyncio.run(publish())
    return empty


def test_it_shows_what_is_open_and_the_next_seven_days(desk: Desk) -> None:
    """For people, with holidays, closed days and shifts over midnight."""
    shown = " ".join(desk.ivr().output.split())

    assert "office is open" in shown
    assert "mon 2026-03-02 08:00-12:30, 13:00-18:00" in shown
    assert "tue 2026-03-03 holiday" in shown
    assert "wed 2026-03-04 closed" in shown
    assert "sat 2026-03-07 22:00-02:00" in shown
    assert "sun 2026-03-08 closed" in shown
    assert "night is open" in shown


def test_it_gives_the_same_to_programs(desk: Desk) -> None:
    """As JSON."""
    found = desk.json()
    office = found["calendars"][0]

    assert (found["timezone"], found["now"]) == ("America/New_York", "2026-03-02 10:00-05:00")
    assert (office["name"], office["state"], office["opens"]) == ("office", "open", "2026-03-02 13:00-05:00")
    assert office["closed_at_once"] is None
    assert office["days"][0] == {"date": "2026-03-02", "shifts": ["08:00-12:30", "13:00-18:00"], "holiday": False}
    assert found["calendars"][1]["days"][0]["shifts"] == ["00:00-24:00"]


def test_closing_and_opening_at_once(desk: Desk) -> None:
    """It is told, shown, written down with who did it, and undone."""
    said = ["--say", "We have a power cut.", "--say", "es-US=No hay luz."]
    closed = desk.ivr("close", "office", "--until", "14:00", *said, "--by", "ana")
    standing = desk.json()["calendars"][0]
    shown = desk.ivr().output
    opened = desk.ivr("open", "office", "--by", "luis")
    again = desk.ivr("open", "office")

    assert closed.output == "office is closed until 2026-03-02 14:00-05:00\n"
    assert (standing["state"], standing["opens"]) == ("closed", "2026-03-02 14:00-05:00")
    assert standing["closed_at_once"]["say"] == {"en-US": "We have a power cut.", "es-US": "No hay luz."}
    assert "closed by ana until 2026-03-02 14:00-05:00" in shown
    assert opened.output == "office goes by its own hours again: it is open now\n"
    assert again.output == "office was not closed by hand; nothing changes: it is open now\n"
    assert [(one.did, one.by, one.closing.calendar) for one in desk.audit()] == [
        ("opened", "luis", "office"),
        ("closed", "ana", "office"),
    ]


def test_what_was_done_is_told_to_programs(desk: Desk) -> None:
    """As JSON, with the user's own name when no other is given."""
    closed = desk.json("close", "office", "--until", "tomorrow 08:00")
    opened = desk.json("open", "office")

    assert (closed["until"], closed["say"]) == ("2026-03-03 08:00-05:00", {})
    assert closed["by"]
    assert opened == {"calendar": "office", "was_closed": True, "state": "open"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("close", "ofice", "--until", "14:00"),
            'no hours named "ofice" in the live center.yaml; did you mean "office"?',
        ),
        (("open", "elsewhere"), "there are night, office"),
        (("close", "office", "--until", "09:00"), "--until 09:00: that is over"),
        (("close", "office", "--until", "2026-03-08 02:30"), "clocks skip 02:30"),
        (("close", "office", "--until", "soon"), "--until soon: that is not a time"),
        (("close", "office", "--until", "14:00", "--say", "fr-FR=Bonjour."), "the centre speaks en-US, es-US"),
        (("close", "office", "--until", "14:00", "--say", "A.", "--say", "B."), "given twice for en-US"),
        (("close", "office", "--until", "14:00", "--say", " "), "a sentence of 1 to 500 characters"),
        (("close", "office", "--until", "14:00", "--say", "x" * 501), "a sentence of 1 to 500 characters"),
    ],
)
def test_what_it_refuses_changes_nothing(desk: Desk, words: tuple[str, ...], said: str) -> None:
    """By name, with what to do."""
    assert said in desk.refusal(*words)
    assert desk.audit() == []
    assert [one["closed_at_once"] for one in desk.json()["calendars"]] == [None, None]


def test_without_a_live_program_there_are_no_hours(empty: Desk) -> None:
    """And it says who makes one live."""
    assert "no program is live" in empty.refusal()


def test_without_a_server_there_is_nothing_to_close(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither where there is no data folder, nor where nobody answers."""
    monkeypatch.chdir(tmp_path)

    nobody = CliRunner().invoke(app, [], env={"IVR_REDIS_URL": None, "IVR_DATA_DIR": str(tmp_path)})
    silent = CliRunner().invoke(app, [], env={"IVR_REDIS_URL": f"unix://{tmp_path}/none.sock"})

    assert "no server is running" in str(nobody.exception)
    assert "check IVR_REDIS_URL" in str(silent.exception)
    assert isinstance(nobody.exception, CannotRun)
    assert isinstance(silent.exception, CannotRun)

"""``ivr simulator`` in a process of its own, against a small application that is not ours, with misfortunes."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from base64 import b64encode
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
import typer
from typer.testing import CliRunner

from ivr.commands.errors import CannotRun
from ivr.commands.simulator import simulator
from tests.support.processes import IVR, answers, clean, free_port
from tests.support.waiting import eventually_now

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMBER = "+12025550100"
ACCOUNT = ("--number", NUMBER, "--account-sid", "AC1", "--auth-token", "1", "--port", "0")
APPLICATION = Path(__file__).with_name("twenty_lines.py")


@contextmanager
def running(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([*command], env=clean({}), stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)


@contextmanager
def a_network(*options: str) -> Iterator[tuple[str, str]]:
    """A simulator whose number leads to the application; its address, and the application's."""
    port, own = free_port(), free_port()
    application = f"http://127.0.0.1:{port}"
    words = ["--number", NUMBER, "--port", str(own), "--webhook", f"{application}/voice#rc=1&rp=ct,rt,5xx"]
    words += ["--status-callback", f"{application}/status", "--account-sid", "AC1", "--auth-token", "12345"]
    url = f"http://127.0.0.1:{own}"
    with running(sys.executable, str(APPLICATION), str(port)), running(*IVR, "simulator", *words, *options):
        eventually_now(lambda: listens(port), "the application", within_s=30)
        eventually_now(lambda: answers(f"{url}/simulator/calls.json"), "the network", within_s=30)
        yield url, f"{application}/voice"


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2):
        return True
    return False


def memory(url: str) -> dict[str, Any]:
    with urlopen(f"{url}/simulator/calls.json", timeout=5) as response:  # noqa: S310 - our own process on loopback
        return dict(json.load(response))


def call(url: str, script: str) -> dict[str, Any]:
    """One call by script; what was heard and done."""
    command = [*IVR, "call", NUMBER, "--simulator", url, "--json", "--script", script]
    done = subprocess.run(command, env=clean({}), capture_output=True, text=True, timeout=60, check=False)
    return dict(json.loads(done.stdout))


def said(one: dict[str, Any]) -> list[str]:
    return [entry["text"] for entry in one["conversation"] if entry["kind"] == "say"]


def test_it_drives_an_application_that_is_not_ours() -> None:
    """A caller goes through the menu and leaves a message; the page shows it, and its end was told."""
    with a_network("--speed", "20") as (url, _):
        one = call(url, '1 "please call me back"')
        eventually_now(lambda: "completed" in [ex["form"] for ex in told(url)], "the end told")
        with urlopen(url, timeout=5) as page:  # noqa: S310 - our own process on loopback
            shown = page.read().decode()

    assert said(one) == ["Press 1 to leave a message.", "Speak after the tone."]
    assert one["ended"] == "completed"
    assert "Telephone network" in shown


def told(url: str) -> list[dict[str, Any]]:
    """Each status callback with the CallStatus it brought."""
    exchanges = [one for each in memory(url)["calls"] for one in each["exchanges"] if one["kind"] == "callback"]
    return [one | {"form": dict(one["parameters"]).get("CallStatus")} for one in exchanges]


@pytest.mark.parametrize(
    ("fault", "heard", "codes"),
    [
        ("answer late */voice", "Press 1 to leave a message.", []),
        ("2x answer late */voice", "We are sorry, an application error has occurred. Goodbye.", [11203]),
        ("cut off */chosen", "We are sorry, an application error has occurred. Goodbye.", [11206]),
        ("repeat at once */chosen", "Speak after the tone.", []),
    ],
)
def test_misfortunes_ordered_at_its_start_befall_the_application(fault: str, heard: str, codes: list[int]) -> None:
    """A retry cures what it may; the rest the caller hears, and the simulator has the vendor's code for it."""
    with a_network("--speed", "20", "--fault", fault) as (url, _):
        one = call(url, "1 hangup")
        kept = memory(url)

    assert heard in said(one)
    assert [error["code"] for error in kept["errors"]] == codes


def test_a_telephone_in_the_terminal_waits_to_be_called() -> None:
    """``ivr call --wait`` rings, and by script picks up by itself and answers the questions."""
    number = "+12025550177"
    with a_network("--speed", "20") as (url, voice):
        command = [*IVR, "call", "--wait", "--from", number, "--simulator", url, "--json", "--script", "1"]
        with subprocess.Popen(command, env=clean({}), stdout=subprocess.PIPE, text=True) as waiting:
            eventually_now(lambda: is_answered(url, voice, number), "the waiting telephone answering")
            one = json.loads(waiting.communicate(timeout=60)[0])

    assert [entry["kind"] for entry in one["conversation"]][:2] == ["rings", "status"]
    assert "Press 1 to leave a message." in said(one)


def is_answered(url: str, voice: str, number: str) -> bool:
    """Whether somebody answers when the account calls ``number``, with the application's menu."""
    form = urlencode({"To": number, "From": NUMBER, "Url": voice}).encode()
    request = Request(f"{url}/2010-04-01/Accounts/AC1/Calls.json", form)  # noqa: S310 - our own process on loopback
    request.add_header("Authorization", f"Basic {b64encode(b'AC1:12345').decode()}")
    with urlopen(request, timeout=5) as response:  # noqa: S310 - the same
        sid = json.load(response)["sid"]
    return eventually_now(lambda: outcome(url, sid), "the call answered or refused") == "answered"


def outcome(url: str, sid: str) -> str:
    """``answered``, a final status, or nothing yet."""
    one = next(one for one in memory(url)["calls"] if one["sid"] == sid)
    return "answered" if one["answered_ms"] else str((one["ended_ms"] and one["status"]) or "")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--person", "+1202555*"], "is nobody: write NUMBER = SENTENCE"),
        (["--person", "+1 = sings"], "a sentence begins with answers, declines"),
        (["--fault", "explode */voice"], "is no misfortune: write [TIMESx] KIND"),
        (["--speed", "0"], "--speed must be above 0"),
        (["--page", "127.0.0.1:8080"], "write the page's address, such as http://"),
    ],
)
def test_what_it_cannot_use_is_said_by_name(options: list[str], says: str) -> None:
    """Before it listens."""
    app = typer.Typer()
    app.command()(simulator)
    result = CliRunner().invoke(app, [*ACCOUNT, *options], env=clean({}))

    assert isinstance(result.exception, CannotRun), result.output
    assert says in str(result.exception)


def test_what_it_cannot_use_is_exit_status_2() -> None:
    """With the sentence where errors go."""
    command = [*IVR, "simulator", *ACCOUNT, "--speed", "0"]
    done = subprocess.run(command, env=clean({}), capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 2
    assert "--speed must be above 0" in done.stderr

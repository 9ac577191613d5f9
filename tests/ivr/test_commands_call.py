"""``ivr call``: the telephone in the terminal, against a simulator in another thread."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import threading
from typing import TYPE_CHECKING, Any

import pytest
import typer
from aiohttp import web
from typer.testing import CliRunner

from ivr.commands.call import call
from ivr.commands.errors import CannotRun
from ivr.simulator import Number, Simulator
from ivr.telephone.finding import find_simulator
from ivr.telephone.handset import NoTelephone
from ivr.telephone.keyboard import Typing
from ivr.telephone.script import Input, read_script

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from typer.testing import Result

NUMBER, BUSY = "+12025550100", "+12025550101"
MENU = '<Gather input="dtmf speech" action="/pin" numDigits="1"><Say>For billing, press 1.</Say></Gather><Say>Bye</Say>'
PIN = '<Gather action="/end" timeout="60"><Say language="es-US">Su número</Say></Gather><Say>Nothing came</Say>'
END = "<Say>Thank you</Say>"


async def answer(request: web.Request) -> web.Response:
    pages = {"/menu": MENU, "/pin": PIN, "/end": END, "/busy": '<Reject reason="busy"/>'}
    return web.Response(text=f"<Response>{pages[request.path]}</Response>", content_type="text/xml")


@pytest.fixture
def network() -> Iterator[str]:
    """The address of a simulator whose numbers are answered by a small application."""
    ready, stop = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()
    urls = list[str]()

    async def run() -> None:
        app = web.Application()
        app.router.add_post("/{page}", answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        numbers = {NUMBER: Number(f"{url}/menu"), BUSY: Number(f"{url}/busy")}
        simulator = Simulator(account_sid="AC1", auth_token="12345", numbers=numbers)
        urls.extend([await simulator.start(), url])
        ready.set()
        await stop.wait()
        await simulator.stop()
        await runner.cleanup()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    assert ready.wait(10)
    yield urls[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)
    loop.close()


def ivr_call(*arguments: str, typed: str = "") -> Result:
    app = typer.Typer()
    app.command()(call)
    return CliRunner().invoke(app, list(arguments), input=typed)


def test_a_script_answers_one_question_after_the_other(network: str) -> None:
    """And what was said can be read, with the language where it changes."""
    result = ivr_call(NUMBER, "--simulator", network, "--script", "1 12345#")

    assert result.exit_code == 0
    lines = [line.strip() for line in result.stdout.splitlines() if line.strip()]
    assert lines[0] == f"{NUMBER} answered"
    assert [line.split(maxsplit=1)[1] for line in lines[1:6]] == [
        "For billing, press 1.",
        "1",
        "[es-US] Su número",
        "12345#",
        "[en-US] Thank you",
    ]
    assert lines[6].startswith("The call has ended")


@pytest.mark.parametrize(
    ("script", "done", "last"),
    [
        ('"my bill" wait', ["spoke", "waited"], "Nothing came"),
        ("1", ["pressed", "hung up"], "Su número"),
        ("wait", ["waited"], "Bye"),
        ("hangup", ["hung up"], "For billing, press 1."),
        ("", ["hung up"], "For billing, press 1."),
    ],
)
def test_a_call_is_one_json_document(network: str, script: str, done: list[str], last: str) -> None:
    """What was heard and done in order, and how it ended; after the last input the telephone hangs up."""
    result = ivr_call(NUMBER, "--simulator", network, "--from", "+12025550177", "--json", "--script", script)
    call_document: dict[str, Any] = json.loads(result.stdout)

    conversation = call_document["conversation"]
    assert result.exit_code == 0
    assert (call_document["from"], call_document["answered"], call_document["ended"]) == (
        "+12025550177",
        True,
        "completed",
    )
    assert [one["kind"] for one in conversation if one["kind"] in {"spoke", "waited", "pressed", "hung up"}] == done
    assert [one["text"] for one in conversation if one["kind"] == "say"][-1] == last


def test_lines_from_a_pipe_are_a_script(network: str) -> None:
    """Which speech takes its time to be asked for."""
    result = ivr_call(NUMBER, "--simulator", network, "--json", typed="1\n12#\n")

    assert [one["text"] for one in json.loads(result.stdout)["conversation"] if one["kind"] == "pressed"] == [
        "1",
        "12#",
    ]


@pytest.mark.parametrize(("number", "said"), [(BUSY, "Busy."), ("+12025550199", "This number is not in service.")])
def test_a_call_that_is_not_answered_exits_1(network: str, number: str, said: str) -> None:
    """And says why."""
    result = ivr_call(number, "--simulator", network, "--script", "1")

    assert result.exit_code == 1
    assert said in result.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--script", "1x"), "words go in"),
        (("--script", '"unclosed'), "words go in"),
        (("--simulator", "http://127.0.0.1:1"), "nothing answers as a simulator"),
    ],
)
def test_what_cannot_be_called_is_said_in_a_sentence(arguments: tuple[str, ...], sentence: str) -> None:
    """No stack trace."""
    result = ivr_call(NUMBER, *arguments)

    assert isinstance(result.exception, CannotRun)
    assert sentence in str(result.exception)


REAL = "https://api.twilio.com"


def test_the_simulator_is_found_where_the_server_says(tmp_path: Path) -> None:
    """The given address first, then the configured one, then the running server's."""
    server = {"pid": os.getpid(), "url": "http://127.0.0.1:8080", "twilio_api_url": "http://127.0.0.1:9/"}
    (tmp_path / "server.json").write_text(json.dumps(server))

    assert find_simulator(given="http://a/", configured="http://b", data_dir=tmp_path) == "http://a"
    assert find_simulator(given="", configured="http://b", data_dir=tmp_path) == "http://b"
    assert find_simulator(given="", configured=REAL, data_dir=tmp_path) == "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("server", "sentence"),
    [
        (None, "no server is running here"),
        ("{", "no server is running here"),
        ("[1]", "no server is running here"),
        (json.dumps({"pid": 2**22 + 1, "twilio_api_url": "http://a"}), "no server is running here"),
        (json.dumps({"pid": os.getpid()}), "no server is running here"),
        (json.dumps({"pid": os.getpid(), "twilio_api_url": REAL}), "talks to the real Twilio"),
    ],
)
def test_without_a_simulator_nobody_is_called(tmp_path: Path, server: str | None, sentence: str) -> None:
    """A server that is gone, or one whose numbers ring real telephones."""
    if server is not None:
        (tmp_path / "server.json").write_text(server)

    with pytest.raises(NoTelephone, match=sentence):
        find_simulator(given="", configured=REAL, data_dir=tmp_path)


def test_a_script_is_keys_words_and_two_commands() -> None:
    """In any order."""
    assert read_script(' 1 12345#  "my  bill" wait hangup ') == [
        Input("pressed", "1"),
        Input("pressed", "12345#"),
        Input("spoke", "my  bill"),
        Input("waited"),
        Input("hung up"),
    ]


@pytest.mark.parametrize(
    ("typed", "inputs"),
    [
        ("1a#", [Input("pressed", "1"), Input("pressed", "#")]),
        ('"my bill\n2', [Input("spoke", "my bill"), Input("pressed", "2")]),
        ('"bill"\r', [Input("spoke", "bill")]),
        ('"bell\x7f\x7f\x7fill\n', [Input("spoke", "bill")]),
        ('"never mind\x1b3', [Input("pressed", "3")]),
        ('"\n', []),
        ("\x04", [Input("hung up")]),
    ],
)
def test_typing_becomes_keys_and_words(typed: str, inputs: list[Input]) -> None:
    """Keys at once, words from a quotation mark to Enter; Escape forgets them."""
    typing = Typing()

    assert [given for character in typed if (given := typing.type(character))] == inputs


RUN = "import typer, sys; from ivr.commands.{0} import {0}; app = typer.Typer(); app.command()({0}); app()"


def read_until(terminal: int, text: str, shown: str = "") -> str:
    """All that the terminal shows until ``text`` is among it; fails after ten seconds without a change."""
    while text not in shown:
        assert select.select([terminal], [], [], 10)[0], f"waited in vain for {text!r} in {shown!r}"
        shown += os.read(terminal, 4096).decode(errors="replace")
    return shown


def test_a_person_at_a_terminal_presses_keys_and_gets_the_terminal_back(network: str) -> None:
    """Keys are sent without Enter, also before the prompt is over; afterwards the terminal is as it was."""
    ours, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    command = [sys.executable, "-c", RUN.format("call"), NUMBER, "--simulator", network]
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "80"}
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as telephone:
        read_until(ours, "For b")
        os.write(ours, b"1")
        read_until(ours, "Su n")
        os.write(ours, b"12#")
        shown = read_until(ours, "has ended")
        code = telephone.wait(10)

    assert code == 0
    assert "Thank you" in shown
    assert termios.tcgetattr(theirs) == before
    os.close(ours)
    os.close(theirs)


def test_a_simulator_of_ones_own_runs_until_it_is_told_to_stop() -> None:
    """It prints its address, answers calls there, and a second one on the same port says what to do."""
    command = [sys.executable, "-c", RUN.format("simulator"), "--number", NUMBER, "--account-sid", "AC1"]
    command += ["--auth-token", "12345", "--webhook", "http://127.0.0.1:1/voice", "--status-callback", "", "--port"]
    with subprocess.Popen([*command, "0"], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        url = running.stdout.readline().split()[4].rstrip(";")
        result = ivr_call(NUMBER, "--simulator", url, "--script", "1")
        second = subprocess.run([*command, url.rpartition(":")[2]], capture_output=True, text=True, check=False)
        running.send_signal(signal.SIGTERM)
        code = running.wait(10)

    assert "application error" in result.stdout
    assert "is in use" in second.stderr
    assert "choose another with --port" in second.stderr
    assert code == 0

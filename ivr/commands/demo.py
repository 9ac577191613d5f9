"""``ivr demo``: everything at once, with no account and no telephone; prints what to try."""

from __future__ import annotations

import os
import secrets
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.panel import Panel

from flows.problems import render
from flows.program import compile_program
from ivr.commands.errors import CannotRun, settings_or_refuse
from ivr.commands.serve import Run, run_server
from ivr.supervisor import CannotListenError, Child, listen
from ivr.twilio.links import Links
from ivr.workspace import WorkspaceError, read_workspace

if TYPE_CHECKING:
    from flows.center import Center
    from ivr.settings import Settings

SIMULATOR_PORT = 8090
# What a ``.env`` may say for production must not lead a demo there: empty means embedded, or none.
NOT_OURS = (
    *("redis_url", "database_url", "recordings_url"),
    *("twilio_api_key", "twilio_api_secret", "twilio_app_sid"),
)


def demo() -> None:
    """Run the sample centre with an embedded engine and a telephone network of its own."""
    settings = settings_or_refuse()
    if settings.port == 0:  # the addresses that the demo hands out must be known before it listens
        settings = replace(settings, port=_free_port(0))
    center = _center(settings)
    base_url = replace(settings, public_url="").base_url
    simulator_port = _free_port(SIMULATOR_PORT)
    # An account of its own for each run: nobody else can post calls, and no real one is needed.
    own = {
        "IVR_TWILIO_ACCOUNT_SID": f"AC{secrets.token_hex(16)}",
        "IVR_TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "IVR_TWILIO_API_URL": f"http://127.0.0.1:{simulator_port}",
        "IVR_PUBLIC_URL": base_url,
        "IVR_LOG_FORMAT": "console" if settings.log_format == "auto" and sys.stderr.isatty() else settings.log_format,
    }
    own |= {f"IVR_{name.upper()}": "" for name in NOT_OURS}
    env = dict(os.environ) | own
    changed: dict[str, Any] = {name.removeprefix("IVR_").lower(): value for name, value in own.items()}
    changed["twilio_auth_token"] = (own["IVR_TWILIO_AUTH_TOKEN"],)
    links = Links(base_url)
    network = [sys.executable, "-m", "ivr", "simulator", "--port", str(simulator_port), "--webhook", links.voice]
    network += ["--status-callback", links.status]
    network += [word for number in center.numbers for word in ("--number", number)]
    run = Run(replace(settings, **changed), env, publish="changed", beside=[Child("telephone network", network, env)])
    run_server(run, on_ready=lambda url: _welcome(center, url, str(settings.workspace)))


def _center(settings: Settings) -> Center:
    """The workspace's centre; refused with every problem when it has mistakes, before anything is started."""
    try:
        workspace = read_workspace(settings.workspace)
    except WorkspaceError as error:
        raise CannotRun(str(error)) from error
    compiled = compile_program(workspace.files, workspace.audio)
    if compiled.program is None:
        print(render(compiled.problems, workspace.files), file=sys.stderr)
        raise typer.Exit(1)
    return compiled.program.center


def _free_port(wanted: int) -> int:
    """The port that people remember if nobody has it, else any."""
    for port in (wanted, 0):
        try:
            listening = listen("127.0.0.1", port)
        except CannotListenError:
            continue
        found: int = listening[0].getsockname()[1]
        listening[0].close()
        return found
    raise CannotRun("no free port on this machine for the telephone network")


def _welcome(center: Center, url: str, workspace: str) -> None:
    number = next(iter(center.numbers))
    text = (
        f"[bold]{center.name}[/] answers on {url}\n\n"
        "In a second terminal, ring it:\n\n"
        f"    [bold cyan].venv/bin/ivr call {number}[/]\n\n"
        'Type keys; type [bold]"[/] and words and Enter to speak; Ctrl-C hangs up.\n'
        f"What callers hear is written in {workspace}.\n"
        "Ctrl-C here stops everything."
    )
    Console(stderr=True).print(Panel(text, title="Cordboard", expand=False, padding=(1, 3)))

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
    from pathlib import Path

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
    simulator_url = f"http://127.0.0.1:{simulator_port}"
    # An account of its own for each run: nobody else can post calls, and no real one is needed.
    own = {
        "IVR_TWILIO_ACCOUNT_SID": f"AC{secrets.token_hex(16)}",
        "IVR_TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "IVR_TWILIO_API_URL": simulator_url,
        "IVR_PUBLIC_URL": base_url,
        "IVR_LOG_FORMAT": "console" if settings.log_format == "auto" and sys.stderr.isatty() else settings.log_format,
    }
    if not settings.secret_key:
        own["IVR_SECRET_KEY"] = _own_key(settings.data_dir)
    own |= {f"IVR_{name.upper()}": "" for name in NOT_OURS}
    env = dict(os.environ) | own
    changed: dict[str, Any] = {name.removeprefix("IVR_").lower(): value for name, value in own.items()}
    changed["twilio_auth_token"] = (own["IVR_TWILIO_AUTH_TOKEN"],)
    changed["secret_key"] = settings.secret_key or (own["IVR_SECRET_KEY"],)
    links = Links(base_url)
    network = [sys.executable, "-m", "ivr", "simulator", "--port", str(simulator_port), "--webhook", links.voice]
    network += ["--status-callback", links.status, "--page", base_url]
    network += [word for number in center.numbers for word in ("--number", number)]
    settings = replace(settings, **changed)
    saved = [sys.executable, "-m", "ivr", "flows", "publish", str(settings.workspace), "--watch", "-m", "saved"]
    beside = [Child("telephone network", network, env), Child("workspace", saved, env)]
    run = Run(settings, env, publish="changed", beside=beside, telephones=simulator_url)
    run_server(run, on_ready=lambda url: _welcome(center, settings, url))


def _own_key(data_dir: Path) -> str:
    """The demo's key for sensitive values: made once, kept where its calls are, for this user's eyes only."""
    path = data_dir / "secret.key"
    data_dir.mkdir(parents=True, exist_ok=True)
    try:
        made_by_us = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(made_by_us, "w", encoding="ascii") as made:
            made.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    except OSError as error:
        raise CannotRun(f"{path} cannot be written: {error.strerror}") from error
    return path.read_text(encoding="ascii").strip()


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


def _welcome(center: Center, settings: Settings, url: str) -> None:
    number = next(iter(center.numbers))
    # The page is not served where others could reach it.
    phone = f"Telephone in the browser:\n\n    [bold cyan]{url}/console/phone[/]\n\n" if settings.is_loopback else ""
    text = (
        f"{phone}"
        "In a second terminal, ring it:\n\n"
        f"    [bold cyan].venv/bin/ivr call {number}[/]\n\n"
        'Type keys; type [bold]"[/] and words and Enter to speak; Ctrl-C hangs up.\n\n'
        f"[bold]{center.name}[/] answers on {url}; every call, message by message: {settings.twilio_api_url}\n"
        f"What callers hear is written in {settings.workspace}: save a file, and the next call hears it.\n"
        "Ctrl-C here stops everything."
    )
    Console(stderr=True).print(Panel(text, title="Cordboard", expand=False, padding=(1, 3)))

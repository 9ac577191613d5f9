"""``ivr flows``: what a supervisor does with call flows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from flows.instructions import Pause
from flows.problems import as_data, render
from flows.program import compile_program
from ivr.commands.errors import CannotRun, settings_or_refuse
from ivr.sentences import say
from ivr.twilio.links import Links
from ivr.twilio.twiml import Scribe
from ivr.workspace import Workspace, WorkspaceError, read_workspace

app = typer.Typer(name="flows", help="Check call flows.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Check call flows."""


@app.command()
def check(
    workspace: Annotated[
        Path | None, typer.Argument(help="The folder that holds center.yaml; else IVR_WORKSPACE, else the sample.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the problems as JSON.")] = False,
) -> None:
    """Find every mistake in a workspace before a caller does; exit 1 when there is one."""
    found = _read(settings_or_refuse().workspace if workspace is None else workspace)
    compiled = compile_program(found.files, found.audio)
    if as_json:
        program = None if compiled.program is None else compiled.program.id
        print(json.dumps({"program": program, "problems": [as_data(one) for one in compiled.problems]}, indent=2))
    elif compiled.problems:
        print(render(compiled.problems, found.files))
    else:
        print(_summary(found))
    raise typer.Exit(1 if compiled.problems else 0)


@app.command()
def fallback() -> None:
    """Print the static TwiML for the number's "primary handler fails": it keeps callers until the server is back."""
    settings = settings_or_refuse()
    if not settings.public_url:
        raise CannotRun("IVR_PUBLIC_URL is not set, so the document would not know where to bring callers back to")
    found = _read(settings.workspace)
    program = compile_program(found.files, found.audio).program
    links = Links(settings.base_url)
    # Five seconds are short for whoever waits and long enough for a process to be replaced; Twilio comes back here as
    # often as the server does not answer.
    spoken = (say("one_moment", program), Pause(5))
    print(Scribe(links.audio_xml).write(spoken, links.voice_xml).decode())


def _read(workspace: Path) -> Workspace:
    try:
        return read_workspace(workspace)
    except WorkspaceError as error:
        raise CannotRun(str(error)) from error


def _summary(found: Workspace) -> str:
    flow_count = sum(1 for path in found.files if path.startswith("flows/"))
    return f"no problems in {flow_count} flow{'' if flow_count == 1 else 's'} and {len(found.audio)} recordings"

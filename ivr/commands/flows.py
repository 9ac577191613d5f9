"""``ivr flows``: what a supervisor does with call flows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from flows.instructions import Pause
from flows.problems import Problem, as_data, did_you_mean, listed, render
from flows.program import Program, compile_program
from flows.scenarios import read_scenarios
from flows.schema import SCHEMAS
from ivr.commands import publishing
from ivr.commands.errors import CannotRun, settings_or_refuse
from ivr.commands.testing import play_scenarios
from ivr.commands.trying import try_flow
from ivr.sarif import as_sarif
from ivr.sentences import say
from ivr.twilio.links import Links
from ivr.twilio.twiml import Scribe
from ivr.workspace import Workspace, WorkspaceError, read_workspace

SCHEMAS_FOLDER = ".schemas"

app = typer.Typer(name="flows", help="Check, publish and try call flows.", no_args_is_help=True)
app.command("test")(play_scenarios)
app.command("try")(try_flow)


@app.callback()
def _group() -> None:
    """Check, publish and try call flows."""


@app.command()
def check(
    workspace: Annotated[
        Path | None, typer.Argument(help="The folder that holds center.yaml; else IVR_WORKSPACE, else the sample.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the problems as JSON.")] = False,
    sarif: Annotated[bool, typer.Option("--sarif", help="Print them as SARIF 2.1.0, for code review.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 for warnings too.")] = False,
) -> None:
    """Find every mistake in a workspace before a caller does; exit 1 when there is one."""
    folder = settings_or_refuse().workspace if workspace is None else workspace
    found = _read(folder)
    program, problems = _problems(found)
    sources = {**found.files, **found.scenarios}
    if sarif:
        print(json.dumps(as_sarif(problems, sources, prefix=_from_here(folder)), indent=2))
    elif as_json:
        name = None if program is None else program.id
        print(json.dumps({"program": name, "problems": [as_data(one) for one in problems]}, indent=2))
    elif problems:
        print(render(problems, sources))
    else:
        print(_summary(found))
    is_wrong = any(strict or one.severity == "error" for one in problems)
    raise typer.Exit(1 if is_wrong else 0)


def _problems(found: Workspace) -> tuple[Program | None, tuple[Problem, ...]]:
    """The program, if there is one, and every mistake; those in scenarios too, which are read for a program."""
    compiled = compile_program(found.files, found.audio)
    if compiled.program is None:
        return None, compiled.problems
    _, wrong = read_scenarios(found.scenarios, found.audio, compiled.program)
    return compiled.program, (*compiled.problems, *wrong)


@app.command()
def schema(
    workspace: Annotated[
        Path | None, typer.Argument(help="The folder that holds center.yaml; else IVR_WORKSPACE, else the sample.")
    ] = None,
    *,
    only: Annotated[str, typer.Option("--print", help="Print one instead: center, flow or scenarios.")] = "",
) -> None:
    """Write JSON Schemas into the workspace's folder .schemas, for completion and hover texts in an editor."""
    if only:
        if only not in SCHEMAS:
            raise CannotRun(f'no schema named "{only}"{did_you_mean(only, SCHEMAS)}; there are {listed(SCHEMAS)}')
        print(json.dumps(SCHEMAS[only](), indent=2))
        return
    folder = (settings_or_refuse().workspace if workspace is None else workspace) / SCHEMAS_FOLDER
    try:
        folder.mkdir(exist_ok=True)
        for name, made in SCHEMAS.items():
            (folder / f"{name}.json").write_text(schema_text(made()), encoding="utf-8")
    except OSError as error:
        raise CannotRun(f"{folder} cannot be written: {error.strerror}") from error
    print(f"written: {', '.join(f'{name}.json' for name in SCHEMAS)} in {folder}")


app.command()(publishing.publish)
app.command()(publishing.versions)
app.command()(publishing.show)
app.command()(publishing.rollback)


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


def schema_text(schema: dict[str, object]) -> str:
    """A schema as it is written into a file: a line each, so that differences can be read."""
    return json.dumps(schema, indent=1) + "\n"


def _from_here(folder: Path) -> str:
    """Where the workspace is, as seen from the folder in which the command runs; empty for elsewhere."""
    try:
        inside = folder.resolve().relative_to(Path.cwd().resolve()).as_posix()
    except ValueError:
        return ""
    return "" if inside == "." else f"{inside}/"


def _read(workspace: Path) -> Workspace:
    try:
        return read_workspace(workspace)
    except WorkspaceError as error:
        raise CannotRun(str(error)) from error


def _summary(found: Workspace) -> str:
    flow_count = sum(1 for path in found.files if path.startswith("flows/"))
    return f"no problems in {flow_count} flow{'' if flow_count == 1 else 's'} and {len(found.audio)} recordings"

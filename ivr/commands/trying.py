"""``ivr flows try``: play a flow in the terminal, and keep what happened as a scenario."""

from __future__ import annotations

import getpass
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from flows import source
from flows.center import E164
from flows.form import Reading
from flows.problems import render
from flows.program import compile_program
from flows.scenarios import begin, play, read_scenarios, stage
from flows.scenarios.given import plain_given, read_given
from flows.scenarios.tell import conversation
from flows.scenarios.write import as_scenario, scalar
from ivr.commands.errors import CannotRun, settings_or_refuse
from ivr.trying.session import Try
from ivr.workspace import Workspace, WorkspaceError, read_workspace

if TYPE_CHECKING:
    from flows.program import Program
    from flows.scenarios import Call, Given


def try_flow(
    what: Annotated[
        str,
        typer.Argument(metavar="[FLOW|NUMBER]", help="The flow to begin in, or the number to ring; else the first."),
    ] = "",
    *,
    workspace: Annotated[Path | None, typer.Option(help="The folder; else IVR_WORKSPACE, else the sample.")] = None,
    caller: Annotated[str, typer.Option(help="The number the call comes from, or withheld.")] = "",
    at: Annotated[str, typer.Option(help="When, on the centre's clock: 2026-03-02 10:00. Else now.")] = "",
    language: Annotated[str, typer.Option(help="The language to begin in.")] = "",
    customer: Annotated[
        list[str] | None, typer.Option(help="A fact about the caller: first_name=Ana. Repeat it.")
    ] = None,
    given_file: Annotated[Path | None, typer.Option("--given", help="A scenario whose `given` is taken.")] = None,
    steps: Annotated[bool, typer.Option("--steps", help="Show the steps that the call goes through.")] = False,
    save: Annotated[
        Path | None, typer.Option(help="Write what happened as a scenario; into a file that is there, too.")
    ] = None,
    name: Annotated[str, typer.Option(help="The saved scenario's sentence.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the conversation as JSON and nothing else.")] = False,
) -> None:
    """Play a flow in the terminal: type keys, or " and words; Enter is silence. You answer for other systems, too."""
    folder = settings_or_refuse().workspace if workspace is None else workspace
    found, program = _program(folder)
    given = _taken_from(given_file, found, program) if given_file is not None else _now(program)
    wanted = {"caller": caller, "at": at, "language": language, **_began(what)}
    given = _with_options(given, {key: value for key, value in wanted.items() if value}, customer or [], program)
    call = begin(stage(program, found.audio), given)
    console = Console(highlight=False, quiet=as_json)
    attempt = Try(call, console, _ask_at_terminal if sys.stdin.isatty() else _ask_of_pipe, shows_steps=steps)
    attempt.run()
    if as_json:
        told = [{"who": who, "what": text, "at": place} for who, text, place in conversation(call, program)]
        print(json.dumps({"call": told, "ended": sorted(call.ending())}, indent=2, ensure_ascii=False))
    if save is not None:
        _save(save, attempt, name, found)
    raise typer.Exit(1 if call.stuck or call.unanswered is not None else 0)


# --- what is given ---------------------------------------------------------------------------------------------------


def _program(folder: Path) -> tuple[Workspace, Program]:
    """The workspace and its program; its problems when it has none."""
    try:
        found = read_workspace(folder)
    except WorkspaceError as error:
        raise CannotRun(str(error)) from error
    compiled = compile_program(found.files, found.audio)
    if compiled.program is None:
        print(render(compiled.problems, found.files))
        raise typer.Exit(1)
    return found, compiled.program


def _now(program: Program) -> Given:
    return replace(plain_given(program), at=datetime.now(UTC).replace(second=0, microsecond=0))


def _began(what: str) -> dict[str, str]:
    return {"called": what} if E164.fullmatch(what) else {"flow": what}


def _with_options(given: Given, wanted: dict[str, str], customer: list[str], program: Program) -> Given:
    """What is given, with the command's options in it, which are read as a scenario's are."""
    rows = [f"{name}: {json.dumps(value)}" for name, value in wanted.items()]
    if customer:
        facts = (one.partition("=") for one in customer)
        rows.append("customer: {" + ", ".join(f"{scalar(key)}: {json.dumps(value)}" for key, _, value in facts) + "}")
    if not rows:
        return given
    node, problems = source.read("", "\n".join(rows).encode())
    reading = Reading("", program.center, {}, program.center.languages[0])
    read = read_given(reading, node, program)
    wrong = [*problems, *reading.problems]
    if wrong:
        raise CannotRun("; ".join(problem.message for problem in wrong))
    changed = {name: getattr(read, name) for name in wanted} | ({"customer": read.customer} if customer else {})
    return replace(given, **changed)


def _taken_from(path: Path, found: Workspace, program: Program) -> Given:
    """The ``given`` of the first scenario of a file."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CannotRun(f"{path} cannot be read: {error.strerror}") from error
    inside = f"scenarios/{path.stem}.yaml"
    scenarios, problems = read_scenarios({inside: data}, found.audio, program)
    if problems or not scenarios:
        raise CannotRun(render(problems, {inside: data}) or f"{path} has no scenario")
    return scenarios[0].given


# --- asking ----------------------------------------------------------------------------------------------------------


def _ask_at_terminal(prompt: str, secret: bool) -> str | None:
    try:
        return getpass.getpass(f"  {prompt} (not shown) › ") if secret else input(f"  {prompt} › ")
    except (EOFError, KeyboardInterrupt):
        print()
        return None


def _ask_of_pipe(_prompt: str, _secret: bool) -> str | None:
    return next((line.rstrip("\n") for line in sys.stdin), None)


# --- keeping ---------------------------------------------------------------------------------------------------------


def _save(path: Path, attempt: Try, name: str, found: Workspace) -> None:
    """Write the scenario, behind those that the file has, and say whether it passes."""
    call = attempt.call
    inside = f"scenarios/{path.stem}.yaml"
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    others, _ = read_scenarios({**found.scenarios, inside: before.encode()}, found.audio, call.stage.program)
    sentence = _unlike(name or _sentence(call), {one.name for one in others})
    written = as_scenario(sentence, call, attempt.diary)
    joined = f"{before.rstrip()}\n\n{written}" if before.strip() else written
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(joined, encoding="utf-8")
    except OSError as error:
        raise CannotRun(f"{path} cannot be written: {error.strerror}") from error
    print(f'saved in {path}: "{sentence}"; {_proved(joined, inside, sentence, found, call)}', file=sys.stderr)


def _proved(text: str, inside: str, sentence: str, found: Workspace, call: Call) -> str:
    scenarios, problems = read_scenarios({inside: text.encode()}, found.audio, call.stage.program)
    mine = next((one for one in scenarios if one.name == sentence), None)
    if mine is None:
        return f"it has problems, which you can mend:\n{render(problems, {inside: text.encode()})}"
    played = play(mine, stage(call.stage.program, found.audio))
    return "it passes" if played.passed else f"it does not pass yet, at line {played.line}: {played.why}"


def _sentence(call: Call) -> str:
    given = call.answers.given
    where = given.flow or call.stage.program.center.numbers.get(given.called, given.called)
    ended = sorted(call.ending())
    return f"{where}, {' and '.join(ended).replace('_', ' ') if ended else 'as far as it was tried'}"


def _unlike(sentence: str, taken: set[str]) -> str:
    number = 2
    found = sentence
    while found in taken:
        found, number = f"{sentence} ({number})", number + 1
    return found

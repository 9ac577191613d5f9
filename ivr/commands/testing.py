"""``ivr flows test``: play the scenarios of a workspace, and tell which steps none of them reached."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import track

from flows.problems import Problem, as_data, render
from flows.program import compile_program
from flows.scenarios import coverage_of, play, read_scenarios, report, stage
from flows.scenarios import tell as telling
from ivr.commands.errors import CannotRun, settings_or_refuse
from ivr.junit import junit
from ivr.workspace import Workspace, WorkspaceError, read_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flows.program import Program
    from flows.scenarios import Coverage, Played, Scenario, Stage

LOOK_S = 0.5  # how often --watch looks whether a file has changed
MANY = 200  # scenarios from which on the progress is shown


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a workspace: its problems, its scenarios as they were played with seconds, and what they reached."""

    problems: tuple[Problem, ...]
    results: tuple[tuple[Played, float], ...] = ()
    coverage: Coverage | None = None
    program: Program | None = None

    @property
    def failed(self) -> list[Played]:
        return [played for played, _ in self.results if not played.passed]


@dataclass(frozen=True, slots=True)
class Telling:
    """How a run is told of, and how much of the flows it has to reach, in per cent; None for any."""

    as_json: bool
    junit: Path | None
    shows_coverage: bool
    fail_under: float | None

    def is_enough(self, run: Run) -> bool:
        return self.fail_under is None or run.coverage is None or run.coverage.percent >= self.fail_under


def play_scenarios(
    workspace: Annotated[
        Path | None, typer.Argument(help="The folder that holds center.yaml; else IVR_WORKSPACE, else the sample.")
    ] = None,
    *,
    only: Annotated[str, typer.Option(help="Play only scenarios with this in their name or file.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    junit_file: Annotated[Path | None, typer.Option("--junit", help="Write the results as JUnit XML too.")] = None,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Tell which steps and ways out were not reached.")
    ] = False,
    fail_under: Annotated[
        float | None, typer.Option(min=0, max=100, help="Exit 1 when less than this per cent was reached.")
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Play them again whenever a file is saved; Ctrl-C ends.")
    ] = False,
) -> None:
    """Play the scenarios of a workspace: no telephone, no account. Exit 1 when one fails."""
    folder = settings_or_refuse().workspace if workspace is None else workspace
    if watch and (as_json or junit_file):
        raise CannotRun("--watch is for people; leave out --json and --junit")
    how = Telling(as_json, junit_file, coverage, fail_under)
    try:
        while True:
            seen = _stamps(folder)
            is_good = _once(folder, only, how)
            if not watch:
                raise typer.Exit(0 if is_good else 1)
            _wait_for_a_change(folder, seen)
    except KeyboardInterrupt:
        if not watch:
            raise
        raise typer.Exit(0) from None


def _once(folder: Path, only: str, how: Telling) -> bool:
    """Play them and tell of it; is all well."""
    run = _run(folder, only)
    if how.as_json:
        print(json.dumps(_data(run), indent=2, ensure_ascii=False))
    else:
        _show(run, folder, how)
    if how.junit is not None and run.program is not None:
        _write(how.junit, junit(run.results, run.program))
    return not run.problems and not run.failed and how.is_enough(run)


def _run(folder: Path, only: str) -> Run:
    found = _read(folder)
    compiled = compile_program(found.files, found.audio)
    errors = tuple(one for one in compiled.problems if one.severity == "error")
    if compiled.program is None:
        return Run(errors)
    scenarios, problems = read_scenarios(found.scenarios, found.audio, compiled.program)
    chosen = [one for one in scenarios if only.casefold() in f"{one.path} {one.name}".casefold()]
    if not chosen and not problems:
        raise CannotRun(_none(folder, only, len(scenarios)))
    played_on = stage(compiled.program, found.audio)
    results = tuple(_played(chosen, played_on))
    return Run(problems, results, coverage_of(compiled.program, played_on.trace), compiled.program)


def _none(folder: Path, only: str, count: int) -> str:
    if count:
        return f'none of the {count} scenarios has "{only}" in its name or file'
    return f"{folder} has no scenarios; write one in scenarios/main.yaml, or let `ivr flows try --save` write it"


def _played(scenarios: Sequence[Scenario], played_on: Stage) -> Iterator[tuple[Played, float]]:
    """Play them, with the seconds that each took."""
    shows = len(scenarios) >= MANY and sys.stderr.isatty()
    console = Console(stderr=True)
    for one in track(scenarios, "playing scenarios", console=console, transient=True, disable=not shows):
        begins = time.perf_counter()
        played = play(one, played_on)
        yield played, time.perf_counter() - begins


# --- telling ---------------------------------------------------------------------------------------------------------


def _show(run: Run, folder: Path, how: Telling) -> None:
    if run.problems:
        found = _read(folder)
        print(render(run.problems, {**found.files, **found.scenarios}))
    if run.program is None:
        return
    for played in run.failed:
        print(report(played, run.program), end="\n\n")
    if run.coverage is not None and how.shows_coverage:
        print(telling.told_coverage(run.coverage))
    if run.coverage is not None and not how.is_enough(run):
        print(f"{run.coverage.percent:.1f}% of steps and ways out were reached; {how.fail_under:g}% are asked for")
    print(_summary(run))


def _summary(run: Run) -> str:
    count, failed = len(run.results), len(run.failed)
    seconds = sum(one for _, one in run.results)
    told = f"{count} scenario{'' if count == 1 else 's'} played in {seconds:.2f} s"
    return f"{told}: {failed} failed" if failed else f"{told}: all passed"


def _data(run: Run) -> dict[str, object]:
    results = [] if run.program is None else [telling.as_data(one, run.program) for one, _ in run.results]
    return {
        "problems": [as_data(one) for one in run.problems],
        "scenarios": results,
        "coverage": None if run.coverage is None else telling.coverage_as_data(run.coverage),
    }


# --- files -----------------------------------------------------------------------------------------------------------


def _read(folder: Path) -> Workspace:
    try:
        return read_workspace(folder)
    except WorkspaceError as error:
        raise CannotRun(str(error)) from error


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise CannotRun(f"{path} cannot be written: {error.strerror}") from error


def _stamps(folder: Path) -> dict[Path, int]:
    """When each file of the folder was saved last."""
    stamps = {}
    for path in (
        folder / "center.yaml",
        *folder.glob("flows/*"),
        *folder.glob("scenarios/*"),
        *folder.glob("prompts/*/*"),
    ):
        try:
            stamps[path] = path.stat().st_mtime_ns
        except OSError:  # an editor is just replacing it
            continue
    return stamps


def _wait_for_a_change(folder: Path, seen: dict[Path, int]) -> None:
    while _stamps(folder) == seen:
        time.sleep(LOOK_S)
    print()

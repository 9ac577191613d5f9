"""A checked, compiled set of flows, named by the hash of what it was made from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from flows import phrases, source
from flows.center import PATH, Center, read_center
from flows.checks import CHECKS, Known
from flows.demands import demands_of
from flows.flow import Flow, Station, read_flow
from flows.form import Facts
from flows.instructions import Say
from flows.problems import Problem, in_order

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flows.demands import Demand
    from flows.form import Requirement

__all__ = ["MAX_FILES", "Compiled", "Flow", "Program", "Station", "compile_program"]

MAX_FILES = (
    2_000  # a centre of 500 flows with three recordings each; a workspace beyond it is probably the wrong folder
)
FALLBACK, FALLBACK_STEP = "center.yaml", "fallback"  # no author can give a flow this name
CANONICAL = b"cordboard program 1\n"  # changes when the same files begin to mean another program


@dataclass(frozen=True, slots=True)
class Program:
    """All that a call needs. ``sentences`` are the built-in ones as spoken: language, then name.

    ``needs`` is what must be there where it is published (``flows/demands.py``). ``requirements`` are all that callers
    can ever ask of each queue, those that relax to less among them: routing keeps a line of callers for each.
    """

    id: str
    center: Center
    flows: Mapping[str, Flow]
    sentences: Mapping[str, Mapping[str, Say]] = field(default_factory=dict)
    needs: tuple[Demand, ...] = ()
    requirements: tuple[tuple[str, Requirement], ...] = ()


@dataclass(frozen=True, slots=True)
class Compiled:
    """What became of a workspace; ``program`` is None when any problem is an error."""

    program: Program | None
    problems: tuple[Problem, ...]


def compile_program(files: Mapping[str, bytes], audio: Mapping[str, str]) -> Compiled:
    """Compile a workspace.

    ``files`` maps paths relative to the workspace, with ``/``, to bytes: ``center.yaml`` and ``flows/*.yaml``; others
    are no part of the program. ``audio`` maps ``prompts/<language>/<file>`` to the SHA-256 of its bytes, in hex. Never
    raises: whatever the bytes are, what is wrong with them are problems, sorted and all of them.
    """
    misnamed = [
        Problem(path, 1, 1, "the name of a flow's file ends in .yaml", "misnamed-file")
        for path in files
        if path.startswith("flows/") and path.endswith(".yml")
    ]
    files = {path: data for path, data in files.items() if path == PATH or is_flow(path)}
    if len(files) + len(audio) > MAX_FILES:
        message = f"the workspace has {len(files) + len(audio):,} files; the limit is {MAX_FILES:,}"
        return Compiled(None, (Problem(PATH, 1, 1, message, "too-large"),))
    program, known, problems = _draft(files, audio)
    problems.extend(misnamed)
    for check in CHECKS.values():
        problems.extend(check.check(program, known))
    found = in_order(problems)
    sound = not any(problem.severity == "error" for problem in found)
    return Compiled(program if sound else None, found)


def is_flow(path: str) -> bool:
    """Is this the path of a flow: a YAML file directly in ``flows/``."""
    return path.startswith("flows/") and path.endswith(".yaml") and path.count("/") == 1


def content_id(files: Mapping[str, bytes], audio: Mapping[str, str]) -> str:
    """The program's name: one hash over every file's path and content, whatever order they come in."""
    lines = [f"{path} {sha256(data).hexdigest()}\n" for path, data in files.items()]
    lines += [f"{path} {digest}\n" for path, digest in audio.items()]
    return sha256(CANONICAL + "".join(sorted(lines)).encode("utf-8", "surrogatepass")).hexdigest()


def _draft(files: Mapping[str, bytes], audio: Mapping[str, str]) -> tuple[Program, Known, list[Problem]]:
    """The program as far as it can be understood, what checks have to know beside it, and the problems so far."""
    center, mentioned, problems = _read_center(files, audio)
    flows: dict[str, Flow] = {}
    for path in sorted(path for path in files if path != PATH):
        node, wrong = source.read(path, files[path])
        problems.extend(wrong)
        if node is None:
            continue
        flow, wrong = read_flow(path, node, center, audio)
        problems.extend(wrong)
        if flow is not None:
            problems.extend(_take(flows, flow))
    unread = sum(1 for path in files if path != PATH) > len(flows)
    if center.fallback_queue in center.queues:
        flows[FALLBACK] = _fallback_flow(center)
        center = replace(center, fallback=(FALLBACK, FALLBACK_STEP))
    program = Program(
        id=content_id(files, audio),
        center=center,
        flows=flows,
        sentences=_sentences(center),
        needs=demands_of(flows.values()),
        requirements=_requirements(mentioned, flows),
    )
    return program, Known(audio, mentioned, complete=not unread), problems


def _read_center(files: Mapping[str, bytes], audio: Mapping[str, str]) -> tuple[Center, Facts, list[Problem]]:
    if PATH not in files:
        return Center(), Facts(), [Problem(PATH, 1, 1, f"{PATH} is missing", "no-center")]
    node, problems = source.read(PATH, files[PATH])
    if node is None:
        return Center(), Facts(), problems
    center, wrong, mentioned = read_center(node, audio)
    return center, mentioned, problems + wrong


def _take(flows: dict[str, Flow], flow: Flow) -> list[Problem]:
    """Keep a flow under its name; a second one of that name is a problem."""
    first = flows.setdefault(flow.name, flow)
    if first is flow:
        return []
    message = f'flow "{flow.name}" is defined twice; first in {first.path}'
    return [Problem(flow.path, flow.line, flow.column, message, "duplicate-flow")]


def _fallback_flow(center: Center) -> Flow:
    """What an author means who names a queue as the fallback: one step that waits in it."""
    text = f"flow: fallback\nstart: {FALLBACK_STEP}\nsteps: {{{FALLBACK_STEP}: {{queue: {center.fallback_queue}}}}}\n"
    node, _ = source.read(PATH, text.encode())
    assert node is not None, text  # noqa: S101 - a bug of ours
    flow, _ = read_flow(PATH, node, center, {})
    assert flow is not None, text  # noqa: S101 - a bug of ours
    place = f"{FALLBACK}/{FALLBACK_STEP}"
    stations = {name: replace(station, place=place) for name, station in flow.stations.items()}
    return replace(flow, name=FALLBACK, stations=stations)


def _requirements(mentioned: Facts, flows: Mapping[str, Flow]) -> tuple[tuple[str, Requirement], ...]:
    facts = [mentioned, *(station.facts for flow in flows.values() for station in flow.stations.values())]
    found = {(asked.queue, one) for each in facts for asked in each.asked for one in asked.requirements}
    return tuple(sorted(found))


def _sentences(center: Center) -> dict[str, dict[str, Say]]:
    return {tag: _spoken(center, tag) for tag in center.languages}


def _spoken(center: Center, tag: str) -> dict[str, Say]:
    """The built-in sentences in one language, the centre's own words before ours."""
    said = {**phrases.SENTENCES[phrases.base(tag)], **center.sentences.get(tag, {})}
    return {name: Say(text, tag, center.voices.get(tag)) for name, text in said.items()}

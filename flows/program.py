"""A checked, compiled set of flows, named by the hash of what it was made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from flows import phrases, source
from flows.center import PATH, Center, read_center
from flows.checks import CHECKS, Known
from flows.flow import Flow, Station, read_flow
from flows.instructions import Say
from flows.problems import Problem, in_order

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flows.form import Reference

__all__ = ["MAX_FILES", "Compiled", "Flow", "Program", "Station", "compile_program"]

MAX_FILES = (
    2_000  # a centre of 500 flows with three recordings each; a workspace beyond it is probably the wrong folder
)
CANONICAL = b"cordboard program 1\n"  # changes when the same files begin to mean another program


@dataclass(frozen=True, slots=True)
class Program:
    """All that a call needs. ``sentences`` are the built-in ones as spoken: language, then name."""

    id: str
    center: Center
    flows: Mapping[str, Flow]
    sentences: Mapping[str, Mapping[str, Say]] = field(default_factory=dict)


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
    center, named, problems = _read_center(files)
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
    program = Program(content_id(files, audio), center, flows, _sentences(center))
    return program, Known(audio, named, complete=not unread), problems


def _read_center(files: Mapping[str, bytes]) -> tuple[Center, list[Reference], list[Problem]]:
    if PATH not in files:
        return Center(), [], [Problem(PATH, 1, 1, f"{PATH} is missing", "no-center")]
    node, problems = source.read(PATH, files[PATH])
    if node is None:
        return Center(), [], problems
    center, wrong, named = read_center(node)
    return center, named, problems + wrong


def _take(flows: dict[str, Flow], flow: Flow) -> list[Problem]:
    """Keep a flow under its name; a second one of that name is a problem."""
    first = flows.setdefault(flow.name, flow)
    if first is flow:
        return []
    message = f'flow "{flow.name}" is defined twice; first in {first.path}'
    return [Problem(flow.path, flow.line, flow.column, message, "duplicate-flow")]


def _sentences(center: Center) -> dict[str, dict[str, Say]]:
    return {
        tag: {name: Say(phrases.sentence(name, tag), tag, center.voices.get(tag)) for name in phrases.SENTENCES["en"]}
        for tag in center.languages
    }

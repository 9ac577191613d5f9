"""Problems as SARIF 2.1.0, the form in which code review shows what a checker found, at its line.

Source: docs.oasis-open.org/sarif/sarif/v2.1.0, sections 3.13 (log) to 3.30 (region).
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flows.checks import CHECKS
from flows.codes import codes
from flows.problems import in_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flows.problems import Problem

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
# Made of what the problem says and the line it is at, not of the line's number: it outlives lines put in above.
FINGERPRINT = "problem/v1"


def as_sarif(problems: Iterable[Problem], sources: Mapping[str, bytes], *, prefix: str = "") -> dict[str, Any]:
    """The log of one run. ``prefix`` is the workspace's folder as the reviewed repository has it, empty or ``a/b/``."""
    found = in_order(problems)
    numbers = {code: number for number, code in enumerate(codes())}
    seen: dict[str, int] = {}
    driver = {"name": "Cordboard", "rules": [_rule(code, text) for code, text in codes().items()]}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [_result(problem, numbers, prefix, _print(problem, sources, seen)) for problem in found],
            }
        ],
    }


def _rule(code: str, text: str) -> dict[str, Any]:
    first, _, rest = text.partition("\n\n")
    return {
        "id": code,
        "shortDescription": {"text": _plain(first)},
        "help": {"text": _plain(rest or first), "markdown": (rest or first).replace("``", "`")},
        "defaultConfiguration": {"level": CHECKS[code].SEVERITY if code in CHECKS else "error"},
    }


def _plain(text: str) -> str:
    return " ".join(text.replace("`", "").split())


def _result(problem: Problem, numbers: Mapping[str, int], prefix: str, fingerprint: str) -> dict[str, Any]:
    place = {
        "artifactLocation": {"uri": quote(prefix + problem.path), "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": problem.line, "startColumn": problem.column},
    }
    return {
        "ruleId": problem.code,
        "ruleIndex": numbers[problem.code],
        "level": problem.severity,
        "message": {"text": problem.message},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {FINGERPRINT: fingerprint},
    }


def _print(problem: Problem, sources: Mapping[str, bytes], seen: dict[str, int]) -> str:
    """The same for the same mistake in the same line, wherever that line has moved; another for a second one."""
    lines = sources.get(problem.path, b"").split(b"\n")
    line = lines[problem.line - 1].strip() if problem.line <= len(lines) else b""
    said = f"{problem.path}\0{problem.code}\0{problem.message}\0".encode() + line
    digest = sha256(said).hexdigest()[:32]
    seen[digest] = seen.get(digest, 0) + 1
    return f"{digest}:{seen[digest]}"

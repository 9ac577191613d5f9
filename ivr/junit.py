"""The results of scenarios as JUnit XML, which build servers show.

The form is the one that they agree on: a ``testsuite`` for each file, a ``testcase`` for each scenario, a ``failure``
with the conversation (llg.cubic.org/docs/junit).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, tostring

from flows.scenarios import report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flows.program import Program
    from flows.scenarios import Played

UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2


def junit(results: Sequence[tuple[Played, float]], program: Program) -> bytes:
    """The document; each result with the seconds that it took."""
    root = Element("testsuites", _counts(results))
    for path in dict.fromkeys(played.scenario.path for played, _ in results):
        those = [one for one in results if one[0].scenario.path == path]
        suite = SubElement(root, "testsuite", {"name": path, **_counts(those)})
        for played, seconds in those:
            _case(suite, played, seconds, program)
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _counts(results: Sequence[tuple[Played, float]]) -> dict[str, str]:
    return {
        "tests": str(len(results)),
        "failures": str(sum(not played.passed for played, _ in results)),
        "errors": "0",
        "time": f"{sum(seconds for _, seconds in results):.6f}",
    }


def _case(suite: Element, played: Played, seconds: float, program: Program) -> None:
    scenario = played.scenario
    facts = {"classname": scenario.path, "file": scenario.path, "line": str(scenario.line), "time": f"{seconds:.6f}"}
    case = SubElement(suite, "testcase", {"name": _fit(scenario.name), **facts})
    if not played.passed:
        failure = SubElement(case, "failure", {"message": _fit(f"{scenario.path}:{played.line}: {played.why}")})
        failure.text = _fit(report(played, program))


def _fit(text: str) -> str:
    """The text without what XML cannot hold."""
    return UNFIT.sub("?", text)

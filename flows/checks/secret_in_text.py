"""A hidden value where it could be heard, read, logged or decided by: it may only be sent to another system.

Send it in the headers or the body of an ``http`` step, and keep what comes back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.checks.known import Known, each_station
from flows.hidden import SORTS
from flows.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.problems import Severity
    from flows.program import Program

CODE = "secret-in-text"
SEVERITY: Severity = "error"


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each expression that names a secret or a sealed value; a gap in a request is none (``flows/bodies.py``)."""
    del known
    for flow, station in each_station(program):
        for placed in station.facts.expressions:
            for mention in placed.expression.mentions:
                if mention.path[0] in SORTS:
                    name = ".".join(mention.path[:2])
                    message = (
                        f'"{name[:60]}" is hidden: it may stand only in a header or the body of an http step, '
                        "by itself between {{ and }}"
                    )
                    yield Problem(flow.path, *placed.at(mention.offset), message, CODE)

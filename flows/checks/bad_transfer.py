"""A transfer to what is no number, or to any number a caller may choose.

Write a number with its country's code, or a SIP address; where an expression gives it, say in center.yaml how it may
begin (``transfer_to``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.center import E164
from flows.checks.known import Known, each_station
from flows.kinds.transfer import SIP
from flows.problems import Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.problems import Severity
    from flows.program import Program

CODE = "bad-transfer"
SEVERITY: Severity = "error"


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each transfer to neither E.164 nor SIP; or by an expression, while ``center.yaml`` has no ``transfer_to``."""
    del known
    for flow, station in each_station(program):
        for reference in station.facts.references:
            message = _wrong(program, reference.name) if reference.sort == "transfer" else ""
            if message:
                yield Problem(flow.path, reference.line, reference.column, message, CODE)


def _wrong(program: Program, to: str) -> str:
    if "{{" in to:
        allowed = program.center.transfer_to
        return (
            "" if allowed else 'center.yaml has no "transfer_to:", so no number may be called that is not written here'
        )
    if E164.fullmatch(to) or SIP.fullmatch(to):
        return ""
    if to in program.center.queues:
        return f'"{to}" is a queue; make this a step "queue: {to}"'
    if to in program.flows:
        return f'"{to}" is a flow; lead there with "next: {to}/{program.flows[to].start}"'
    hint = did_you_mean(to, program.center.queues)
    if not hint and not any(character.isdecimal() for character in to):
        hint = '; a person of the centre is reached by a step "queue:" with "prefer:"'
    return f'"{to[:60]}" is neither a number such as "+12025550100" nor a SIP address{hint}'

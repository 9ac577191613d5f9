"""The checks, one a file, named by the code of the problem each finds.

A check is a module with ``CODE`` and ``check(program, known)``, which gives problems. The program it is shown may be a
draft with mistakes in it, so a check asks before it takes anything for granted. Facts from outside the flows arrive in
``known``. Each has a broken flow in ``tests/flows/cases/broken/`` beside the exact words it is answered with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from flows.checks.known import Known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.problems import Problem
    from flows.program import Program

__all__ = ["CHECKS", "Check", "Known"]


class Check(Protocol):
    """What a module in this folder offers."""

    CODE: str

    def check(self, program: Program, known: Known) -> Iterator[Problem]:
        """Each place where the mistake is made."""


CHECKS: dict[str, Check] = {
}

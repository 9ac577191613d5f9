"""Tell the flow's author what could not be decided at run time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Notice:
    """Neither a bug nor a failed call: ``text`` says what was missing at ``place`` (``flow/step``), ``code`` is stable."""

    code: str
    place: str
    text: str

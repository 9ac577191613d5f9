"""Tell the flow's author what could not be decided at run time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Notice:
    """Neither a bug nor a failed call: ``text`` says what was missing at ``place`` (``flow/step``).

    ``code`` is stable: ``undecided``, ``unknown-value``, ``unknown-language``, ``http-failed``, ``sms-not-sent`` or
    ``no-answer``.
    """

    code: str
    place: str
    text: str

"""Tell the flow's author what could not be decided at run time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Notice:
    """Neither a bug nor a failed call: ``text`` says what was missing at ``place`` (``flow/step``).

    ``code`` is stable: ``undecided``, ``unknown-value``, ``not-observed``, ``not-looked-up``, ``too-deep``,
    ``unknown-language``, ``http-failed``, ``not-sealed``, ``sms-not-sent``, ``not-queued``,
    ``not-promised``, ``not-recorded``, ``not-transferred`` or ``no-answer``.
    """

    code: str
    place: str
    text: str

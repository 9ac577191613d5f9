"""Send a text message: an act, named by a commit and performed after it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SendMessage:
    """Send ``body`` from ``sender`` to ``to``, both in E.164.

    Answered with ``Answered({"message_sid": …})`` once the provider has taken it, or with ``EffectFailed``:
    ``not_mobile`` when the number takes no messages, ``refused`` when the provider will not, ``unknown`` when nobody
    can tell, ``failed`` when it could not be asked.
    """

    to: str
    sender: str
    body: str

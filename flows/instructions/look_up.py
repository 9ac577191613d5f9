"""Find a customer by something they have told: a question, answered before the turn is committed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LookUp:
    """Find the customer with ``value``, which ``by`` says the sort of: ``phone`` (E.164), ``email``, ``external_id``.

    Answered with ``Answered({"customer": facts or None})``, None when nobody has it; or with ``EffectFailed``:
    ``timeout``, ``failed``, or ``unavailable`` when the server keeps no customers.
    """

    by: str
    value: str

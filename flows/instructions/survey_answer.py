"""Keep an answer to a question of a survey."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SurveyAnswer:
    """``question`` of ``survey`` (``flow/step``, or its name in ``center.yaml``) was answered.

    ``rating`` is from 1, the worst, to 5; None for a comment, whose ``recording_sid`` says which recording it is.
    """

    survey: str
    question: str
    rating: int | None
    recording_sid: str = ""

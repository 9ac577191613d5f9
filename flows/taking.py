"""How a step takes down what the caller says: shared by every kind of step that records.

Silence, a key, the greatest length or the end of the call ends a recording. What holds nothing but silence counts as
empty: one that silence ended as soon as it could, and one that the caller ended before having said anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.instructions import RecordCaller, Recording
from flows.shapes import Choice, Duration, Flag

if TYPE_CHECKING:
    from flows.events import Recorded
    from flows.form import Form

LONGEST_S = 180  # Asterisk, voicemail.conf.sample: maxsecs
MOST_S = 3_600  # twilio.com, <Record>: the default maxLength
SILENCE_S = 5  # twilio.com, <Record>: the default timeout
SHORTEST_S = 2  # nothing worth hearing is said in less
ANY_KEY = "1234567890*#"
BEEP = Flag("Does a tone sound first?", default=True)
OPTIONS = {
    "longest": Duration("How long it may be at most.", default_s=LONGEST_S, least_s=2, most_s=MOST_S),
    "silence": Duration("How much silence ends it.", default_s=SILENCE_S, least_s=1, most_s=60),
    "finish": Choice("The key that ends it.", words=("#", "*", "any")),
    "beep": BEEP,
    "shortest": Duration("What is shorter counts as nothing.", default_s=SHORTEST_S, least_s=0, most_s=60),
}


@dataclass(frozen=True, slots=True)
class Taking:
    """The instruction, and how long a recording must be to count."""

    instruction: RecordCaller
    shortest_s: int = SHORTEST_S

    def is_empty(self, recorded: Recorded) -> bool:
        """Does the recording hold nothing."""
        by_silence = not recorded.digits and not recorded.hung_up
        return recorded.duration_s < self.shortest_s or (
            by_silence and recorded.duration_s <= self.instruction.silence_s
        )


def read_taking(form: Form) -> Taking:
    """The ``OPTIONS`` of a step that records."""
    finish = form.choice("finish")
    silence_s = form.duration("silence")
    instruction = RecordCaller(
        longest_s=form.duration("longest"),
        silence_s=silence_s,
        finish_on_key=ANY_KEY if finish == "any" else finish,
        beep=read_beep(form),
    )
    return Taking(instruction, form.duration("shortest"))


def read_beep(form: Form) -> bool:
    """``beep``; that there is none is noted as a fact."""
    beeps, node = form.flag("beep"), form.value("beep")
    if node is not None and not beeps:
        form.reading.refer("silent-start", node, "beep")
    return beeps


def kept(recorded: Recorded, purpose: str, name: str) -> Recording:
    """The journal's record of a recording."""
    return Recording(purpose, name, recorded.recording_sid, recorded.url, recorded.duration_s)

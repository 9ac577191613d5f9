"""Whom a survey asks, and which number a caller means: chance that is fair, keys that are tried in every shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.center import E164
from flows.engine import advance, begin
from flows.events import CallStarted
from flows.kinds.callback import in_full
from tests.flows.playing import MONDAY_MORNING, compiled, steps

if TYPE_CHECKING:
    from flows.session import Session

ASKS = """\
start: {survey: after_call, share: 30%, not_asked: spared}
spared: {hangup: Spared.}"""


def test_the_share_is_kept_and_a_call_is_always_treated_alike() -> None:
    """Of 2,000 callers about three in ten are asked, and the same ones however often a turn is repeated."""
    program = compiled(steps(ASKS))

    def is_asked(number: int) -> bool:
        session: Session = begin(program, call_sid=f"CA{number}", caller="", called="+12025550100", now=MONDAY_MORNING)
        return advance(program, session, CallStarted(), MONDAY_MORNING).session.ended is None

    asked = [is_asked(number) for number in range(2_000)]

    assert 0.26 < sum(asked) / len(asked) < 0.34
    assert asked[:200] == [is_asked(number) for number in range(200)]


@pytest.mark.parametrize(
    ("keys", "code", "called", "number"),
    [
        ("2025550143", "+1", "", "+12025550143"),
        ("12025550143", "+1", "", "+12025550143"),
        ("2025550143", None, "+12025550100", "+12025550143"),
        ("5550143", "+1", "", None),
        ("011442071838750", "+1", "", "+442071838750"),
        ("00442071838750", "+49", "", "+442071838750"),
        ("03012345678", "+49", "", "+493012345678"),
        ("2071838750", None, "+442071838750", None),
        ("", "+1", "", None),
        ("20255501*3", "+1", "", None),
        ("٢٠٢٥٥٥٠١٤٣", "+1", "", None),
    ],
)
def test_a_number_gets_the_code_of_its_country(keys: str, code: str | None, called: str, number: str | None) -> None:
    """As it is dialled at home; what is no number is none."""
    assert in_full(keys, code, called) == number


@given(
    st.text(alphabet="0123456789*#A٣", max_size=25), st.sampled_from(["+1", "+49", None]), st.sampled_from(["", "+12"])
)
def test_whatever_is_keyed_in_is_a_whole_number_or_none(keys: str, code: str | None, called: str) -> None:
    """Nobody is promised a call at what cannot be called."""
    number = in_full(keys, code, called)

    assert number is None or E164.fullmatch(number)

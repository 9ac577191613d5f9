"""Numbers that nobody wrote into a flow: where they may lead at the centre's cost."""

from __future__ import annotations

import pytest

from flows.center import Center
from flows.dialling import may_reach, may_reach_at_home


@pytest.mark.parametrize(
    ("number", "allowed", "may"),
    [
        ("+12025550143", ("+1202",), True),
        ("+12025550143", (), False),
        ("+12025550143", ("",), False),
        ("+13035550143", ("+1202",), False),
        ("+19005550143", ("+1",), False),
        ("+19005550143", ("+1900",), True),
        ("+18765550143", ("+1",), False),
        ("+18765550143", ("+1876",), True),
        ("+449098790000", ("+44",), False),
        ("+442071838750", ("+44",), True),
        ("+4990055501430", ("+49",), False),
    ],
)
def test_a_beginning_has_to_be_allowed_and_a_costly_one_in_full(
    number: str, allowed: tuple[str, ...], may: bool
) -> None:
    """Premium services and the islands that share +1 are not meant by who allows a country."""
    assert may_reach(number, allowed) is may


@pytest.mark.parametrize(
    ("number", "center", "called", "may"),
    [
        ("+12025550143", Center(), "+12025550100", True),
        ("+18765550143", Center(), "+12025550100", False),
        ("+18765550143", Center(), "+18765550100", True),
        ("+19005550143", Center(), "+12025550100", False),
        ("+493012345678", Center(), "+12025550100", False),
        ("+493012345678", Center(dialling_code="+49"), "+12025550100", True),
        ("+493012345678", Center(transfer_to=("+4930",)), "+12025550100", True),
        ("+493012345678", Center(), "", False),
    ],
)
def test_home_is_the_centres_country(number: str, center: Center, called: str, may: bool) -> None:
    """That of its dialling code, else North America for a number there; an island's centre is at home there."""
    assert may_reach_at_home(number, center, called) is may

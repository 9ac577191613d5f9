"""A version that goes live, or back, in the middle of a call: who is on the line stays, who rings next hears it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ivr.programs import Published
from ivr.versions import Act
from tests.support.workspaces import small_workspace

if TYPE_CHECKING:
    from tests.support.house import House

OURS = "+12025550100"


def saying(greeting: str) -> dict[str, str]:
    """The small workspace with a menu that begins with a word of its own."""
    return {path: text.replace("Press 1 for", f"{greeting}. Press 1 for") for path, text in small_workspace().items()}


async def test_a_call_in_progress_stays_on_the_version_that_it_began_with(house: House) -> None:
    """Through a publication and a rollback; calls that come after them begin on what is live."""
    await house.publish(saying("Mornings"))
    assert house.server.programs.live is not None
    first = house.server.programs.live.id
    early, late, last = house.caller("+12025550141"), house.caller("+12025550142"), house.caller("+12025550143")
    await early.dials(OURS)
    await early.hears("Mornings")
    await house.publish(saying("Evenings"))
    await late.dials(OURS)
    await late.hears("Evenings")
    await early.presses("9")
    await early.hears("Mornings")

    outcome = await house.server.programs.bring_back(first, Act("ana", "too dark", "rolled back"))
    await last.dials(OURS)
    await last.hears("Mornings")
    await late.presses("9")
    await late.hears("Evenings")

    assert isinstance(outcome, Published)
    programs = [{entry.program for entry in await house.journal(one.call_sid)} for one in (early, late, last)]
    assert [len(each) for each in programs] == [1, 1, 1]
    assert programs[0] == programs[2] == {first} != programs[1]

"""<Refer>, and the referUrl of <Dial>.

| attribute | values | default |
|---|---|---|
| action, method | URL, GET/POST | the next verb follows; POST |
| <Sip> | sip:user@host | none |
| Dial referUrl, referMethod | URL, GET/POST | none: a transfer is refused; POST |

Source: twilio.com/docs/voice/twiml/refer; twilio.com/docs/voice/twiml/dial.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ivr.simulator import Answers, Busy, Misuse, NoAnswer
from tests.ivr.simulator.conftest import NUMBER
from tests.support.telephone import Caller

if TYPE_CHECKING:
    from ivr.simulator import Simulator, SteppedTime
    from ivr.simulator.people import Line
    from tests.ivr.simulator.conftest import Application

DESK = "sip:desk@pbx.example"
LUIS = "sip:luis@pbx.example"


@pytest.fixture
def desk(simulator: Simulator) -> Caller:
    """Somebody who calls by SIP."""
    caller = Caller(simulator)
    caller.telephone.number = DESK
    return caller


def outcome(application: Application) -> tuple[str | None, str | None, str | None]:
    form = application.form("/referred")
    return form.get("ReferCallStatus"), form.get("ReferSipResponseCode"), form.get("NotifySipResponseCode")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (Answers(after_s=2), ("in-progress", "202", "200")),
        (Busy(), ("busy", "202", "486")),
        (NoAnswer(), ("no-answer", "202", "487")),
        (None, ("failed", "202", "404")),
    ],
)
async def test_the_action_is_told_what_became_of_the_new_call(
    application: Application,
    simulator: Simulator,
    desk: Caller,
    time: SteppedTime,
    line: Line | None,
    told: tuple[str, str, str],
) -> None:
    """A call that was put through leaves us; any other goes on."""
    if line is not None:
        simulator.people.put(LUIS, line)
    application["/voice"] = f'<Refer action="/referred"><Sip>{LUIS}</Sip></Refer><Say>Never heard</Say>'
    application["/referred"] = "<Pause length='5'/><Say>Still here</Say>"

    await desk.dials(NUMBER)
    await time.advance(80)

    is_through = told[0] == "in-progress"
    assert outcome(application) == told
    assert ("Still here" in desk.conversation) is not is_through
    assert "Never heard" not in desk.conversation
    assert simulator.errors == []


async def test_a_telephone_may_refuse_to_be_transferred(application: Application, desk: Caller) -> None:
    """Then there is no news of a new call."""
    desk.telephone.takes_transfers = False
    application["/voice"] = f'<Refer action="/referred"><Sip>{LUIS}</Sip></Refer>'
    application["/referred"] = "<Hangup/>"

    await desk.dials(NUMBER)
    await desk.hears_the_end()

    assert outcome(application) == ("failed", "405", None)


async def test_a_caller_who_hangs_up_meanwhile_cancels_it(
    application: Application, simulator: Simulator, desk: Caller, time: SteppedTime
) -> None:
    """The action is told when the call has ended; its answer is not executed."""
    simulator.people.put(LUIS, NoAnswer())
    application["/voice"] = f'<Refer action="/referred"><Sip>{LUIS}</Sip></Refer>'
    application["/referred"] = "<Say>Never heard</Say>"

    await desk.dials(NUMBER)
    await time.advance(2)
    await desk.hangs_up()
    await time.settle()

    assert outcome(application) == ("canceled", "202", "180")
    assert application.form("/referred")["CallStatus"] == "completed"


async def test_without_action_the_next_verb_follows(
    application: Application, simulator: Simulator, desk: Caller, time: SteppedTime
) -> None:
    """When the transfer failed, the call is still ours."""
    simulator.people.put(LUIS, Busy())
    application["/voice"] = f"<Refer><Sip>{LUIS}</Sip></Refer><Say>They are busy</Say>"

    await desk.dials(NUMBER)
    await time.advance(3)

    await desk.hears("They are busy")


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (f"<Refer><Sip>{LUIS}</Sip></Refer>", 13801),
        ("<Refer/>", 13801),
        ("<Refer><Sip>+12025550150</Sip></Refer>", 13801),
        (f"<Refer><Sip>{LUIS}</Sip><Sip>{LUIS}</Sip></Refer>", 13801),
        (f"<Refer to='me'><Sip>{LUIS}</Sip></Refer>", 12200),
        (f"<Refer><Sip url='/screen'>{LUIS}</Sip></Refer>", 12200),
        ("<Refer><Number>+12025550150</Number></Refer>", 12200),
    ],
)
async def test_only_a_call_by_sip_is_handed_back(
    application: Application, simulator: Simulator, caller: Caller, document: str, code: int
) -> None:
    """And only to one SIP address."""
    application["/fallback"] = "<Hangup/>"
    application["/voice"] = document

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    assert [error.code for error in simulator.errors] == [code]


async def test_a_dialled_sip_telephone_transfers_the_caller(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """The caller goes on with the document at referUrl, which is told where to."""
    desk = simulator.telephone(DESK)
    desk.register()
    application["/voice"] = f'<Dial action="/after" referUrl="/transfer"><Sip>{DESK}</Sip></Dial>'
    application["/transfer"] = "<Say>One moment</Say>"

    await caller.dials(NUMBER)
    await time.settle()
    await desk.answer()
    await time.settle()
    await desk.transfer(LUIS)
    await time.settle()
    await caller.hears("One moment")

    assert application.form("/transfer")["ReferTransferTarget"] == LUIS
    assert application.received("/after") == []
    assert not desk.is_in_call


async def test_without_refer_url_a_transfer_is_refused(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """13802, and the two stay connected; whoever called cannot ask for one at all."""
    desk = simulator.telephone(DESK)
    desk.register()
    application["/voice"] = f"<Dial><Sip>{DESK}</Sip></Dial>"

    await caller.dials(NUMBER)
    await time.settle()
    await desk.answer()
    await time.settle()

    await desk.transfer(LUIS)
    await time.settle()

    assert [error.code for error in simulator.errors] == [13802]
    assert desk.is_in_call
    with pytest.raises(Misuse):
        await caller.telephone.transfer(LUIS)

"""<Enqueue>, <Dial><Queue>, and queues by REST.

| attribute | values | default |
|---|---|---|
| action, method | URL, GET/POST | none: the next verb follows; POST |
| waitUrl, waitUrlMethod | URL, empty is silence; GET/POST | music; POST |

The name has at most 64 characters. A wait document may hold Say Play Pause Hangup Redirect Leave Gather, and is asked
for again at its end. <Queue>: url, method: executed on the call that waited before the two are connected.
Source: twilio.com/docs/voice/twiml/enqueue; …/queue; …/voice/api/queue-resource.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.ivr.simulator.conftest import NUMBER, VENDOR_LIBRARY, refusal
from tests.support.telephone import Caller

if TYPE_CHECKING:
    from twilio.rest import Client

    from ivr.simulator import Simulator, SteppedTime
    from ivr.simulator.queues import Queue
    from tests.ivr.simulator.conftest import Application

pytestmark = VENDOR_LIBRARY


@pytest.fixture(autouse=True)
def documents(application: Application) -> None:
    application["/done"] = "<Say>After the queue</Say><Pause length='60'/>"
    application["/dialled"] = "<Say>After the dial</Say><Pause length='60'/>"
    application["/wait"] = "<Say>You are waiting</Say><Pause length='10'/>"
    application["/voice"] = '<Enqueue waitUrl="/wait" action="/done">support</Enqueue>'


def queue(simulator: Simulator) -> Queue:
    (one,) = simulator.queues.queues.values()
    return one


async def agent_takes(application: Application, simulator: Simulator, attributes: str = "", noun: str = "") -> Caller:
    """An agent dials in and takes the first caller."""
    application["/voice"] = f'<Dial action="/dialled" {attributes}><Queue {noun}>support</Queue></Dial>'
    agent = Caller(simulator, "+12025550199")
    await agent.dials(NUMBER)
    return agent


async def test_the_wait_document_is_asked_for_again_and_again(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """Each time with the place in the queue and the seconds waited."""
    other = Caller(simulator, "+12025550144")

    await other.dials(NUMBER)
    await time.advance(4)
    await caller.dials(NUMBER)
    await time.advance(25)
    await other.hangs_up()
    await time.advance(12)

    forms = [one.form for one in application.received("/wait") if one.form["CallSid"] == caller.call_sid]
    assert [form["QueuePosition"] for form in forms] == ["2", "2", "2", "1"]
    assert [form["QueueTime"] for form in forms] == ["0", "11", "22", "33"]
    assert [form["CurrentQueueSize"] for form in forms] == ["2", "2", "2", "1"]
    assert (forms[0]["AvgQueueTime"], forms[0]["MaxQueueSize"]) == ("2", "1000")
    assert forms[0]["QueueSid"] == queue(simulator).sid


async def test_an_agent_takes_the_first_who_waits(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """They talk; when the agent leaves, both actions are told, the caller's after the conversation."""
    await caller.dials(NUMBER)
    await time.advance(20)
    agent = await agent_takes(application, simulator)
    await time.settle()
    talking = simulator.hears(agent.call_sid, caller.call_sid), simulator.hears(caller.call_sid, agent.call_sid)
    told = application.received("/done")
    await time.advance(30)
    await agent.hangs_up()
    await caller.hears("After the queue")
    await time.settle()

    dialled, done = application.form("/dialled"), application.form("/done")
    assert (talking, told) == ((True, True), [])
    assert (done["QueueResult"], done["QueueTime"]) == ("bridged", "20")
    assert (dialled["DialCallStatus"], dialled["DialCallSid"], dialled["DialCallDuration"]) == (
        "completed",
        caller.call_sid,
        "30",
    )
    assert (dialled["QueueTime"], dialled["CallStatus"]) == ("20", "completed")


async def test_a_caller_who_hangs_up_lets_the_agent_go_on(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """The caller's action is told as bridged, with the call completed."""
    await caller.dials(NUMBER)
    agent = await agent_takes(application, simulator)
    await time.settle()

    await caller.hangs_up()
    await agent.hears("After the dial")
    await time.settle()

    form = application.form("/done")
    assert (form["QueueResult"], form["CallStatus"]) == ("bridged", "completed")
    assert "After the queue" not in caller.conversation


async def test_a_caller_hears_something_before_the_agent(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """With the agent's call, in the vendor's spelling."""
    application["/recorded"] = "<Say>This call is recorded</Say>"
    await caller.dials(NUMBER)
    agent = await agent_takes(application, simulator, noun='url="/recorded"')
    await time.settle()
    before = simulator.hears(agent.call_sid, caller.call_sid)

    await caller.hears("This call is recorded")
    await time.advance(3)

    form = application.form("/recorded")
    assert (before, simulator.hears(agent.call_sid, caller.call_sid)) == (False, True)
    assert (form["CallSid"], form["DequeingCallSid"]) == (caller.call_sid, agent.call_sid)


async def test_an_agent_waits_for_a_caller_as_long_as_it_rings(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """Then it is no answer; without such a queue it fails."""
    agent = await agent_takes(application, simulator)
    await agent.hears("After the dial")
    await agent.hangs_up()
    application["/voice"] = '<Enqueue waitUrl="">support</Enqueue>'
    await caller.dials(NUMBER)
    await caller.hangs_up()
    patient = await agent_takes(application, simulator, 'timeout="20"')
    await time.advance(20)
    await patient.hears("After the dial")

    forms = [one.form["DialCallStatus"] for one in application.received("/dialled")]
    assert forms == ["failed", "no-answer"]
    assert [error.code for error in simulator.errors] == [12200]


async def test_two_agents_and_two_callers_meet_in_order(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """Who waited longest is taken by who asked first."""
    other = Caller(simulator, "+12025550144")
    await caller.dials(NUMBER)
    await time.advance(1)
    await other.dials(NUMBER)
    first = await agent_takes(application, simulator)
    second = await agent_takes(application, simulator)
    await time.settle()

    assert simulator.hears(first.call_sid, caller.call_sid)
    assert simulator.hears(second.call_sid, other.call_sid)
    assert not simulator.hears(first.call_sid, other.call_sid)


async def test_a_caller_who_gives_up_is_told_of(application: Application, caller: Caller, time: SteppedTime) -> None:
    """The answer to it is not executed."""
    await caller.dials(NUMBER)
    await time.advance(7)
    await caller.hangs_up()
    await time.settle()

    form = application.form("/done")
    assert (form["QueueResult"], form["QueueTime"], form["CallStatus"]) == ("hangup", "7", "completed")
    assert "After the queue" not in caller.conversation


async def test_a_hangup_in_the_wait_document_ends_the_call(
    application: Application, caller: Caller, time: SteppedTime
) -> None:
    """And is told in the same way."""
    application["/wait"] = "<Hangup/>"

    await caller.dials(NUMBER)
    ending = await caller.hears_the_end()
    await time.settle()

    assert (ending, application.form("/done")["QueueResult"]) == ("completed", "hangup")


async def test_a_key_pressed_while_waiting_leads_on(application: Application, caller: Caller) -> None:
    """To another wait document, from which the caller may leave."""
    application["/wait"] = '<Gather numDigits="1" action="/key"><Pause length="30"/></Gather>'
    application["/key"] = "<Leave/>"

    await caller.dials(NUMBER)
    await caller.presses("9")
    await caller.hears("After the queue")

    assert application.form("/key")["Digits"] == "9"
    assert application.form("/done")["QueueResult"] == "leave"


async def test_a_moved_caller_is_told_of_beside_the_call(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime, twilio: Client
) -> None:
    """As redirected, or from a conversation as redirected-from-bridged; the answer is not executed."""
    application["/moved"] = "<Say>Moved</Say><Redirect>/voice</Redirect>"
    await caller.dials(NUMBER)
    await time.settle()

    await twilio.calls(caller.call_sid).update_async(url=f"{application.url}/moved")
    await time.advance(3)
    await agent_takes(application, simulator)
    await time.settle()
    await twilio.calls(caller.call_sid).update_async(twiml="<Response><Pause length='9'/></Response>")
    await time.settle()

    results = [(one.form["QueueResult"], one.form["CallStatus"]) for one in application.received("/done")]
    assert results == [("redirected", "in-progress"), ("redirected-from-bridged", "in-progress")]
    assert "After the queue" not in caller.conversation


async def test_a_full_queue_lets_nobody_in(
    application: Application, simulator: Simulator, caller: Caller, twilio: Client
) -> None:
    """The action is told so, without a queue."""
    await twilio.queues.create_async(friendly_name="support", max_size=1)
    other = Caller(simulator, "+12025550144")

    await other.dials(NUMBER)
    await caller.dials(NUMBER)
    await caller.hears("After the queue")

    form = application.form("/done")
    assert (form["QueueResult"], "QueueSid" in form) == ("queue-full", False)
    assert [error.code for error in simulator.errors] == [14207]


@pytest.mark.parametrize(("attributes", "heard"), [("", [("play", "the network's music on hold")]), ('waitUrl=""', [])])
async def test_without_a_wait_document_there_is_music_or_silence(
    application: Application, caller: Caller, time: SteppedTime, attributes: str, heard: list[tuple[str, str]]
) -> None:
    """And nobody is asked."""
    application["/voice"] = f"<Enqueue {attributes}>support</Enqueue>"

    await caller.dials(NUMBER)
    await time.advance(600)

    assert [(one.kind, one.text) for one in caller.telephone.heard[2:]] == heard
    assert len(application.requests) == 1


async def test_a_wait_document_that_fails_is_an_error(
    application: Application, simulator: Simulator, caller: Caller
) -> None:
    """The action is told so and drives the call on."""
    application["/wait"] = "<Dial>+12025550161</Dial>"

    await caller.dials(NUMBER)
    await caller.hears("After the queue")

    assert application.form("/done")["QueueResult"] == "error"
    assert [error.code for error in simulator.errors] == [12200]


@pytest.mark.parametrize(
    ("verb", "code"),
    [
        ("<Enqueue/>", 14204),
        (f"<Enqueue>{'a' * 65}</Enqueue>", 14205),
        ("<Enqueue method='PUT'>a</Enqueue>", 14201),
        ("<Enqueue waitUrlMethod='PUT'>a</Enqueue>", 14206),
        ("<Enqueue size='2'>a</Enqueue>", 12200),
        ("<Dial><Queue/></Dial>", 14212),
        (f"<Dial><Queue>{'a' * 65}</Queue></Dial>", 14213),
        ("<Dial><Queue method='PUT'>a</Queue></Dial>", 14210),
    ],
)
async def test_a_wrong_enqueue_or_queue_is_refused(
    application: Application, simulator: Simulator, caller: Caller, verb: str, code: int
) -> None:
    """With the whole document."""
    application["/fallback"] = "<Hangup/>"
    application["/voice"] = verb

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    assert [error.code for error in simulator.errors] == [code]


async def test_members_are_seen_and_taken_out_by_rest(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime, twilio: Client
) -> None:
    """The first is Front; who is taken out follows the document given."""
    application["/taken"] = "<Say>Your turn</Say><Pause length='60'/>"
    await caller.dials(NUMBER)
    await time.advance(8)
    queues = twilio.queues(queue(simulator).sid)

    seen = await queues.fetch_async()
    members = await queues.members.list_async()
    keeping = await refusal(queues.delete_async())
    taken = await queues.members("Front").update_async(url=f"{application.url}/taken")
    await caller.hears("Your turn")
    await time.settle()
    again = await refusal(queues.members("Front").fetch_async())
    deleted = await queues.delete_async()

    assert (seen.friendly_name, seen.current_size, seen.average_wait_time) == ("support", 1, 8)
    assert [(one.call_sid, one.position, one.wait_time) for one in members] == [(caller.call_sid, 1, 8)]
    assert (taken.call_sid, application.form("/done")["QueueResult"]) == (caller.call_sid, "redirected")
    assert (keeping, again, deleted) == ((400, 20001), (404, 20404), True)


async def test_queues_are_made_and_changed_by_rest(twilio: Client) -> None:
    """Names are unique."""
    made = await twilio.queues.create_async(friendly_name="billing")
    changed = await twilio.queues(made.sid).update_async(max_size=5)
    twice = await refusal(twilio.queues.create_async(friendly_name="billing"))
    large = await refusal(twilio.queues.create_async(friendly_name="sales", max_size=5001))
    listed = await twilio.queues.list_async()

    assert (made.max_size, changed.max_size) == (1000, 5)
    assert (twice, large) == ((400, 22003), (400, 20001))
    assert [one.friendly_name for one in listed] == ["billing"]


async def test_a_caller_handed_to_an_agent_who_has_just_gone_keeps_the_place(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """The next agent gets the caller, with all the time waited."""
    application["/voice"] = '<Say>Hello</Say><Pause length="60"/>'
    await caller.dials(NUMBER)
    line = simulator.queues.open("support")
    going = asyncio.ensure_future(line.take())
    await asyncio.sleep(0)

    member = line.join(simulator.calls[caller.call_sid])
    going.cancel()
    await asyncio.wait({going})
    await time.advance(4)

    assert line.members == [member]
    assert (await line.take()).wait_s == 4

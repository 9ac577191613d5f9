"""Recording, transferring, surveys and queues in real calls: what the network makes of our documents."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from flows.events import Dialed, HungUp, Recorded
from flows.instructions import Recording, SurveyAnswer
from ivr.journal import repeat_call
from ivr.simulator import Answers, Busy, NoAnswer, NotInService
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from flows.instructions import Record
    from ivr.journal import Entry
    from ivr.simulator.people import Line
    from tests.support.house import House
    from tests.support.posting import Poster
    from tests.support.telephone import Caller

ACME = "+12025550100"
BRANCH = "+12025550170"
DESK = "sip:desk@pbx.example.com"
CENTER = """
name: Test
timezone: America/New_York
languages: [en-US]
numbers: {"+12025550100": main}
skills: [billing]
queues: {billing: {require: {billing: 3}, overflow: {after: 10m}}}
transfer_to: ["+1202"]
fallback: billing
"""
MAIN = """
flow: main
start: ask
steps:
  ask:
    menu: Press 1 for a message, 2 for our branch, 3 for a survey, 4 for an agent, 5 for the desk.
    options: {1: message, 2: branch, 3: survey, 4: agent, 5: desk}
    failed: leave
  message:
    voicemail: Please leave a message after the tone.
    mailbox: billing
    next: taken
    no_input: nothing
  taken: {hangup: We have your message.}
  nothing: {hangup: You said nothing.}
  branch:
    transfer: "{{ '+12025550170' }}"
    announcement: I am putting you through.
    ring: 10s
    ended: talked
    busy: busy
    no_answer: no_answer
    failed: failed
  desk: {transfer: "sip:desk@pbx.example.com", caller_id: ours, ended: talked, failed: failed}
  talked: {hangup: I hope that was helpful.}
  busy: {hangup: The branch is busy.}
  no_answer: {hangup: Nobody answers at the branch.}
  failed: {hangup: The branch cannot be reached.}
  survey:
    survey:
      - {rating: "How was it, from 1 to 5?", name: satisfaction}
      - {comment: Tell us why., name: reason}
    next: thanks
  thanks: {hangup: Thank you.}
  agent:
    queue: billing
    failed: message
  leave: {hangup: Goodbye.}
"""


@pytest.fixture
async def answering(house: House) -> House:
    """The house with all of it published."""
    await house.publish({"center.yaml": CENTER, "flows/main.yaml": MAIN})
    return house


async def calling(house: House, key: str) -> Caller:
    """Somebody who has called and pressed ``key``."""
    caller = house.caller()
    await caller.dials(ACME)
    await caller.presses(key)
    return caller


async def until_recording(house: House, caller: Caller) -> None:
    """Let the words before the beep and the beep itself pass."""
    for _ in range(40):
        if any((one.kind, one.text) == ("listening", "recording") for one in caller.telephone.heard):
            return
        await house.time.advance(0.5)
        await asyncio.sleep(0.005)  # the server answers over real sockets
    raise AssertionError(caller.conversation)


async def ended(house: House, call_sid: str) -> list[Entry]:
    """The call's journal once it is over, else nothing."""
    entries = await house.journal(call_sid)
    return entries if entries and entries[-1].ended else []


async def kept(house: House, caller: Caller) -> list[Record]:
    """What the journal of a call that is over keeps."""
    entries = await eventually(lambda: ended(house, caller.call_sid), "the end of the call in the journal")
    return [record for entry in entries for record in entry.records]


async def test_a_caller_leaves_a_message(answering: House) -> None:
    """It is recorded for its mailbox, and the flow goes on after it."""
    ana = await calling(answering, "1")
    await ana.hears("Please leave a message")
    await until_recording(answering, ana)
    await ana.telephone.speak("My bill is wrong, please call me back as soon as you can.")
    await answering.time.advance(5)
    await ana.telephone.press("#")
    await ana.hears("We have your message.")
    await ana.hears_the_end()

    (recording,) = answering.network.recordings.values()
    (record,) = await kept(answering, ana)
    assert isinstance(record, Recording)
    assert (record.purpose, record.name, record.recording_sid) == ("voicemail", "billing", recording.sid)
    assert record.duration_s >= 5


async def test_a_message_ended_by_hanging_up_is_kept(answering: House) -> None:
    """Most callers end theirs so: whichever webhook tells of it first, the message is there once."""
    ana = await calling(answering, "1")
    await until_recording(answering, ana)
    await ana.telephone.speak("Please call me back.")
    await answering.time.advance(6)
    await ana.hangs_up()

    found = await eventually(lambda: some(answering, ana), "the message in the journal")
    assert [record.purpose for record in found if isinstance(record, Recording)] == ["voicemail"]


async def some(house: House, caller: Caller) -> list[Record]:
    return [record for entry in await house.journal(caller.call_sid) for record in entry.records]


async def test_silence_is_no_message(answering: House) -> None:
    """A caller who says nothing hears so."""
    ana = await calling(answering, "1")
    await until_recording(answering, ana)
    await answering.time.advance(6)
    await ana.hears("You said nothing.")

    assert await kept(answering, ana) == []


@pytest.mark.parametrize("first", ["status", "action", "both"])
async def test_what_a_hang_up_brings_is_kept_once(answering: House, poster: Poster, first: str) -> None:
    """The end of the call may be told before its recording, after it, or beside it, and each of them twice."""
    await poster.voice()
    await poster.turn(1, Digits="1")
    told = {"RecordingSid": "RE1", "RecordingUrl": "https://r.example/RE1", "RecordingDuration": "9"}
    action = {"CallStatus": "completed", "Digits": "hangup", **told}
    if first == "both":
        await asyncio.gather(poster.status(), poster.turn(2, **action), poster.turn(2, **action))
    elif first == "status":
        await poster.status()
    for _time in range(2):
        await poster.turn(2, **action)
        await poster.status()
    entries = await answering.journal("CA1")

    records = [record for entry in entries for record in entry.records]
    events = [one.event for entry in entries[2:] for one in entry.happened]
    recorded = Recorded("RE1", "https://r.example/RE1", 9, hung_up=True)
    assert records == [Recording("voicemail", "billing", "RE1", "https://r.example/RE1", 9)]
    assert [event for event in events if event != HungUp()] == [recorded]
    live = answering.server.programs.live
    assert live is not None
    assert [one.said for one in repeat_call(entries, lambda _id: live)] == [entry.said for entry in entries]


async def test_the_provider_tells_when_a_recording_is_ready(answering: House, poster: Poster) -> None:
    """The callback is proved and accepted, whatever stands in it; a forged one is not."""
    for form in (
        {"RecordingSid": "RE1", "RecordingUrl": "https://r.example/RE1", "RecordingStatus": "completed"},
        {"RecordingSid": "???"},
        {},
    ):
        reply = await poster.post("/twilio/recordings", {"AccountSid": poster.form()["AccountSid"], **form})

        assert (reply.status, reply.text.endswith("<Response></Response>")) == (200, True)
    forged = await poster.post("/twilio/recordings", {"RecordingSid": "RE1"}, signature="x")

    assert forged.status == 403
    assert await answering.journal("CA1") == []


@pytest.mark.parametrize(
    ("line", "words", "status"),
    [
        (Answers(after_s=2, stays_s=8), "I hope that was helpful.", "ended"),
        (Busy(), "The branch is busy.", "busy"),
        (NoAnswer(), "Nobody answers at the branch.", "no_answer"),
        (NotInService(), "The branch cannot be reached.", "failed"),
    ],
)
async def test_a_transfer_goes_on_by_what_became_of_it(answering: House, line: Line, words: str, status: str) -> None:
    """Answered, busy, not answered and dead numbers each have their way out."""
    answering.network.people.put(BRANCH, line)
    ana = await calling(answering, "2")
    await ana.hears("I am putting you through.")
    await pass_until_heard(answering, ana, words)

    entries = await eventually(lambda: ended(answering, ana.call_sid), "the end of the call in the journal")
    dialed = [one.event for entry in entries for one in entry.happened if isinstance(one.event, Dialed)]
    assert [event.status for event in dialed] == [status]
    assert dialed[0].duration_s == (8 if status == "ended" else 0)


async def pass_until_heard(house: House, caller: Caller, words: str) -> None:
    """Let the network's time pass until some words are said."""
    for _ in range(80):
        if any(words in one.text for one in caller.telephone.heard):
            await caller.hears(words)
            await caller.hears_the_end()
            return
        await house.time.advance(0.5)
        await asyncio.sleep(0.005)  # the server answers over real sockets
    raise AssertionError(caller.conversation)


async def test_a_transfer_to_a_desk_shows_our_number(answering: House) -> None:
    """A SIP address is rung with the caller id that the step says."""
    answering.network.people.put(DESK, Answers(after_s=1, stays_s=3))
    ana = await calling(answering, "5")
    await pass_until_heard(answering, ana, "I hope that was helpful.")

    (leg,) = [call for call in answering.network.calls.values() if call.direction == "outbound-dial"]
    assert (leg.to, leg.from_) == (DESK, ACME)


async def test_a_survey_is_answered_by_word_and_by_voice(answering: House) -> None:
    """Its answers stand in the journal, under the names of the questions."""
    ana = await calling(answering, "3")
    await ana.says("four")
    await until_recording(answering, ana)
    await ana.telephone.speak("It took a while, but she was very kind.")
    await answering.time.advance(4)
    await ana.telephone.press("#")
    await ana.hears("Thank you.")

    found = await kept(answering, ana)
    (recording,) = answering.network.recordings.values()
    assert [one for one in found if isinstance(one, SurveyAnswer)] == [
        SurveyAnswer("main/survey", "satisfaction", 4),
        SurveyAnswer("main/survey", "reason", None, recording.sid),
    ]


async def test_a_queue_with_nobody_there_leads_on_at_once(answering: House) -> None:
    """Nobody is signed in: the caller does not wait, and is asked for a message instead."""
    ana = await calling(answering, "4")
    await ana.hears("Please leave a message")

    assert not any(heard.text.startswith("Please hold the line") for heard in ana.telephone.heard)


@pytest.mark.usefixtures("answering")
async def test_a_queue_may_be_the_fallback(poster: Poster) -> None:
    """A number that nobody has named goes there; as nobody can take the call, the caller is told so."""
    reply = await poster.voice(To="+12025550199")

    assert "nobody can take your call" in reply.text
    assert reply.text.endswith("<Hangup/></Response>")

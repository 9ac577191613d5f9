"""<Dial><Conference>, and conferences by REST.

| attribute | values | default |
|---|---|---|
| muted | true, false | false |
| startConferenceOnEnter | true, false | true |
| endConferenceOnExit | true, false | false |
| waitUrl, waitMethod | URL, empty is silence; GET/POST | music; POST |
| maxParticipants | 2 to 250 | 250 |
| coach | sid of a call in the conference | |
| participantLabel | unique, at most 128, no / | |
| statusCallbackEvent | start end join leave mute hold modify speaker announcement | none |
| beep, jitterBufferSize, region | checked, change nothing here | |

Source: twilio.com/docs/voice/twiml/conference; …/voice/api/conference-participant-resource.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from ivr.simulator import Answers, Busy, NoAnswer
from tests.ivr.simulator.conftest import NUMBER, VENDOR_LIBRARY, refusal
from tests.support.telephone import Caller

if TYPE_CHECKING:
    from twilio.rest import Client

    from ivr.simulator import Simulator, SteppedTime
    from ivr.simulator.conference import Conference
    from tests.ivr.simulator.conftest import Application

pytestmark = VENDOR_LIBRARY

EVENTS = "start end join leave mute hold modify announcement"


class Hall:
    """Callers who meet in the conference of the number they dial."""

    def __init__(self, application: Application, simulator: Simulator, time: SteppedTime) -> None:
        self.application = application
        self.simulator = simulator
        self.time = time
        self.callers: list[Caller] = []
        application["/events"] = web.Response(status=204)
        application["/after"] = "<Say>After</Say><Pause length='60'/>"
        application["/music"] = '<Play digits="1"/><Pause length="600"/>'

    async def enters(self, attributes: str = "", *, room: str = "room") -> Caller:
        """One more caller, in the conference if it lets him in."""
        self.application["/voice"] = (
            f'<Dial action="/after"><Conference waitUrl="" statusCallback="/events" statusCallbackEvent="{EVENTS}" '
            f"{attributes}>{room}</Conference></Dial>"
        )
        caller = Caller(self.simulator, f"+1202555{len(self.callers) + 200:04}")
        self.callers.append(caller)
        await caller.dials(NUMBER)
        await self.time.settle()
        return caller

    def room(self) -> Conference:
        (room,) = self.simulator.rooms.conferences.values()
        return room

    def events(self) -> list[dict[str, str]]:
        """In the order of their numbers."""
        forms = [request.form for request in self.application.received("/events")]
        return sorted(forms, key=lambda form: int(form["SequenceNumber"]))

    def names(self) -> list[str]:
        return [form["StatusCallbackEvent"] for form in self.events()]

    def hears(self, one: Caller, other: Caller) -> bool:
        return self.simulator.hears(one.call_sid, other.call_sid)


@pytest.fixture
def hall(application: Application, simulator: Simulator, time: SteppedTime) -> Hall:
    return Hall(application, simulator, time)


async def test_it_starts_when_two_are_present(hall: Hall) -> None:
    """Then they hear each other; what the first participant asked for is told, numbered from 1."""
    ana = await hall.enters('participantLabel="ana"')
    alone = hall.room().status
    ben = await hall.enters()

    await hall.time.settle()
    await ana.telephone.speak("Hello")

    assert (alone, hall.room().status) == ("init", "in-progress")
    assert (hall.hears(ana, ben), hall.hears(ben, ana), hall.hears(ana, ana)) == (True, True, False)
    assert ("voice", "Hello") in [(one.kind, one.text) for one in ben.telephone.heard]
    assert hall.names() == ["participant-join", "participant-join", "conference-start"]
    assert [form["SequenceNumber"] for form in hall.events()] == ["1", "2", "3"]
    first = hall.events()[0]
    assert (first["CallSid"], first["ParticipantLabel"], first["Muted"]) == (ana.call_sid, "ana", "false")
    assert (first["FriendlyName"], first["ConferenceSid"]) == ("room", hall.room().sid)


async def test_it_waits_for_somebody_who_may_start_it(hall: Hall) -> None:
    """Two who may not are two who wait."""
    one = await hall.enters('startConferenceOnEnter="false"')
    other = await hall.enters('startConferenceOnEnter="false"')
    waiting = hall.hears(one, other)
    await hall.enters()

    assert (waiting, hall.hears(one, other)) == (False, True)


@pytest.mark.parametrize(("ends", "goes_on"), [("true", False), ("false", True)])
async def test_somebody_leaving_may_end_it_for_all(hall: Hall, ends: str, goes_on: bool) -> None:
    """Those who stay go on after their Dial; the one who left is still reported."""
    agent = await hall.enters()
    other = await hall.enters()
    customer = await hall.enters(f'endConferenceOnExit="{ends}" participantLabel="customer"')

    await customer.hangs_up()
    await hall.time.settle()

    forms = [request.form for request in hall.application.received("/after")]
    after = {form["CallSid"]: (form["CallStatus"], form["DialCallStatus"]) for form in forms}
    assert hall.hears(agent, other) is goes_on
    assert after.pop(customer.call_sid) == ("completed", "answered")
    assert after == ({} if goes_on else dict.fromkeys([agent.call_sid, other.call_sid], ("in-progress", "answered")))
    assert all("DialCallSid" not in form for form in forms)
    if not goes_on:
        end = hall.events()[-1]
        assert end["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
        assert (end["CallSidEndingConference"], end["ParticipantLabelEndingConference"]) == (
            customer.call_sid,
            "customer",
        )
        reasons = [form["ReasonParticipantLeft"] for form in hall.events() if "ReasonParticipantLeft" in form]
        assert reasons == ["participant_hung_up", "moderator_ended_conference", "moderator_ended_conference"]


async def test_the_last_to_leave_closes_the_room(hall: Hall) -> None:
    """A conference of the same name is another one."""
    one, other = await hall.enters(), await hall.enters()

    await one.hangs_up()
    await other.hangs_up()
    await hall.time.settle()
    names, reason = hall.names(), hall.events()[-1]["ReasonConferenceEnded"]
    await hall.enters()

    assert names[-3:] == ["participant-leave", "participant-leave", "conference-end"]
    assert reason == "last-participant-left"
    assert [room.status for room in hall.simulator.rooms.conferences.values()] == ["completed", "init"]


async def test_who_waits_hears_the_wait_document_once(hall: Hall) -> None:
    """Its end is silence, unless it redirects; it stops when the conference starts."""
    hall.application["/voice"] = '<Dial><Conference waitUrl="/wait">room</Conference></Dial>'
    hall.application["/wait"] = "<Say>Please hold</Say><Redirect>/more</Redirect>"
    hall.application["/more"] = "<Say>Still there</Say>"
    caller = Caller(hall.simulator)

    await caller.dials(NUMBER)
    await hall.time.advance(60)

    assert len(hall.application.received("/wait")) == len(hall.application.received("/more")) == 1
    assert [one.text for one in caller.telephone.heard if one.kind == "say"] == ["Please hold", "Still there"]


@pytest.mark.parametrize("wait", ["<Dial>+12025550161</Dial>", "<Gather/>", "<Hangup/>"])
async def test_a_wrong_wait_document_puts_the_caller_out(hall: Hall, wait: str) -> None:
    """13238; the call goes on after its Dial."""
    hall.application["/voice"] = '<Dial action="/after"><Conference waitUrl="/wait">room</Conference></Dial>'
    hall.application["/wait"] = wait
    caller = Caller(hall.simulator)

    await caller.dials(NUMBER)
    await hall.time.settle()

    assert [error.code for error in hall.simulator.errors] == [13238]
    assert hall.application.form("/after")["DialCallStatus"] == "failed"


async def test_a_coach_is_heard_by_one(hall: Hall) -> None:
    """And hears all."""
    agent, customer = await hall.enters(), await hall.enters()
    coach = await hall.enters(f'coach="{agent.call_sid}"')

    assert (hall.hears(agent, coach), hall.hears(customer, coach)) == (True, False)
    assert (hall.hears(coach, agent), hall.hears(coach, customer)) == (True, True)


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ('participantLabel="ana"', 16025),
        (f'coach="CA{"0" * 32}"', 13240),
        ("", 16020),
    ],
)
async def test_who_cannot_come_in_goes_on_after_the_dial(hall: Hall, attributes: str, code: int) -> None:
    """With the reason among the errors."""
    await hall.enters(f'participantLabel="ana" maxParticipants="{2 if code == 16020 else 250}"')
    await hall.enters()

    await hall.enters(attributes)

    assert [error.code for error in hall.simulator.errors] == [code]
    assert hall.application.form("/after")["DialCallStatus"] == "failed"
    assert len(hall.room().participants) == 2


@pytest.mark.parametrize(
    ("conference", "code"),
    [
        ("<Conference/>", 12200),
        ('<Conference muted="maybe">room</Conference>', 13230),
        ('<Conference maxParticipants="251">room</Conference>', 12200),
        ('<Conference coach="ana">room</Conference>', 13240),
        ('<Conference participantLabel="a/b">room</Conference>', 16023),
        ('<Conference statusCallbackEvent="answered">room</Conference>', 12200),
        ('<Conference waitUrl="ftp://a">room</Conference>', 11100),
        ("<Conference>room</Conference><Number>+12025550161</Number>", 13000),
    ],
)
async def test_a_wrong_conference_is_refused(hall: Hall, conference: str, code: int) -> None:
    """With the whole document."""
    hall.application["/fallback"] = "<Hangup/>"
    hall.application["/voice"] = f"<Dial>{conference}</Dial>"
    caller = Caller(hall.simulator)

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    assert [error.code for error in hall.simulator.errors] == [code]


async def test_a_moved_participant_is_out(hall: Hall, twilio: Client) -> None:
    """By REST, which the event says; the action is not asked."""
    one, _ = await hall.enters(), await hall.enters()
    hall.application["/moved"] = "<Say>Moved</Say><Pause length='60'/>"

    await twilio.calls(one.call_sid).update_async(url=f"{hall.application.url}/moved")
    await one.hears("Moved")
    await hall.time.settle()

    assert hall.events()[-1]["ReasonParticipantLeft"] == "participant_updated_via_api"
    assert hall.application.received("/after") == []


async def test_participants_are_muted_held_and_coached_by_rest(hall: Hall, twilio: Client) -> None:
    """By sid or by label; each change is told once."""
    agent, customer = await hall.enters('participantLabel="agent"'), await hall.enters()
    participants = twilio.conferences(hall.room().sid).participants

    muted = await participants("agent").update_async(muted=True)
    silent = hall.hears(customer, agent), hall.hears(agent, customer)
    await participants("agent").update_async(muted=False)
    held = await participants(customer.call_sid).update_async(hold=True, hold_url=f"{hall.application.url}/music")
    await hall.time.settle()
    parked = hall.hears(customer, agent), hall.hears(agent, customer)
    await participants(customer.call_sid).update_async(hold=False)
    coached = await participants("agent").update_async(coaching=True, call_sid_to_coach=customer.call_sid)
    ending = await participants("agent").update_async(end_conference_on_exit=True)
    await hall.time.settle()

    assert (muted.muted, held.hold, coached.call_sid_to_coach, ending.end_conference_on_exit) == (
        True,
        True,
        customer.call_sid,
        True,
    )
    assert (silent, parked) == ((False, True), (False, False))
    assert hall.application.received("/music")[0].method == "GET"
    assert hall.names()[3:] == [
        "participant-mute",
        "participant-unmute",
        "participant-hold",
        "participant-unhold",
        "participant-modify",
        "participant-modify",
    ]


async def test_an_announcement_is_heard_by_one_or_all(hall: Hall, twilio: Client) -> None:
    """And does not end anything."""
    agent, customer = await hall.enters(), await hall.enters()
    hall.application["/announcement"] = "<Say>One minute left</Say>"
    conference = twilio.conferences(hall.room().sid)

    await conference.participants(agent.call_sid).update_async(announce_url=f"{hall.application.url}/announcement")
    await agent.hears("One minute left")
    only = "One minute" in customer.conversation
    await conference.update_async(announce_url=f"{hall.application.url}/announcement")
    await customer.hears("One minute left")
    await hall.time.advance(5)

    assert only is False
    assert hall.names()[3:] == ["announcement-end"] * 3
    assert hall.hears(agent, customer)


async def test_a_conference_is_ended_and_a_participant_put_out_by_rest(hall: Hall, twilio: Client) -> None:
    """Their calls go on after the Dial."""
    one, two, three = [await hall.enters() for _ in range(3)]
    conference = twilio.conferences(hall.room().sid)

    await conference.participants(one.call_sid).delete_async()
    await one.hears("After")
    before = hall.hears(two, three)
    updated = await conference.update_async(status="completed")
    await three.hears("After")
    await hall.time.settle()

    assert (before, updated.status, updated.reason_conference_ended) == (
        True,
        "completed",
        "conference-ended-via-api",
    )
    reasons = [form["ReasonParticipantLeft"] for form in hall.events() if "ReasonParticipantLeft" in form]
    assert reasons == ["participant_updated_via_api", "conference_ended_via_api", "conference_ended_via_api"]
    assert await refusal(conference.participants(one.call_sid).fetch_async()) == (404, 20404)
    assert await refusal(conference.update_async(status="completed")) == (400, 16022)


async def test_conferences_and_participants_are_listed(hall: Hall, twilio: Client) -> None:
    """By name, status and what is set."""
    await hall.enters('muted="true"')
    await hall.enters()

    listed = await twilio.conferences.list_async(friendly_name="room", status="in-progress")
    others = await twilio.conferences.list_async(status="completed")
    everybody = await twilio.conferences(hall.room().sid).participants.list_async()
    muted = await twilio.conferences(hall.room().sid).participants.list_async(muted=True)

    assert ([one.sid for one in listed], others) == ([hall.room().sid], [])
    assert ([one.muted for one in everybody], len(muted)) == ([True, False], 1)
    assert {one.status for one in everybody} == {"connected"}


async def test_somebody_is_called_into_a_conference(hall: Hall, twilio: Client) -> None:
    """By its name, which makes the room; the call's own callbacks are those of any other."""
    hall.simulator.people.put("client:ana", Answers(after_s=2))
    hall.application["/leg"] = web.Response(status=204)
    made = await twilio.conferences("room").participants.create_async(
        to="client:ana",
        from_=NUMBER,
        label="ana",
        end_conference_on_exit=True,
        wait_url="",
        status_callback=f"{hall.application.url}/leg",
        status_callback_event=["ringing", "answered"],
    )
    await hall.time.advance(2)
    customer = await hall.enters()

    listed = await twilio.conferences(hall.room().sid).participants("ana").fetch_async()
    heard = hall.simulator.hears(customer.call_sid, made.call_sid)
    await twilio.calls(made.call_sid).update_async(status="completed")
    await customer.hears("After")

    assert (made.status, made.label, made.conference_sid) == ("queued", "ana", hall.room().sid)
    assert (listed.call_sid, listed.status, heard) == (made.call_sid, "connected", True)
    assert {request.form["CallStatus"] for request in hall.application.received("/leg")} == {"ringing", "in-progress"}


async def test_who_is_busy_never_comes_in(hall: Hall, twilio: Client) -> None:
    """The room stays as it was."""
    hall.simulator.people.put("client:ana", Busy())
    await hall.enters()

    made = await twilio.conferences("room").participants.create_async(to="client:ana", from_=NUMBER)
    await hall.time.advance(5)

    assert hall.simulator.calls[made.call_sid].status == "busy"
    assert len(hall.room().participants) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"to": "ana"}, 21211),
        ({"from_": "+12025550177"}, 21210),
        ({"conference_status_callback_event": ["completed"]}, 20001),
        ({"max_participants": 1}, 20001),
        ({"record": True, "recording_channels": "three"}, 20001),
    ],
)
async def test_a_wrong_participant_is_not_called(
    simulator: Simulator, twilio: Client, change: dict[str, Any], code: int
) -> None:
    """And no room is made."""
    right = {"to": "client:ana", "from_": NUMBER}

    assert await refusal(twilio.conferences("room").participants.create_async(**(right | change))) == (400, code)
    assert (simulator.calls, simulator.rooms.conferences) == ({}, {})


async def test_who_is_still_being_called_is_a_participant(hall: Hall, twilio: Client) -> None:
    """Shown as far as the call has come; put out, they are called no longer."""
    hall.simulator.people.put("+12025550150", NoAnswer())
    participants = twilio.conferences("room").participants

    made = await participants.create_async(from_=NUMBER, to="+12025550150", label="ana")
    queued = await participants("ana").fetch_async()
    await hall.time.advance(2)
    listed = await twilio.conferences(made.conference_sid).participants.list_async()
    await participants(made.call_sid).delete_async()
    await hall.time.settle()
    left = await twilio.conferences(made.conference_sid).participants.list_async()

    assert (made.status, made.queue_time, queued.status, queued.queue_time) == ("queued", "0", "ringing", None)
    assert [(one.call_sid, one.label, one.status) for one in listed] == [(made.call_sid, "ana", "ringing")]
    assert left == []
    assert hall.simulator.calls[made.call_sid].status == "canceled"


async def test_what_is_set_of_who_is_being_called_holds_from_when_they_come(hall: Hall, twilio: Client) -> None:
    """They come in muted and ending it for all, and are never told to have changed."""
    await hall.enters()
    hall.simulator.people.put("+12025550150", Answers(after_s=5))
    participants = twilio.conferences("room").participants

    made = await participants.create_async(from_=NUMBER, to="+12025550150", label="ben")
    await hall.time.advance(2)
    changed = await participants("ben").update_async(muted=True, end_conference_on_exit=True)
    await hall.time.advance(10)
    there = await participants("ben").fetch_async()
    await participants("ben").delete_async()
    await hall.time.settle()

    assert (changed.status, changed.muted) == ("ringing", True)
    assert (there.status, there.muted, there.end_conference_on_exit) == ("connected", True, True)
    joined = [form["Muted"] for form in hall.events() if form.get("CallSid") == made.call_sid]
    assert joined == ["true", "true"]
    assert not {"participant-mute", "participant-modify"} & set(hall.names())
    assert hall.room().status == "completed"


async def test_a_room_in_which_nobody_ever_was_is_closed(hall: Hall, twilio: Client) -> None:
    """When the last who was called into it does not come; the next of its name is another."""
    hall.simulator.people.put("+12025550150", NoAnswer())
    hall.simulator.people.put("+12025550151", Busy())
    create = twilio.conferences("room").participants.create_async

    made = await create(from_=NUMBER, to="+12025550150", timeout=10)
    await create(from_=NUMBER, to="+12025550151")
    await hall.time.advance(10)
    ringing = hall.room().status
    await hall.time.advance(10)
    again = await create(from_=NUMBER, to="+12025550151")

    assert (ringing, hall.simulator.rooms.conferences[made.conference_sid].status) == ("init", "completed")
    assert again.conference_sid != made.conference_sid


async def test_a_conference_is_recorded_as_a_participant_wishes(hall: Hall, twilio: Client) -> None:
    """From its start, and told of to the address the participant came with."""
    hall.simulator.people.put("*", Answers(after_s=1, stays_s=10))
    hall.application["/recorded"] = web.Response(status=204)

    for number in ("+12025550150", "+12025550151"):
        await twilio.conferences("room").participants.create_async(
            from_=NUMBER,
            to=number,
            conference_record="record-from-start",
            conference_trim="do-not-trim",
            conference_recording_status_callback=f"{hall.application.url}/recorded",
            conference_recording_status_callback_event=["in-progress", "completed"],
        )
    await hall.time.advance(20)

    told = [one.form for one in hall.application.received("/recorded")]
    assert [form["RecordingStatus"] for form in told] == ["in-progress", "completed"]
    assert {form["RecordingSource"] for form in told} == {"Conference"}
    assert told[1]["RecordingDuration"] == "10"
    assert "ConferenceSid" in told[1]
    assert "CallSid" not in told[1]


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"label": "a/b"}, 16024),
        ({"byoc": "mine"}, 21300),
        ({"conference_record": "sometimes"}, 20001),
        ({"conference_trim": "hair"}, 20001),
        ({"conference_recording_status_callback_event": ["gone"]}, 20001),
        ({"beep": "loud"}, 20001),
        ({"jitter_buffer_size": "huge"}, 20001),
        ({"region": "moon"}, 20001),
        ({"sip_auth_username": "ana"}, 20001),
        ({"call_reason": "x" * 51}, 20001),
    ],
)
async def test_a_participant_with_a_wrong_wish_is_not_called(
    hall: Hall, twilio: Client, wish: dict[str, Any], code: int
) -> None:
    """Refused by name; no room is made for them."""
    create = twilio.conferences("room").participants.create_async

    refused = await refusal(create(from_=NUMBER, to="+12025550150", **wish))

    assert refused == (400, code)
    assert (hall.simulator.calls, hall.simulator.rooms.conferences) == ({}, {})

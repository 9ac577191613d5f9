"""<Start><Stream>, <Stop><Stream> and REST: the call's sound to an application, beside the call.

| attribute | REST | values | default |
|---|---|---|---|
| url | Url | wss:// (ws:// to this machine), no query | |
| name | Name | text, unique in the call | |
| track | Track | inbound_track, outbound_track, both_tracks; four tracks a call | inbound_track |
| statusCallback, statusCallbackMethod | StatusCallback, …Method | URL, GET/POST | none; POST |
| Parameter name, value | Parameter1.Name, .Value … 99 | under 500 characters together | |

Source: twilio.com/docs/voice/twiml/stream; …/voice/api/stream-resource.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from ivr.simulator import Answers, Number, RealTime, Simulator
from ivr.simulator.sound import mulaw
from ivr.simulator.stream_wishes import fault_of_parameter
from tests.ivr.simulator.conftest import ACCOUNT_SID, AUTH_TOKEN, NUMBER, VENDOR_LIBRARY, refusal
from tests.ivr.simulator.sound.listening import hears_tone, second, tone_wav
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from twilio.rest import Client

    from ivr.simulator import SteppedTime
    from tests.ivr.simulator.conftest import Application
    from tests.ivr.simulator.media_server import MediaServer
    from tests.support.telephone import Caller

pytestmark = VENDOR_LIBRARY

ANA = "+12025550161"
TALK = '<Pause length="600"/>'


def start(server: MediaServer, more: str = "", *, name: str = "live") -> str:
    return f'<Start><Stream url="{server.url}/media" name="{name}" {more}/></Start>'


@pytest.mark.parametrize(
    ("track", "tracks"),
    [
        ("", ["inbound"]),
        ('track="inbound_track"', ["inbound"]),
        ('track="outbound_track"', ["outbound"]),
        ('track="both_tracks"', ["inbound", "outbound"]),
    ],
)
async def test_the_tracks_asked_for_are_sent(
    application: Application,
    caller: Caller,
    time: SteppedTime,
    media_server: MediaServer,
    track: str,
    tracks: list[str],
) -> None:
    """Each with chunks of its own in one sequence; what follows is not waited for."""
    application["/voice"] = start(media_server, track) + "<Say>a prompt that takes two seconds</Say>" + TALK

    await caller.dials(NUMBER)
    await time.advance(0.06)
    media = media_server.only.of("media")

    assert media_server.only.of("start")[0]["start"]["tracks"] == tracks
    assert [(one["media"]["track"], one["media"]["chunk"]) for one in media] == [
        (track, str(i)) for i in (1, 2, 3) for track in tracks
    ]
    assert [int(one["sequenceNumber"]) for one in media] == list(range(2, 2 + 3 * len(tracks)))
    assert [mulaw.is_silent(media_server.only.heard(track)) for track in tracks] == [
        track == "inbound" for track in tracks
    ]


async def test_both_sides_of_a_conversation_are_heard(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime, media_server: MediaServer
) -> None:
    """The caller on the inbound track, whom the caller is connected with on the other."""
    ana = simulator.telephone(ANA)
    ana.register()
    application["/voice"] = start(media_server, 'track="both_tracks"') + f"<Dial>{ANA}</Dial>"
    await caller.dials(NUMBER)
    await ana.answer()
    await time.settle()

    await caller.telephone.play(tone_wav(1000, 1))
    await time.advance(1)
    await ana.play(tone_wav(2000, 1))
    await time.advance(1)

    inbound, outbound = media_server.only.heard("inbound"), media_server.only.heard("outbound")
    assert [hears_tone(second(inbound, i), 1000) for i in (0, 1)] == [True, False]
    assert [hears_tone(second(outbound, i), 2000) for i in (0, 1)] == [False, True]
    assert not hears_tone(outbound, 1000)


async def test_a_key_is_not_told_but_heard(
    application: Application, caller: Caller, time: SteppedTime, media_server: MediaServer
) -> None:
    """As the two tones it is."""
    application["/voice"] = start(media_server) + TALK
    await caller.dials(NUMBER)

    await caller.telephone.press("5")
    await time.advance(0.2)

    heard = media_server.only.heard()
    assert media_server.only.of("dtmf") == []
    assert [hz for hz in (697, 770, 852, 941, 1209, 1336, 1477, 1633) if hears_tone(heard, hz)] == [770, 1336]


@pytest.mark.parametrize("how", ["stop", "stop again", "hang up"])
async def test_it_stops_by_its_name_or_with_the_call(
    application: Application, caller: Caller, time: SteppedTime, media_server: MediaServer, how: str
) -> None:
    """The application is told by the socket and by the callback."""
    stopping = '<Stop><Stream name="live"/></Stop>'
    application["/streams"] = web.Response(status=204)
    after = {"stop": stopping + TALK, "stop again": stopping * 2 + TALK, "hang up": ""}[how]
    application["/voice"] = start(media_server, 'statusCallback="/streams"') + '<Pause length="2"/>' + after

    await caller.telephone.dial(NUMBER)
    await time.advance(5)

    told = [(one.form["StreamEvent"], one.form["StreamName"]) for one in application.received("/streams")]
    assert told == [("stream-started", "live"), ("stream-stopped", "live")]
    assert application.received("/streams")[0].form["StreamSid"] == media_server.only.stream_sid
    assert len(media_server.only.of("stop")) == 1
    assert len(media_server.only.heard()) == 2 * mulaw.RATE_HZ


@pytest.mark.parametrize("name", ["", "nobody"])
async def test_a_stop_of_nothing_changes_nothing(
    application: Application, simulator: Simulator, caller: Caller, name: str
) -> None:
    """Without a name it is a mistake."""
    application["/fallback"] = "<Say>Sorry</Say>"
    application["/voice"] = f'<Stop><Stream name="{name}"/></Stop><Say>Going on</Say>'

    await caller.dials(NUMBER)
    await caller.hears("Going on" if name else "Sorry")

    assert [error.code for error in simulator.errors] == ([] if name else [12200])


@pytest.mark.parametrize(
    ("first", "second_start"),
    [(("", "live"), ("", "live")), (('track="both_tracks"', "a"), ('track="both_tracks"', "b"))],
)
async def test_a_name_is_taken_once_and_four_tracks_are_the_most(
    application: Application,
    simulator: Simulator,
    caller: Caller,
    media_server: MediaServer,
    first: tuple[str, str],
    second_start: tuple[str, str],
) -> None:
    """A stream too many is a mistake of the document."""
    application["/fallback"] = "<Say>Sorry</Say>"
    extra = start(media_server, name="c") if first[0] else ""
    application["/voice"] = (
        "".join(start(media_server, more, name=name) for more, name in (first, second_start)) + extra
    )

    await caller.dials(NUMBER)
    await caller.hears("Sorry")

    assert [error.code for error in simulator.errors] == [12200]


async def test_streams_by_rest(
    application: Application, caller: Caller, time: SteppedTime, twilio: Client, media_server: MediaServer
) -> None:
    """They are begun with parameters and stopped by name; a name that is taken, a bad URL and a call that is over are
    refused."""
    application["/voice"] = f"<Say>Hello</Say>{TALK}"
    await caller.dials(NUMBER)
    streams = twilio.calls(caller.call_sid).streams

    begun = await streams.create_async(
        url=f"{media_server.url}/media",
        name="live",
        track="both_tracks",
        parameter1_name="token",
        parameter1_value="t1",
    )
    await time.advance(1)
    taken = await refusal(streams.create_async(url=f"{media_server.url}/media", name="live"))
    query = await refusal(streams.create_async(url=f"{media_server.url}/media?a=b"))
    stopped = await streams("live").update_async(status="stopped")
    await time.settle()
    gone = await refusal(streams("live").update_async(status="stopped"))
    again = await streams(begun.sid).update_async(status="stopped")
    await caller.hangs_up()
    late = await refusal(streams.create_async(url=f"{media_server.url}/media"))

    connection = media_server.only
    assert (begun.status, stopped.status, again.status, begun.name) == ("in-progress", "stopped", "stopped", "live")
    assert (connection.stream_sid, connection.of("start")[0]["start"]["customParameters"]) == (
        begun.sid,
        {"token": "t1"},
    )
    assert [one["event"] for one in connection.messages if one["event"] != "media"] == ["connected", "start", "stop"]
    assert (taken, query, gone, late) == ((400, 20001), (400, 21205), (404, 20404), (400, 21220))


async def test_an_application_that_hangs_up_leaves_the_call_alone(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime, media_server: MediaServer
) -> None:
    """The stream has stopped, and is not begun again."""
    application["/streams"] = web.Response(status=204)
    application["/voice"] = start(media_server, 'statusCallback="/streams"') + TALK
    await caller.dials(NUMBER)

    await media_server.only.socket.close()
    await time.advance(5)

    told = [one.form["StreamEvent"] for one in application.received("/streams")]
    assert told == ["stream-started", "stream-stopped"]
    assert caller.ending == ""
    assert simulator.errors == []


async def test_a_message_to_a_stream_that_only_listens_is_complained_of(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime, media_server: MediaServer
) -> None:
    """31951: only a connected one can be answered."""
    application["/voice"] = start(media_server) + TALK
    await caller.dials(NUMBER)

    await media_server.only.say("clear")
    await time.advance(0.1)

    assert [error.code for error in simulator.errors] == [31951]


async def test_a_leg_of_an_outgoing_call_can_be_streamed(
    simulator: Simulator, time: SteppedTime, twilio: Client, media_server: MediaServer
) -> None:
    """Whoever was called is the far end, so on the inbound track."""
    simulator.people.put(ANA, Answers(after_s=1, stays_s=3))

    await twilio.calls.create_async(to=ANA, from_=NUMBER, twiml=f"<Response>{start(media_server)}{TALK}</Response>")
    await time.advance(6)

    assert len(media_server.only.heard()) == 3 * mulaw.RATE_HZ
    assert len(media_server.only.of("stop")) == 1


async def test_real_time_sends_frames_at_its_pace(application: Application, media_server: MediaServer) -> None:
    """Twenty times as fast: a second of sound is there in a twentieth of a second, not sooner and none left out."""
    clock = RealTime(20)
    network = Simulator(
        account_sid=ACCOUNT_SID, auth_token=AUTH_TOKEN, numbers={NUMBER: Number(f"{application.url}/voice")}, time=clock
    )
    application["/voice"] = start(media_server) + TALK
    await network.start()
    try:
        began_ms = clock.now_ms()
        await network.telephone(ANA).dial(NUMBER)
        await eventually(
            lambda: media_server.connections and len(media_server.only.heard()) >= mulaw.RATE_HZ, "a second of sound"
        )
        took_ms = clock.now_ms() - began_ms
        chunks = [int(one["media"]["chunk"]) for one in media_server.only.of("media")]
    finally:
        await network.stop()

    assert took_ms >= 1000
    assert chunks == list(range(1, len(chunks) + 1))


def test_the_longest_parameter_is_just_short_of_five_hundred() -> None:
    """Name and value together."""
    assert fault_of_parameter("n", "v" * 498) == ""
    assert "500" in fault_of_parameter("n", "v" * 499)


async def test_an_application_that_does_not_read_holds_up_nobody(
    application: Application,
    simulator: Simulator,
    caller: Caller,
    time: SteppedTime,
    media_server: MediaServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Stepped time waits for it once, and then goes on without it."""
    monkeypatch.setattr("ivr.simulator.streams.PONG_S", 0.05)
    is_reading = asyncio.Event()

    async def wait(*_: object) -> None:
        await is_reading.wait()

    media_server.on_message = wait
    application["/voice"] = f'{start(media_server)}<Pause length="3"/><Say>Here I am</Say>{TALK}'

    await caller.telephone.dial(NUMBER)
    await time.advance(4)
    await caller.hears("Here I am")
    is_reading.set()
    await eventually(lambda: len(media_server.only.heard()) >= 3 * mulaw.RATE_HZ, "all of the sound to be read")

    assert simulator.errors == []

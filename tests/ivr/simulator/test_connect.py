"""<Connect><Stream>: the call's sound to an application and back.

| attribute | values | default |
|---|---|---|
| Connect action, method | URL, GET/POST | the next verb; POST |
| Stream url | wss:// (ws:// to this machine), no query | |
| Stream name | text, unique in the call | |
| Stream track | inbound_track only | inbound_track |
| Stream statusCallback, statusCallbackMethod | URL, GET/POST | none; POST |
| Parameter name, value | under 500 characters together | |

Source: twilio.com/docs/voice/twiml/stream; …/voice/media-streams/websocket-messages.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from aiohttp import web
from twilio.request_validator import RequestValidator

from ivr.simulator.sound import mulaw
from ivr.simulator.sound.sounds import Samples
from ivr.simulator.steps import Goto
from tests.ivr.simulator.conftest import ACCOUNT_SID, AUTH_TOKEN, NUMBER
from tests.ivr.simulator.sound.listening import hears_tone, tone_wav

if TYPE_CHECKING:
    from ivr.simulator import Simulator, SteppedTime
    from tests.ivr.simulator.conftest import Application
    from tests.ivr.simulator.media_server import Connection, MediaServer
    from tests.support.telephone import Caller

SECOND = mulaw.RATE_HZ
TONE = b"\x10\x90" * (SECOND // 2)
"""A second of 4000 Hz, loud."""


def connect(server: MediaServer, inside: str = "", more: str = "", of_connect: str = "") -> str:
    return f'<Connect {of_connect}><Stream url="{server.url}/media" {more}>{inside}</Stream></Connect>'


async def hang_up_after(frames: int, connection: Connection, message: dict[str, Any]) -> None:
    if message["event"] == "media" and message["media"]["chunk"] == str(frames):
        await connection.socket.close()


async def test_the_messages_have_the_vendors_shape(
    application: Application, caller: Caller, time: SteppedTime, media_server: MediaServer
) -> None:
    """Text where it is text, numbers where they are numbers, one sequence for all."""
    application["/voice"] = connect(media_server, '<Parameter name="k" value="v"/>')

    await caller.dials(NUMBER)
    await time.advance(0.05)
    await caller.telephone.press("1")
    await time.settle()
    await caller.hangs_up()
    await time.settle()

    connection = media_server.only
    sid, call_sid = connection.stream_sid, caller.call_sid
    silent = base64.b64encode(mulaw.silence(20)).decode()
    assert connection.messages == [
        {"event": "connected", "protocol": "Call", "version": "1.0.0"},
        {
            "event": "start",
            "sequenceNumber": "1",
            "start": {
                "accountSid": ACCOUNT_SID,
                "streamSid": sid,
                "callSid": call_sid,
                "tracks": ["inbound"],
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                "customParameters": {"k": "v"},
            },
            "streamSid": sid,
        },
        *(
            {
                "event": "media",
                "sequenceNumber": str(i + 2),
                "media": {"track": "inbound", "chunk": str(i + 1), "timestamp": str(i * 20), "payload": silent},
                "streamSid": sid,
            }
            for i in range(2)
        ),
        {"event": "dtmf", "sequenceNumber": "4", "dtmf": {"track": "inbound_track", "digit": "1"}, "streamSid": sid},
        {
            "event": "stop",
            "sequenceNumber": "5",
            "stop": {"accountSid": ACCOUNT_SID, "callSid": call_sid},
            "streamSid": sid,
        },
    ]


async def test_the_handshake_is_signed(
    application: Application, simulator: Simulator, caller: Caller, media_server: MediaServer
) -> None:
    """As a GET of the WebSocket's URL; it is among the exchanges."""
    application["/voice"] = connect(media_server)

    await caller.dials(NUMBER)
    await caller.hangs_up()

    url, connection = f"{media_server.url}/media", media_server.only
    signature = connection.headers["X-Twilio-Signature"]
    (exchange,) = (one for one in simulator.exchanges if one.kind == "stream")
    assert RequestValidator(AUTH_TOKEN).validate(url, {}, signature)
    assert (exchange.url, exchange.status, exchange.call_sid) == (url, 101, caller.call_sid)


async def test_what_the_caller_says_is_sent_as_it_is_said(
    application: Application, caller: Caller, time: SteppedTime, media_server: MediaServer
) -> None:
    """Sample by sample, at the pace of time, and nothing of what the caller hears."""
    application["/voice"] = connect(media_server)

    await caller.dials(NUMBER)
    await time.advance(1)
    await caller.telephone.play(tone_wav(1000, 1))
    await media_server.only.play(TONE)
    await time.advance(2)

    heard = media_server.only.heard()
    assert len(heard) == 3 * SECOND
    assert [hears_tone(heard[i * SECOND : (i + 1) * SECOND], 1000) for i in range(3)] == [False, True, False]
    assert mulaw.is_silent(heard[:SECOND] + heard[2 * SECOND :])


async def test_marks_come_back_when_what_is_before_them_has_been_heard(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime, media_server: MediaServer
) -> None:
    """The caller hears it, and the tape holds it."""
    application["/voice"] = connect(media_server)

    async def speak(connection: Connection, message: dict[str, Any]) -> None:
        if message["event"] == "start":
            await connection.say("mark", name="at once")
            for i in range(50):
                await connection.play(TONE[i * 160 : (i + 1) * 160])
            await connection.say("mark", name="heard")

    media_server.on_message = speak
    await caller.dials(NUMBER)
    began_ms = time.now_ms()
    await time.advance(0.98)
    early = [one["mark"]["name"] for one in media_server.only.of("mark")]
    await time.advance(0.02)
    late = [one["mark"]["name"] for one in media_server.only.of("mark")]

    heard = caller.telephone.heard[-1]
    call = simulator.calls[caller.call_sid]
    assert (early, late) == (["at once"], ["at once", "heard"])
    assert (heard.kind, heard.seconds) == ("audio", 1.0)
    assert call.tape.read("outbound", began_ms, began_ms + 1000) == TONE


async def test_a_clear_empties_the_buffer(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime, media_server: MediaServer
) -> None:
    """What was not heard yet never is, and all marks come back."""
    application["/voice"] = connect(media_server)
    await caller.dials(NUMBER)
    began_ms = time.now_ms()
    connection = media_server.only

    await connection.play(TONE * 10)
    await connection.say("mark", name="end")
    await time.advance(1)
    before = len(connection.of("mark"))
    await connection.say("clear")
    await time.advance(0.04)

    call = simulator.calls[caller.call_sid]
    said = Samples(call.tape.read("outbound", began_ms, began_ms + 10_000)).sounding(0, 10_000)
    assert (before, [one["mark"]["name"] for one in connection.of("mark")]) == (0, ["end"])
    assert said is not None
    assert said[0] < 40
    assert 1000 <= said[1] <= 1040


@pytest.mark.parametrize(
    ("of_connect", "then"),
    [("", "Next verb"), ('action="/done"', "Next document"), ('action="/done" method="GET"', "")],
)
async def test_when_the_application_hangs_up_the_call_goes_on(
    application: Application,
    caller: Caller,
    time: SteppedTime,
    media_server: MediaServer,
    of_connect: str,
    then: str,
) -> None:
    """With the action, which knows the stream, or else with the next verb."""
    application["/voice"] = connect(media_server, of_connect=of_connect, more='name="bot"') + "<Say>Next verb</Say>"
    application["/done"] = "<Say>Next document</Say>"
    media_server.on_message = lambda connection, message: hang_up_after(1, connection, message)

    await caller.telephone.dial(NUMBER)
    await time.advance(5)

    about = f"StreamSid={media_server.only.stream_sid}&StreamName=bot"
    asked = application.received("/done")
    assert then in caller.conversation
    assert media_server.only.of("stop") == []
    assert [about in request.url for request in asked if request.method == "GET"] == [True] * ("GET" in of_connect)
    assert [about in urlencode(request.form) for request in asked if request.method == "POST"] == [True] * (
        of_connect == 'action="/done"'
    )


async def test_a_caller_who_hangs_up_ends_it(
    application: Application, caller: Caller, time: SteppedTime, media_server: MediaServer
) -> None:
    """The application is told to stop, and the action that the call is completed."""
    application["/voice"] = connect(media_server, of_connect='action="/done"')
    application["/done"] = "<Say>Nobody hears this</Say>"

    await caller.dials(NUMBER)
    await caller.hangs_up()
    await time.settle()

    assert [one["event"] for one in media_server.only.messages] == ["connected", "start", "stop"]
    assert application.form("/done")["CallStatus"] == "completed"
    assert "Nobody" not in caller.conversation


async def test_a_call_that_is_moved_leaves_its_stream(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime, media_server: MediaServer
) -> None:
    """It goes on elsewhere; the action is not asked."""
    application["/voice"] = connect(media_server, of_connect='action="/done"')
    application["/moved"] = "<Say>Elsewhere</Say>"

    await caller.dials(NUMBER)
    simulator.calls[caller.call_sid].order(Goto(f"{application.url}/moved"))
    await caller.hears("Elsewhere")
    await time.settle()

    assert len(media_server.only.of("stop")) == 1
    assert application.received("/done") == []


async def test_a_stream_that_is_refused_is_over_at_once(
    application: Application, simulator: Simulator, caller: Caller, media_server: MediaServer
) -> None:
    """31920; the call goes on with the next verb, and the callback is told of the error."""
    application["/streams"] = web.Response(status=204)
    application["/voice"] = (
        f'<Connect><Stream url="{media_server.url}/refused" statusCallback="/streams"/></Connect><Say>No bot</Say>'
    )

    await caller.dials(NUMBER)
    await caller.hears("No bot")

    form = application.form("/streams")
    assert [error.code for error in simulator.errors] == [31920]
    assert (form["StreamEvent"], "403" in form["StreamError"]) == ("stream-error", True)


@pytest.mark.parametrize(("order", "code"), [("refuse", 31920), ("cut", 31921)])
async def test_streams_fail_on_order(
    application: Application,
    simulator: Simulator,
    caller: Caller,
    time: SteppedTime,
    media_server: MediaServer,
    order: str,
    code: int,
) -> None:
    """At the handshake, or in the middle; the call goes on."""
    application["/voice"] = connect(media_server) + "<Say>Without</Say>"
    if order == "cut":
        simulator.faults.cut_stream("*/media", after_s=2)
    else:
        simulator.faults.refuse_stream("*/media")

    await caller.telephone.dial(NUMBER)
    await time.advance(3)
    await caller.hears("Without")

    assert [error.code for error in simulator.errors] == [code]
    assert len(media_server.connections) == (1 if order == "cut" else 0)
    assert all(connection.socket.closed for connection in media_server.connections)


@pytest.mark.parametrize(
    "message",
    [
        "no JSON",
        "[]",
        '{"event": "dtmf"}',
        '{"event": "clear"}',
        '{"event": "media", "streamSid": "SID", "media": {"payload": "not base64!"}}',
        '{"event": "media", "streamSid": "SID"}',
        '{"event": "mark", "streamSid": "SID", "mark": {"name": 1}}',
        '{"event": "media", "streamSid": "SID", "media": []}',
        pytest.param("[" * 100_000, id="deeper than anybody reads"),
    ],
)
async def test_a_wrong_message_is_complained_of(
    application: Application,
    simulator: Simulator,
    caller: Caller,
    time: SteppedTime,
    media_server: MediaServer,
    message: str,
) -> None:
    """31951; it changes nothing, and the stream goes on."""
    application["/voice"] = connect(media_server)
    await caller.dials(NUMBER)

    await media_server.only.socket.send_str(message.replace("SID", media_server.only.stream_sid))
    await time.advance(0.1)

    assert [error.code for error in simulator.errors] == [31951]
    assert len(media_server.only.of("media")) == 5
    assert "audio" not in {heard.kind for heard in caller.telephone.heard}


@pytest.mark.parametrize(
    "verb",
    [
        "<Connect/>",
        "<Connect><Room>x</Room></Connect>",
        '<Connect><Stream url="ws://127.0.0.1/a"/><Stream url="ws://127.0.0.1/b"/></Connect>',
        '<Connect><Stream url="ws://example.com/a"/></Connect>',
        '<Connect><Stream url="wss://example.com/a?b=c"/></Connect>',
        '<Connect><Stream url="/a"/></Connect>',
        '<Connect><Stream url="http://127.0.0.1/a"/></Connect>',
        '<Connect><Stream url="wss://[/a"/></Connect>',
        '<Connect><Stream url="ws://127.0.0.1/a" track="both_tracks"/></Connect>',
        '<Connect><Stream url="ws://127.0.0.1/a" color="red"/></Connect>',
        f'<Connect><Stream url="ws://127.0.0.1/a"><Parameter name="n" value="{"v" * 499}"/></Stream></Connect>',
        '<Connect><Stream url="ws://127.0.0.1/a"><Parameter value="v"/></Stream></Connect>',
        '<Connect><Stream url="ws://127.0.0.1/a"><Identity/></Stream></Connect>',
        '<Gather><Connect><Stream url="ws://127.0.0.1/a"/></Connect></Gather>',
    ],
)
async def test_a_wrong_connect_is_refused(
    application: Application, simulator: Simulator, caller: Caller, verb: str
) -> None:
    """With the whole document."""
    application["/fallback"] = "<Hangup/>"
    application["/voice"] = verb

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    assert len(simulator.errors) == 1
    assert simulator.errors[0].code in {11100, 12200, 13320}

"""Recordings are listened to: who is heard in them, on which channel, at which second.

| recording | channel 1 | channel 2 | trimmed |
|---|---|---|---|
| of a call | what the far end says | what it hears | by REST not, by TwiML and with a new call yes |
| of a Dial | the caller | whom it is connected with | no |
| Record | the far end | | yes |
| of a conference | all who are heard in the room | | yes |

Source: twilio.com/docs/voice/api/recording; …/voice/twiml/record#trim.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web

from ivr.simulator import Fax, Voicemail
from ivr.simulator.sound import mulaw
from ivr.simulator.sound.files import find_ffmpeg, read_mp3
from ivr.simulator.sound.sounds import Made
from ivr.simulator.sound.tones import BEEP_HZ, FAX_HZ
from tests.ivr.simulator.conftest import NUMBER, VENDOR_LIBRARY
from tests.ivr.simulator.sound.listening import channels_of, hears_tone, second, tone_wav
from tests.support.telephone import Caller

if TYPE_CHECKING:
    from twilio.rest import Client

    from ivr.simulator import Simulator, SteppedTime, Telephone
    from ivr.simulator.people import Line
    from ivr.simulator.sound.sounds import Sound
    from tests.ivr.simulator.conftest import Application

pytestmark = VENDOR_LIBRARY

ANA = "+12025550161"
TALK = '<Pause length="600"/>'
CALLER_HZ, ANA_HZ, PROMPT_HZ = 1000, 1500, 600


def tones_of(samples: bytes) -> list[set[int]]:
    """Which of the three is heard in each whole second."""
    pitches = (CALLER_HZ, ANA_HZ, PROMPT_HZ)
    return [{hz for hz in pitches if hears_tone(second(samples, i), hz)} for i in range(len(samples) // mulaw.RATE_HZ)]


async def fetch(url: str) -> tuple[int, bytes]:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, await response.read()


@pytest.fixture
async def ana(simulator: Simulator) -> Telephone:
    telephone = simulator.telephone(ANA)
    telephone.register()
    return telephone


async def talk(caller: Caller, ana: Telephone, time: SteppedTime) -> None:
    """A second of nothing, one of the caller, one of Ana, one of both, one of nothing."""
    await caller.dials(NUMBER)
    await ana.answer()
    await time.advance(1)
    await caller.telephone.play(tone_wav(CALLER_HZ, 1))
    await time.advance(1)
    await ana.play(tone_wav(ANA_HZ, 1))
    await time.advance(1)
    await caller.telephone.play(tone_wav(CALLER_HZ, 1))
    await ana.play(tone_wav(ANA_HZ, 1))
    await time.advance(2)
    await caller.hangs_up()
    await time.advance(3)


NONE, CALLER, OTHER, BOTH = set[int](), {CALLER_HZ}, {ANA_HZ}, {CALLER_HZ, ANA_HZ}


@pytest.mark.parametrize(
    ("attributes", "channels"),
    [
        ('record="record-from-answer-dual"', [[NONE, CALLER, NONE, CALLER, NONE], [NONE, NONE, OTHER, OTHER, NONE]]),
        ('record="record-from-answer"', [[NONE, CALLER, OTHER, BOTH, NONE]]),
        ('record="record-from-answer" trim="trim-silence"', [[CALLER, OTHER, BOTH]]),
        ('record="record-from-answer" recordingTrack="inbound"', [[NONE, CALLER, NONE, CALLER, NONE]]),
        ('record="record-from-answer" recordingTrack="outbound"', [[NONE, NONE, OTHER, OTHER, NONE]]),
    ],
)
async def test_a_dial_is_recorded_channel_by_channel(
    application: Application,
    simulator: Simulator,
    caller: Caller,
    ana: Telephone,
    time: SteppedTime,
    attributes: str,
    channels: list[list[set[int]]],
) -> None:
    """The caller on the first, whoever was dialled on the second, at the seconds at which they spoke."""
    application["/voice"] = f"<Dial {attributes}>{ANA}</Dial>"

    await talk(caller, ana, time)
    (recording,) = simulator.recordings.values()
    _, wav = await fetch(recording.url)

    assert [tones_of(samples) for samples in channels_of(wav)] == channels
    assert recording.duration_s == len(channels[0])


async def test_two_channels_can_be_had_as_one(
    application: Application, simulator: Simulator, caller: Caller, ana: Telephone, time: SteppedTime
) -> None:
    """Mixed; what is no number of channels is refused."""
    application["/voice"] = f'<Dial record="record-from-answer-dual">{ANA}</Dial>'

    await talk(caller, ana, time)
    (recording,) = simulator.recordings.values()
    _, wav = await fetch(f"{recording.url}.wav?RequestedChannels=1")
    refused = [(await fetch(f"{recording.url}?RequestedChannels={which}"))[0] for which in ("0", "3", "two")]

    assert [tones_of(samples) for samples in channels_of(wav)] == [[set(), CALLER, {ANA_HZ}, BOTH, set()]]
    assert refused == [400, 400, 400]


@pytest.mark.parametrize(("behavior", "seconds"), [("silence", 9), ("skip", 5)])
async def test_a_pause_is_silent_or_left_out(
    application: Application,
    simulator: Simulator,
    caller: Caller,
    time: SteppedTime,
    twilio: Client,
    behavior: str,
    seconds: int,
) -> None:
    """What was said meanwhile is in neither."""
    application["/voice"] = f"<Say>Hello</Say>{TALK}"
    await caller.dials(NUMBER)
    await time.advance(2)
    recordings = twilio.calls(caller.call_sid).recordings
    begun = await recordings.create_async(recording_channels="dual")

    await time.advance(1)
    await recordings(begun.sid).update_async(status="paused", pause_behavior=behavior)
    await caller.telephone.play(tone_wav(CALLER_HZ, 1))
    await time.advance(4)
    await recordings(begun.sid).update_async(status="in-progress")
    await time.advance(2)
    await caller.telephone.play(tone_wav(CALLER_HZ, 1))
    await time.advance(2)
    await recordings(begun.sid).update_async(status="stopped")
    await time.advance(2)
    _, wav = await fetch(simulator.recordings[begun.sid].url)

    said, heard = channels_of(wav)
    assert tones_of(said) == [CALLER if second == seconds - 2 else set() for second in range(seconds)]
    assert mulaw.is_silent(heard)


async def test_what_is_played_and_said_to_a_caller_is_recorded(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime, twilio: Client
) -> None:
    """Until a key cuts it short; the key itself is heard on the caller's channel."""
    application["/prompt"] = web.Response(body=tone_wav(PROMPT_HZ, 5, rate_hz=44_100), content_type="audio/wav")
    application["/voice"] = f'<Pause/><Gather action="/next" numDigits="1"><Play>/prompt</Play></Gather>{TALK}'
    application["/next"] = TALK
    await caller.telephone.dial(NUMBER)
    await time.advance(1)
    begun = await twilio.calls(caller.call_sid).recordings.create_async(recording_channels="dual")

    await time.advance(2)
    await caller.telephone.press("5")
    await time.advance(2)
    await caller.hangs_up()
    await time.advance(2)
    _, wav = await fetch(simulator.recordings[begun.sid].url)

    said, heard = channels_of(wav)
    assert tones_of(heard) == [{PROMPT_HZ}, {PROMPT_HZ}, set(), set()]
    assert all(hears_tone(said[16_000:16_900], hz) for hz in (770, 1336))
    assert mulaw.is_silent(said[:16_000])


async def test_a_message_is_what_the_caller_said(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """In the caller's own voice, without the beep before it and the silence around it; the words are known, too."""
    application["/voice"] = '<Record action="/done"/>'
    application["/done"] = "<Hangup/>"

    await caller.dials(NUMBER)
    await time.advance(1.5)
    await caller.telephone.speak("my bill", sound=tone_wav(CALLER_HZ, 3))
    await time.advance(15)
    (recording,) = simulator.recordings.values()
    _, wav = await fetch(recording.url)

    assert (application.form("/done")["RecordingDuration"], recording.words) == ("3", ["my bill"])
    assert [tones_of(samples) for samples in channels_of(wav)] == [[CALLER] * 3]


async def test_a_silent_recording_is_kept_whole(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """There is nothing to trim it to."""
    application["/voice"] = '<Record action="/done" timeout="4"/>'
    application["/done"] = "<Hangup/>"

    await caller.dials(NUMBER)
    await time.advance(10)
    (recording,) = simulator.recordings.values()
    _, wav = await fetch(recording.url)

    assert len(channels_of(wav)[0]) == 4 * mulaw.RATE_HZ


async def test_a_conference_holds_who_is_heard_in_the_room(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime, twilio: Client
) -> None:
    """Nobody who is muted or held, from the moment they are; and they do not hear what they missed."""
    application["/voice"] = (
        '<Dial><Conference record="record-from-start" trim="do-not-trim" waitUrl="">room</Conference></Dial>'
    )
    other = Caller(simulator, ANA)
    await caller.dials(NUMBER)
    await other.dials(NUMBER)
    (room,) = simulator.rooms.conferences.values()
    began_ms = time.now_ms()
    caller_itself = twilio.conferences(room.sid).participants(caller.call_sid)

    await caller.telephone.play(tone_wav(CALLER_HZ, 6))
    await time.advance(1)
    await caller_itself.update_async(muted=True)
    await time.advance(1)
    await other.telephone.play(tone_wav(ANA_HZ, 2))
    await caller_itself.update_async(muted=False)
    await time.advance(1)
    await caller_itself.update_async(hold=True)
    await time.advance(1)
    await caller_itself.update_async(hold=False)
    await time.advance(1)
    await caller.hangs_up()
    await other.hangs_up()
    await time.advance(2)
    (recording,) = simulator.recordings.values()
    _, wav = await fetch(recording.url)

    def heard_by(one: Caller) -> list[set[int]]:
        return tones_of(simulator.calls[one.call_sid].tape.read("outbound", began_ms, began_ms + 5000))

    assert [tones_of(samples) for samples in channels_of(wav)] == [[CALLER, set(), BOTH, {ANA_HZ}, CALLER]]
    assert heard_by(other) == [CALLER, set(), CALLER, set(), CALLER]
    assert [seconds & {CALLER_HZ, ANA_HZ} for seconds in heard_by(caller)] == [set(), set(), {ANA_HZ}, set(), set()]


async def test_a_coach_is_heard_by_one_only(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """And is not in the recording."""
    room = '<Dial><Conference record="record-from-start" trim="do-not-trim" waitUrl="" {}>room</Conference></Dial>'
    agent, coach = Caller(simulator, ANA), Caller(simulator, "+12025550162")
    application["/voice"] = room.format("")
    await caller.dials(NUMBER)
    await agent.dials(NUMBER)
    application["/voice"] = room.format(f'coach="{agent.call_sid}"')
    await coach.dials(NUMBER)
    began_ms = time.now_ms()

    await coach.telephone.play(tone_wav(PROMPT_HZ, 1))
    await time.advance(1)
    for one in (caller, agent, coach):
        await one.hangs_up()
    await time.advance(2)
    (recording,) = simulator.recordings.values()
    _, wav = await fetch(recording.url)

    hears = [
        hears_tone(simulator.calls[one.call_sid].tape.read("outbound", began_ms, began_ms + 1000), PROMPT_HZ)
        for one in (caller, agent, coach)
    ]
    assert hears == [False, True, False]
    assert [tones_of(samples) for samples in channels_of(wav)] == [[set()]]


class Unmade:
    """A voice that must not be listened to."""

    async def say(self, text: str, language: str) -> Sound:
        return Made(1.5, lambda: pytest.fail(f"{text!r} was made in {language} for nobody"))


async def test_nothing_is_made_unless_somebody_listens(
    application: Application, simulator: Simulator, caller: Caller
) -> None:
    """A call without recording and stream costs a clip for each thing said; how long it lasts is the voice's matter."""
    simulator.speaker = Unmade()
    application["/voice"] = '<Say>Hello</Say><Gather input="speech" action="/next"/>'
    application["/next"] = "<Say>Goodbye</Say>"

    await caller.dials(NUMBER)
    await caller.says("my bill")
    await caller.hears_the_end()

    tape = simulator.calls[caller.call_sid].tape
    assert [heard.seconds for heard in caller.telephone.heard if heard.kind == "say"] == [1.5, 1.5]
    assert [len(track.clips) for track in (tape.inbound, tape.outbound)] == [1, 2]


async def test_without_ffmpeg_mp3_is_refused_by_name(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """501; a simulator in a test has none unless it is given one."""
    application["/voice"] = '<Record action="/done" timeout="2"/>'
    application["/done"] = "<Hangup/>"
    await caller.dials(NUMBER)
    await time.advance(10)
    (recording,) = simulator.recordings.values()

    status, body = await fetch(f"{recording.url}.mp3")

    assert status == 501
    assert b"ffmpeg" in body


@pytest.mark.skipif(find_ffmpeg() is None, reason="needs the program ffmpeg")
async def test_with_ffmpeg_mp3_is_the_same_sound(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """In the vendor's type."""
    ffmpeg = simulator.library.ffmpeg = str(find_ffmpeg())
    application["/voice"] = '<Record action="/done" timeout="2"/>'
    application["/done"] = "<Hangup/>"
    await caller.dials(NUMBER)
    await time.advance(1)
    await caller.telephone.speak("hello", sound=tone_wav(CALLER_HZ, 2))
    await time.advance(10)
    (recording,) = simulator.recordings.values()

    status, mp3 = await fetch(f"{recording.url}.mp3")

    assert status == 200
    assert hears_tone(read_mp3(ffmpeg, mp3), CALLER_HZ)


@pytest.mark.parametrize(
    ("line", "said_hz"),
    [(Voicemail(after_s=1, greeting_s=3, records_s=4), BEEP_HZ), (Fax(after_s=1, stays_s=7), FAX_HZ)],
)
async def test_machines_are_heard_for_what_they_are(
    simulator: Simulator, time: SteppedTime, twilio: Client, line: Line, said_hz: int
) -> None:
    """A mailbox beeps behind its greeting, a fax screeches."""
    simulator.people.put(ANA, line)

    await twilio.calls.create_async(
        to=ANA,
        from_=NUMBER,
        twiml=f"<Response>{TALK}</Response>",
        record=True,
        recording_channels="dual",
        trim="do-not-trim",
    )
    await time.advance(12)
    (recording,) = simulator.recordings.values()
    _, wav = await fetch(recording.url)

    said, heard = channels_of(wav)
    assert hears_tone(said[3 * mulaw.RATE_HZ :][:4000], said_hz)
    assert not mulaw.is_silent(said[:8000])
    assert mulaw.is_silent(heard)

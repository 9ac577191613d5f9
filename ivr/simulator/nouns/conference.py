"""``<Conference>``: enter a room, wait in it until it starts, stay until one is out.

Source: twilio.com/docs/voice/twiml/conference.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ivr.simulator.aside import beginning, perform_aside
from ivr.simulator.conference import MOST, Participant, Sound
from ivr.simulator.documents import Vocabulary
from ivr.simulator.heard import Heard
from ivr.simulator.problems import Problem
from ivr.simulator.records import Callback
from ivr.simulator.sound import tones
from ivr.simulator.steps import Goto, HangUp, Inline, Perform
from ivr.simulator.verbs import pause, play, record, redirect, say

if TYPE_CHECKING:
    from ivr.simulator.call import Call
    from ivr.simulator.conference import Conference as Room
    from ivr.simulator.dialing import Terms
    from ivr.simulator.elements import Element
    from ivr.simulator.parameters import Parameters

WAITING = Vocabulary({"Pause": pause.read, "Play": play.read, "Redirect": redirect.read, "Say": say.read}, code=13238)
"""What may be heard while waiting, held, or announced to; nothing here is repeated by itself."""

EVENTS = ("start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement")
RECORD = ("do-not-record", "record-from-start")
BEEPS = ("true", "false", "onEnter", "onExit")
JITTER_BUFFERS = ("off", "small", "medium", "large")
REGIONS = ("", "us1", "ie1", "de1", "sg1", "br1", "au1", "jp1")
MUSIC = "the network's music on hold"


@dataclass(frozen=True, slots=True)
class Conference:
    """``waiting`` is what is heard before the conference starts."""

    name: str
    callback: Callback
    most: int = MOST
    is_muted: bool = False
    starts: bool = True
    ends: bool = False
    coaches: str = ""
    label: str = ""
    waiting: Sound = field(default_factory=Sound)
    records: bool = False
    recording: Callback = field(default_factory=Callback)
    trims: bool = True

    def participant(self, call: Call) -> Participant:
        """``call`` as it will be in the room."""
        return Participant(
            call,
            label=self.label,
            is_muted=self.is_muted,
            coaches=self.coaches,
            starts=self.starts,
            ends=self.ends,
            waiting=self.waiting,
            recording=self.recording if self.records else None,
            trims=self.trims,
        )

    def attempt(self, call: Call, terms: Terms) -> Stay:
        return Stay(self, self.participant(call), terms)


class Stay:
    """One participant's time in a conference; it ends with the participant's being out, whoever saw to that."""

    def __init__(self, noun: Conference, participant: Participant, terms: Terms) -> None:
        self._noun = noun
        self._me = participant
        self._call = participant.call
        self._terms = terms
        self._room: Room | None = None
        self._status = "answered"

    async def run(self) -> None:
        self._call.answer()
        rooms = self._call.network.rooms
        room = rooms.open(self._noun.name)
        self._me = room.expected.get(self._call.sid, self._me)
        code = room.enter(self._me, self._noun.callback, self._noun.most)
        if code:
            rooms.refuse(self._call, code, room)
            self._status = "failed"
            return
        self._room = room
        await self._call.within(self._terms.time_limit_s, self._stay(room))

    async def _stay(self, room: Room) -> None:
        """Hear what is to be heard, anew whenever something changes; only leaving cuts an announcement short."""
        while self._call.sid in room.participants:
            self._me.changed.clear()
            sound = asyncio.create_task(self._listen(room))
            turn = self._me.gone if self._me.announcements else self._me.changed
            change = asyncio.create_task(turn.wait())
            try:
                await asyncio.wait({sound, change}, return_when=asyncio.FIRST_COMPLETED)
                if sound.done():
                    sound.result()
                if not self._me.changed.is_set():
                    await change
            except Problem as problem:
                self._call.report(problem)
                self._status = "failed"
                return
            finally:
                sound.cancel()
                change.cancel()
                await asyncio.wait({sound, change})

    async def _listen(self, room: Room) -> None:
        """One announcement, or the music of whoever waits or is held; its end is silence."""
        if self._me.announcements:
            await self._be_told(room)
        elif self._me.is_held:
            await self._be_held()
        elif room.status == "init":
            await self._hear(self._me.waiting)

    async def _be_held(self) -> None:
        """Music that cannot be had is silence; it is no reason to leave."""
        try:
            await self._hear(self._me.holding)
        except Problem as problem:
            self._call.report(problem)

    async def _be_told(self, room: Room) -> None:
        sound = self._me.announcements[0]
        try:
            await self._hear(sound)
            room.tell("announcement-end", self._me)
        except Problem as problem:
            self._call.report(problem)
            room.tell("announcement-fail", self._me)
        finally:
            self._me.announcements.remove(sound)
        self._me.changed.set()

    async def _hear(self, sound: Sound) -> None:
        if sound.url is None:
            self._call.hear(Heard("play", MUSIC))
            with self._call.playing(tones.MUSIC):
                await asyncio.Event().wait()
        elif sound.url:
            await perform_aside(self._call, WAITING, beginning(sound.url, sound.method))

    def end(self) -> None:
        if self._room is not None:
            self._room.leave(self._me, self._why())

    def _why(self) -> str:
        order = self._call.ordered
        if isinstance(order, Goto | Inline | Perform) or (isinstance(order, HangUp) and order.by == "api"):
            return "participant_updated_via_api"
        if self._status == "failed":
            return "participant_add_failed"
        return "participant_hung_up"

    def result(self) -> Parameters:
        """Neither sid nor duration: there is no leg."""
        return (("DialCallStatus", self._status), ("DialBridged", "true" if self._status == "answered" else "false"))


def read(element: Element) -> Conference:
    """Raises DocumentError 13240 for a coach that is no call, 12200 for what else is wrong."""
    if not element.text:
        raise element.error(12200, "needs a name")
    conference = Conference(
        element.text,
        _read_callback(element),
        most=element.integer("maxParticipants", MOST, least=2, most=MOST),
        is_muted=element.flag("muted"),
        starts=element.flag("startConferenceOnEnter", default=True),
        ends=element.flag("endConferenceOnExit"),
        coaches=element.string("coach", fits=r"CA[0-9a-f]{32}"),
        label=element.string("participantLabel", fits=r"(?!CA[0-9a-f]{32}$)[^/]{1,128}"),
        waiting=_read_waiting(element),
        records=element.choice("record", "do-not-record", RECORD) == RECORD[1],
        recording=record.read_callback(element),
        trims=record.read_trim(element, record.TRIMS[0]),
    )
    element.choice("beep", "true", BEEPS)
    element.choice("jitterBufferSize", "large", JITTER_BUFFERS)
    element.choice("region", "", REGIONS)
    element.only(text=True)
    return conference


def _read_waiting(element: Element) -> Sound:
    """Without waitUrl the network plays music; an empty one is silence."""
    method = element.method("waitMethod")
    url = element.url("waitUrl")
    return Sound(url, method) if element.has("waitUrl") else Sound()


def _read_callback(element: Element) -> Callback:
    events = element.string("statusCallbackEvent").split()
    if not set(events) <= set(EVENTS):
        raise element.error(12200, f"statusCallbackEvent must be among {', '.join(EVENTS)}")
    return Callback(element.url("statusCallback"), element.method("statusCallbackMethod"), frozenset(events))

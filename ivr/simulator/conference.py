"""Conferences: rooms by name, who is in them, who hears whom, and what is told of it.

init -> in-progress (two are present, one of whom may start it) -> completed (the last has left, somebody whose leaving
ends it has left, or REST ended it). A room's name is free again when its conference is completed. Whoever enters first
says where events are told. Source: twilio.com/docs/voice/twiml/conference; …/voice/api/conference-resource.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ivr.simulator.bridge import sound_of
from ivr.simulator.delivery import Request
from ivr.simulator.heard import Heard, Words
from ivr.simulator.mixing import Mixer
from ivr.simulator.parameters import rfc_2822
from ivr.simulator.problems import Reported
from ivr.simulator.recordings import record
from ivr.simulator.records import Callback

if TYPE_CHECKING:
    from ivr.simulator.call import Call
    from ivr.simulator.heard import Input
    from ivr.simulator.network import Simulator
    from ivr.simulator.parameters import Parameters
    from ivr.simulator.recordings import Recording

EVENTS = {
    "conference-start": "start",
    "conference-end": "end",
    "participant-join": "join",
    "participant-leave": "leave",
    "participant-mute": "mute",
    "participant-unmute": "mute",
    "participant-hold": "hold",
    "participant-unhold": "hold",
    "participant-modify": "modify",
    "participant-speech-start": "speaker",
    "participant-speech-stop": "speaker",
    "announcement-end": "announcement",
    "announcement-fail": "announcement",
}
"""What is delivered, and under which name it is subscribed to."""

SENTENCES = {
    "conference-ended-via-api": "Conference ended via API",
    "last-participant-left": "Last participant left",
    "last-participant-kicked": "Last participant kicked",
    "participant-with-end-conference-on-exit-left": "Participant with end conference on exit left",
    "participant-with-end-conference-on-exit-kicked": "Participant with end conference on exit kicked",
}
KICKED = "participant_updated_via_api"
START_WITH = 2
MOST = 250


@dataclass(frozen=True, slots=True)
class Sound:
    """A document for who is not talking; the network's own music if ``url`` is None, silence if it is empty."""

    url: str | None = None
    method: str = "POST"


@dataclass(slots=True)
class Participant:
    """One call in a conference, as TwiML or REST has set it; ``recording`` is where its wish to record is told of."""

    call: Call
    label: str = ""
    is_muted: bool = False
    is_held: bool = False
    coaches: str = ""
    starts: bool = True
    ends: bool = False
    waiting: Sound = field(default_factory=Sound)
    holding: Sound = field(default_factory=Sound)
    announcements: list[Sound] = field(default_factory=list)
    recording: Callback | None = None
    trims: bool = True
    joined_ms: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)


class Conference:
    """``participants`` are those present, ``expected`` those who were called in, both by call sid."""

    def __init__(self, network: Simulator, name: str) -> None:
        self.network = network
        self.sid = f"CF{uuid.uuid4().hex}"
        self.name = name
        self.callback = Callback()
        self.most = MOST
        self.status = "init"
        self.participants: dict[str, Participant] = {}
        self.expected: dict[str, Participant] = {}
        self.created_ms = self.updated_ms = network.time.now_ms()
        self.reason = ""
        self.ended_by = ""
        self._sequence = 0
        self._recording: Recording | None = None
        self._mixer = Mixer(self)

    @property
    def is_over(self) -> bool:
        return self.status == "completed"

    def hears(self, listener: Call, speaker: Call) -> bool:
        """A coach hears all and is heard by one; nobody hears who is muted or held, nor hears while held."""
        one, other = self.participants.get(listener.sid), self.participants.get(speaker.sid)
        if self.status != "in-progress" or listener is speaker or one is None or other is None:
            return False
        if one.is_held or other.is_held or other.is_muted:
            return False
        return not other.coaches or other.coaches == listener.sid

    def carry(self, speaker: Call, given: Input) -> None:
        if isinstance(given, Words) and self.is_heard(speaker):
            self.network.spawn(self._tell_of_speech(self.participants[speaker.sid], given.seconds))
        for participant in self.participants.values():
            if self.hears(participant.call, speaker):
                participant.call.hear(sound_of(given))

    async def _tell_of_speech(self, speaker: Participant, seconds: float) -> None:
        """Who leaves in the middle of a sentence is not told to have stopped."""
        self.tell("participant-speech-start", speaker)
        await self.network.time.sleep(seconds)
        if self.participants.get(speaker.call.sid) is speaker:
            self.tell("participant-speech-stop", speaker)

    def coming(self) -> list[Participant]:
        """Those who were called in and are not here yet."""
        self.expected = {sid: one for sid, one in self.expected.items() if not one.call.is_over}
        return [one for sid, one in self.expected.items() if sid not in self.participants]

    def find(self, name: str) -> Participant | None:
        """By call sid or label."""
        by_label = (one for one in self.participants.values() if one.label and one.label == name)
        return self.participants.get(name) or next(by_label, None)

    def enter(self, participant: Participant, callback: Callback, most: int) -> int:
        """Let somebody in; 0, or the vendor's code of why not: 16020 full, 16025 label taken, 13240 nobody to coach.

        Who enters first says where events are told and how many may come.
        """
        if len(self.participants) >= self.most:
            return 16020
        if participant.label and self.find(participant.label):
            return 16025
        if participant.coaches and participant.coaches not in self.participants:
            return 13240
        if not self._sequence:
            self.callback, self.most = callback, most
        participant.joined_ms = self.network.time.now_ms()
        self.participants[participant.call.sid] = participant
        self.expected.pop(participant.call.sid, None)
        participant.call.place = self
        participant.call.hear(Heard("connected", self.name))
        self.attune(participant)
        self.tell("participant-join", participant)
        if self.status == "init" and len(self.participants) >= START_WITH:
            self._start()
        return 0

    def _start(self) -> None:
        if not any(one.starts for one in self.participants.values()):
            return
        self.status = "in-progress"
        self.updated_ms = self.network.time.now_ms()
        self.tell("conference-start")
        wish = next((one for one in self.participants.values() if one.recording is not None), None)
        if wish and wish.recording:
            room = (self.sid, self._mixer.said)
            self._recording = record(wish.call, "Conference", wish.recording, trims=wish.trims, room=room)
        for one in self.participants.values():
            self.attune(one)
            one.changed.set()

    def attune(self, participant: Participant) -> None:
        """Whom ``participant`` hears, and who hears it, may have changed."""
        self._mixer.tune(participant.call, [one.call for one in self.participants.values()])

    def is_heard(self, speaker: Call) -> bool:
        """Whether ``speaker`` is heard by the room, not only by somebody who is coached."""
        one = self.participants.get(speaker.sid)
        return self.status == "in-progress" and one is not None and not (one.is_muted or one.is_held or one.coaches)

    def leave(self, participant: Participant, why: str) -> None:
        """``participant`` is out (a second time changes nothing); perhaps that is the end for all."""
        if self.participants.pop(participant.call.sid, None) is None:
            return
        participant.call.place = None
        self.attune(participant)
        participant.changed.set()
        participant.gone.set()
        self.tell("participant-leave", participant, self._parting(participant, why))
        how = "kicked" if why == KICKED else "left"
        if participant.ends:
            self.end(f"participant-with-end-conference-on-exit-{how}", participant)
        elif not self.participants:
            self.end(f"last-participant-{how}", participant)

    async def expect(self, call: Call) -> None:
        """Somebody is being called in: a room that is empty when all who were called have gone is closed."""
        await call.over.wait()
        self.close_if_deserted()

    def close_if_deserted(self) -> None:
        """Nobody is there and nobody is coming: nobody is told of a room that never was one."""
        if not (self.participants or self.coming()):
            self.end("last-participant-left")

    def end(self, reason: str, ended_by: Participant | None = None) -> None:
        """Everybody is out, and the room is closed; a second time changes nothing."""
        if self.is_over:
            return
        self.status = "completed"
        self.updated_ms = self.network.time.now_ms()
        self.reason = reason
        self.ended_by = ended_by.call.sid if ended_by else ""
        if self._recording is not None:
            self._recording.stop()
        why = "conference_ended_via_api" if reason.endswith("via-api") else "moderator_ended_conference"
        for one in list(self.participants.values()):
            self.leave(one, why)
        about = (("ReasonConferenceEnded", reason), ("Reason", SENTENCES[reason]))
        label = ended_by.label if ended_by else ""
        who = (("CallSidEndingConference", self.ended_by), ("ParticipantLabelEndingConference", label))
        self.tell("conference-end", more=(*about, *(pair for pair in who if pair[1])))

    def _parting(self, participant: Participant, why: str) -> Parameters:
        is_hung_up = why == "participant_hung_up"
        status = "completed" if is_hung_up else participant.call.status
        return (("ParticipantCallStatus", status), ("ReasonParticipantLeft", why))

    def tell(self, event: str, participant: Participant | None = None, more: Parameters = ()) -> None:
        """Post ``event`` if whoever opened the room asked for it; events are numbered whether told or not."""
        self._sequence += 1
        if not self.callback.url or EVENTS[event] not in self.callback.events:
            return
        about = (
            ("ConferenceSid", self.sid),
            ("FriendlyName", self.name),
            ("AccountSid", self.network.account_sid),
            ("SequenceNumber", str(self._sequence)),
            ("Timestamp", rfc_2822(self.network.time.now_ms())),
            ("StatusCallbackEvent", event),
            *(_described(participant) if participant else ()),
            *more,
        )
        sid = participant.call.sid if participant else ""
        self.network.notify(Request("callback", self.callback.url, self.callback.method, about, sid))


def _described(participant: Participant) -> Parameters:
    def flag(value: bool) -> str:
        return "true" if value else "false"

    return (
        ("CallSid", participant.call.sid),
        ("Muted", flag(participant.is_muted)),
        ("Hold", flag(participant.is_held)),
        ("Coaching", flag(bool(participant.coaches))),
        ("EndConferenceOnExit", flag(participant.ends)),
        ("StartConferenceOnEnter", flag(participant.starts)),
        *((("ParticipantLabel", participant.label),) if participant.label else ()),
    )


class Rooms:
    """Every conference there was; names belong to those that are not over."""

    def __init__(self, network: Simulator) -> None:
        self.conferences: dict[str, Conference] = {}
        self._network = network

    def find(self, name: str) -> Conference | None:
        """By sid, or by the name of one that is not over."""
        by_name = (one for one in self.conferences.values() if one.name == name and not one.is_over)
        return self.conferences.get(name) or next(by_name, None)

    def open(self, name: str) -> Conference:
        """The room called ``name``; a new one if there is none."""
        present = self.find(name)
        if present is not None and not present.is_over:
            return present
        conference = Conference(self._network, name)
        self.conferences[conference.sid] = conference
        return conference

    def refuse(self, call: Call, code: int, room: Conference) -> None:
        self._network.errors.append(Reported(call.sid, code, "", f"cannot enter the conference {room.name!r}"))
        room.expected.pop(call.sid, None)
        room.close_if_deserted()

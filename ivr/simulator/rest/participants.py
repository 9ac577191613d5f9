"""Participants of a conference: call them in, mute, hold, announce to, coach, and put them out.

A participant is named by its call's sid or its label.
Source: twilio.com/docs/voice/api/conference-participant-resource.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ivr.simulator.conference import EVENTS, KICKED, MOST, Sound
from ivr.simulator.dialing import Terms
from ivr.simulator.keys import SIMULATOR
from ivr.simulator.nouns.conference import BEEPS, JITTER_BUFFERS, REGIONS, Conference
from ivr.simulator.parameters import API_VERSION, rfc_2822
from ivr.simulator.records import Callback
from ivr.simulator.rest import outgoing
from ivr.simulator.rest.call_recordings import check_callback as check_recording_callback
from ivr.simulator.rest.call_recordings import check_trim
from ivr.simulator.rest.conferences import find_conference
from ivr.simulator.rest.conventions import (
    BASE,
    Refused,
    check_choice,
    check_flag,
    check_method,
    check_number,
    check_url,
    not_found,
    read_form,
    read_query,
)
from ivr.simulator.rest.resource import routes
from ivr.simulator.steps import HangUp, Perform
from ivr.simulator.verbs.dial import Dial

if TYPE_CHECKING:
    from aiohttp import web

    from ivr.simulator.conference import Conference as Room
    from ivr.simulator.conference import Participant

CREATE = frozenset(
    {
        "From", "To", "Label", "Timeout", "TimeLimit", "EarlyMedia", "Beep", "CallerDisplayName",
        "StatusCallback", "StatusCallbackMethod", "StatusCallbackEvent", "Muted", "Coaching", "CallSidToCoach",
        "StartConferenceOnEnter", "EndConferenceOnExit", "WaitUrl", "WaitMethod", "MaxParticipants",
        "ConferenceStatusCallback", "ConferenceStatusCallbackMethod", "ConferenceStatusCallbackEvent",
        "ConferenceRecord", "ConferenceTrim", "ConferenceRecordingStatusCallback",
        "ConferenceRecordingStatusCallbackMethod", "ConferenceRecordingStatusCallbackEvent",
        "JitterBufferSize", "Region", "AmdStatusCallback", "AmdStatusCallbackMethod",
    }
) | outgoing.SETTINGS | outgoing.DETECTION | outgoing.RECORDING  # fmt: skip
UPDATE = frozenset(
    {
        "Muted", "Hold", "HoldUrl", "HoldMethod", "AnnounceUrl", "AnnounceMethod", "WaitUrl", "WaitMethod",
        "BeepOnExit", "EndConferenceOnExit", "Coaching", "CallSidToCoach",
    }
)  # fmt: skip

LIST = frozenset({"Muted", "Hold", "Coaching"})
RECORD = {"do-not-record": False, "false": False, "record-from-start": True, "true": True}
LABEL = re.compile(r"((?!CA[0-9a-f]{32}$)[^/]{1,128})?")
COMING = {"queued": "queued", "ringing": "ringing"}
"""How a participant is shown whose call is not in the room yet; any other way it is connecting."""

SUBSCRIPTIONS = frozenset(EVENTS.values())


async def create_participant(request: web.Request) -> dict[str, Any]:
    """Call somebody into the room, which is made if there is none of this name."""
    simulator = request.app[SIMULATOR]
    form = await read_form(request, CREATE, repeated=outgoing.REPEATED)
    outgoing.check_parties(simulator, form, may_be_application=True)
    given = request.match_info["conference"]
    present = simulator.rooms.find(given)
    if (present is not None and present.is_over) or (present is None and given.startswith("CF")):
        raise not_found(request)
    noun = _check_noun(form, present.name if present else given)
    placed = outgoing.check_outgoing(form, Perform((Dial(noun, Terms(), "", "POST", ""),)))
    room = simulator.rooms.open(noun.name)
    call = outgoing.place(simulator, form, placed, ("", "POST"), outgoing.check_callback(form))
    participant = noun.participant(call)
    room.expected[call.sid] = participant
    simulator.spawn(room.expect(call))
    return as_json(room, participant) | {"queue_time": str(call.queue_time_ms)}


def _check_noun(form: dict[str, str], name: str) -> Conference:
    events = form.get("ConferenceStatusCallbackEvent", "start end").split()
    if not set(events) <= SUBSCRIPTIONS:
        raise Refused(400, 20001, f"ConferenceStatusCallbackEvent must be among {', '.join(sorted(SUBSCRIPTIONS))}")
    prefix = "ConferenceStatusCallback"
    wait_url = form.get("WaitUrl")
    _check_settings(form)
    return Conference(
        name,
        Callback(check_url(form, prefix), check_method(form, f"{prefix}Method"), frozenset(events)),
        most=check_number(form, "MaxParticipants", MOST, least=2, most=MOST),
        is_muted=check_flag(form, "Muted"),
        starts=check_flag(form, "StartConferenceOnEnter", default=True),
        ends=check_flag(form, "EndConferenceOnExit"),
        coaches=form.get("CallSidToCoach", "") if check_flag(form, "Coaching") else "",
        label=form.get("Label", ""),
        waiting=Sound() if wait_url is None else Sound(check_url(form, "WaitUrl"), check_method(form, "WaitMethod")),
        records=RECORD[check_choice(form, "ConferenceRecord", "false", RECORD)],
        recording=check_recording_callback(form, "ConferenceRecordingStatusCallback"),
        trims=check_trim(form, "trim-silence", "ConferenceTrim"),
    )


def _check_settings(form: dict[str, str]) -> None:
    """The name somebody goes by, and what changes nothing here."""
    if not LABEL.fullmatch(form.get("Label", "")):
        raise Refused(400, 16024, "Label must have at most 128 characters, no slash, and not be the sid of a call")
    check_choice(form, "Beep", "true", BEEPS)
    check_choice(form, "JitterBufferSize", "large", JITTER_BUFFERS)
    check_choice(form, "Region", "", REGIONS)


def list_participants(request: web.Request) -> list[dict[str, Any]]:
    room = find_conference(request, "conference")
    query = read_query(request, LIST)
    rows = [as_json(room, one) for one in (*room.participants.values(), *room.coming())]
    wanted = {name.lower(): query[name].lower() == "true" for name in LIST & query.keys()}
    return [row for row in rows if all(row[name] == wanted[name] for name in wanted)]


def fetch_participant(request: web.Request) -> dict[str, Any]:
    return as_json(*_find(request))


async def update_participant(request: web.Request) -> dict[str, Any]:
    """Everything is checked before anything changes; HoldUrl is fetched by GET unless asked otherwise.

    What is set of one who is still being called holds from when they come in; until then nobody is told.
    """
    room, participant = _find(request)
    form = await read_form(request, UPDATE)
    hold = Sound(check_url(form, "HoldUrl") or None, check_method({"HoldMethod": "GET"} | form, "HoldMethod"))
    announcement = Sound(check_url(form, "AnnounceUrl"), check_method(form, "AnnounceMethod"))
    waiting = Sound(check_url(form, "WaitUrl"), check_method(form, "WaitMethod"))
    coaches = _check_coach(room, participant, form)
    if "WaitUrl" in form:
        participant.waiting = waiting
    if announcement.url:
        participant.announcements.append(announcement)
    _set(room, participant, form, hold)
    if coaches is not None and coaches != participant.coaches:
        participant.coaches = coaches
        _tell(room, "participant-modify", participant)
    room.attune(participant)
    participant.changed.set()
    return as_json(room, participant)


def _check_coach(room: Room, participant: Participant, form: dict[str, str]) -> str | None:
    """Whom to coach from now on, empty for nobody; None when nothing is said of it."""
    if "Coaching" not in form and "CallSidToCoach" not in form:
        return None
    coached = form.get("CallSidToCoach", participant.coaches)
    if not check_flag(form, "Coaching", default=True):
        return ""
    if coached not in room.participants or coached == participant.call.sid:
        raise Refused(400, 16028, f"CallSidToCoach {coached!r} is not in the conference")
    return coached


def _set(room: Room, participant: Participant, form: dict[str, str], hold: Sound) -> None:
    if "Muted" in form and check_flag(form, "Muted") != participant.is_muted:
        participant.is_muted = not participant.is_muted
        _tell(room, "participant-mute" if participant.is_muted else "participant-unmute", participant)
    if "HoldUrl" in form or check_flag(form, "Hold"):
        participant.holding = hold
    if "Hold" in form and check_flag(form, "Hold") != participant.is_held:
        participant.is_held = not participant.is_held
        _tell(room, "participant-hold" if participant.is_held else "participant-unhold", participant)
    if "EndConferenceOnExit" in form and check_flag(form, "EndConferenceOnExit") != participant.ends:
        participant.ends = not participant.ends
        _tell(room, "participant-modify", participant)


def _tell(room: Room, event: str, participant: Participant) -> None:
    if participant.call.sid in room.participants:
        room.tell(event, participant)


def delete_participant(request: web.Request) -> None:
    """Out of the conference; the call goes on after its Dial, and ends if nothing follows.

    One who is still being called is called no longer.
    """
    room, participant = _find(request)
    if participant.call.sid in room.participants:
        room.leave(participant, KICKED)
    else:
        participant.call.order(HangUp(None if participant.call.is_answered else "canceled", by="api"))


def _find(request: web.Request) -> tuple[Room, Participant]:
    """One who is there or still being called."""
    room = find_conference(request, "conference")
    name = request.match_info["participant"]
    coming = (one for one in room.coming() if name in {one.call.sid, one.label})
    participant = room.find(name) or next(coming, None)
    if participant is None:
        raise not_found(request)
    return room, participant


def as_json(room: Room, participant: Participant) -> dict[str, Any]:
    """The resource as the vendor shows it; only who has just been created is told the queue time."""
    call = participant.call
    path = f"/{API_VERSION}/Accounts/{call.account_sid}/Conferences/{room.sid}/Participants/{call.sid}.json"
    return {
        "account_sid": call.account_sid,
        "call_sid": call.sid,
        "conference_sid": room.sid,
        "label": participant.label or None,
        "muted": participant.is_muted,
        "hold": participant.is_held,
        "coaching": bool(participant.coaches),
        "call_sid_to_coach": participant.coaches or None,
        "start_conference_on_enter": participant.starts,
        "end_conference_on_exit": participant.ends,
        "status": "connected" if call.sid in room.participants else COMING.get(call.status, "connecting"),
        "queue_time": None,
        "date_created": rfc_2822(call.created_ms),
        "date_updated": rfc_2822(room.updated_ms),
        "uri": path,
    }


ROUTES = routes(
    f"{BASE}/Conferences/{{conference}}/Participants",
    "participant",
    plural="participants",
    rows=list_participants,
    create=create_participant,
    fetch=fetch_participant,
    update=update_participant,
    delete=delete_participant,
)

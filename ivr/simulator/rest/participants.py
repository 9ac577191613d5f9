"""Participants of a conference: call them in, mute, hold, announce to, coach, and put them out.

A participant is named by its call's sid or its label.
Source: twilio.com/docs/voice/api/conference-participant-resource.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from ivr.simulator.conference import EVENTS, KICKED, MOST, Sound
from ivr.simulator.dialing import Terms
from ivr.simulator.keys import SIMULATOR
from ivr.simulator.nouns.conference import Conference
from ivr.simulator.parameters import API_VERSION, rfc_2822
from ivr.simulator.records import Callback
from ivr.simulator.rest import outgoing
from ivr.simulator.rest.conferences import find_conference
from ivr.simulator.rest.conventions import (
    BASE,
    Refused,
    check_flag,
    check_method,
    check_number,
    check_url,
    not_found,
    page,
    read_form,
    read_query,
)
from ivr.simulator.steps import Perform
from ivr.simulator.verbs.dial import Dial

if TYPE_CHECKING:
    from ivr.simulator.call import Call
    from ivr.simulator.conference import Conference as Room
    from ivr.simulator.conference import Participant

CREATE = frozenset(
    {
        "From", "To", "CallerId", "CallReason", "CallToken", "Label", "Timeout", "TimeLimit", "EarlyMedia", "Beep",
        "StatusCallback", "StatusCallbackMethod", "StatusCallbackEvent", "Muted", "Coaching", "CallSidToCoach",
        "StartConferenceOnEnter", "EndConferenceOnExit", "WaitUrl", "WaitMethod", "MaxParticipants",
        "ConferenceStatusCallback", "ConferenceStatusCallbackMethod", "ConferenceStatusCallbackEvent",
        "JitterBufferSize", "Region", "AmdStatusCallback", "AmdStatusCallbackMethod",
    }
) | outgoing.DETECTION | outgoing.RECORDING  # fmt: skip
UPDATE = frozenset(
    {
        "Muted", "Hold", "HoldUrl", "HoldMethod", "AnnounceUrl", "AnnounceMethod", "WaitUrl", "WaitMethod",
        "BeepOnExit", "EndConferenceOnExit", "Coaching", "CallSidToCoach",
    }
)  # fmt: skip

LIST = frozenset({"Muted", "Hold", "Coaching"})
SUBSCRIPTIONS = frozenset(EVENTS.values()) | {"speaker"}


async def create_participant(request: web.Request) -> web.Response:
    """Call somebody into the room, which is made if there is none of this name."""
    simulator = request.app[SIMULATOR]
    form = await read_form(request, CREATE, repeated=outgoing.REPEATED)
    outgoing.check_parties(simulator, form)
    given = request.match_info["conference"]
    present = simulator.rooms.find(given)
    if (present is not None and present.is_over) or (present is None and given.startswith("CF")):
        raise not_found(request)
    noun = _check_noun(form, present.name if present else given)
    placed = outgoing.check_outgoing(form, Perform((Dial(noun, Terms(), "", "POST", ""),)))
    room = simulator.rooms.open(noun.name)
    call = outgoing.place(simulator, form, placed, ("", "POST"))
    return web.json_response(_announced(room, call, noun), status=201)


def _check_noun(form: dict[str, str], name: str) -> Conference:
    events = form.get("ConferenceStatusCallbackEvent", "start end").split()
    if not set(events) <= SUBSCRIPTIONS:
        raise Refused(400, 20001, f"ConferenceStatusCallbackEvent must be among {', '.join(sorted(SUBSCRIPTIONS))}")
    prefix = "ConferenceStatusCallback"
    wait_url = form.get("WaitUrl")
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
    )


async def list_participants(request: web.Request) -> web.Response:
    room = find_conference(request, "conference")
    query = read_query(request, LIST)
    rows = [as_json(room, one) for one in room.participants.values()]
    wanted = {name.lower(): query[name].lower() == "true" for name in LIST & query.keys()}
    return page(request, "participants", [row for row in rows if all(row[name] == wanted[name] for name in wanted)])


async def fetch_participant(request: web.Request) -> web.Response:
    room, participant = _find(request)
    return web.json_response(as_json(room, participant))


async def update_participant(request: web.Request) -> web.Response:
    """Everything is checked before anything changes; HoldUrl is fetched by GET unless asked otherwise."""
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
        room.tell("participant-modify", participant)
    participant.changed.set()
    return web.json_response(as_json(room, participant))


def _check_coach(room: Room, participant: Participant, form: dict[str, str]) -> str | None:
    """Whom to coach from now on, empty for nobody; None when nothing is said of it."""
    if "Coaching" not in form and "CallSidToCoach" not in form:
        return None
    coached = form.get("CallSidToCoach", participant.coaches)
    if not check_flag(form, "Coaching", default=True):
        return ""
    if coached not in room.participants or coached == participant.call.sid:
        raise Refused(400, 13240, f"CallSidToCoach {coached!r} is not in the conference")
    return coached


def _set(room: Room, participant: Participant, form: dict[str, str], hold: Sound) -> None:
    if "Muted" in form and check_flag(form, "Muted") != participant.is_muted:
        participant.is_muted = not participant.is_muted
        room.tell("participant-mute" if participant.is_muted else "participant-unmute", participant)
    if "HoldUrl" in form or check_flag(form, "Hold"):
        participant.holding = hold
    if "Hold" in form and check_flag(form, "Hold") != participant.is_held:
        participant.is_held = not participant.is_held
        room.tell("participant-hold" if participant.is_held else "participant-unhold", participant)
    if "EndConferenceOnExit" in form and check_flag(form, "EndConferenceOnExit") != participant.ends:
        participant.ends = not participant.ends
        room.tell("participant-modify", participant)


async def delete_participant(request: web.Request) -> web.Response:
    """Out of the conference; the call goes on after its Dial, and ends if nothing follows."""
    room, participant = _find(request)
    room.leave(participant, KICKED)
    return web.Response(status=204)


def _find(request: web.Request) -> tuple[Room, Participant]:
    room = find_conference(request, "conference")
    participant = room.find(request.match_info["participant"])
    if participant is None:
        raise not_found(request)
    return room, participant


def as_json(room: Room, participant: Participant) -> dict[str, Any]:
    """The resource as the vendor shows it."""
    return _row(room, participant.call) | {
        "label": participant.label or None,
        "muted": participant.is_muted,
        "hold": participant.is_held,
        "coaching": bool(participant.coaches),
        "call_sid_to_coach": participant.coaches or None,
        "start_conference_on_enter": participant.starts,
        "end_conference_on_exit": participant.ends,
        "status": "connected",
        "queue_time": None,
    }


def _announced(room: Room, call: Call, noun: Conference) -> dict[str, Any]:
    """A participant who is still being called."""
    return _row(room, call) | {
        "label": noun.label or None,
        "muted": noun.is_muted,
        "hold": False,
        "coaching": bool(noun.coaches),
        "call_sid_to_coach": noun.coaches or None,
        "start_conference_on_enter": noun.starts,
        "end_conference_on_exit": noun.ends,
        "status": "queued",
        "queue_time": str(call.queue_time_ms),
    }


def _row(room: Room, call: Call) -> dict[str, Any]:
    path = f"/{API_VERSION}/Accounts/{call.account_sid}/Conferences/{room.sid}/Participants/{call.sid}.json"
    return {
        "account_sid": call.account_sid,
        "call_sid": call.sid,
        "conference_sid": room.sid,
        "date_created": rfc_2822(call.created_ms),
        "date_updated": rfc_2822(room.updated_ms),
        "uri": path,
    }


COLLECTION = f"{BASE}/Conferences/{{conference}}/Participants"
ROUTES = [
    web.get(f"{COLLECTION}.json", list_participants),
    web.post(f"{COLLECTION}.json", create_participant),
    web.get(f"{COLLECTION}/{{participant}}.json", fetch_participant),
    web.post(f"{COLLECTION}/{{participant}}.json", update_participant),
    web.delete(f"{COLLECTION}/{{participant}}.json", delete_participant),
]

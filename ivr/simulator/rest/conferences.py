"""Conferences: look at them, end them, announce to all in them.

Source: twilio.com/docs/voice/api/conference-resource.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ivr.simulator.conference import Sound
from ivr.simulator.keys import SIMULATOR
from ivr.simulator.parameters import API_VERSION, rfc_2822
from ivr.simulator.rest.conventions import (
    BASE,
    Refused,
    check_choice,
    check_method,
    check_url,
    not_found,
    read_form,
    read_query,
    within_dates,
)
from ivr.simulator.rest.resource import routes

if TYPE_CHECKING:
    from aiohttp import web

    from ivr.simulator.conference import Conference

LIST = frozenset(
    {
        "FriendlyName", "Status",
        "DateCreated", "DateCreated<", "DateCreated>", "DateUpdated", "DateUpdated<", "DateUpdated>",
    }
)  # fmt: skip
UPDATE = frozenset({"Status", "AnnounceUrl", "AnnounceMethod"})
STATUSES = ("init", "in-progress", "completed")


def find_conference(request: web.Request, key: str = "sid") -> Conference:
    """By sid or by the name of one that is not over."""
    conference = request.app[SIMULATOR].rooms.find(request.match_info[key])
    if conference is None:
        raise not_found(request)
    return conference


def fetch_conference(request: web.Request) -> dict[str, Any]:
    return as_json(find_conference(request))


def list_conferences(request: web.Request) -> list[dict[str, Any]]:
    """Newest first."""
    query = read_query(request, LIST)
    check_choice(query, "Status", "init", STATUSES)
    return [as_json(one) for one in reversed(request.app[SIMULATOR].rooms.conferences.values()) if _fits(one, query)]


def _fits(conference: Conference, query: dict[str, str]) -> bool:
    return (
        query.get("Status", conference.status) == conference.status
        and query.get("FriendlyName", conference.name) == conference.name
        and within_dates(query, "DateCreated", conference.created_ms)
        and within_dates(query, "DateUpdated", conference.updated_ms)
    )


async def update_conference(request: web.Request) -> dict[str, Any]:
    """Completed ends it for all; those in it go on after their Dial."""
    conference = find_conference(request)
    form = await read_form(request, UPDATE)
    url, method = check_url(form, "AnnounceUrl"), check_method(form, "AnnounceMethod")
    if form.get("Status", "completed") != "completed":
        raise Refused(400, 20001, "Status must be completed")
    if conference.is_over:
        raise Refused(400, 16022, "The conference is completed")
    if url:
        for one in conference.participants.values():
            one.announcements.append(Sound(url, method))
            one.changed.set()
    if form.get("Status"):
        conference.end("conference-ended-via-api")
    return as_json(conference)


def as_json(conference: Conference) -> dict[str, Any]:
    """The resource as the vendor shows it."""
    account_sid = conference.network.account_sid
    uri = f"/{API_VERSION}/Accounts/{account_sid}/Conferences/{conference.sid}"
    return {
        "sid": conference.sid,
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "friendly_name": conference.name,
        "status": conference.status,
        "region": "us1",
        "reason_conference_ended": conference.reason or None,
        "call_sid_ending_conference": conference.ended_by or None,
        "date_created": rfc_2822(conference.created_ms),
        "date_updated": rfc_2822(conference.updated_ms),
        "uri": f"{uri}.json",
        "subresource_uris": {"participants": f"{uri}/Participants.json", "recordings": f"{uri}/Recordings.json"},
    }


ROUTES = routes(
    f"{BASE}/Conferences",
    "sid",
    plural="conferences",
    rows=list_conferences,
    fetch=fetch_conference,
    update=update_conference,
)

"""Members of a queue: look at those who wait, and take one out; ``Front`` is the first.

Source: twilio.com/docs/voice/api/member-resource.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ivr.simulator.parameters import API_VERSION, rfc_2822
from ivr.simulator.rest.conventions import (
    BASE,
    Refused,
    check_method,
    check_url,
    not_found,
    read_form,
    read_query,
)
from ivr.simulator.rest.queues import find_queue
from ivr.simulator.rest.resource import routes
from ivr.simulator.steps import Goto

if TYPE_CHECKING:
    from aiohttp import web

    from ivr.simulator.queues import Member, Queue

UPDATE = frozenset({"Url", "Method"})


def list_members(request: web.Request) -> list[dict[str, Any]]:
    """The first first."""
    read_query(request, ())
    queue = find_queue(request, "queue")
    return [as_json(queue, member) for member in queue.members]


def fetch_member(request: web.Request) -> dict[str, Any]:
    return as_json(*_find(request))


async def update_member(request: web.Request) -> dict[str, Any]:
    """Out of the queue, to the document at Url; its Enqueue's action is told ``redirected``."""
    queue, member = _find(request)
    form = await read_form(request, UPDATE)
    url, method = check_url(form, "Url"), check_method(form, "Method")
    if not url:
        raise Refused(400, 20001, "Url is required")
    row = as_json(queue, member)
    queue.leave(member)
    member.call.order(Goto(url, method))
    return row


def _find(request: web.Request) -> tuple[Queue, Member]:
    queue = find_queue(request, "queue")
    name = request.match_info["member"]
    waiting = queue.members[:1] if name == "Front" else [one for one in queue.members if one.call.sid == name]
    if not waiting:
        raise not_found(request)
    return queue, waiting[0]


def as_json(queue: Queue, member: Member) -> dict[str, Any]:
    """The resource as the vendor shows it."""
    account_sid = member.call.account_sid
    return {
        "call_sid": member.call.sid,
        "queue_sid": queue.sid,
        "date_enqueued": rfc_2822(member.entered_ms),
        "position": queue.position(member),
        "wait_time": member.wait_s,
        "uri": f"/{API_VERSION}/Accounts/{account_sid}/Queues/{queue.sid}/Members/{member.call.sid}.json",
    }


ROUTES = routes(
    f"{BASE}/Queues/{{queue}}/Members",
    "member",
    plural="queue_members",
    rows=list_members,
    fetch=fetch_member,
    update=update_member,
)

"""Queues: make, look at, change and delete them.

Source: twilio.com/docs/voice/api/queue-resource.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ivr.simulator.keys import SIMULATOR
from ivr.simulator.parameters import API_VERSION, rfc_2822
from ivr.simulator.queues import LARGEST_MAX_SIZE, MAX_SIZE
from ivr.simulator.rest.conventions import BASE, Refused, check_number, not_found, read_form, read_query
from ivr.simulator.rest.resource import routes

if TYPE_CHECKING:
    from aiohttp import web

    from ivr.simulator.queues import Queue

FIELDS = frozenset({"FriendlyName", "MaxSize"})
LONGEST_NAME = 64


def find_queue(request: web.Request, key: str = "sid") -> Queue:
    queue = request.app[SIMULATOR].queues.queues.get(request.match_info[key])
    if queue is None:
        raise not_found(request)
    return queue


async def create_queue(request: web.Request) -> dict[str, Any]:
    """22003 when there is one of this name."""
    simulator = request.app[SIMULATOR]
    form = await read_form(request, FIELDS)
    name = _check_name(form)
    max_size = check_number(form, "MaxSize", MAX_SIZE, least=1, most=LARGEST_MAX_SIZE)
    if simulator.queues.find(name):
        raise Refused(400, 22003, f"A queue with the name {name} already exists")
    return as_json(simulator.account_sid, simulator.queues.open(name, max_size))


def _check_name(form: dict[str, str]) -> str:
    name = form.get("FriendlyName", "")
    if not 0 < len(name) <= LONGEST_NAME:
        raise Refused(400, 20001, f"FriendlyName must have 1 to {LONGEST_NAME} characters")
    return name


def fetch_queue(request: web.Request) -> dict[str, Any]:
    return as_json(request.app[SIMULATOR].account_sid, find_queue(request))


def list_queues(request: web.Request) -> list[dict[str, Any]]:
    """Oldest first."""
    simulator = request.app[SIMULATOR]
    read_query(request, ())
    return [as_json(simulator.account_sid, one) for one in simulator.queues.queues.values()]


async def update_queue(request: web.Request) -> dict[str, Any]:
    queue = find_queue(request)
    form = await read_form(request, FIELDS)
    max_size = check_number(form, "MaxSize", queue.max_size, least=1, most=LARGEST_MAX_SIZE)
    queue.name, queue.max_size = _check_name({"FriendlyName": queue.name} | form), max_size
    return as_json(request.app[SIMULATOR].account_sid, queue)


def delete_queue(request: web.Request) -> None:
    """Only an empty one."""
    queue = find_queue(request)
    if queue.members:
        raise Refused(400, 20001, f"{len(queue.members)} calls wait in this queue")
    del request.app[SIMULATOR].queues.queues[queue.sid]


def as_json(account_sid: str, queue: Queue) -> dict[str, Any]:
    """The resource as the vendor shows it."""
    uri = f"/{API_VERSION}/Accounts/{account_sid}/Queues/{queue.sid}"
    return {
        "sid": queue.sid,
        "account_sid": account_sid,
        "friendly_name": queue.name,
        "current_size": len(queue.members),
        "max_size": queue.max_size,
        "average_wait_time": queue.average_wait_s,
        "date_created": rfc_2822(queue.created_ms),
        "date_updated": rfc_2822(queue.created_ms),
        "uri": f"{uri}.json",
        "subresource_uris": {"members": f"{uri}/Members.json"},
    }


ROUTES = routes(
    f"{BASE}/Queues",
    "sid",
    plural="queues",
    rows=list_queues,
    create=create_queue,
    fetch=fetch_queue,
    update=update_queue,
    delete=delete_queue,
)

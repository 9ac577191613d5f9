"""Media streams of a call: begin one, stop it by sid or name; a bidirectional one is begun by TwiML only.

Source: twilio.com/docs/voice/api/stream-resource.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ivr.simulator import streams
from ivr.simulator.parameters import API_VERSION, rfc_2822
from ivr.simulator.records import Callback
from ivr.simulator.rest.calls import find_call
from ivr.simulator.rest.conventions import (
    BASE,
    Refused,
    check_choice,
    check_method,
    check_url,
    not_found,
    read_form,
)
from ivr.simulator.rest.resource import routes
from ivr.simulator.stream_wishes import TRACKS, Wishes, fault_of_parameter, fault_of_url

if TYPE_CHECKING:
    from aiohttp import web

    from ivr.simulator.parameters import Parameters
    from ivr.simulator.streams import Stream

MOST_PARAMETERS = 99
PARAMETERS = frozenset(f"Parameter{i}.{part}" for i in range(1, MOST_PARAMETERS + 1) for part in ("Name", "Value"))
CREATE = frozenset({"Url", "Name", "Track", "StatusCallback", "StatusCallbackMethod"}) | PARAMETERS
UPDATE = frozenset({"Status"})
NAME = re.compile(r"(Parameter[0-9]+)\.Name")


async def create_stream(request: web.Request) -> dict[str, Any]:
    """Only of a call in progress: 21220."""
    call = find_call(request, "call")
    wishes = _check_wishes(await read_form(request, CREATE))
    if call.status != "in-progress":
        raise Refused(400, 21220, "Call is not in-progress. Cannot stream.")
    if fault := streams.fault_of(call, wishes):
        raise Refused(400, 20001, f"The stream {fault}")
    return as_json(streams.stream(call, wishes))


def _check_wishes(form: dict[str, str]) -> Wishes:
    url = form.get("Url", "")
    if fault := fault_of_url(url):
        raise Refused(400, 21205, f"Url {url!r} {fault}")
    return Wishes(
        url=url,
        name=form.get("Name", ""),
        tracks=TRACKS[check_choice(form, "Track", "inbound_track", tuple(TRACKS))],
        callback=Callback(check_url(form, "StatusCallback"), check_method(form, "StatusCallbackMethod")),
        custom=_check_parameters(form),
    )


def _check_parameters(form: dict[str, str]) -> Parameters:
    """``Parameter1.Name`` and ``Parameter1.Value`` belong together."""
    found = [(match[1], form[match[0]]) for key in form if (match := NAME.fullmatch(key))]
    custom = tuple((name, form.get(f"{which}.Value", "")) for which, name in found)
    for name, value in custom:
        if fault := fault_of_parameter(name, value):
            raise Refused(400, 20001, f"The parameter {name[:50]!r} {fault}")
    return custom


async def update_stream(request: web.Request) -> dict[str, Any]:
    """``stopped`` is all there is; a second time changes nothing."""
    stream = streams.find_stream(find_call(request, "call"), request.match_info["stream"])
    if stream is None:
        raise not_found(request)
    form = await read_form(request, UPDATE)
    if form.get("Status") != "stopped":
        raise Refused(400, 20001, "Status must be stopped")
    stream.stop()
    return as_json(stream)


def as_json(stream: Stream) -> dict[str, Any]:
    """The resource as the vendor shows it."""
    call = stream.call
    folder = f"/{API_VERSION}/Accounts/{call.account_sid}/Calls/{call.sid}/Streams"
    return {
        "sid": stream.sid,
        "account_sid": call.account_sid,
        "call_sid": call.sid,
        "name": stream.wishes.name or None,
        "status": stream.status,
        "date_updated": rfc_2822(stream.updated_ms),
        "uri": f"{folder}/{stream.sid}.json",
    }


ROUTES = routes(f"{BASE}/Calls/{{call}}/Streams", "stream", create=create_stream, update=update_stream, created=200)

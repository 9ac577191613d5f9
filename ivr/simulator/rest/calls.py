"""Calls: make them, look at them, move them to another document, end and delete them.

Source: twilio.com/docs/voice/api/call-resource.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ivr.simulator.documents import read_document
from ivr.simulator.keys import SIMULATOR
from ivr.simulator.parameters import API_VERSION, rfc_2822
from ivr.simulator.problems import DocumentError
from ivr.simulator.records import Callback
from ivr.simulator.rest import outgoing
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
from ivr.simulator.steps import Goto, HangUp, Inline
from ivr.simulator.verbs import DOCUMENT

if TYPE_CHECKING:
    from aiohttp import web

    from ivr.simulator.call import Call
    from ivr.simulator.network import Simulator

CREATE = frozenset(
    {
        "To", "From", "Url", "Twiml", "ApplicationSid", "Method", "FallbackUrl", "FallbackMethod",
        "StatusCallback", "StatusCallbackMethod", "StatusCallbackEvent", "Timeout", "TimeLimit", "SendDigits",
        "AsyncAmd", "AsyncAmdStatusCallback", "AsyncAmdStatusCallbackMethod",
    }
) | outgoing.SETTINGS | outgoing.DETECTION | outgoing.RECORDING  # fmt: skip
UPDATE = frozenset(
    {
        "Url", "Method", "Twiml", "Status", "FallbackUrl", "FallbackMethod",
        "StatusCallback", "StatusCallbackMethod", "TimeLimit",
    }
)  # fmt: skip
"""There is no StatusCallbackEvent here: an updated call reports its end only."""

LIST = frozenset(
    {
        "To", "From", "Status", "ParentCallSid",
        "StartTime", "StartTime<", "StartTime>", "EndTime", "EndTime<", "EndTime>",
    }
)  # fmt: skip
LONGEST_TWIML = 4000
STATUSES = ("queued", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled")


async def create_call(request: web.Request) -> dict[str, Any]:
    """Refuses what is wrong with To and From (see ``outgoing``), and 21205 without a document to begin with."""
    simulator = request.app[SIMULATOR]
    form = await read_form(request, CREATE, repeated=outgoing.REPEATED)
    outgoing.check_parties(simulator, form)
    if form.get("ApplicationSid"):
        return as_json(_place_by_application(simulator, form))
    fallback = check_url(form, "FallbackUrl"), check_method(form, "FallbackMethod")
    placed, callback = outgoing.check_outgoing(form, _first(form)), outgoing.check_callback(form)
    return as_json(outgoing.place(simulator, form, placed, fallback, callback))


def _place_by_application(simulator: Simulator, form: dict[str, str]) -> Call:
    """The application's addresses are asked and told; those of the request are ignored, as the vendor does."""
    if form.get("Url") or form.get("Twiml"):
        raise Refused(400, 20001, "ApplicationSid excludes Url and Twiml")
    number = outgoing.check_application(simulator, form["ApplicationSid"])
    placed = outgoing.check_outgoing(form, Goto(number.voice_url, number.voice_method))
    fallback = number.fallback_url, number.fallback_method
    call = outgoing.place(simulator, form, placed, fallback, number.callback)
    call.application_sid = form["ApplicationSid"]
    return call


def _first(form: dict[str, str]) -> Goto | Inline:
    """With both, Url wins."""
    method = check_method(form, "Method")
    if form.get("Url"):
        return Goto(check_url(form, "Url"), method)
    if not form.get("Twiml"):
        raise Refused(400, 21205, "Url parameter is required.")
    return _inline(form["Twiml"])


def fetch_call(request: web.Request) -> dict[str, Any]:
    return as_json(find_call(request))


def list_calls(request: web.Request) -> list[dict[str, Any]]:
    """Newest first."""
    query = read_query(request, LIST)
    check_choice(query, "Status", "completed", STATUSES)
    return [as_json(call) for call in reversed(request.app[SIMULATOR].calls.values()) if _fits(call, query)]


def _fits(call: Call, query: dict[str, str]) -> bool:
    """A call that is queued has the start time it was made at."""
    row = as_json(call)
    names = {"To": "to", "From": "from", "Status": "status", "ParentCallSid": "parent_call_sid"}
    return (
        all(row[key] == query[name] for name, key in names.items() if name in query)
        and within_dates(query, "StartTime", call.answered_ms or call.created_ms)
        and within_dates(query, "EndTime", call.ended_ms)
    )


def delete_call(request: web.Request) -> None:
    """Only one that is over: 20009."""
    call = find_call(request)
    if not call.is_over:
        raise Refused(400, 20009, f"A call that is {call.status} cannot be deleted")
    del request.app[SIMULATOR].calls[call.sid]


async def update_call(request: web.Request) -> dict[str, Any]:
    """Everything is checked before anything changes."""
    call = find_call(request)
    form = await read_form(request, UPDATE)
    order = _order(call, form)
    fallback = check_url(form, "FallbackUrl"), check_method(form, "FallbackMethod")
    callback = check_url(form, "StatusCallback"), check_method(form, "StatusCallbackMethod")
    limit = form.get("TimeLimit", "1")
    if not limit.isdecimal() or not int(limit):
        raise Refused(400, 20001, f"TimeLimit must be seconds, not {limit!r}")
    if "FallbackUrl" in form:
        call.fallback = fallback
    if "StatusCallback" in form:
        call.callback = Callback(*callback)
    if "TimeLimit" in form:
        call.limit_to(int(limit))
    if order is not None:
        call.order(order)
    return as_json(call)


def _order(call: Call, form: dict[str, str]) -> Goto | Inline | HangUp | None:
    """Where the update sends the call; None when it only changes settings."""
    if call.is_over:
        raise Refused(400, 21220, "Call is not in-progress. Cannot redirect.")
    wishes = [name for name in ("Url", "Twiml", "Status") if form.get(name)]
    if len(wishes) > 1:
        raise Refused(400, 20001, f"{' and '.join(wishes)} exclude each other")
    if wishes == ["Status"]:
        return _end(call, form["Status"])
    if wishes and call.status != "in-progress":
        raise Refused(400, 21220, "Call is not in-progress. Cannot redirect.")
    method = check_method(form, "Method")
    if wishes == ["Url"]:
        return Goto(check_url(form, "Url"), method)
    return _inline(form["Twiml"]) if wishes else None


def _end(call: Call, status: str) -> HangUp:
    if status not in {"completed", "canceled"}:
        raise Refused(400, 20001, f"Status must be completed or canceled, not {status!r}")
    if status == "canceled" and call.is_answered:
        raise Refused(400, 21220, "Call is in-progress. Only a queued or ringing call can be canceled.")
    return HangUp(None if call.is_answered else "canceled", by="api")


def _inline(twiml: str) -> Inline:
    if len(twiml) > LONGEST_TWIML:
        raise Refused(400, 32018, f"Twiml must not be longer than {LONGEST_TWIML} characters")
    try:
        read_document(twiml, "", DOCUMENT)
    except DocumentError as error:
        raise Refused(400, error.code, error.message) from error
    return Inline(twiml)


def find_call(request: web.Request, key: str = "sid") -> Call:
    call = request.app[SIMULATOR].calls.get(request.match_info[key])
    if call is None:
        raise not_found(request)
    return call


def as_json(call: Call) -> dict[str, Any]:
    """The resource as the vendor shows it."""
    uri = f"/{API_VERSION}/Accounts/{call.account_sid}/Calls/{call.sid}"
    resources = ("events", "notifications", "payments", "recordings", "siprec", "streams", "transcriptions")
    return {
        "sid": call.sid,
        "account_sid": call.account_sid,
        "parent_call_sid": call.parent.sid if call.parent else None,
        "to": call.to,
        "to_formatted": call.to,
        "from": call.from_,
        "from_formatted": call.from_,
        "phone_number_sid": None,
        "status": "queued" if call.status == "initiated" else call.status,
        "start_time": rfc_2822(call.answered_ms or call.created_ms),
        "end_time": rfc_2822(call.ended_ms) if call.ended_ms else None,
        "duration": str(call.duration_s) if call.ended_ms else None,
        "price": None,
        "price_unit": "USD",
        "direction": call.direction,
        "answered_by": call.answered_by or None,
        "api_version": API_VERSION,
        "forwarded_from": None,
        "group_sid": None,
        "caller_name": None,
        "stir_verstat": None,
        "queue_time": str(call.queue_time_ms),
        "trunk_sid": None,
        "date_created": rfc_2822(call.created_ms),
        "date_updated": rfc_2822(call.ended_ms or call.answered_ms or call.created_ms),
        "uri": f"{uri}.json",
        "subresource_uris": {name: f"{uri}/{name.title()}.json" for name in resources},
    }


ROUTES = routes(
    f"{BASE}/Calls",
    "sid",
    plural="calls",
    rows=list_calls,
    create=create_call,
    fetch=fetch_call,
    update=update_call,
    delete=delete_call,
)

"""Messages: send a text, and look at those sent.

Every message is delivered: its status callback, if it has one, hears ``sent`` and then ``delivered``.
Source: twilio.com/docs/messaging/api/message-resource.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from ivr.simulator.delivery import Request
from ivr.simulator.forgetting import forget_messages
from ivr.simulator.keys import SIMULATOR
from ivr.simulator.parameters import API_VERSION, rfc_2822
from ivr.simulator.records import Message
from ivr.simulator.rest.conventions import (
    BASE,
    E164,
    Refused,
    check_url,
    not_found,
    read_form,
    read_query,
    within_dates,
)
from ivr.simulator.rest.resource import routes

if TYPE_CHECKING:
    from aiohttp import web

    from ivr.simulator.network import Simulator

CREATE = frozenset({"To", "From", "Body", "StatusCallback"})
LIST = frozenset({"To", "From", "DateSent", "DateSent>", "DateSent<"})
LONGEST_BODY = 1600
GSM_CHARACTERS = 160
UCS_CHARACTERS = 70


async def create_message(request: web.Request) -> dict[str, Any]:
    """Refuses 21604 To missing, 21211 To wrong, 21603 From missing, 21606 From not ours, 21602 and 21617 Body."""
    simulator = request.app[SIMULATOR]
    form = await read_form(request, CREATE)
    message = _checked(simulator, form)
    simulator.messages[message.sid] = message
    forget_messages(simulator)
    simulator.spawn(_deliver(simulator, message))
    return as_json(simulator, message)


def _checked(simulator: Simulator, form: dict[str, str]) -> Message:
    to, from_, body = form.get("To", ""), form.get("From", ""), form.get("Body", "")
    if not to:
        raise Refused(400, 21604, "A 'To' phone number is required.")
    if not E164.fullmatch(to):
        raise Refused(400, 21211, f"Invalid 'To' Phone Number: {to}")
    if not from_:
        raise Refused(400, 21603, "A 'From' phone number is required.")
    if from_ not in simulator.numbers:
        raise Refused(400, 21606, f"The 'From' phone number {from_} is not a number of this account that can send.")
    if not body:
        raise Refused(400, 21602, "Message body is required.")
    if len(body) > LONGEST_BODY:
        raise Refused(400, 21617, f"The message body must not be longer than {LONGEST_BODY} characters.")
    callback = check_url(form, "StatusCallback", code=21609)
    return Message(f"SM{uuid.uuid4().hex}", to, from_, body, simulator.time.now_ms(), callback)


async def _deliver(simulator: Simulator, message: Message) -> None:
    message.sent_ms = simulator.time.now_ms()
    for status in ("sent", "delivered"):
        message.status = status
        if message.status_callback:
            simulator.notify(Request("callback", message.status_callback, "POST", _callback(simulator, message)))


def _callback(simulator: Simulator, message: Message) -> tuple[tuple[str, str], ...]:
    return (
        ("AccountSid", simulator.account_sid),
        ("ApiVersion", API_VERSION),
        ("From", message.from_),
        ("To", message.to),
        ("MessageSid", message.sid),
        ("MessageStatus", message.status),
        ("SmsSid", message.sid),
        ("SmsStatus", message.status),
    )


def fetch_message(request: web.Request) -> dict[str, Any]:
    simulator = request.app[SIMULATOR]
    message = simulator.messages.get(request.match_info["sid"])
    if message is None:
        raise not_found(request)
    return as_json(simulator, message)


def list_messages(request: web.Request) -> list[dict[str, Any]]:
    """Newest first; ``DateSent>=…`` arrives as the parameter ``DateSent>``."""
    simulator = request.app[SIMULATOR]
    query = read_query(request, LIST)
    return [
        as_json(simulator, message)
        for message in reversed(simulator.messages.values())
        if query.get("To", message.to) == message.to
        and query.get("From", message.from_) == message.from_
        and within_dates(query, "DateSent", message.sent_ms or message.created_ms)
    ]


def as_json(simulator: Simulator, message: Message) -> dict[str, Any]:
    """The resource as the vendor shows it."""
    uri = f"/{API_VERSION}/Accounts/{simulator.account_sid}/Messages/{message.sid}"
    per_segment = GSM_CHARACTERS if message.body.isascii() else UCS_CHARACTERS
    return {
        "sid": message.sid,
        "account_sid": simulator.account_sid,
        "api_version": API_VERSION,
        "to": message.to,
        "from": message.from_,
        "body": message.body,
        "status": message.status,
        "direction": "outbound-api",
        "num_media": "0",
        "num_segments": str(-(-len(message.body) // per_segment)),
        "messaging_service_sid": None,
        "error_code": None,
        "error_message": None,
        "price": None,
        "price_unit": "USD",
        "date_created": rfc_2822(message.created_ms),
        "date_sent": rfc_2822(message.sent_ms) if message.sent_ms else None,
        "date_updated": rfc_2822(message.sent_ms or message.created_ms),
        "uri": f"{uri}.json",
        "subresource_uris": {"media": f"{uri}/Media.json"},
    }


ROUTES = routes(
    f"{BASE}/Messages", "sid", plural="messages", rows=list_messages, create=create_message, fetch=fetch_message
)

"""The vendor's REST API: one file a resource, each with its routes.

Source: the vendor's OpenAPI description, twilio/twilio-oai spec/json/twilio_api_v2010.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ivr.simulator.rest import accounts, calls, conferences, messages, participants

if TYPE_CHECKING:
    from aiohttp import web


def routes() -> list[web.RouteDef]:
    return [*accounts.ROUTES, *calls.ROUTES, *conferences.ROUTES, *messages.ROUTES, *participants.ROUTES]

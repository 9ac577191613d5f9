"""The vendor's REST API: one file a resource, each with its routes.

Source: the vendor's OpenAPI description, twilio/twilio-oai spec/json/twilio_api_v2010.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ivr.simulator.rest import (
    accounts,
    call_recordings,
    calls,
    conferences,
    members,
    messages,
    participants,
    queues,
    recordings,
    streams,
    transcriptions,
    transcripts,
)

if TYPE_CHECKING:
    from aiohttp import web


RESOURCES = (
    accounts,
    call_recordings,
    calls,
    conferences,
    members,
    messages,
    participants,
    queues,
    recordings,
    streams,
    transcriptions,
    transcripts,
)


def routes() -> list[web.RouteDef]:
    return [route for resource in RESOURCES for route in resource.ROUTES]

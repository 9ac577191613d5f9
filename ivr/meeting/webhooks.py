"""The addresses of agents' legs and of conferences, proved at the door like all others (``ivr/twilio/webhooks.py``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from ivr.logs import about_call
from ivr.twilio.twiml import EMPTY

if TYPE_CHECKING:
    from ivr.meeting.guests import Guests
    from ivr.twilio.webhooks import FrontDoor

XML = "text/xml"
NAMES = r"/twilio/legs/{offer:[\w.:\-]{1,140}\.\d{1,9}}/{agent:[\w.+@:\-]{1,128}}"


class MeetingWebhooks:
    """What the provider asks and tells of agents' legs."""

    def __init__(self, door: FrontDoor, guests: Guests) -> None:
        self._door = door
        self._guests = guests

    async def leg(self, request: web.Request) -> web.Response:
        """An agent's leg goes on."""
        proved, names = await self._door.read_voice(request), request.match_info
        with about_call(proved.call_sid):
            document = await self._guests.answer(names["offer"], names["agent"], int(names["turn"]), proved)
        return web.Response(body=document, content_type=XML)

    async def status(self, request: web.Request) -> web.Response:
        """How an agent's leg stands."""
        proved, names = await self._door.read_voice(request), request.match_info
        with about_call(proved.call_sid):
            await self._guests.told(names["offer"], names["agent"], proved)
        return web.Response(body=EMPTY, content_type=XML)

    async def conference(self, request: web.Request) -> web.Response:
        """Who meets, and that it is over."""
        form = await self._door.read_form(request)
        with about_call(form.get("CallSid", "")):
            await self._guests.met(form)
        return web.Response(body=EMPTY, content_type=XML)

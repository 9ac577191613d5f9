"""Webhooks posted by hand, signed as the provider signs them: for what a well-behaved network would never send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from twilio.request_validator import RequestValidator

from tests.support.house import ACCOUNT, NUMBER, TOKEN

if TYPE_CHECKING:
    from collections.abc import Mapping

    import aiohttp

    from tests.support.house import Server


@dataclass(frozen=True, slots=True)
class Reply:
    """A webhook's answer."""

    status: int
    text: str


class Poster:
    """Posts webhooks of one call to a server; the default fields are those of a caller who is on the line."""

    def __init__(self, session: aiohttp.ClientSession, server: Server, call_sid: str = "CA1") -> None:
        self._session = session
        self.server = server
        self.call_sid = call_sid

    def at(self, server: Server) -> Poster:
        """The same call, posted to another server."""
        return Poster(self._session, server, self.call_sid)

    def call(self, call_sid: str) -> Poster:
        """Another call, posted to the same server."""
        return Poster(self._session, self.server, call_sid)

    def form(self, **fields: str) -> dict[str, str]:
        whole = {"CallSid": self.call_sid, "AccountSid": ACCOUNT, "From": "+12025550143", "To": NUMBER}
        return whole | {"CallStatus": "in-progress"} | fields

    async def voice(self, **fields: str) -> Reply:
        """The call arrives."""
        return await self.post("/twilio/voice", self.form(**fields))

    async def turn(self, turn: int, **fields: str) -> Reply:
        """The call goes on."""
        return await self.post(f"/twilio/calls/{self.call_sid}/turns/{turn}", self.form(**fields))

    async def status(self, **fields: str) -> Reply:
        """The provider tells how the call stands; that it is over unless ``CallStatus`` says otherwise."""
        return await self.post("/twilio/status", self.form(**({"CallStatus": "completed"} | fields)))

    async def post(self, path: str, form: Mapping[str, str], *, signature: str | None = None) -> Reply:
        """One signed POST, or one with the ``signature`` given."""
        if signature is None:
            signature = RequestValidator(TOKEN).compute_signature(self.server.base_url + path, form)
        headers = {"X-Twilio-Signature": signature} if signature else {}
        async with self._session.post(self.server.base_url + path, data=form, headers=headers) as response:
            return Reply(response.status, await response.text())

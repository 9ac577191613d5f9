"""The front door: from a socket to a proved, frozen request value, or a refusal. It knows nothing of flows.

Every request is proved by its signature over the *public* URL before a field of it is looked at; what cannot be proved
gets 403 and nothing else, whatever was posted. The same three steps stand before every webhook: read, prove, bind the
call's id to the log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from aiohttp import web

from ivr.twilio.forms import NotAFormError, read_form
from ivr.twilio.requests import NotAVoiceRequestError, read_voice_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ivr.twilio.requests import VoiceRequest
    from ivr.twilio.signature import Prover

log = structlog.get_logger()

# A voice form has about 600 bytes; the largest Twilio posts, a transcription, a few tens of thousands.
MOST_BYTES = 256 * 1024


class FrontDoor:
    """Proves requests; ``account_sid`` is the only account whose calls we answer."""

    def __init__(self, prover: Prover, account_sid: str) -> None:
        self._prover = prover
        self._account_sid = account_sid

    async def read_voice(self, request: web.Request) -> VoiceRequest:
        """The proved voice webhook; raises the HTTP refusal for anything else."""
        form = await self.read_form(request)
        try:
            voice = read_voice_request(form)
        except NotAVoiceRequestError as error:
            log.warning("webhook_incomplete", path=request.path, error=str(error))
            raise web.HTTPBadRequest(text=f"{error}: this is not a voice webhook\n") from error
        if voice.account_sid != self._account_sid:
            log.warning("webhook_of_another_account", path=request.path)
            raise web.HTTPForbidden(text="AccountSid is not the account this server answers for\n")
        return voice

    async def read_form(self, request: web.Request) -> Mapping[str, str]:
        """The proved form (or, for a GET, query); of a name given twice the last value. Raises the HTTP refusal."""
        signature = request.headers.get("X-Twilio-Signature", "")
        if request.method == "GET":
            form = dict(request.query)
            proved = self._prover.proves_url(request.raw_path, signature)
        else:
            try:
                pairs = read_form(await request.read())
            except (NotAFormError, web.RequestPayloadError) as error:
                raise self._unproved(request, str(error)) from error
            form = dict(pairs)
            once = pairs if len(form) == len(pairs) else set(pairs)
            proved = self._prover.proves_form(request.raw_path, once, signature)
        if not proved:
            raise self._unproved(request, "no signature" if not signature else "wrong signature")
        return form

    def _unproved(self, request: web.Request, why: str) -> web.HTTPForbidden:
        log.warning("webhook_unproved", path=request.path, why=why)
        return web.HTTPForbidden(
            text="This request is not signed by our account for our public address. "
            "IVR_TWILIO_AUTH_TOKEN and IVR_PUBLIC_URL must be exactly the account's and the webhook's.\n"
        )

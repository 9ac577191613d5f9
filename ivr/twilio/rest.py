"""The outgoing REST client: the twilio library over asyncio, with an address from the settings and honest retries.

Twilio has no idempotency key, so what may be sent again depends on what is asked: a refused connection or a 429 did
nothing and is always tried again; a 5xx or a time-out is tried again only for reads, deletes and updates that move no
call. A create or a move that got no clear answer raises ``RestUnclearError``, and who asked must find out before asking
again.

Sources: twilio.com/docs/usage/api ("429 Too Many Requests": safe to retry with backoff); the error codes in
twilio.com/docs/api/errors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ivr.twilio.rest_errors import RestError, RestRefusedError, RestUnclearError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from ivr.settings import Settings


UNDER_WAY = frozenset({"queued", "initiated", "ringing", "in-progress"})


class TwilioRest:
    """What we ask of the provider's REST API, in our words; every method raises only RestError."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: Any = None

    async def send_message(self, *, to: str, sender: str, body: str, status_callback: str) -> str:
        """Send a text message; returns its sid."""
        message = await self._asked(
            lambda client: client.messages.create_async(to=to, from_=sender, body=body, status_callback=status_callback)
        )
        return str(message.sid)

    async def find_message(self, *, to: str, sender: str, body: str, sent_after: datetime) -> str | None:
        """The sid of a message like this one, sent at ``sent_after`` or later; None when there is none."""
        found = await self._asked(
            lambda client: client.messages.list_async(to=to, from_=sender, date_sent_after=sent_after, limit=50)
        )
        return next((str(message.sid) for message in found if message.body == body), None)

    async def move_call(self, call_sid: str, url: str) -> None:
        """Let a call that is under way fetch ``url`` at once, whatever it is hearing (Calls resource, Update).

        Never asked twice: a call that has met somebody meanwhile would be torn away.
        """
        await self._asked(lambda client: client.calls(call_sid).update_async(url=url, method="POST"))

    async def place_call(self, *, to: str, sender: str, url: str, status_callback: str) -> str:
        """Ring ``to`` (a number or a SIP address), which fetches ``url`` when it answers; returns the call's sid.

        ``status_callback`` is told that it rings, and that it is over.
        """
        call = await self._asked(
            lambda client: client.calls.create_async(
                to=to,
                from_=sender,
                url=url,
                method="POST",
                status_callback=status_callback,
                status_callback_event=["ringing", "completed"],
            )
        )
        return str(call.sid)

    async def find_call(self, *, to: str, sender: str, placed_after: datetime) -> str | None:
        """The sid of a call to ``to`` that is under way, placed at ``placed_after`` or later; None without one."""
        found = await self._asked(
            lambda client: client.calls.list_async(to=to, from_=sender, start_time_after=placed_after, limit=50)
        )
        return next((str(call.sid) for call in found if str(call.status) in UNDER_WAY), None)

    async def end_call(self, call_sid: str) -> None:
        """Hang a call up, whether it rings or talks (Calls resource, Update)."""
        await self._asked(lambda client: client.calls(call_sid).update_async(status="completed"))

    async def account_name(self) -> str:
        """The account's own name for itself: the cheapest proof that credentials work."""
        account = await self._asked(lambda client: client.api.accounts(client.account_sid).fetch_async())
        return str(account.friendly_name)

    async def close(self) -> None:
        """Close the connections; the object is of no use afterwards."""
        if self._client is not None:
            await self._client.http_client.close()

    async def _asked(self, ask: Callable[[Any], Awaitable[Any]]) -> Any:
        # The library takes longer to import than a server to start, so it is loaded with the first request.
        from ivr.twilio.retrying import Client, RetryingHttpClient, TwilioRestException

        if self._client is None:
            http = RetryingHttpClient(self._settings.twilio_api_url)
            sid = self._settings.twilio_account_sid
            user, password = sid, (self._settings.twilio_auth_token or ("",))[0]
            if self._settings.twilio_api_key:
                user, password = self._settings.twilio_api_key, self._settings.twilio_api_secret
            self._client = Client(user, password, sid, http_client=http)
        try:
            return await ask(self._client)
        except TwilioRestException as error:
            raise RestRefusedError(error.status, error.code, error.msg) from error
        except RestError:
            raise
        except Exception as error:  # the library meets what is not JSON, or not the provider's, in many ways
            raise RestUnclearError(f"the answer makes no sense ({type(error).__name__})") from error

"""The cookies of one call: kept between its requests, and forgotten with it.

Source: twilio.com/docs/usage/webhooks/voice-webhooks, "Cookies".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp

if TYPE_CHECKING:
    from http.cookies import SimpleCookie

    from yarl import URL


class Cookies:
    """Costs nothing before the application sets the first one; most never do."""

    def __init__(self) -> None:
        self._jar: aiohttp.CookieJar | None = None

    def keep(self, given: SimpleCookie, url: URL) -> None:
        """Remember what came with the answer of ``url``."""
        if given:
            self._jar = self._jar or aiohttp.CookieJar(unsafe=True)
            self._jar.update_cookies(given, url)

    def due(self, url: URL) -> dict[str, str] | None:
        """What ``url`` is to be sent; None if nothing."""
        if self._jar is None:
            return None
        return {name: morsel.value for name, morsel in self._jar.filter_cookies(url).items()}

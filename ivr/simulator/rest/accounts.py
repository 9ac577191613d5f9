"""The account itself: what proves that credentials work.

Source: twilio.com/docs/iam/api/account.
"""

from __future__ import annotations

from aiohttp import web

from ivr.simulator.keys import SIMULATOR


async def fetch_account(request: web.Request) -> web.Response:
    """The account; the convention before it has refused every other one."""
    sid = request.app[SIMULATOR].account_sid
    return web.json_response(
        {
            "sid": sid,
            "owner_account_sid": sid,
            "friendly_name": "A simulated account",
            "status": "active",
            "type": "Full",
            "uri": f"/2010-04-01/Accounts/{sid}.json",
        }
    )


ROUTES = [web.get("/2010-04-01/Accounts/{account_sid}.json", fetch_account)]

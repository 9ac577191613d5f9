"""The account itself: what proves that credentials work.

Source: twilio.com/docs/iam/api/account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ivr.simulator.keys import SIMULATOR
from ivr.simulator.parameters import API_VERSION, rfc_2822
from ivr.simulator.rest.resource import routes

if TYPE_CHECKING:
    from aiohttp import web


RESOURCES = ("calls", "conferences", "messages", "queues", "recordings")


def fetch_account(request: web.Request) -> dict[str, Any]:
    """The account; the convention before it has refused every other one."""
    simulator = request.app[SIMULATOR]
    sid, since = simulator.account_sid, rfc_2822(simulator.created_ms)
    uri = f"/{API_VERSION}/Accounts/{sid}"
    return {
        "sid": sid,
        "owner_account_sid": sid,
        "friendly_name": "A simulated account",
        "status": "active",
        "type": "Full",
        "auth_token": simulator.auth_token,
        "date_created": since,
        "date_updated": since,
        "uri": f"{uri}.json",
        "subresource_uris": {name: f"{uri}/{name.title()}.json" for name in RESOURCES},
    }


ROUTES = routes("/2010-04-01/Accounts", "account_sid", fetch=fetch_account)

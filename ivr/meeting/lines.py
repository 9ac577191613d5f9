"""Lines: where an agent is rung, by telephone or SIP, as it was said when they signed in. Others sit at a browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ivr import keys

if TYPE_CHECKING:
    from routing.redis import Redis

TELEPHONE = re.compile(r"\+[1-9]\d{6,14}")
SIP = re.compile(r"sips?:[^\s@]{1,100}@[A-Za-z0-9.\-:]{1,150}")


def is_address(text: str) -> bool:
    """Can somebody be rung there: a number in E.164, or a SIP address."""
    return bool(TELEPHONE.fullmatch(text) or SIP.fullmatch(text))


async def keep_line(redis: Redis, agent: str, address: str) -> None:
    """From now on the agent is rung at ``address``; nowhere when it is empty."""
    if address:
        await redis.execute("HSET", keys.QUEUE_LINES, agent, address)
    else:
        await redis.execute("HDEL", keys.QUEUE_LINES, agent)


async def line_of(redis: Redis, agent: str) -> str:
    """Where the agent is rung; empty for nowhere."""
    found: bytes | None = await redis.execute("HGET", keys.QUEUE_LINES, agent)
    return (found or b"").decode()

"""Agents: who is signed in, what they chose (status) and what they do (state).

status: available, on_break, offline. state: away → ready → reserved → on_contact → wrap_up; see ``routing/states.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from routing import keys
from routing.answers import Refused, read
from routing.registry import match
from routing.requirements import skills_text
from routing.scripts import Script

if TYPE_CHECKING:
    from collections.abc import Mapping

    from routing.answers import Done
    from routing.redis import Redis

SIGN_IN = Script.load("routing.lua", "sign_in.lua")
SET_STATUS = Script.load("routing.lua", "set_status.lua")
FINISH_WRAP_UP = Script.load("routing.lua", "finish_wrap_up.lua")
MOST_ATTEMPTS = 5
"""Publishing happens seldom; five times between a match and its sign-in means that something is wrong."""


async def sign_in(redis: Redis, group: str, agent: str, skills: Mapping[str, int], *, now_ms: int) -> Done | Refused:
    """A person comes to work, on break until they say otherwise; refused while a contact is theirs."""
    answer: Done | Refused = Refused("stale")
    for _attempt in range(MOST_ATTEMPTS):
        matched = await match(redis, group, skills)
        arguments = (now_ms, agent, skills_text(skills), matched.bits, matched.ranks, matched.version)
        answer = read(await redis.run(SIGN_IN, [keys.base(group)], arguments), "signed_in")
        if answer.tag != "stale":
            break
    return answer


async def set_status(
    redis: Redis, group: str, agent: str, status: str, reason: str = "", *, now_ms: int
) -> Done | Refused:
    """A person becomes ``available``, ``on_break`` or ``offline``; refused ``unknown`` when not signed in."""
    return read(await redis.run(SET_STATUS, [keys.base(group)], [now_ms, agent, status, reason]), "set")


async def finish_wrap_up(
    redis: Redis, group: str, agent: str, *, now_ms: int, generation: int | None = None
) -> Done | Refused:
    """The agent is done writing up; refused when not in that wrap-up."""
    arguments = (now_ms, agent, "" if generation is None else generation)
    return read(await redis.run(FINISH_WRAP_UP, [keys.base(group)], arguments), "freed")

"""What routing knows of a program before anybody calls: all that callers may ask for, and how its queues are run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ivr.programs import Refused
from ivr.workspace import Workspace
from routing import agents, keys
from routing.registry import read_registry
from routing.requirements import MOST_REQUIREMENTS
from routing.snapshot import read_agent
from tests.support.engine import keys_like
from tests.support.queueing import queue_workspace

if TYPE_CHECKING:
    from tests.support.house import House

BASE = keys.base()


async def known(house: House) -> set[str]:
    """The requirements that routing knows, as it writes them."""
    registry = await read_registry(house.redis, "main")
    return {one.text for one in registry.requirements.values()}


async def policy(house: House, queue: str) -> dict[str, str]:
    found = await house.redis.execute("HGETALL", f"{BASE}queue:{queue}")
    texts = [part.decode() for part in found]
    return dict(zip(texts[::2], texts[1::2], strict=True))


async def test_what_is_published_is_registered(house: House) -> None:
    """Every requirement with every level that it relaxes to, by the queue's strategy; and the queue's own rules."""
    await house.publish(queue_workspace())
    run = await policy(house, "billing")

    assert await known(house) == {"voice|longest_idle|billing:1", "voice|longest_idle|billing:3"}
    assert (run["offer_ms"], run["wrap_up_ms"], run["join_agents"], run["join_waiting"]) == (
        *("20000", "15000", "signed_in", "2"),
    )


async def test_who_is_signed_in_serves_what_is_new(house: House) -> None:
    """Published in the middle of a shift, a requirement nobody asked for before is served by whoever can."""
    files = queue_workspace()
    await house.publish(files)
    await agents.sign_in(house.redis, "main", "ana", {"billing": 9}, now_ms=house.clock.now_ms())
    await house.publish(files | {"center.yaml": files["center.yaml"].replace("{billing: 3}", "{billing: 8}")})
    signed = await house.redis.execute("HGETALL", f"{BASE}signed")
    agent = await read_agent(house.redis, "main", "ana")

    assert "voice|longest_idle|billing:8" in await known(house)
    assert signed[1::2] == [b"1", b"1", b"1"]
    assert agent is not None
    assert agent.skills == {"billing": 9}


async def test_a_queue_is_run_as_the_live_program_says(house: House) -> None:
    """Wrap-up, offers and rules of joining are for all of its callers from the moment the program is live."""
    files = queue_workspace()
    await house.publish(files)
    await house.publish(files | {"center.yaml": files["center.yaml"].replace("waiting: 2", "waiting: 7")})

    assert (await policy(house, "billing"))["join_waiting"] == "7"


async def test_a_server_tells_a_routing_that_has_forgotten(house: House) -> None:
    """Whatever became of routing's part of Redis: a server that starts registers what is live."""
    await house.publish(queue_workspace())
    await house.redis.execute("DEL", *await keys_like(house.redis, f"{BASE}*"))
    await house.open()

    assert await known(house) == {"voice|longest_idle|billing:1", "voice|longest_idle|billing:3"}
    assert await policy(house, "billing")


async def test_more_than_routing_can_keep_apart_is_not_published(house: House) -> None:
    """Two thousand different requirements in one group and one more: refused with what to do, and nothing is live."""
    files = queue_workspace()
    names = [f"skill_{number}" for number in range(MOST_REQUIREMENTS // 7 + 1)]
    levels = [f"{{after: {60 * (10 - level)}s, require: {{NAME: {level}}}}}" for level in range(9, 3, -1)]
    queue = "  NAME: {require: {NAME: 10}, relax: [" + ", ".join(levels) + "]}\n"
    many = "".join(queue.replace("NAME", name) for name in names)
    center = files["center.yaml"].replace("skills: [billing]", f"skills: [billing, {', '.join(names)}]") + many
    workspace = Workspace({path: text.encode() for path, text in (files | {"center.yaml": center}).items()}, {}, {})
    outcome = await house.server.programs.publish(workspace, author="a test", message="")

    assert isinstance(outcome, Refused)
    assert [problem.code for problem in outcome.problems] == ["not-registered"]
    assert house.server.programs.live is None

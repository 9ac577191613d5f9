"""What a program tells routing before it goes live: all that callers may ask for, and how its queues are run.

Registered by whoever publishes and by every process that takes a program up, so that an emptied Redis knows it again;
what is known already changes nothing. Requirements are never taken back: calls may be waiting for them.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from flows.problems import Problem
from ivr import keys
from routing.answers import Refused
from routing.registry import Policy, register
from routing.requirements import Requirement

if TYPE_CHECKING:
    from flows.center.queues import Queue
    from flows.form import Requirement as Skills
    from flows.program import Program
    from routing.redis import Redis

NOT_REGISTERED = (
    "the queues of group {group} cannot be told to routing ({why}: {facts}); "
    "ask for fewer different skills and levels, or give some of the queues another group"
)


async def register_program(redis: Redis, program: Program, now_ms: int, *, policies: bool) -> tuple[Problem, ...]:
    """Tell routing of a program, each group of its queues in one step; a problem for each that was refused.

    With ``policies`` also how its queues are run, which is so from then on.
    """
    problems = []
    by_group = groupby(sorted(program.center.queues.values(), key=lambda one: one.group), key=lambda one: one.group)
    for group, queues in by_group:
        named = {queue.name: queue for queue in queues}
        answer = await register(
            redis,
            group,
            {requirement_of(named[name], skills) for name, skills in program.requirements if name in named},
            {name: policy_of(queue) for name, queue in named.items()} if policies else {},
            skills=program.center.skills,
            now_ms=now_ms,
        )
        await redis.execute("SADD", keys.QUEUE_GROUPS, group)
        if isinstance(answer, Refused):
            why = NOT_REGISTERED.format(group=group, why=answer.tag.replace("_", " "), facts=", ".join(answer.facts))
            problems.append(Problem("center.yaml", 1, 1, why, "not-registered"))
    return tuple(problems)


def requirement_of(queue: Queue, skills: Skills) -> Requirement:
    """What a call asks of a queue, as routing has it: the queue's strategy chooses among those who will do."""
    return Requirement(dict(skills), queue.strategy)


def policy_of(queue: Queue) -> Policy:
    """How the queue is run."""
    return Policy(
        offer_ms=queue.offer_s * 1000,
        wrap_up_ms=queue.wrap_up_s * 1000,
        head_start_ms=queue.head_start_s * 1000,
        misses=queue.misses_before_break,
        join_agents=queue.join_when.agents,
        join_waiting=queue.join_when.waiting or 0,
        join_wait_ms=(queue.join_when.wait_s or 0) * 1000,
        leave_agents=queue.leave_when.agents,
        leave_wait_ms=(queue.leave_when.wait_s or 0) * 1000,
    )


def requirements_of(program: Program, queue: str) -> tuple[Requirement, ...]:
    """All that callers of one queue can ask for."""
    settings = program.center.queues[queue]
    return tuple(requirement_of(settings, skills) for name, skills in program.requirements if name == queue)

"""A call centre that is not ours, under callers by chance: nobody is lost, and waits are what theory expects."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from ivr.simulator import SteppedTime
from ivr.simulator.chances import Exponential
from ivr.simulator.crowd import Crowd, Nature, Visit
from tests.support.centre import CALLERS, Centre, a_centre
from tests.support.erlang import erlang_a

AGENTS = 5
TALK_S, PATIENCE_S, GAP_S = 10.0, 20.0, 2.0
MINUTES = 20


@dataclass(frozen=True, slots=True)
class Course:
    """What was left after the callers had come and gone."""

    crowd: Crowd
    centre: Centre
    statuses: dict[str, str]
    errors: list[str]


async def run(seed: int, minutes: int) -> Course:
    time = SteppedTime()
    async with a_centre(time, agents=AGENTS) as (centre, simulator):
        nature = Nature(Exponential(GAP_S), Exponential(TALK_S), Exponential(PATIENCE_S))
        crowd = Crowd(simulator, CALLERS, nature, seed=seed)
        simulator.spawn(crowd.arrive(minutes * 60))
        await time.advance(minutes * 60)
        while crowd.present:
            await time.advance(60)
        statuses = {call.sid: call.status for call in simulator.calls.values() if call.to == CALLERS}
        return Course(crowd, centre, statuses, [one.message for one in simulator.errors])


@pytest.fixture(scope="module")
def course() -> Course:
    return asyncio.run(run(seed=7, minutes=MINUTES))


def test_no_call_is_lost(course: Course) -> None:
    """Everybody who arrived is gone, and was answered or gave up: nobody was turned away."""
    counts = course.crowd.count()

    assert course.crowd.present == 0
    assert counts["answered"] + counts["abandoned"] == course.crowd.arrived > 500
    assert counts["abandoned"] > 0
    assert course.errors == []


def test_every_call_has_exactly_one_final_status(course: Course) -> None:
    """As REST shows it, as the status callback tells it, and as the queue's action tells it."""
    sids = {visit.call_sid for visit in course.crowd.visits}
    told = {visit.call_sid: "bridged" if visit.outcome == "answered" else "hangup" for visit in course.crowd.visits}

    assert course.statuses == dict.fromkeys(sids, "completed")
    assert {sid: course.centre.ended[sid] for sid in sids} == {sid: ["completed"] for sid in sids}
    assert course.centre.results == {sid: [result] for sid, result in told.items()}


def test_waits_are_what_queueing_theory_expects(course: Course) -> None:
    """Mean wait within a third of Erlang A's, abandonment within five in a hundred: it is a short run."""
    expected = erlang_a(agents=AGENTS, calls_per_s=1 / GAP_S, talk_s=TALK_S, patience_s=PATIENCE_S)
    abandoned = course.crowd.count()["abandoned"] / course.crowd.arrived

    assert course.crowd.mean_wait_s() == pytest.approx(expected.wait_s, rel=1 / 3)
    assert abandoned == pytest.approx(expected.abandoned, abs=0.05)


async def test_two_runs_of_one_seed_are_the_same() -> None:
    """Whom they called and when, how long they waited and talked, to the millisecond; another seed is another day."""
    one, again, other = [without_sids(await run(seed, minutes=3)) for seed in (7, 7, 8)]

    assert one == again
    assert one != other


def without_sids(course: Course) -> list[tuple[object, ...]]:
    def facts(visit: Visit) -> tuple[object, ...]:
        return visit.number, visit.arrived_ms, visit.outcome, visit.wait_s, visit.talk_s

    return [facts(visit) for visit in course.crowd.visits]


@pytest.mark.parametrize(
    ("agents", "calls_per_s", "patience_s", "waiting", "abandoned", "wait_s"),
    [
        (10, 10, 1, 0.54207, 0.12511, 0.125110),
        (50, 50, 0.5, 0.43666, 0.06594, 0.032970),
        (100, 95, 1, 0.31736, 0.02017, 0.020166),
        (100, 140, 1, 0.99984, 0.28572, 0.285718),
    ],
)
def test_the_yardstick_is_the_published_one(
    agents: int, calls_per_s: float, patience_s: float, waiting: float, abandoned: float, wait_s: float
) -> None:
    """Erlang A with a mean talk of one, to the digits printed."""
    expected = erlang_a(agents=agents, calls_per_s=calls_per_s, talk_s=1, patience_s=patience_s)

    assert expected.waiting == pytest.approx(waiting, abs=1e-5)
    assert expected.abandoned == pytest.approx(abandoned, abs=1e-5)
    assert expected.wait_s == pytest.approx(wait_s, abs=1e-6)

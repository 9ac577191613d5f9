"""Callers who arrive, wait, talk and are counted."""

from __future__ import annotations

import itertools
import statistics
from typing import TYPE_CHECKING

import pytest

from ivr.simulator import Answers
from ivr.simulator.chances import Exponential, Fixed
from ivr.simulator.crowd import Crowd, Nature
from tests.ivr.simulator.conftest import NUMBER

if TYPE_CHECKING:
    from ivr.simulator import Simulator, SteppedTime
    from tests.ivr.simulator.conftest import Application

AGENT = "+12025550160"
CONNECT = f"<Dial><Number>{AGENT}</Number></Dial>"
FOR_EVER = '<Pause length="3600"/>'
EVERY_TEN_S = Fixed(10)


@pytest.mark.parametrize(
    ("answer", "patience", "outcome", "wait_s", "talk_s"),
    [
        (CONNECT, 60, "answered", 3, 45),
        (CONNECT, None, "answered", 3, 45),
        (FOR_EVER, 25, "abandoned", 25, 0),
        ("<Reject/>", 25, "turned away", 0, 0),
        ('<Pause length="4"/>', 25, "turned away", 4, 0),
    ],
)
async def test_what_becomes_of_a_caller(
    application: Application,
    simulator: Simulator,
    time: SteppedTime,
    answer: str,
    patience: float | None,
    outcome: str,
    wait_s: float,
    talk_s: float,
) -> None:
    """Answered after the ringing and gone when all is said, tired of waiting, or sent away."""
    application["/voice"] = answer
    simulator.people.put(AGENT, Answers(after_s=3))
    nature = Nature(EVERY_TEN_S, talk=Fixed(45), patience=None if patience is None else Fixed(patience))
    crowd = Crowd(simulator, NUMBER, nature, seed=1)

    simulator.spawn(crowd.arrive(19))
    await time.advance(90)
    (visit,) = crowd.visits

    assert (visit.outcome, visit.wait_s, visit.talk_s) == (outcome, wait_s, talk_s)
    assert crowd.count()[outcome] == crowd.arrived == 1
    assert simulator.calls[visit.call_sid].is_over


async def test_callers_arrive_by_interval(application: Application, simulator: Simulator, time: SteppedTime) -> None:
    """One every ten seconds, each from a number of its own; those still on the line are present."""
    application["/voice"] = FOR_EVER
    crowd = Crowd(simulator, NUMBER, Nature(EVERY_TEN_S, Fixed(1), patience=Fixed(25)), seed=1)
    began_ms = time.now_ms()

    simulator.spawn(crowd.arrive(60))
    await time.advance(60)
    present = crowd.present
    await time.advance(60)

    assert present == 3
    assert [visit.arrived_ms - began_ms for visit in crowd.visits] == [10_000 * number for number in range(1, 7)]
    assert len({visit.number for visit in crowd.visits}) == 6
    assert crowd.mean_wait_s() == 25


async def test_callers_arrive_by_a_poisson_process(
    application: Application, simulator: Simulator, time: SteppedTime
) -> None:
    """In ten minutes at one in two seconds about three hundred, whose gaps vary as much as they last."""
    application["/voice"] = "<Reject/>"
    crowd = Crowd(simulator, NUMBER, Nature(Exponential(2), Fixed(1)), seed=4)

    simulator.spawn(crowd.arrive(600))
    await time.advance(600)
    at_s = [visit.arrived_ms / 1000 for visit in crowd.visits]
    gaps_s = [later - sooner for sooner, later in itertools.pairwise(at_s)]

    assert crowd.arrived == pytest.approx(300, rel=0.1)
    assert statistics.pstdev(gaps_s) == pytest.approx(statistics.fmean(gaps_s), rel=0.15)


async def test_more_patience_changes_nothing_else(
    application: Application, simulator: Simulator, time: SteppedTime
) -> None:
    """The same callers arrive at the same moments: what is drawn for one thing is not drawn for another."""
    application["/voice"] = FOR_EVER
    crowds = [Crowd(simulator, NUMBER, Nature(Exponential(5), Fixed(1), Exponential(mean)), seed=2) for mean in (5, 50)]
    for crowd in crowds:
        simulator.spawn(crowd.arrive(60))
    await time.advance(900)
    arrivals = [sorted(visit.arrived_ms for visit in crowd.visits) for crowd in crowds]

    assert arrivals[0] == arrivals[1]
    assert crowds[0].mean_wait_s() < crowds[1].mean_wait_s()


async def test_callers_go_through_a_menu(application: Application, simulator: Simulator, time: SteppedTime) -> None:
    """Keys are pressed and words are said when the line listens, one entry to each question."""
    application["/voice"] = '<Gather numDigits="1" action="/one"><Say>Press one</Say></Gather>'
    application["/one"] = '<Gather input="speech" action="/two"/>'
    application["/two"] = "<Hangup/>"
    crowd = Crowd(simulator, NUMBER, Nature(EVERY_TEN_S, Fixed(1), script=("1", "my bill")), seed=1)

    simulator.spawn(crowd.arrive(10))
    await time.advance(40)

    assert application.form("/one")["Digits"] == "1"
    assert application.form("/two")["SpeechResult"] == "my bill"
    assert crowd.count() == {"answered": 0, "abandoned": 0, "turned away": 1}


async def test_a_number_out_of_service_turns_away(simulator: Simulator, time: SteppedTime) -> None:
    """Nobody there is asked, and nobody's patience is waited for."""
    crowd = Crowd(simulator, "+12025550199", Nature(EVERY_TEN_S, Fixed(1), patience=Fixed(60)), seed=1)

    simulator.spawn(crowd.arrive(10))
    await time.advance(11)

    assert [(visit.outcome, visit.call_sid, visit.wait_s) for visit in crowd.visits] == [("turned away", "", 0)]

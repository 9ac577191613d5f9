"""Times by distribution: what they are on average, and the same again with the same seed."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

import pytest

from ivr.simulator.chances import Empirical, Exponential, Fixed, LogNormal, Uniform, Varies, dice
from tests.ivr.simulator.test_people import ring

if TYPE_CHECKING:
    from collections.abc import Callable

    from ivr.simulator import Simulator, SteppedTime
    from ivr.simulator.chances import Distribution

DRAWS = 20_000


@pytest.mark.parametrize(
    ("distribution", "mean", "deviation", "median"),
    [
        (Fixed(7), 7, 0, 7),
        (Uniform(10, 20), 15, 2.887, 15),
        (Exponential(180), 180, 180, 124.8),
        (LogNormal(180, 90), 180, 90, 161.0),
        (LogNormal(180, 0), 180, 0, 180),
        (Empirical((1, 2, 2, 7)), 3, 2.345, 2),
    ],
)
def test_a_distribution_has_its_mean_deviation_and_median(
    distribution: Distribution, mean: float, deviation: float, median: float
) -> None:
    """Of twenty thousand draws, within three in a hundred."""
    draws = draw(distribution, seed=1)

    assert min(draws) >= 0
    assert statistics.fmean(draws) == pytest.approx(mean, rel=0.03)
    assert statistics.pstdev(draws) == pytest.approx(deviation, rel=0.03, abs=1e-6)
    assert statistics.median(draws) == pytest.approx(median, rel=0.03)


def test_a_seed_repeats_and_another_does_not() -> None:
    """Nor do two kinds of time of one seed go together."""
    assert draw(Exponential(9), seed=1) == draw(Exponential(9), seed=1) != draw(Exponential(9), seed=2)
    assert dice(1, "patience").random() != dice(1, "talk").random()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Fixed(-1),
        lambda: Uniform(3, 2),
        lambda: Uniform(-1, 2),
        lambda: Exponential(0),
        lambda: LogNormal(0, 1),
        lambda: LogNormal(1, -1),
        lambda: Empirical(()),
        lambda: Empirical((1, -2)),
    ],
)
def test_a_time_that_cannot_be_is_refused(wrong: Callable[[], Distribution]) -> None:
    """When the distribution is made, not when it is drawn from."""
    with pytest.raises(ValueError, match=r"a time|a mean"):
        wrong()


async def test_people_vary_from_call_to_call(simulator: Simulator, time: SteppedTime) -> None:
    """How long they let it ring and how long they stay is drawn for each, the same with the same seed."""
    courses = []
    for _ in range(2):
        simulator.people.put("+1*", Varies(5, after=Uniform(1, 9), stays=Exponential(20)))
        calls = [simulator.calls[ring(simulator, "+12025550143")] for _ in range(6)]
        began_ms = time.now_ms()
        await time.advance(200)
        courses.append([((call.answered_ms or 0) - began_ms, call.duration_s, call.status) for call in calls])

    assert courses[0] == courses[1]
    assert {status for _, _, status in courses[0]} == {"completed"}
    assert all(1000 <= after_ms <= 9000 for after_ms, _, _ in courses[0])
    assert len({after_ms for after_ms, _, _ in courses[0]}) == len({stays_s for _, stays_s, _ in courses[0]}) == 6


def draw(distribution: Distribution, seed: int) -> list[float]:
    chances = dice(seed, "test")
    return [distribution.draw(chances) for _ in range(DRAWS)]

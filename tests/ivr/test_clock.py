"""The three clocks, and the text that names one."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from ivr.clock import SimulatedClock, SteppedClock, SystemClock, parse_clock


def test_the_system_clock_tells_the_machines_time() -> None:
    """Nothing is added to it and nothing taken away."""
    before = time.time_ns() // 1_000_000
    shown = parse_clock("").now_ms()
    after = time.time_ns() // 1_000_000

    assert before <= shown <= after


def test_a_simulated_clock_agrees_with_real_time_at_its_epoch_and_runs_faster() -> None:
    """Sixty real seconds after the epoch, a clock of factor 10 has gone six hundred."""
    epoch_s = time.time() - 60
    before_s = time.time()
    shown_s = SimulatedClock(epoch_s, 10).now_ms() / 1000
    after_s = time.time()

    assert epoch_s + (before_s - epoch_s) * 10 - 0.002 <= shown_s <= epoch_s + (after_s - epoch_s) * 10 + 0.002


def test_two_processes_with_the_same_text_tell_the_same_time() -> None:
    """The time is computed from the text alone, not from when the clock was made."""
    text = f"{int(time.time()) - 3600}+10"
    one, other = parse_clock(text), parse_clock(text)
    times = [one.now_ms(), other.now_ms(), one.now_ms()]

    assert times == sorted(times)
    assert times[-1] - times[0] < 1000


def test_a_stepped_clock_stands_still_until_it_is_moved() -> None:
    """Only ``advance`` moves it, by exactly what it was told."""
    clock = SteppedClock(datetime(2026, 3, 2, 15, 0, tzinfo=UTC))
    first = clock.now()
    clock.advance(0.25)

    assert first == datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
    assert clock.now_ms() == 1_772_463_600_250


def test_time_does_not_go_back() -> None:
    """A stepped clock refuses a negative step and stays where it was."""
    clock = SteppedClock(datetime(2026, 3, 2, tzinfo=UTC))
    before = clock.now_ms()

    with pytest.raises(ValueError, match="go back by 5 s"):
        clock.advance(-5)
    assert clock.now_ms() == before


@pytest.mark.parametrize("clock", [SystemClock(), SimulatedClock(1_700_000_000, 2.5)])
def test_a_datetime_is_aware_and_in_utc(clock: SystemClock | SimulatedClock) -> None:
    """Nobody downstream has to guess a time zone."""
    assert clock.now().tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "epoch_s", "factor"), [("1772445600+10", 1772445600, 10), ("1772445600.5+0.5", 1772445600.5, 0.5)]
)
def test_a_text_names_epoch_and_factor(text: str, epoch_s: float, factor: float) -> None:
    """Both may have decimals."""
    clock = parse_clock(text)

    assert isinstance(clock, SimulatedClock)
    assert (clock.epoch_s, clock.factor) == (epoch_s, factor)


@pytest.mark.parametrize("text", ["10", "now+10", "1772445600+0", "1772445600+-1", "1772445600+nan", " ", "1+1+1"])
def test_a_bad_text_is_refused_with_the_form(text: str) -> None:
    """The message shows what would have been right."""
    with pytest.raises(ValueError, match=r"<epoch>\+<factor>.* such as 1772445600\+10"):
        parse_clock(text)


def test_a_clock_beyond_the_calendar_is_refused() -> None:
    """A clock that could not tell its time would fail in the middle of a call."""
    with pytest.raises(ValueError, match="beyond the calendar"):
        parse_clock("0+999999")

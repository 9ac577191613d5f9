"""Waiting in a queue: what is said meanwhile, and what a turn costs in which nothing happens."""

from __future__ import annotations

from datetime import timedelta

from flows.events import Answered, HungUp, KeysPressed, NothingHeard
from flows.instructions import JoinQueue
from tests.flows.playing import CENTER, MONDAY_MORNING, STARTS, Player, compiled, steps

MESSAGES = CENTER.replace(b"  operator: {", b"  operator: {announce: {every: 30s, messages: [One., Two.]}, ")
JOINED = Answered({"outcome": "joined", "contact": "K1", "group": "main"})
MUSIC = ["(hold music)", "(listens 1 s, keys 1)"]
FLOW = steps("start: {queue: operator, failed: bye}\nbye: {hangup: Bye.}")


def waiting(center: bytes = MESSAGES) -> Player:
    """A caller who has joined the queue."""
    player = Player(compiled(FLOW, center=center))
    player.plays(STARTS, JOINED)
    return player


def after(player: Player, seconds: float, event: object = None) -> list[str]:
    player.now += timedelta(seconds=seconds)
    return player.plays(NothingHeard() if event is None else event)  # type: ignore[arg-type] # an event


def test_messages_take_turns_as_often_as_the_queue_says() -> None:
    """Between them there is music; whoever presses a key meanwhile hears no message the sooner."""
    player = waiting()

    assert after(player, 21) == MUSIC
    assert after(player, 21) == ["One.", *MUSIC]
    assert after(player, 21, KeysPressed("5")) == MUSIC
    assert after(player, 21) == ["Two.", *MUSIC]
    assert after(player, 42) == ["One.", *MUSIC]


def test_a_queue_without_messages_asks_for_patience() -> None:
    """The line is never dead for long."""
    player = waiting(CENTER)

    assert after(player, 30) == ["Please hold the line. Somebody will be with you as soon as possible.", *MUSIC]


def test_who_waits_for_hours_uses_up_no_turns() -> None:
    """A hold turn is not counted, so that patience is not mistaken for a loop; it is bounded by a day."""
    player = waiting()
    turns = player.session.turns
    for _ in range(1_000):
        after(player, 21)

    assert player.session.turns == turns
    assert all(turn.idle for turn in player.turns[2:])
    assert after(player, 86_400)[-2:] == ["Bye.", "(hangs up)"]
    assert not player.turns[-1].idle


def test_a_call_is_told_apart_each_time_that_it_waits() -> None:
    """Another contact for another wait, so that nothing about the first can move the second."""
    player = Player(compiled(steps("start: {queue: operator, overflow: {next: again}}\nagain: {queue: billing}")))
    player.plays(STARTS)
    first = player.turns[-1].instructions[-1]
    player.plays(JOINED, Answered({"outcome": "overflow"}))
    second = player.turns[-1].instructions[-1]

    assert isinstance(first, JoinQueue)
    assert isinstance(second, JoinQueue)
    assert first.contact.startswith("CA1-")
    assert second.contact.startswith("CA1-")
    assert first.contact != second.contact


def test_a_place_that_was_lost_is_asked_for_again() -> None:
    """Routing knows nothing of the contact any more: the call joins anew, since when it has waited already."""
    player = waiting()
    player.now += timedelta(seconds=60)
    player.plays(Answered({"outcome": "lost"}))
    again = player.turns[-1].instructions[-1]

    assert isinstance(again, JoinQueue)
    assert again.since_ms == MONDAY_MORNING.timestamp() * 1000


def test_a_session_knows_what_it_waits_as() -> None:
    """From the moment it asks to join until the call goes on; a hang-up leaves it known for whoever ends it."""
    player = waiting()
    held = (player.session.contact, player.session.group)
    player.plays(HungUp())

    assert held == ("K1", "main")
    assert player.session.contact == "K1"

"""What goes with a call that is forgotten: all of its own, and what has no call and is older than what is left."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from ivr.simulator.network import Simulator
    from ivr.simulator.recordings import Recording

LEAST_MESSAGES = 100
MOST_STRAY_ERRORS = 100


def forget(network: Simulator, call_sids: Sequence[str]) -> None:
    """Forget these calls, which are over; without any it changes nothing."""
    if not call_sids:
        return
    calls = network.calls
    for sid in call_sids:
        calls.pop(sid, None)  # REST may have deleted it
    oldest = calls.get(network.history.oldest_over)
    since_ms = oldest.created_ms if oldest else network.time.now_ms()
    network.exchanges[:] = [one for one in network.exchanges if not one.call_sid or one.call_sid in calls]
    network.errors[:] = [one for one in network.errors if not one.call_sid or one.call_sid in calls]
    network.history.forget(calls)
    _forget_strays(network, since_ms)
    _drop(network.recordings, [one.sid for one in network.recordings.values() if _is_orphan(one, calls)])
    _drop(network.messages, [one.sid for one in network.messages.values() if one.created_ms < since_ms])
    rooms = network.rooms.conferences
    _drop(rooms, [one.sid for one in rooms.values() if one.is_over and one.created_ms < since_ms])


def forget_messages(network: Simulator) -> None:
    """Forget the oldest messages, if there are too many, and what was told of them."""
    surplus = network.history.surplus(len(network.messages), least=LEAST_MESSAGES)
    if surplus:
        _drop(network.messages, list(network.messages)[:surplus])
        _forget_strays(network, next(iter(network.messages.values())).created_ms)


def _forget_strays(network: Simulator, since_ms: int) -> None:
    """Of what belongs to no call: exchanges from before, and all errors but the latest, which have no date."""
    network.exchanges[:] = [one for one in network.exchanges if one.call_sid or one.at_ms >= since_ms]
    strays = sum(not one.call_sid for one in network.errors) - MOST_STRAY_ERRORS
    if strays > 0:
        old = set(islice((i for i, one in enumerate(network.errors) if not one.call_sid), strays))
        network.errors[:] = [one for i, one in enumerate(network.errors) if i not in old]


def _is_orphan(recording: Recording, calls: Container[str]) -> bool:
    return recording.is_over and recording.call_sid not in calls


def _drop(kept: dict[str, Any], sids: list[str]) -> None:
    for sid in sids:
        del kept[sid]

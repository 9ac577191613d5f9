"""What goes with a call that is forgotten: all of its own, and what has no call and is older than what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from ivr.simulator.network import Simulator
    from ivr.simulator.recordings import Recording


def forget(network: Simulator, call_sids: Sequence[str]) -> None:
    """Forget these calls, which are over; without any it changes nothing."""
    if not call_sids:
        return
    calls = network.calls
    for sid in call_sids:
        del calls[sid]
    oldest = calls.get(network.history.oldest_over)
    since_ms = oldest.created_ms if oldest else network.time.now_ms()
    network.exchanges[:] = [
        one for one in network.exchanges if one.call_sid in calls or (not one.call_sid and one.at_ms >= since_ms)
    ]
    network.errors[:] = [one for one in network.errors if not one.call_sid or one.call_sid in calls]
    network.history.forget(calls)
    _drop(network.recordings, [one.sid for one in network.recordings.values() if _is_orphan(one, calls)])
    _drop(network.messages, [one.sid for one in network.messages.values() if one.created_ms < since_ms])
    rooms = network.rooms.conferences
    _drop(rooms, [one.sid for one in rooms.values() if one.is_over and one.created_ms < since_ms])


def _is_orphan(recording: Recording, calls: Container[str]) -> bool:
    return recording.is_over and recording.call_sid not in calls


def _drop(kept: dict[str, Any], sids: list[str]) -> None:
    for sid in sids:
        del kept[sid]

"""A telephone network in a process that behaves as Twilio does: see docs/simulator.md."""

from __future__ import annotations

from ivr.simulator.clock import RealTime, SteppedTime, Time
from ivr.simulator.handset import Misuse, Telephone
from ivr.simulator.heard import Heard
from ivr.simulator.network import Simulator
from ivr.simulator.records import Exchange, Message, Number

__all__ = [
    "Exchange",
    "Heard",
    "Message",
    "Misuse",
    "Number",
    "RealTime",
    "Simulator",
    "SteppedTime",
    "Telephone",
    "Time",
]

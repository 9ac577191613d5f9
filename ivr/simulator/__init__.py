"""A telephone network in a process that behaves as Twilio does: see docs/simulator.md."""

from __future__ import annotations

from ivr.simulator.clock import RealTime, SteppedTime, Time
from ivr.simulator.handset import Misuse, Telephone
from ivr.simulator.heard import Heard
from ivr.simulator.network import Simulator
from ivr.simulator.people import Answers, Busy, Chance, Declines, Fax, NoAnswer, NotInService, Voicemail
from ivr.simulator.records import Exchange, Message, Number

__all__ = [
    "Answers",
    "Busy",
    "Chance",
    "Declines",
    "Exchange",
    "Fax",
    "Heard",
    "Message",
    "Misuse",
    "NoAnswer",
    "NotInService",
    "Number",
    "RealTime",
    "Simulator",
    "SteppedTime",
    "Telephone",
    "Time",
    "Voicemail",
]

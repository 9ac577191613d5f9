"""``center.yaml``: what holds for every call of the centre, one subject a file."""

from flows.center.center import E164, PATH, Center, read_center
from flows.center.queues import Queue, ServiceLevel
from flows.center.waiting import Announce, Callbacks, JoinWhen, LeaveWhen, Told

__all__ = [
    "E164",
    "PATH",
    "Announce",
    "Callbacks",
    "Center",
    "JoinWhen",
    "LeaveWhen",
    "Queue",
    "ServiceLevel",
    "Told",
    "read_center",
]

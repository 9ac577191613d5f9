"""The kinds of step, one a file, named by the word a flow's author types.

A kind is a module with

- ``KEY``, the word, ``VALUE``, the shape of what stands beside it, and ``OPTIONS``, the other keys its step may have,
  each with its shape (none of them the word of another kind),
- ``WAITS``, whether it listens to the caller,
- ``read(form, thing)``, which makes the step from what the author wrote; ``thing`` is the value beside the word,
- a docstring with one complete example, which a test loads.

To add one, copy the smallest sibling and name it in ``KINDS``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from flows.kinds import (
    branch,
    callback,
    collect,
    hangup,
    hours,
    http,
    lookup,
    menu,
    note,
    pause,
    play,
    queue,
    record,
    say,
    sms,
    subflow,
    survey,
    switch,
    transfer,
    voicemail,
)
from flows.kinds import (
    set as set_step,
)

if TYPE_CHECKING:
    from flows.form import Form
    from flows.shapes import Options, Shape
    from flows.source import Node
    from flows.walk import Step


class Kind(Protocol):
    """What a module in this folder offers."""

    @property
    def KEY(self) -> str:  # noqa: N802 - a constant of the module
        """The word."""

    @property
    def VALUE(self) -> Shape:  # noqa: N802 - a constant of the module
        """What stands beside the word."""

    @property
    def OPTIONS(self) -> Options:  # noqa: N802 - a constant of the module
        """The other keys its step may have."""

    @property
    def WAITS(self) -> bool:  # noqa: N802 - a constant of the module
        """Does it listen to the caller."""

    def read(self, form: Form, thing: Node) -> Step:
        """The step that the author described, usable whatever is wrong with the description."""


KINDS: dict[str, Kind] = {
    "say": say,
    "play": play,
    "pause": pause,
    "menu": menu,
    "collect": collect,
    "set": set_step,
    "branch": branch,
    "switch": switch,
    "hours": hours,
    "lookup": lookup,
    "http": http,
    "queue": queue,
    "callback": callback,
    "voicemail": voicemail,
    "record": record,
    "transfer": transfer,
    "sms": sms,
    "survey": survey,
    "subflow": subflow,
    "note": note,
    "hangup": hangup,
}

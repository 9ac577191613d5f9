"""The one error a command shows to people."""

from __future__ import annotations


class CannotRun(Exception):  # noqa: N818 - it reads as what it says to the person: "ivr: cannot run ..."
    """The command could not do what it was asked: the text names the thing, the place and what to do next; exit 2."""

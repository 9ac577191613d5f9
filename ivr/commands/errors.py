"""The one error a command shows to people, and the settings every command begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ivr.settings import SettingsError, read_settings

if TYPE_CHECKING:
    from ivr.settings import Settings


class CannotRun(Exception):  # noqa: N818 - it reads as what it says to the person: "ivr: cannot run ..."
    """The command could not do what it was asked: the text names the thing, the place and what to do next; exit 2."""


def settings_or_refuse() -> Settings:
    """The settings, or a refusal that names every variable that cannot be used."""
    try:
        return read_settings()
    except SettingsError as error:
        raise CannotRun(f"these settings cannot be used:\n{error}") from error

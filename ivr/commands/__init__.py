"""The ``ivr`` command: one file for each of its words.

Exit status everywhere: 0 fine, 1 the thing asked about has problems, 2 could not run. A command that cannot run raises
``CannotRun`` with a sentence that says what is wrong and what to do; nobody sees a stack trace.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

import typer

from ivr.commands.errors import CannotRun

if TYPE_CHECKING:
    from collections.abc import Mapping

# word → what its file calls it; the file has the word's name. In the order in which ``ivr --help`` shows them.
WORDS: Mapping[str, str] = {
    "demo": "demo",
    "serve": "serve",
    "call": "call",
    "flows": "app",
    "hours": "app",
    "queues": "app",
    "agents": "app",
    "customers": "app",
    "doctor": "doctor",
    "simulator": "simulator",
}


def make_cli(typed: str = "") -> typer.Typer:
    """The command line; with only the word that was ``typed``, since some take longer to import than to run."""
    cli = typer.Typer(
        name="ivr",
        help="Cordboard: a telephone answering and call-routing server.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    cli.callback()(_cordboard)
    for word in [typed] if typed in WORDS else WORDS:
        found = getattr(import_module(f"ivr.commands.{word}"), WORDS[word])
        if isinstance(found, typer.Typer):
            cli.add_typer(found, name=word)
        else:
            cli.command(word)(found)
    return cli


def _cordboard() -> None:
    """Cordboard: a telephone answering and call-routing server."""


def main() -> None:
    """Run the command line; the entry point of ``ivr`` and of ``python -m ivr``."""
    try:
        make_cli(next(iter(sys.argv[1:]), ""))()
    except CannotRun as error:
        print(f"ivr: {error}", file=sys.stderr)
        sys.exit(2)

"""The ``ivr`` command: one file for each of its words.

Exit status everywhere: 0 fine, 1 the thing asked about has problems, 2 could not run. A command that cannot run raises
``CannotRun`` with a sentence that says what is wrong and what to do; nobody sees a stack trace.
"""

from __future__ import annotations

import sys

import typer

from ivr.commands.errors import CannotRun

app = typer.Typer(
    name="ivr",
    help="Cordboard: a telephone answering and call-routing server.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def main() -> None:
    """Run the command line; the entry point of ``ivr`` and of ``python -m ivr``."""
    try:
        app()
    except CannotRun as error:
        print(f"ivr: {error}", file=sys.stderr)
        sys.exit(2)

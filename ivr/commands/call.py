"""``ivr call``: ring a number of a running server's simulator, and talk with it in the terminal."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Annotated

import typer
from rich.console import Console

from ivr.commands.errors import CannotRun
from ivr.settings import SettingsError, read_settings
from ivr.telephone.conversation import Conversation, as_json, by_hand, by_script, listed, piped
from ivr.telephone.finding import find_simulator
from ivr.telephone.handset import NoTelephone, connect
from ivr.telephone.screen import Screen
from ivr.telephone.script import Input, read_script

CALLER = "+12025550143"


def call(
    to: Annotated[str, typer.Argument(help="the number to ring, E.164; not with --wait")] = "",
    from_: Annotated[str, typer.Option("--from", help="the number the call comes from, or that waits")] = CALLER,
    wait: Annotated[bool, typer.Option("--wait", help="wait to be called, and answer")] = False,
    script: Annotated[
        str | None, typer.Option(help='what to do, one input a question: 1 12345# "my bill" wait hangup')
    ] = None,
    as_document: Annotated[bool, typer.Option("--json", help="print one JSON document and nothing else")] = False,
    simulator: Annotated[str, typer.Option(help="the simulator's address; the running server's if not given")] = "",
) -> None:
    """A telephone in the terminal: type keys; type " and words and Enter to speak; Ctrl-C hangs up."""
    if wait == bool(to):
        raise CannotRun("give the number to ring, or --wait to be called")
    try:
        inputs = None if script is None else read_script(script)
        settings = read_settings()
        url = find_simulator(given=simulator, configured=settings.twilio_api_url, data_dir=settings.data_dir)
        talk = asyncio.run(_talk(url, to, from_, inputs, shows=not as_document))
    except (NoTelephone, SettingsError, ValueError) as error:
        raise CannotRun(str(error)) from error
    if as_document:
        print(json.dumps(as_json(talk, to=to, from_=from_), indent=2, ensure_ascii=False))
    if not (talk.was_answered and talk.ending == "completed"):
        raise typer.Exit(1)


async def _talk(url: str, to: str, from_: str, inputs: list[Input] | None, *, shows: bool) -> Conversation:
    """The call from dialling to its end; scripted ones do not take the time that speech takes.

    Without ``to`` it is one that comes in at ``from_``.
    """
    async with connect(url) as handset:
        talk = Conversation(handset)
        if to:
            await handset.dial(to, from_=from_, pace="natural" if inputs is None else "instant")
        else:
            await handset.register(from_)
        if not shows:
            await _converse(talk, inputs)
            return talk
        with Screen(Console(highlight=False), to, own=from_) as talk.screen:
            await _converse(talk, inputs)
    return talk


async def _converse(talk: Conversation, inputs: list[Input] | None) -> None:
    try:
        if inputs is not None:
            await by_script(talk, listed(inputs))
        elif sys.stdin.isatty():
            await by_hand(talk)
        else:
            await by_script(talk, piped())
    except asyncio.CancelledError:
        talk.ending = talk.ending or "canceled"

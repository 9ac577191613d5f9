"""``ivr flows publish | versions | show | rollback``: what callers hear, and what they heard before.

A workspace goes live only by being published, and only when it has no mistake. Nothing that was published changes
afterwards; calls under way stay on the version that they began with.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from flows.problems import as_data, render
from ivr.commands.errors import CannotRun, settings_or_refuse
from ivr.commands.store import Store, user, with_store
from ivr.programs import Published, Refused
from ivr.supervisor import announce_ready
from ivr.versions import NOTHING, SHOWN, Act, Audited, Overtaken, Unnamed, Version, before_live, changes
from ivr.watching import watch
from ivr.workspace import WorkspaceError, read_workspace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ivr.workspace import Workspace

HISTORY = 50
MOST_MESSAGE = 500  # characters; what changed and why, not a letter

WorkspaceArgument = Annotated[
    Path | None, typer.Argument(help="The folder that holds center.yaml; else IVR_WORKSPACE, else the sample.")
]
VersionArgument = Annotated[str, typer.Argument(help="A number (v12), the beginning of a hash, or live.")]
MessageOption = Annotated[str, typer.Option("--message", "-m", help="What changes, and why: for the record.")]
ByOption = Annotated[str, typer.Option("--by", help="Who does it, for the record; your user name if not given.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
IfLiveOption = Annotated[
    str, typer.Option("--if-live", help="Only if this version is still live (v12, a hash), or none: nothing is.")
]


def publish(
    workspace: WorkspaceArgument = None,
    *,
    message: MessageOption = "",
    by: ByOption = "",
    if_live: IfLiveOption = "",
    watching: Annotated[bool, typer.Option("--watch", help="Publish again whenever a file is saved.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a workspace live if it has no mistake; calls under way stay on the version that they began with."""
    folder = settings_or_refuse().workspace if workspace is None else workspace
    act = Act(by or user(), _said(message), if_live=if_live)
    if watching:
        with_store("ivr-publish", lambda store: _publish_on_save(store, folder, act))
        return
    found = _read(folder)

    async def publishing(store: Store) -> tuple[Published | Refused, str]:
        return await _publish(store, found, act)

    outcome, changed = with_store("ivr-publish", publishing)
    _tell(outcome, changed, found.files, as_json=as_json)


def rollback(
    version: Annotated[
        str, typer.Argument(help="A number (v12) or the beginning of a hash; else the one before.")
    ] = "",
    *,
    message: MessageOption = "",
    by: ByOption = "",
    if_live: IfLiveOption = "",
    as_json: JsonOption = False,
) -> None:
    """Make an older version live again, by default the one before the one that is."""

    async def rolling_back(store: Store) -> tuple[Published | Refused, str, Mapping[str, str]]:
        versions = await store.versions.all()
        chosen = _found(await store.versions.named(version) if version else before_live(versions))
        # Two who roll back at once go back once: what each saw live has to be live still.
        seen = await _expected(store, if_live) or next((one.program for one in versions if one.live), NOTHING)
        before = await store.versions.source(seen) or {}
        act = Act(by or user(), _said(message), "rolled back", seen)
        outcome = await store.programs.bring_back(chosen.program, act)
        if outcome is None:
            raise CannotRun(f"{chosen.name} is not kept any more; ivr flows versions lists those that are")
        files = await store.versions.source(chosen.program) or {}
        return await _not_overtaken(store, outcome), changes(before, files), files

    outcome, changed, files = with_store("ivr-rollback", rolling_back)
    _tell(outcome, changed, {path: text.encode() for path, text in files.items()}, as_json=as_json)


def versions(
    *,
    history: Annotated[bool, typer.Option("--history", help="Who made what live, rollbacks too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List what has been published, newest first; the live one is marked."""
    found, entries = with_store("ivr-versions", _listed)
    rows = entries if history else found
    if as_json:
        print(json.dumps([asdict(one) for one in rows], indent=2, ensure_ascii=False))
    elif not rows:
        print("nothing has been published; ivr flows publish")
    else:
        table = _history(entries) if history else _table(found)
        Console(highlight=False, markup=False, soft_wrap=True).print(table)


def show(
    version: VersionArgument,
    path: Annotated[str, typer.Argument(help="A file, such as flows/main.yaml; else they are listed.")] = "",
    *,
    as_json: JsonOption = False,
) -> None:
    """Print a file as it was published, or list a version's files."""

    async def showing(store: Store) -> tuple[Version, dict[str, str], dict[str, str]]:
        chosen = _found(await store.versions.named(version))
        files = await store.versions.source(chosen.program) or {}
        return chosen, files, await store.versions.audio(chosen.program)

    chosen, files, audio = with_store("ivr-show", showing)
    if path and path not in files:
        there = ", ".join(sorted(files))
        raise CannotRun(f'{chosen.name} has no file "{path}"; it has {there}')
    if as_json:
        shown = {path: files[path]} if path else files
        print(json.dumps({**asdict(chosen), "files": shown, "audio": audio}, indent=2, ensure_ascii=False))
    elif path:
        sys.stdout.write(files[path])
    else:
        print(
            f"{chosen.name} {chosen.program[:SHOWN]}, {_when(chosen.published_ms)} by {chosen.author}: {chosen.message}"
        )
        for name, text in sorted(files.items()):
            print(f"  {name}  {text.count(chr(10)):,} lines")
        for name in sorted(audio):
            print(f"  {name}")


# ---------------------------------------------------------------------- doing it


async def _listed(store: Store) -> tuple[list[Version], list[Audited]]:
    return await store.versions.all(), await store.versions.audit(HISTORY)


async def _publish(store: Store, workspace: Workspace, act: Act) -> tuple[Published | Refused, str]:
    """What became of it, and what is different from what was live."""
    if_live = await _expected(store, act.if_live)
    outcome = await store.programs.publish(workspace, author=act.by, message=act.message, if_live=if_live)
    outcome = await _not_overtaken(store, outcome)
    if isinstance(outcome, Refused):
        return outcome, ""
    before = await store.versions.source(outcome.replaced) or {}
    after = await store.versions.source(outcome.program.id) or {}
    changed = changes(before, after)
    heard = "recordings changed" if await _sounds_differ(store, outcome) else ""
    return outcome, heard if heard and changed == changes({}, {}) else ", ".join(filter(None, (changed, heard)))


async def _sounds_differ(store: Store, done: Published) -> bool:
    return await store.versions.audio(done.replaced) != await store.versions.audio(done.program.id)


async def _publish_on_save(store: Store, folder: Path, act: Act) -> None:
    """Until SIGTERM or Ctrl-C."""

    async def take(workspace: Workspace) -> None:
        outcome, changed = await _publish(store, workspace, act)
        if isinstance(outcome, Refused):
            _say(f"{render(outcome.problems, workspace.files)}\nnot published; callers hear what was live before")
        elif outcome.replaced not in {outcome.program.id, NOTHING}:
            _say(_summary(outcome, changed))

    watching = asyncio.ensure_future(watch(folder, take, _say))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, watching.cancel)
    announce_ready()
    with suppress(asyncio.CancelledError):
        await watching


async def _expected(store: Store, name: str) -> str:
    """The id of the version that has to be live."""
    if name in {"", NOTHING}:
        return name
    return _found(await store.versions.named(name)).program


async def _not_overtaken(store: Store, outcome: Published | Refused | Overtaken) -> Published | Refused:
    """What became of it; refused by name when another version went live meanwhile."""
    if not isinstance(outcome, Overtaken):
        return outcome
    if outcome.live == NOTHING:
        raise CannotRun("nothing is live; publish without --if-live, or with --if-live none")
    live = next(one for one in await store.versions.all() if one.program == outcome.live)
    told = f"{live.name}, {_when(live.published_ms)} by {live.author}: {live.message}".rstrip(": ")
    raise CannotRun(f"another version is live ({told}); look at it (ivr flows show {live.name}), then publish on it")


def _found(version: Version | Unnamed) -> Version:
    if isinstance(version, Unnamed):
        raise CannotRun(f"{version.why}; ivr flows versions lists them")
    return version


def _said(message: str) -> str:
    text = " ".join(message.split())
    if len(text) > MOST_MESSAGE:
        raise CannotRun(f"the message has {len(text)} characters; at most {MOST_MESSAGE} are kept")
    return text


def _read(folder: Path) -> Workspace:
    try:
        return read_workspace(folder)
    except WorkspaceError as error:
        raise CannotRun(str(error)) from error


# ---------------------------------------------------------------------- telling it


def _tell(outcome: Published | Refused, changed: str, files: Mapping[str, bytes], *, as_json: bool) -> None:
    """Print what became of it; exit 1 when it was refused for its mistakes."""
    if isinstance(outcome, Refused):
        refused = {"published": False, "problems": [as_data(one) for one in outcome.problems]}
        print(json.dumps(refused, indent=2) if as_json else f"{render(outcome.problems, files)}\nnot published")
        raise typer.Exit(1)
    if as_json:
        data: dict[str, Any] = {"published": outcome.replaced != outcome.program.id, "number": outcome.number}
        data |= {"program": outcome.program.id, "replaced": outcome.replaced, "changed": changed}
        print(json.dumps(data, indent=2))
    elif outcome.replaced == outcome.program.id:
        print(f"v{outcome.number} is live already; nothing changes")
    else:
        print(_summary(outcome, changed))


def _summary(outcome: Published, changed: str) -> str:
    return f"published v{outcome.number}: {changed}"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _when(at_ms: int) -> str:
    """A time on the clock of whoever reads it."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone().isoformat(sep=" ", timespec="minutes")


def _table(found: list[Version]) -> Table:
    table = Table("", "version", "hash", "published", "by", "message", box=None, pad_edge=False)
    for one in found:
        live = "live" if one.live else ""
        table.add_row(live, one.name, one.program[:SHOWN], _when(one.published_ms), one.author, one.message)
    return table


def _history(entries: list[Audited]) -> Table:
    table = Table("at", "by", "did", "version", "message", box=None, pad_edge=False)
    for one in entries:
        table.add_row(_when(one.at_ms), one.by, one.did, f"v{one.number}", one.message)
    return table

"""``ivr doctor``: looks at everything a server needs, and says of each what is wrong and what to do."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import aiohttp
import orjson
import typer
from rich.console import Console
from rich.table import Table

from flows.program import compile_program
from ivr import keys
from ivr.clock import parse_clock
from ivr.commands.errors import settings_or_refuse
from ivr.timeline.address import FILE, database_url
from ivr.twilio.rest import TwilioRest
from ivr.twilio.rest_errors import RestError, RestRefusedError
from ivr.valkey import EngineError, NoServerRuns, find_binary, socket_url
from ivr.workspace import WorkspaceError, read_workspace
from routing.redis import Redis, RedisError, masked

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ivr.settings import Settings

# One clock for all machines (design, "One clock"): half a second is what offers and timers stand.
MOST_CLOCK_MS = 500
UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: ``ok``, ``note`` (works, but look at it) or ``wrong``, and in words why and what to do."""

    subject: str
    state: Literal["ok", "note", "wrong"]
    text: str


def doctor(*, as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False) -> None:
    """Check settings, workspace, data folder, Redis, clock, database, public address and Twilio credentials."""
    settings = settings_or_refuse()
    findings = asyncio.run(_all(settings))
    if as_json:
        print(orjson.dumps(findings, option=orjson.OPT_INDENT_2).decode())
    else:
        _show(findings)
    if any(finding.state == "wrong" for finding in findings):
        raise typer.Exit(1)


async def _all(settings: Settings) -> list[Finding]:
    findings = [_workspace(settings), _data_dir(settings)]
    findings += [finding async for finding in _redis(settings)]
    findings.append(await _database(settings))
    findings.append(await _public_url(settings))
    findings.append(await _twilio(settings))
    return findings


def _workspace(settings: Settings) -> Finding:
    try:
        workspace = read_workspace(settings.workspace)
    except WorkspaceError as error:
        return Finding("workspace", "wrong", f"{error}; set IVR_WORKSPACE to a folder with center.yaml")
    compiled = compile_program(workspace.files, workspace.audio)
    if compiled.program is None:
        return Finding("workspace", "wrong", f"{settings.workspace} has problems; see them: ivr flows check")
    return Finding("workspace", "ok", f'"{compiled.program.center.name}" in {settings.workspace} checks clean')


def _data_dir(settings: Settings) -> Finding:
    folder = settings.data_dir.absolute()
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        return Finding("data folder", "wrong", f"{existing} cannot be written; set IVR_DATA_DIR to a folder of yours")
    return Finding("data folder", "ok", f"{folder}" if folder.exists() else f"{folder} will be made")


async def _redis(settings: Settings) -> AsyncIterator[Finding]:
    url = settings.redis_url
    if not settings.redis_url:
        try:
            binary = find_binary(settings.valkey_bin)
        except EngineError as error:
            yield Finding("embedded engine", "wrong", str(error))
            return
        yield Finding("embedded engine", "ok", str(binary))
        try:
            url = socket_url(settings.data_dir)
        except NoServerRuns as error:
            yield Finding("Redis", "note", str(error))
            return
    try:
        redis = await Redis.connect(url, name="ivr-doctor")
    except (RedisError, ValueError) as error:
        state: Literal["note", "wrong"] = "wrong" if settings.redis_url else "note"
        yield Finding("Redis", state, f"{error}; check IVR_REDIS_URL" if settings.redis_url else str(error))
        return
    try:
        yield await _servers(redis)
        yield await _clock(settings, redis)
        live = await redis.execute("GET", keys.PROGRAM_LIVE)
        yield Finding(
            "live program", "ok" if live else "note", live.decode()[:12] if live else "none; `ivr serve` publishes one"
        )
    finally:
        await redis.close()


async def _servers(redis: Redis) -> Finding:
    try:
        return Finding("Redis", "ok", f"{redis.shown_url}: {await redis.describe()}")
    except RedisError as error:
        return Finding("Redis", "wrong", f"{error}; look at that server")


async def _clock(settings: Settings, redis: Redis) -> Finding:
    if settings.clock:
        return Finding("clock", "note", f"simulated time: IVR_CLOCK={settings.clock}")
    now_ms = parse_clock("").now_ms
    apart_ms = 0
    for seconds, microseconds in await redis.everywhere("TIME"):
        apart_ms = max(apart_ms, abs(int(seconds) * 1000 + int(microseconds) // 1000 - now_ms()))
    if apart_ms > MOST_CLOCK_MS:
        return Finding("clock", "wrong", f"{apart_ms} ms apart from Redis' host; let both follow a time server (NTP)")
    return Finding("clock", "ok", f"{apart_ms} ms apart from Redis' host")


async def _database(settings: Settings) -> Finding:
    """The timeline's database; nothing is made or changed in it."""
    file = settings.data_dir / FILE
    if not settings.database_url and not file.exists():
        return Finding("database", "ok", f"{file} will be made")
    from ivr.timeline.database import UNAVAILABLE, Database, reason_of
    from ivr.timeline.migrating import NEWEST, version_of

    database = Database(database_url(settings.database_url, settings.data_dir))
    try:
        shown = masked(settings.database_url) if settings.database_url else str(file)
        found = await version_of(database)
        if found > NEWEST:
            return Finding("database", "wrong", f"{shown} was made by a later version ({found}); start that one")
        return Finding("database", "ok", shown if found == NEWEST else f"{shown}; `ivr serve` brings it up to date")
    except UNAVAILABLE as error:
        return Finding(
            "database", "wrong", f"{reason_of(error)}; check IVR_DATABASE_URL: calls go on without customers"
        )
    finally:
        await database.close()


async def _public_url(settings: Settings) -> Finding:
    if not settings.public_url:
        return Finding(
            "public address", "note", "IVR_PUBLIC_URL is not set: only a simulator on this machine can reach the server"
        )
    if not settings.public_url.startswith("https://"):
        return Finding("public address", "note", f"{settings.public_url} is not https: calls' data travels openly")
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session,
            session.get(f"{settings.public_url}/healthz", allow_redirects=False) as response,
        ):
            if response.status == 200 and (await response.text()).strip() == "ok":
                return Finding("public address", "ok", f"{settings.public_url} reaches this server")
            what = f"answered {response.status}, not this server's /healthz"
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        what = f"cannot be reached ({type(error).__name__})"
    return Finding("public address", "wrong", f"{settings.public_url} {what}; start the server, check tunnel and proxy")


async def _twilio(settings: Settings) -> Finding:
    if not settings.twilio_account_sid or not settings.twilio_auth_token:
        return Finding(
            "Twilio",
            "wrong",
            "set IVR_TWILIO_ACCOUNT_SID and IVR_TWILIO_AUTH_TOKEN (console.twilio.com); or `ivr demo`",
        )
    rest = TwilioRest(settings)
    try:
        return Finding("Twilio", "ok", f'account "{await rest.account_name()}" at {settings.twilio_api_url}')
    except RestRefusedError as error:
        if error.status == UNAUTHORIZED:
            return Finding("Twilio", "wrong", "the account SID and the auth token do not belong together")
        return Finding("Twilio", "wrong", str(error))
    except RestError as error:
        return Finding("Twilio", "wrong", f"{settings.twilio_api_url} cannot be asked: {error}")
    finally:
        await rest.close()


def _show(findings: list[Finding]) -> None:
    marks = {"ok": "[green]ok[/]", "note": "[yellow]note[/]", "wrong": "[red bold]wrong[/]"}
    table = Table(box=None, show_header=False, padding=(0, 1))
    for finding in findings:
        table.add_row(marks[finding.state], finding.subject, finding.text)
    Console().print(table)

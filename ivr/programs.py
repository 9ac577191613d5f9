"""Programs: published workspaces in Redis, compiled once in each process, named by their content hash.

``live`` is what new calls begin on. A published program never changes; publishing another moves one key, and every
process follows within ``WATCH_S``. Calls under way ask for the program they began with by its id.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from flows.demands import SEALING, SECRET
from flows.problems import Problem
from flows.program import compile_program
from ivr import keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flows.program import Program
    from ivr.clock import Clock
    from ivr.sealing import Vault
    from ivr.workspace import Workspace
    from routing.redis import Redis

log = structlog.get_logger()

WATCH_S = 1.0
# Programs that a process keeps compiled: more are never in use at once, and one that was dropped is compiled again.
MOST_KNOWN = 16


@dataclass(frozen=True, slots=True)
class Refused:
    """A workspace with mistakes was not published; nothing changed."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Published:
    """The workspace is live under its id."""

    program: Program


def lacking(program: Program, vault: Vault) -> tuple[Problem, ...]:
    """A problem for each setting that the program needs and this process does not have."""
    problems = []
    for need in program.needs:
        if need.sort == SECRET and not vault.has_secret(need.name):
            message = f'IVR_SECRET_{need.name.upper()} is not set, and "secret.{need.name}" is sent here'
            problems.append(Problem(need.path, need.line, need.column, message, "missing-secret"))
        elif need.sort == SEALING and not vault.can_seal:
            message = f'IVR_SECRET_KEY is not set, and "{need.name}" is to be sealed with it; openssl rand -hex 32'
            problems.append(Problem(need.path, need.line, need.column, message, "missing-key"))
    return tuple(problems)


class Programs:
    """The programs this process knows; ``live`` is None until one is published."""

    def __init__(self, redis: Redis, clock: Clock, vault: Vault) -> None:
        self._redis = redis
        self._vault = vault
        self._clock = clock
        self._known: dict[str, Program] = {}
        self._loading: dict[str, asyncio.Task[Program | None]] = {}
        self._broken: set[str] = set()
        self.live: Program | None = None

    def known(self, program_id: str) -> Program | None:
        """The program with this id if this process has compiled it."""
        return self._known.get(program_id)

    async def get(self, program_id: str) -> Program | None:
        """The program with this id, compiled at first use; None when Redis does not have it."""
        if program_id in self._known:
            return self._known[program_id]
        if program_id in self._broken:
            return None
        # Many calls may ask for a program at once, after a restart: compile it once for all of them.
        task = self._loading.get(program_id)
        if task is None:
            task = self._loading[program_id] = asyncio.create_task(self._load(program_id))
            task.add_done_callback(lambda _done: self._loading.pop(program_id, None))
        return await asyncio.shield(task)

    async def _load(self, program_id: str) -> Program | None:
        reply = await self._redis.execute("HMGET", keys.program(program_id), "files", "audio")
        files, audio = reply
        if files is None or audio is None:
            return None
        sources = {path: text.encode() for path, text in orjson.loads(files).items()}
        compiled = await asyncio.to_thread(compile_program, sources, orjson.loads(audio))
        if compiled.program is None:
            # A newer version's checks may refuse what an older one published; looking again would not help.
            self._broken.add(program_id)
            log.error("program_does_not_compile", program=program_id, problems=[str(one) for one in compiled.problems])
            return None
        self._keep(compiled.program)
        return compiled.program

    def _keep(self, program: Program) -> None:
        self._known[program.id] = program
        spare = [one for one in self._known.values() if one is not self.live and one is not program]
        for oldest in spare[: max(0, len(self._known) - MOST_KNOWN)]:
            del self._known[oldest.id]

    async def refresh(self) -> None:
        """Take up what is live now."""
        live = await self._redis.execute("GET", keys.PROGRAM_LIVE)
        if live is None:
            return
        live_id = live.decode()
        if self.live is None or self.live.id != live_id:
            program = await self.get(live_id)
            if program is not None:
                for problem in self.lacking(program):  # published where it was not lacking; calls must go on
                    log.error("program_lacks", problem=str(problem))
                self.live = program
                log.info("program_live", program=live_id[:12], name=program.center.name)

    async def watch(self) -> None:
        """Follow what is live until cancelled."""
        while True:
            await asyncio.sleep(WATCH_S)
            try:
                await self.refresh()
            except Exception as error:  # whatever one look met, the next one follows
                log.warning("program_watch_failed", error=str(error))

    def lacking(self, program: Program) -> tuple[Problem, ...]:
        """What the program needs of the settings and does not find, each with its place in the flow."""
        return lacking(program, self._vault)

    async def nothing_is_live(self) -> bool:
        """Whether Redis knows no program to answer with; one that this version cannot compile is one all the same."""
        live = await self._redis.execute("GET", keys.PROGRAM_LIVE)
        return live is None or not await self._redis.execute("EXISTS", keys.program(live.decode()))

    async def publish(self, workspace: Workspace, *, author: str, message: str) -> Published | Refused:
        """Make the workspace live if it checks clean and lacks no setting; else, or live already, change nothing."""
        compiled = await asyncio.to_thread(compile_program, workspace.files, workspace.audio)
        if compiled.program is None:
            return Refused(compiled.problems)
        program = compiled.program
        problems = self.lacking(program)
        if problems:
            return Refused(problems)
        if not await self._is_live(program.id):
            await self._store(program, workspace, author, message)
        self._keep(program)
        self.live = program
        return Published(program)

    async def _is_live(self, program_id: str) -> bool:
        live, there = await self._answers(("GET", keys.PROGRAM_LIVE), ("EXISTS", keys.program(program_id)))
        return bool(live == program_id.encode() and there)

    async def _store(self, program: Program, workspace: Workspace, author: str, message: str) -> None:
        commands: list[tuple[Any, ...]] = [
            ("HSET", keys.audio(audio_hash), "type", audio_type(path), "bytes", workspace.sounds[audio_hash])
            for path, audio_hash in workspace.audio.items()
        ]
        commands.append(("HSET", keys.program(program.id), *self._fields(workspace, author, message)))
        await self._answers(*commands)
        # Last, when all that it names is there: whoever sees the new id finds the whole program. Of several processes
        # that publish the same at once, one counts it as a version.
        if await self._redis.execute("SET", keys.PROGRAM_LIVE, program.id, "GET") != program.id.encode():
            await self._redis.execute("LPUSH", keys.PROGRAM_VERSIONS, program.id)

    async def _answers(self, *commands: tuple[Any, ...]) -> list[Any]:
        """The replies to all commands; raises the first refusal."""
        replies = await self._redis.pipeline(commands)
        for reply in replies:
            if isinstance(reply, Exception):
                raise reply
        return replies

    def _fields(self, workspace: Workspace, author: str, message: str) -> tuple[str | bytes | int, ...]:
        files: Mapping[str, str] = {path: text.decode() for path, text in workspace.files.items()}
        return (
            *("files", orjson.dumps(files), "audio", orjson.dumps(dict(workspace.audio))),
            *("author", author, "message", message, "published_ms", self._clock.now_ms()),
        )

    async def audio(self, audio_hash: str) -> tuple[str, bytes] | None:
        """A prompt's content type and bytes; None when no published program has it."""
        kind, content = await self._redis.execute("HMGET", keys.audio(audio_hash), "type", "bytes")
        return None if kind is None or content is None else (kind.decode(), content)


AUDIO_TYPES = {".wav": "audio/wav", ".mp3": "audio/mpeg", ".ulaw": "audio/ulaw", ".gsm": "audio/gsm"}


def audio_type(path: str) -> str:
    """The content type that the provider plays a file of this name as (twilio.com, ``<Play>``, "Supported types")."""
    return AUDIO_TYPES.get(path[path.rfind(".") :].lower(), "application/octet-stream")

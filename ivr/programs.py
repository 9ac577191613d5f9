"""Programs: published workspaces in Redis, compiled once in each process, named by their content hash.

``live`` is what new calls begin on. A published program never changes; publishing another moves one key, and every
process follows within ``WATCH_S``. Calls under way ask for the program they began with by its id.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
import structlog

from flows.center import PATH
from flows.demands import SEALING, SECRET
from flows.kinds.queue import HOLD_MUSIC
from flows.problems import Problem
from flows.program import compile_program, is_flow
from ivr import keys
from ivr.registering import register_program
from ivr.settings import SAMPLE_WORKSPACE
from ivr.versions import Act, Live, Overtaken, Versions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flows.program import Program
    from ivr.clock import Clock
    from ivr.sealing import Vault
    from ivr.workspace import Workspace
    from routing.redis import Redis, Reply

log = structlog.get_logger()

WATCH_S = 1.0
# Programs that a process keeps compiled: more are never in use at once, and one that was dropped is compiled again.
MOST_KNOWN = 16
# What a queue without music of its own plays.
BUILT_IN_MUSIC = SAMPLE_WORKSPACE / "prompts" / "any" / "hold.wav"


@dataclass(frozen=True, slots=True)
class Refused:
    """A workspace with mistakes was not published; nothing changed."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Published:
    """The program is live; ``replaced`` is the id of the one that was, its own when it was live already."""

    program: Program
    number: int
    replaced: str


def lacking(program: Program, vault: Vault) -> tuple[Problem, ...]:
    """A problem for each setting that the program needs and this process does not have."""
    problems = []
    for need in program.needs:
        if need.sort == SECRET and not vault.has_secret(need.name):
            message = f'IVR_SECRET_{need.name.upper()} is not set, and "secret.{need.name}" is sent here'
            problems.append(Problem(need.path, need.line, need.column, message, "missing-secret"))
        elif need.sort == SEALING and not vault.can_seal:
            message = f'IVR_SECRET_KEY is not set, and "{need.name}" is to be sealed with it; openssl rand -hex 32'
            problems.append(Problem(need.path, need.line, need.column, message, "missing-secret"))
    return tuple(problems)


class Programs:
    """The programs this process knows; ``live`` is None until one is published."""

    def __init__(self, redis: Redis, clock: Clock, vault: Vault) -> None:
        self._redis = redis
        self._vault = vault
        self._clock = clock
        self._versions = Versions(redis, clock)
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
                # Published where it was not lacking; calls must go on.
                for problem in (*self.lacking(program), *await self._register(program, policies=True)):
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

    async def _register(self, program: Program, *, policies: bool) -> tuple[Problem, ...]:
        return await register_program(self._redis, program, self._clock.now_ms(), policies=policies)

    def lacking(self, program: Program) -> tuple[Problem, ...]:
        """What the program needs of the settings and does not find, each with its place in the flow."""
        return lacking(program, self._vault)

    async def nothing_is_live(self) -> bool:
        """Whether Redis knows no program to answer with; one that this version cannot compile is one all the same."""
        live = await self._redis.execute("GET", keys.PROGRAM_LIVE)
        return live is None or not await self._redis.execute("EXISTS", keys.program(live.decode()))

    async def publish(
        self, workspace: Workspace, *, author: str, message: str, if_live: str = ""
    ) -> Published | Refused | Overtaken:
        """Make the workspace live if it checks clean and lacks no setting; else change nothing.

        ``if_live`` is the id of the program that has to be live before, ``none`` for none, empty for whatever it is.
        """
        compiled = await self._proved(workspace.files, workspace.audio)
        if isinstance(compiled, Refused):
            return compiled
        await self._store_sounds(workspace)
        files = {path: text.decode() for path, text in workspace.files.items() if path == PATH or is_flow(path)}
        done = await self._versions.publish(
            compiled.id, files, workspace.audio, Act(author, message, "published", if_live)
        )
        return await self._taken(compiled, done)

    async def bring_back(self, program_id: str, act: Act) -> Published | Refused | Overtaken | None:
        """Make a version live again, which this server has to be able to run; None when it is not there any more."""
        found = await self._versions.source(program_id)
        if found is None:
            return None
        sources, audio = {path: text.encode() for path, text in found.items()}, await self._versions.audio(program_id)
        compiled = await self._proved(sources, audio)
        if isinstance(compiled, Refused):
            return compiled
        done = await self._versions.bring_back(program_id, act)
        return None if done is None else await self._taken(compiled, done)

    async def _proved(self, files: Mapping[str, bytes], audio: Mapping[str, str]) -> Program | Refused:
        """The program, if it has no mistake and lacks no setting."""
        compiled = await asyncio.to_thread(compile_program, files, audio)
        if compiled.program is None:
            return Refused(compiled.problems)
        # What its callers will ask for must be known before it is live, how its queues are run only then.
        problems = self.lacking(compiled.program) or await self._register(compiled.program, policies=False)
        return Refused(problems) if problems else compiled.program

    async def _taken(self, program: Program, done: Live | Overtaken) -> Published | Overtaken:
        """What was made live is what this process answers with from now on."""
        if isinstance(done, Overtaken):
            return done
        for problem in await self._register(program, policies=True):
            log.error("program_lacks", problem=str(problem))
        self._keep(program)
        self.live = program
        return Published(program, done.number, done.replaced)

    async def _store_sounds(self, workspace: Workspace) -> None:
        """First of all, so that whoever sees the new program finds the whole of it."""
        there = await self._answers([("EXISTS", keys.audio(one)) for one in workspace.audio.values()])
        missing = [one for one, is_there in zip(workspace.audio.items(), there, strict=True) if not is_there]
        await self._answers(
            [
                ("HSET", keys.audio(audio_hash), "type", audio_type(path), "bytes", workspace.sounds[audio_hash])
                for path, audio_hash in missing
            ]
        )

    async def _answers(self, commands: Sequence[tuple[str | bytes, ...]]) -> list[Reply]:
        """The replies to all commands; raises the first refusal."""
        replies = await self._redis.pipeline(commands)
        for reply in replies:
            if isinstance(reply, Exception):
                raise reply
        return replies

    async def audio(self, audio_hash: str) -> tuple[str, bytes] | None:
        """A prompt's content type and bytes; None when no published program has it."""
        if audio_hash == HOLD_MUSIC:
            return audio_type(BUILT_IN_MUSIC.name), await asyncio.to_thread(BUILT_IN_MUSIC.read_bytes)
        kind, content = await self._redis.execute("HMGET", keys.audio(audio_hash), "type", "bytes")
        return None if kind is None or content is None else (kind.decode(), content)


AUDIO_TYPES = {".wav": "audio/wav", ".mp3": "audio/mpeg", ".ulaw": "audio/ulaw", ".gsm": "audio/gsm"}


def audio_type(path: str) -> str:
    """The content type that the provider plays a file of this name as (twilio.com, ``<Play>``, "Supported types")."""
    return AUDIO_TYPES.get(path[path.rfind(".") :].lower(), "application/octet-stream")

"""Programs: published whole or not at all, followed by every process, compiled once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import orjson
import pytest

from flows.program import compile_program
from ivr import keys, programs
from ivr.clock import SystemClock
from ivr.programs import MOST_KNOWN, Programs, Published, Refused, audio_type
from ivr.sealing import Vault
from ivr.server import publish_workspace
from ivr.settings import SAMPLE_WORKSPACE, Settings
from ivr.workspace import Workspace, read_workspace
from tests.support.engine import keys_like
from tests.support.workspaces import small_workspace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from routing.redis import Redis


def workspace(**changed: str) -> Workspace:
    """The small workspace, its greeting changed."""
    files = small_workspace()
    for before, after in changed.items():
        files["flows/main.yaml"] = files["flows/main.yaml"].replace(before, after)
    return Workspace({path: text.encode() for path, text in files.items()}, {}, {})


async def published(made: Programs, what: Workspace) -> str:
    outcome = await made.publish(what, author="ana", message="new")
    assert isinstance(outcome, Published)
    return outcome.program.id


@pytest.fixture
def process(redis: Redis) -> Programs:
    """One process's programs."""
    return Programs(redis, SystemClock(), Vault({}, ()))


@pytest.fixture
def other(redis: Redis) -> Programs:
    """Another's, on the same Redis."""
    return Programs(redis, SystemClock(), Vault({}, ()))


async def versions(redis: Redis) -> list[str]:
    return [version.decode() for version in await redis.execute("ZREVRANGE", keys.PROGRAM_VERSIONS, 0, -1)]


async def test_a_published_program_is_live_with_its_author(redis: Redis, process: Programs) -> None:
    """Named by its content, with who, why and when, and first among the versions."""
    program_id = await published(process, workspace())
    author, message = await redis.execute("HMGET", keys.program(program_id), "author", "message")

    assert process.live is not None
    assert process.live.id == program_id == (await redis.execute("GET", keys.PROGRAM_LIVE)).decode()
    assert (author, message, await versions(redis)) == (b"ana", b"new", [program_id])


async def test_a_workspace_with_mistakes_changes_nothing(redis: Redis, process: Programs) -> None:
    """All problems, and what was live stays so."""
    live = await published(process, workspace())
    before = await keys_like(redis)
    outcome = await process.publish(workspace(next="nxt"), author="ana", message="")

    assert isinstance(outcome, Refused)
    assert len(outcome.problems) > 1
    assert process.live is not None
    assert process.live.id == live
    assert (await keys_like(redis), await versions(redis)) == (before, [live])


async def test_the_other_processes_follow(process: Programs, other: Programs) -> None:
    """With the next look; and the same program is not compiled again."""
    await other.refresh()
    for greeting in ("Good morning.", "Good evening."):
        live = await published(process, workspace(Hello=greeting))
        await other.refresh()

        assert other.live is not None
        assert other.live.id == live
        assert other.live is await other.get(live)


async def test_publishing_what_is_live_is_no_new_version(redis: Redis, process: Programs) -> None:
    """A server that publishes at every start must not fill the list of versions."""
    for _time in range(3):
        await published(process, workspace())

    assert len(await versions(redis)) == 1


async def test_two_who_publish_the_same_at_once_make_one_version(
    redis: Redis, process: Programs, other: Programs
) -> None:
    """Two workers of the first start."""
    first, second = await asyncio.gather(published(process, workspace()), published(other, workspace()))

    assert await versions(redis) == [first] == [second]


async def test_many_calls_that_ask_at_once_have_it_compiled_once(process: Programs, other: Programs) -> None:
    """After a restart every call asks for its program; all get the same one."""
    program_id = await published(process, workspace())
    found = await asyncio.gather(*(other.get(program_id) for _call in range(50)))

    assert found[0] is not None
    assert all(one is found[0] for one in found)


async def test_a_lost_program_is_none_until_it_is_there_again(redis: Redis, process: Programs, other: Programs) -> None:
    """An emptied Redis; whoever has it compiled keeps it, and publishing brings it back for all."""
    program_id = await published(process, workspace())
    await redis.execute("DEL", keys.program(program_id))
    await other.refresh()
    lost = (other.live, await other.get(program_id))
    await published(process, workspace())
    await other.refresh()

    assert lost == (None, None)
    assert other.live is not None


async def test_a_process_keeps_no_more_programs_than_it_needs(process: Programs) -> None:
    """A centre that publishes all day must not fill the memory; what was dropped is compiled again when asked for."""
    first = await published(process, workspace())
    last = first
    for number in range(MOST_KNOWN + 3):
        last = await published(process, workspace(Hello=f"Number {number}."))

    assert len(process._known) == MOST_KNOWN
    assert process.known(last) is process.live
    assert process.known(first) is None
    assert await process.get(first) is not None
    assert process.known(last) is process.live


async def break_live(redis: Redis, process: Programs) -> str:
    """What an older version published and this one's checks refuse; its id."""
    program_id = await published(process, workspace())
    files = {path: text.decode() for path, text in workspace(next="nxt").files.items()}
    await redis.execute("HSET", keys.program(program_id), "files", orjson.dumps(files))
    return program_id


async def test_a_live_program_that_no_longer_compiles_is_looked_at_once(
    redis: Redis, process: Programs, other: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calls and the watch ask again and again; compiling it each time would stop everything else."""
    compiled: list[int] = []

    def counting(files: Mapping[str, bytes], audio: Mapping[str, str]) -> object:
        compiled.append(1)
        return compile_program(files, audio)

    monkeypatch.setattr(programs, "compile_program", counting)
    broken = await break_live(redis, process)
    compiled.clear()
    for _time in range(3):
        await other.refresh()

    assert (other.live, await other.get(broken), len(compiled)) == (None, None, 1)


async def test_a_first_start_never_replaces_what_others_published(
    redis: Redis, process: Programs, other: Programs, tmp_path: Path
) -> None:
    """A process that cannot read what is live, or had no Redis when it looked, leaves it alone."""
    broken = await break_live(redis, process)
    (tmp_path / "flows").mkdir()
    for path, text in small_workspace().items():
        (tmp_path / path).write_text(text.replace("Hello there", "Hello again"), encoding="utf-8")
    settings = Settings(workspace=tmp_path)
    await publish_workspace(settings, other, "first")
    kept = await redis.execute("GET", keys.PROGRAM_LIVE)
    await publish_workspace(settings, other, "changed")

    assert kept.decode() == broken
    assert other.live is not None
    assert other.live.id != broken


async def test_of_two_that_start_at_once_the_later_answers_with_the_firsts(process: Programs, other: Programs) -> None:
    """It looked before the other had published; it does not wait for its next look to be ready."""
    await process.refresh()
    live = await published(other, workspace())
    await publish_workspace(Settings(workspace=SAMPLE_WORKSPACE), process, "first")

    assert process.live is not None
    assert process.live.id == live


async def test_a_first_start_publishes_where_nothing_is_live(redis: Redis, process: Programs, tmp_path: Path) -> None:
    """Nothing there, or only the name of a program that is lost."""
    (tmp_path / "flows").mkdir()
    for path, text in small_workspace().items():
        (tmp_path / path).write_text(text, encoding="utf-8")
    for lost in (None, "0" * 64):
        if lost:
            await redis.execute("SET", keys.PROGRAM_LIVE, lost)
        await publish_workspace(Settings(workspace=tmp_path), process, "first")

        assert process.live is not None
        assert (await redis.execute("GET", keys.PROGRAM_LIVE)).decode() == process.live.id


async def test_prompts_are_there_before_the_program_is(redis: Redis, process: Programs) -> None:
    """Each sound under its hash, with its type; nobody's hash is nobody's."""
    sample = read_workspace(SAMPLE_WORKSPACE)
    await published(process, sample)
    (path, audio_hash), *_ = sample.audio.items()

    assert await process.audio(audio_hash) == (audio_type(path), sample.sounds[audio_hash])
    assert await process.audio("0" * 64) is None
    assert await redis.execute("EXISTS", keys.audio(audio_hash)) == 1


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("a/b.wav", "audio/wav"),
        ("B.MP3", "audio/mpeg"),
        ("x.y", "application/octet-stream"),
        ("a.ulaw", "audio/ulaw"),
    ],
)
def test_a_sound_is_served_as_what_it_is(path: str, kind: str) -> None:
    """By its name's ending."""
    assert audio_type(path) == kind

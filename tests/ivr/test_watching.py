"""A folder that is watched: taken when it is whole, and only when something in it is different."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from ivr.watching import watch
from routing.redis import RedisUnavailable
from tests.support.waiting import eventually
from tests.support.workspaces import small_workspace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from ivr.workspace import Workspace

LOOK_S = 0.02


class Watched:
    """A folder under watch: the texts of its flow as they were taken, and what was told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.flow = folder / "flows" / "main.yaml"
        self.taken: list[str] = []
        self.told: list[str] = []
        self.failing = 0

    async def take(self, workspace: Workspace) -> None:
        if self.failing:
            self.failing -= 1
            raise RedisUnavailable("it restarts")
        self.taken.append(workspace.files.get("flows/main.yaml", b"").decode())


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    """The small workspace in a folder."""
    (tmp_path / "flows").mkdir()
    for path, text in small_workspace().items():
        (tmp_path / path).write_text(text, encoding="utf-8")
    return Watched(tmp_path)


@asynccontextmanager
async def watching(watched: Watched) -> AsyncIterator[None]:
    """Watch until the end of the block, from the moment when the folder was first taken."""
    task = asyncio.create_task(watch(watched.folder, watched.take, watched.told.append, look_s=LOOK_S))
    await eventually(lambda: bool(watched.taken or watched.told), "the folder seen")
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_saved_file_is_taken_once(watched: Watched) -> None:
    """Written in place, or beside and then renamed, as editors do."""
    async with watching(watched):
        watched.flow.write_text("one", encoding="utf-8")
        await eventually(lambda: watched.taken[-1] == "one", "the first save")
        beside = watched.folder / "flows" / ".main.yaml.swp"
        beside.write_text("two", encoding="utf-8")
        beside.rename(watched.flow)
        await eventually(lambda: watched.taken[-1] == "two", "the second save")
        (watched.folder / "flows" / "new.yaml").write_text("three", encoding="utf-8")
        await eventually(lambda: watched.taken.count("two") > 1, "the new file")
        watched.flow.unlink()
        await eventually(lambda: watched.taken[-1] == "", "the file gone")

    assert watched.told == []


async def test_a_file_that_is_still_being_written_is_not_taken(watched: Watched) -> None:
    """Between two looks nothing may have moved."""
    async with watching(watched):
        text = ""
        for number in range(40):
            text += f"line {number}\n"
            watched.flow.write_text(text, encoding="utf-8")
            await asyncio.sleep(LOOK_S / 4)
        await eventually(lambda: watched.taken[-1] == text, "the whole file")

    assert len(watched.taken) < 40


async def test_what_the_store_did_not_take_is_offered_again(watched: Watched) -> None:
    """A store that restarts loses no saved file."""
    async with watching(watched):
        watched.failing = 3
        watched.flow.write_text("one", encoding="utf-8")
        await eventually(lambda: watched.taken[-1] == "one", "the save")


async def test_a_folder_that_cannot_be_read_is_told_once_and_looked_at_again(watched: Watched) -> None:
    """A file that leads out of the workspace, mended later."""
    async with watching(watched):
        watched.flow.unlink()
        watched.flow.symlink_to("/etc/hostname")
        await eventually(lambda: bool(watched.told), "the refusal")
        watched.flow.unlink()
        watched.flow.write_text("mended", encoding="utf-8")
        await eventually(lambda: watched.taken[-1] == "mended", "the mended file")

    assert len(watched.told) == 1
    assert "leads out of the workspace" in watched.told[0]

"""A workspace that goes live whenever it is saved and has no mistake.

The folder is looked at twice a second. What counts is when its files were written and how large they are; when nothing
has moved between two looks, it is read. An editor that writes a file anew and renames it, or writes it in pieces, is
seen when it is done; a file that is missing for a moment is looked for again.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from ivr.workspace import WorkspaceError, read_workspace
from routing.redis import RedisError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from ivr.workspace import Workspace

log = structlog.get_logger()

LOOK_S = 0.5
MOST_MISSING = 3  # looks that a folder may be unreadable, while an editor renames, before that is told

Seen = dict[str, tuple[int, int, int]]


async def watch(
    folder: Path, take: Callable[[Workspace], Awaitable[None]], tell: Callable[[str], None], *, look_s: float = LOOK_S
) -> None:
    """Give the workspace to ``take`` at first and after every change, whole each time; until cancelled.

    ``tell`` gets what keeps the folder from being read. When the store cannot be reached ``take`` is called again.
    """
    taken: Seen | None = None
    missing = 0
    seen = look(folder)
    while True:
        await asyncio.sleep(look_s)
        before, seen = seen, look(folder)
        if seen != before or seen == taken:
            continue
        try:
            workspace = await asyncio.to_thread(read_workspace, folder)
            if look(folder) != seen:
                continue  # it was written while it was read
            await take(workspace)
        except WorkspaceError as error:
            missing += 1
            if missing < MOST_MISSING:
                continue
            tell(str(error))
        except RedisError as error:
            log.warning("workspace_not_published", error=str(error))
            continue
        taken, missing = seen, 0


def look(folder: Path) -> Seen:
    """When each file of the folder was written, its size and its number; one that goes meanwhile is left out."""
    seen: Seen = {}
    for path in (folder / "center.yaml", *folder.glob("flows/*"), *folder.glob("prompts/*/*")):
        try:
            stat = path.stat()
        except OSError:
            continue
        seen[str(path)] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
    return seen

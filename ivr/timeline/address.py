"""Where the database is, without loading anything that speaks to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FILE = "timeline.db"
POSTGRESQL = ("postgresql://", "postgres://")


def make_room(configured: str, data_dir: Path) -> None:
    """Make the data folder, and SQLite's file for this user's eyes only: it holds what customers have said.

    Raises OSError.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    if not configured:
        (data_dir / FILE).touch(mode=0o600)


def database_url(configured: str, data_dir: Path) -> str:
    """SQLAlchemy's address of the database: what ``IVR_DATABASE_URL`` says, or SQLite in the data folder."""
    if not configured:
        return f"sqlite+aiosqlite:///{(data_dir / FILE).absolute()}"
    return f"postgresql+asyncpg://{configured.partition('://')[2]}"

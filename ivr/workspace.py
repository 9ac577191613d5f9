"""A workspace folder on disk: what a program is compiled from, read once and whole.

Nothing outside the folder is ever read: a symbolic link that leads out of it is refused. Sizes and counts are capped,
so that the wrong folder given by mistake is an error in a second and not a full memory.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from flows.program import MAX_FILES, is_flow
from flows.scenarios.read import is_scenario

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MAX_TEXT_BYTES = 2 << 20  # one YAML file; the reader of flows refuses more than 1 MiB with a position
MAX_AUDIO_BYTES = 16 << 20  # one recording: half an hour at 8 kHz, more than a provider plays
MAX_BYTES = 512 << 20  # all of a workspace
AUDIO = frozenset({".wav", ".mp3", ".ulaw", ".gsm", ".aiff"})  # what the provider plays (twilio.com, <Play>)


class WorkspaceError(Exception):
    """The folder cannot be read as a workspace; the text names the path and says why."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """``files`` and ``audio`` are what ``compile_program`` takes; ``sounds`` has the bytes behind each audio hash.

    ``scenarios`` are beside it: no part of the program.
    """

    files: Mapping[str, bytes]
    audio: Mapping[str, str]
    sounds: Mapping[str, bytes]
    scenarios: Mapping[str, bytes] = field(default_factory=dict)


def read_workspace(folder: Path) -> Workspace:
    """Read a folder; raises WorkspaceError when it is missing, unreadable, too large or leads elsewhere."""
    if not folder.is_dir():
        raise WorkspaceError(f"{folder} is not a folder; give the folder that holds center.yaml")
    files: dict[str, bytes] = {}
    scenarios: dict[str, bytes] = {}
    audio: dict[str, str] = {}
    sounds: dict[str, bytes] = {}
    budget = _Budget(folder)
    for path, name in _found(folder):
        if path.suffix in AUDIO:
            data = budget.read(path, MAX_AUDIO_BYTES)
            audio[name] = sha256(data).hexdigest()
            sounds[audio[name]] = data
        else:
            (scenarios if is_scenario(name) else files)[name] = budget.read(path, MAX_TEXT_BYTES)
    return Workspace(files, audio, sounds, scenarios)


def _found(folder: Path) -> Iterator[tuple[Path, str]]:
    """The files of a workspace with their names inside it, sorted: ``center.yaml``, flows, scenarios, recordings."""
    candidates = [folder / "center.yaml", *_children(folder / "flows"), *_children(folder / "scenarios")]
    for language in _children(folder / "prompts"):
        candidates += _children(language)
    for path in candidates:
        name = path.relative_to(folder).as_posix()
        is_flow_file = is_flow(name) or path.match("flows/*.yml")  # which the compiler refuses by name
        is_recording = name.startswith("prompts/") and path.suffix in AUDIO
        is_wanted = name == "center.yaml" or is_flow_file or is_recording or is_scenario(name)
        if is_wanted and (path.is_file() or path.is_symlink()):
            yield path, name


def _children(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        raise WorkspaceError(f"{folder} cannot be read: {error.strerror}") from error


@dataclass(slots=True)
class _Budget:
    """What may still be read of one workspace."""

    folder: Path
    files_left: int = MAX_FILES
    bytes_left: int = MAX_BYTES

    def read(self, path: Path, most: int) -> bytes:
        """One file's bytes, if it belongs to the folder and is not too large."""
        self.files_left -= 1
        if self.files_left < 0:
            raise WorkspaceError(f"{self.folder} holds more than {MAX_FILES:,} files; is it a workspace?")
        try:
            if not path.resolve(strict=True).is_relative_to(self.folder.resolve(strict=True)):
                raise WorkspaceError(f"{path} leads out of the workspace; copy the file into it")
            with path.open("rb") as file:
                data = file.read(min(most, self.bytes_left) + 1)
        except (OSError, RuntimeError) as error:  # RuntimeError is what a loop of links raises on Python 3.11
            raise WorkspaceError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
        if len(data) > min(most, self.bytes_left):
            raise WorkspaceError(f"{path} is too large: more than {most:,} bytes, or {MAX_BYTES:,} in all")
        self.bytes_left -= len(data)
        return data

"""Reading a workspace folder: all of it, nothing beside it, and clear words when it cannot be read."""

from __future__ import annotations

import os
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from flows.program import MAX_FILES
from ivr.workspace import MAX_AUDIO_BYTES, MAX_TEXT_BYTES, WorkspaceError, read_workspace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small workspace."""
    root = tmp_path / "workspace"
    for name, data in {
        "center.yaml": b"name: x",
        "flows/main.yaml": b"flow: main",
        "flows/notes.txt": b"no flow",
        "flows/old/main.yaml": b"no flow",
        "prompts/en-US/hello.wav": b"RIFF",
        "prompts/en-US/README": b"no recording",
        "README.md": b"no part of it",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def test_a_workspace_is_its_centre_its_flows_and_its_recordings(folder: Path) -> None:
    """Whatever else lies in the folder is left alone."""
    digest = sha256(b"RIFF").hexdigest()

    found = read_workspace(folder)

    assert found.files == {"center.yaml": b"name: x", "flows/main.yaml": b"flow: main"}
    assert found.audio == {"prompts/en-US/hello.wav": digest}
    assert found.sounds == {digest: b"RIFF"}


def test_an_empty_folder_is_an_empty_workspace(tmp_path: Path) -> None:
    """What is missing in it is for the check of flows to say."""
    assert read_workspace(tmp_path).files == {}


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """With what to give instead."""
    with pytest.raises(WorkspaceError, match=r"nowhere is not a folder; give the folder that holds center\.yaml"):
        read_workspace(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["center.yaml", "flows/evil.yaml", "prompts/en-US/evil.wav"])
def test_a_link_that_leads_out_is_refused(folder: Path, tmp_path: Path, name: str) -> None:
    """A workspace cannot be made to show another file of the machine."""
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(secret)

    with pytest.raises(WorkspaceError, match="leads out of the workspace"):
        read_workspace(folder)


def test_a_folder_that_is_a_link_out_is_refused(folder: Path, tmp_path: Path) -> None:
    """Also when the folder around the files is the link."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.wav").write_bytes(b"secret")
    (folder / "prompts" / "es-US").symlink_to(outside)

    with pytest.raises(WorkspaceError, match="leads out of the workspace"):
        read_workspace(folder)


def test_a_link_inside_the_folder_is_fine(folder: Path) -> None:
    """One recording may stand for two."""
    (folder / "prompts/en-US/again.wav").symlink_to("hello.wav")

    assert set(read_workspace(folder).audio) == {"prompts/en-US/hello.wav", "prompts/en-US/again.wav"}


@pytest.mark.parametrize("target", ["gone", "loop.yaml"])
def test_a_link_to_nothing_is_named(folder: Path, target: str) -> None:
    """Broken or leading to itself."""
    (folder / "flows" / "loop.yaml").symlink_to(target)

    with pytest.raises(WorkspaceError, match=r"loop\.yaml cannot be read"):
        read_workspace(folder)


@pytest.mark.parametrize(
    ("name", "size"),
    [("flows/large.yaml", MAX_TEXT_BYTES + 1), ("prompts/en-US/large.wav", MAX_AUDIO_BYTES + 1)],
)
def test_a_file_that_is_too_large_is_named(folder: Path, name: str, size: int) -> None:
    """It is not read to its end."""
    (folder / name).touch()
    os.truncate(folder / name, size)

    with pytest.raises(WorkspaceError, match=r"large\.\w+ is too large"):
        read_workspace(folder)


def test_too_many_files_are_refused(folder: Path) -> None:
    """The wrong folder given by mistake ends soon."""
    for number in range(MAX_FILES):
        (folder / "flows" / f"{number}.yaml").touch()

    with pytest.raises(WorkspaceError, match="more than 2,000 files"):
        read_workspace(folder)


def test_a_folder_in_the_place_of_a_file_is_no_part_of_it(folder: Path) -> None:
    """A folder named like a flow is not one."""
    (folder / "flows" / "folder.yaml").mkdir()

    assert "flows/folder.yaml" not in read_workspace(folder).files

"""The documentation, held to what it documents: settings, commands, addresses, files."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer
from typer.main import get_command

from flows.kinds import KINDS
from flows.problems import render
from flows.program import compile_program
from ivr.commands import WORDS, make_cli
from ivr.settings import Settings

if TYPE_CHECKING:
    from tests.support.house import House

ROOT = Path(__file__).parent.parent
FIELDS = {field.name: field for field in dataclasses.fields(Settings)}
README = (ROOT / "README.md").read_text(encoding="utf-8")
CENTER = "name: A\ntimezone: UTC\nlanguages: [en-US]\nnumbers: {'+12025550100': main}\nfallback: main/hours\n"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def settings_table() -> dict[str, str]:
    """README's settings: name to the rest of the row."""
    return dict(re.findall(r"^\| `(IVR_[A-Z_<>]+)`\*? \| (.*) \|$", README, re.MULTILINE))


@pytest.mark.parametrize("name", FIELDS)
def test_each_setting_is_documented_as_it_is(name: str) -> None:
    """README's row says what the field's own description says, with its default."""
    field = FIELDS[name]
    variable = "IVR_SECRET_<NAME>" if name == "secrets" else f"IVR_{name.upper()}"
    default = "" if name in {"secrets", "workspace"} or not field.default else str(field.default)

    assert settings_table().get(variable) == f"{f'`{default}`' if default else ''} | {field.metadata['description']}"


def test_readme_names_no_setting_that_is_not_there() -> None:
    """A setting that was renamed does not live on in the table."""
    known = {f"IVR_{name.upper()}" for name in FIELDS} - {"IVR_SECRETS"} | {"IVR_SECRET_<NAME>"}

    assert set(settings_table()) == known


def test_each_command_is_documented_and_has_a_sentence_of_help() -> None:
    """Every word of ``ivr`` stands in README's table, those of ``ivr flows`` too, and explains itself."""
    cli = get_command(make_cli())
    for word in WORDS:
        found = cli.commands[word]  # type: ignore[attr-defined] # a group of commands
        words = [f"{word} {name}" for name in getattr(found, "commands", {})] or [word]

        assert found.help or found.callback.__doc__
        assert all(re.search(rf"^\| `ivr {name}[` ]", README, re.MULTILINE) for name in words), words


def test_one_command_alone_is_the_same_as_among_all() -> None:
    """``ivr WORD`` imports only its own file; what it finds there is what ``ivr --help`` shows."""
    assert isinstance(make_cli("call"), typer.Typer)
    for word in WORDS:
        alone = get_command(make_cli(word))

        assert list(alone.commands) == [word]  # type: ignore[attr-defined] # a group of commands


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    """A file that was moved takes its links along."""
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("folder", ["flows", "ivr"])
def test_files_named_in_the_map_are_there(folder: str) -> None:
    """README's paths in backquotes exist."""
    named = re.findall(rf"`({folder}/[\w./]+)`", README)

    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


async def test_the_addresses_that_readme_gives_are_served(house: House) -> None:
    """What an operator types into the provider's console is what the server answers."""
    served = {resource.canonical for resource in house.server.app.router.resources()}

    assert set(re.findall(r"example\.com(/twilio/\w+)", README)) <= served


def test_the_flow_that_readme_shows_is_one() -> None:
    """The first thing a newcomer reads checks clean, with the steps that it leads to."""
    shown = re.search(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert shown
    steps = shown.group(1) + "billing:\n  say: Here is your bill.\nhours:\n  hangup: Goodbye.\n"
    flow = "flow: main\nstart: main\nsteps:\n" + "".join(f"  {line}\n" for line in steps.splitlines())
    compiled = compile_program({"center.yaml": CENTER.encode(), "flows/main.yaml": flow.encode()}, {})

    assert render(compiled.problems) == ""


def test_the_changelog_names_every_kind_of_step() -> None:
    """What a flow can do is what users are told of."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert f"`{' '.join(KINDS)}`" in changelog

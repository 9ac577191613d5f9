"""The doors of the house: who may import whom, and that folders, registries and tests agree."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "flows": {"flows"},
    "routing": {"routing"},
    "recordings": {"recordings"},
    "ivr": {"ivr", "flows", "routing", "recordings"},
}


def imports_under(folder: str) -> Iterator[tuple[Path, int, str]]:
    """Each import below ``folder``: file, line, and the dotted name it asks for."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((path.relative_to(ROOT), node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield path.relative_to(ROOT), node.lineno, node.module or "."


def test_doors_open_one_way() -> None:
    """flows, routing and recordings know neither each other nor the application."""
    wrong = [
        f"{path}:{line}: {room} must not import {name}"
        for room, allowed in MAY_IMPORT.items()
        for path, line, name in imports_under(room)
        if name.split(".")[0] in MAY_IMPORT and name.split(".")[0] not in allowed
    ]

    assert not wrong, "\n".join(wrong)


def test_the_simulator_knows_nothing_of_our_own_code() -> None:
    """It stands in for the telephone network: what it shares with us it would fail to notice."""
    wrong = [
        f"{path}:{line}: the simulator must not import {name}"
        for path, line, name in imports_under("ivr/simulator")
        if name.split(".")[0] in MAY_IMPORT and not name.startswith("ivr.simulator")
    ]

    assert not wrong, "\n".join(wrong)


def test_the_reader_of_flows_is_pure() -> None:
    """No clock, randomness, sockets, files, async or logging in flows."""
    impure = {
        "asyncio",
        "logging",
        "os",
        "pathlib",
        "random",
        "secrets",
        "socket",
        "structlog",
        "subprocess",
        "time",
        "uuid",
    }
    wrong = [
        f"{path}:{line}: flows must not import {name}"
        for path, line, name in imports_under("flows")
        if name.split(".")[0] in impure
    ]

    assert not wrong, "\n".join(wrong)

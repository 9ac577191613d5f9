"""``ivr customers``, as people type it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from ivr.commands import make_cli
from ivr.commands.errors import CannotRun

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, Any]]

TABLE = """external_id,phone,email,name,tags
1,+12025550143,,Ana Lopez,vip; late
2,,ana@example.com,A. Lopez,
3,12,,Broken,
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Types a command; its status and what it printed, as data where that was asked for."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IVR_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("IVR_DATABASE_URL", "")

    def typed(*words: str) -> tuple[int, Any]:
        result = CliRunner().invoke(make_cli("customers"), ["customers", *words])
        if isinstance(result.exception, CannotRun):
            return 2, str(result.exception)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result.exit_code, json.loads(result.stdout) if "--json" in words else result.output

    return typed


def test_a_day_with_customers(run: Run, tmp_path: Path) -> None:
    """Read from a table, found, merged, shown, taken apart, erased with a receipt, written to a table."""
    (tmp_path / "customers.csv").write_text(TABLE, encoding="utf-8")
    imported = run("import", "customers.csv", "--json")
    found = run("find", "lopez", "--json")
    merged = run("merge", "external_id:1", "email:ana@example.com", "--reason", "she said so", "--by", "eva", "--json")
    shown = run("show", "email:ANA@example.com", "--json")
    undone = run("unmerge", str(merged[1]["merge"]), "--json")
    erased = run("erase", "external_id:2", "--reason", "asked", "--json")
    gone = run("show", "external_id:2")
    _, table = run("export", "-")

    assert imported[0] == 1
    assert imported[1]["kept"] == 2
    assert [line["number"] for line in imported[1]["broken"]] == [4]
    assert {one["name"] for one in found[1]} == {"Ana Lopez", "A. Lopez"}
    assert (shown[1]["name"], shown[1]["tags"], len(shown[1]["members"])) == ("Ana Lopez", ["vip", "late"], 2)
    assert [(one["by"], one["reason"]) for one in shown[1]["merges"]] == [("eva", "she said so")]
    assert [one["name"] for one in undone[1]] == ["Ana Lopez", "A. Lopez"]
    assert (erased[0], erased[1]["counts"]["identities"]) == (0, 2)
    assert gone == (2, "there is no customer external_id:2; look with: ivr customers find WORDS")
    assert "1,+12025550143,,Ana Lopez,,,,,vip; late" in table
    assert "A. Lopez" not in table


REFUSALS = [
    (("show", "nobody"), "there is no customer nobody"),
    (("show", "phone:12"), '"12" is no telephone number'),
    (("unmerge", "9"), "there is no merge 9"),
    (("import", "bad.csv"), 'bad.csv: no column is named "nmae"'),
    (("export", "nowhere/x.csv"), "nowhere/x.csv: No such file or directory"),
]


@pytest.mark.parametrize(("words", "refusal"), REFUSALS, ids=[" ".join(words) for words, _ in REFUSALS])
def test_what_cannot_be_done_is_refused_by_name(run: Run, tmp_path: Path, words: tuple[str, ...], refusal: str) -> None:
    """Exit status 2, with what to do."""
    (tmp_path / "bad.csv").write_text("phone,nmae\n", encoding="utf-8")
    status, told = run(*words)

    assert (status, told.startswith(refusal)) == (2, True), told


def test_people_read_words(run: Run, tmp_path: Path) -> None:
    """Without ``--json`` each command says in words what it found or did."""
    (tmp_path / "customers.csv").write_text(TABLE, encoding="utf-8")
    imported, found = run("import", "customers.csv"), run("find", "ana lopez")
    nobody, merged = run("find", "zzz"), run("merge", "external_id:1", "external_id:2")
    shown, undone, erased = run("show", "external_id:1"), run("unmerge", "1"), run("erase", "external_id:1")

    assert 'customers.csv:4: "12" is no telephone number' in imported[1]
    assert "2 lines kept, 1 broken" in imported[1]
    assert "Ana Lopez" in found[1]
    assert nobody[1] == 'no customer has "zzz" in a name or an identity\n'
    assert "to undo it: ivr customers unmerge 1" in merged[1]
    assert "name: Ana Lopez" in shown[1]
    assert "email:ana@example.com" in undone[1]
    assert "the receipt is e" in erased[1]

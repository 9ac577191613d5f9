"""``ivr flows publish | versions | show | rollback``: what they do, say and refuse; and every process follows."""

from __future__ import annotations

import json
import re
import signal
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest
from typer.testing import CliRunner, Result

from ivr.commands.errors import CannotRun
from ivr.commands.flows import app
from routing.redis import Redis
from tests.support.engine import flush
from tests.support.processes import Installation, an_installation, ivr
from tests.support.waiting import eventually_now
from tests.support.workspaces import small_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator


TAKEN_UP_S = 2.0  # design: every server process takes a version up within two seconds
BESIDE = 2.0  # times as long, for a machine that does other work


class Centre:
    """A workspace, and the commands of whoever edits it, beside a running engine."""

    def __init__(self, url: str, folder: Path) -> None:
        self.env = {"IVR_REDIS_URL": url, "IVR_WORKSPACE": str(folder)}
        self.folder = folder
        self.save()

    def save(self, greeting: str = "Hello there") -> None:
        """Write the workspace with a greeting."""
        (self.folder / "flows").mkdir(exist_ok=True)
        for path, text in small_workspace().items():
            (self.folder / path).write_text(text.replace("Hello there", greeting), encoding="utf-8")

    def ivr(self, *words: str) -> Result:
        return CliRunner().invoke(app, list(words), env=self.env)

    def said(self, *words: str) -> str:
        result = self.ivr(*words)
        assert result.exit_code == 0, (result.output, result.exception)
        return result.output

    def json(self, *words: str) -> Any:
        return json.loads(self.said(*words, "--json"))

    def refusal(self, *words: str) -> str:
        result = self.ivr(*words)
        assert isinstance(result.exception, CannotRun), result.output
        return str(result.exception)


@pytest.fixture
async def centre(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Centre:
    """A centre in which nothing has been published."""
    monkeypatch.chdir(tmp_path)
    redis = await Redis.connect(redis_url)
    await flush(redis)
    await redis.close()
    (tmp_path / "workspace").mkdir()
    return Centre(redis_url, tmp_path / "workspace")


def test_a_story_of_two_versions_and_a_rollback(centre: Centre) -> None:
    """Published, changed, published, looked at, rolled back."""
    first = centre.said("publish", "-m", "the first one", "--by", "ana")
    centre.save("Good morning")
    second = centre.said("publish", "--message", "friendlier", "--by", "luis")
    again = centre.said("publish")
    shown = centre.said("show", "v1", "flows/main.yaml")
    back = centre.said("rollback", "-m", "too friendly")
    listed = centre.json("versions")

    assert first == "published v1: center.yaml added, main added\n"
    assert (second, again) == ("published v2: main changed\n", "v2 is live already; nothing changes\n")
    assert "Hello there" in shown
    assert back == "published v1: main changed\n"
    assert [(one["number"], one["author"], one["message"], one["live"]) for one in listed] == [
        (2, "luis", "friendlier", False),
        (1, "ana", "the first one", True),
    ]
    assert [(one["did"], one["number"]) for one in centre.json("versions", "--history")] == [
        ("rolled back", 1), ("published", 2), ("published", 1),
    ]  # fmt: skip


def test_versions_are_listed_for_people(centre: Centre) -> None:
    """The live one is marked; before the first there is a sentence."""
    nothing = centre.said("versions")
    centre.said("publish", "-m", "[bold]the first[/] one", "--by", "ana")
    head, row = centre.said("versions").splitlines()
    (files, *_) = centre.said("show", "live").splitlines()

    assert "nothing has been published" in nothing
    assert head.split() == ["version", "hash", "published", "by", "message"]
    assert re.fullmatch(r"live +v1 +[0-9a-f]{12} +\S+ \S+ +ana +\[bold\]the first\[/\] one *", row)
    assert files.startswith("v1 ")


def test_a_workspace_with_mistakes_is_not_published(centre: Centre) -> None:
    """All of them are printed; callers hear what they heard."""
    centre.said("publish")
    flow = centre.folder / "flows" / "main.yaml"
    flow.write_text(flow.read_text(encoding="utf-8").replace("next:", "nxt:"), encoding="utf-8")
    result = centre.ivr("publish")

    assert result.exit_code == 1
    assert '"nxt"' in result.output
    assert result.output.endswith("not published\n")
    assert [one["number"] for one in centre.json("versions")] == [1]


def test_a_program_that_lacks_a_setting_is_refused_by_name(centre: Centre) -> None:
    """With its place in the flow and what to set."""
    flow = "flow: main\nstart: start\nsteps:\n  start:\n    http: https://shop.example.com/\n"
    flow += '    headers: {Authorization: "{{ secret.shop }}"}\n    ok: bye\n    failed: bye\n  bye: {hangup: Bye.}\n'
    (centre.folder / "flows" / "main.yaml").write_text(flow, encoding="utf-8")
    center = centre.folder / "center.yaml"
    center.write_text(
        re.sub(r"fallback: .*", "fallback: main/bye", center.read_text(encoding="utf-8")), encoding="utf-8"
    )
    result = centre.ivr("publish")

    assert result.exit_code == 1, result.output
    assert "IVR_SECRET_SHOP is not set" in result.output


def test_two_supervisors_do_not_overwrite_each_other_unseen(centre: Centre) -> None:
    """Who publishes on a version that is not live any more is told who published what."""
    centre.said("publish", "--if-live", "none")
    centre.save("Good morning")
    centre.said("publish", "--if-live", "v1", "--by", "ana", "-m", "friendlier")
    centre.save("Good evening")
    refused = centre.refusal("publish", "--if-live", "v1", "--by", "luis")

    assert refused.startswith("another version is live (v2, ")
    assert "by ana: friendlier); look at it (ivr flows show v2)" in refused
    assert len(centre.json("versions")) == 2


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["show", "v9"], 'no version named "v9"; there are v1 to v1; ivr flows versions lists them'),
        (["show", "v1", "flows/x.yaml"], 'v1 has no file "flows/x.yaml"; it has center.yaml, flows/main.yaml'),
        (["rollback"], "there is no version before v1; ivr flows versions lists them"),
        (["rollback", "v7"], 'no version named "v7"; there are v1 to v1; ivr flows versions lists them'),
        (["publish", "-m", "x" * 501], "the message has 501 characters; at most 500 are kept"),
        (["publish", "nowhere"], "nowhere is not a folder; give the folder that holds center.yaml"),
        (
            ["publish", "--if-live", "abcd"],
            'no version named "abcd"; there are v1 to v1; ivr flows versions lists them',
        ),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(centre: Centre, words: list[str], why: str) -> None:
    """And nothing changes."""
    centre.said("publish")
    before = centre.json("versions")

    assert centre.refusal(*words) == why
    assert centre.json("versions") == before


# ---------------------------------------------------------------------- real processes


@pytest.fixture
def installation() -> Iterator[Installation]:
    """A place to start servers in; its path is short, as sockets need it."""
    with (
        tempfile.TemporaryDirectory(dir="/tmp", prefix="ivr-test-", ignore_cleanup_errors=True) as folder,
        an_installation(Path(folder)) as made,
    ):
        yield made


def live_in_every_process(installation: Installation) -> set[str]:
    """The programs that the workers answer with; each connection may come to another one of them."""
    return {json.load(urlopen(f"{installation.url}/readyz", timeout=5))["program"] for _ in range(24)}  # noqa: S310 - our own


def is_taken_up(installation: Installation, program: str) -> bool:
    """Do all processes answer with a program, in time?"""
    began = time.monotonic()
    eventually_now(lambda: live_in_every_process(installation) == {program}, "all on the version")
    return time.monotonic() - began < TAKEN_UP_S * BESIDE


def test_every_process_takes_a_version_up(installation: Installation) -> None:
    """Within two seconds of the command, on a machine that may be busy; back again too."""
    folder = installation.folder / "workspace"
    folder.mkdir()
    centre = Centre("", folder)
    env = installation.env | {"IVR_WORKSPACE": str(folder)}
    installation.serve(IVR_WORKERS="3", IVR_WORKSPACE=str(folder))
    (first,) = live_in_every_process(installation)
    centre.save("Good morning")
    live = []
    for words in (["publish", "-m", "new"], ["rollback", "-m", "back"]):
        done = ivr("flows", *words, "--json", env=env, cwd=installation.folder)
        live.append(json.loads(done.stdout)["program"])

        assert is_taken_up(installation, live[-1])

    assert live[0] != live[1] == first


def test_the_demo_publishes_what_is_saved(installation: Installation) -> None:
    """A sound file goes live, and the terminal says so; a broken one is shown with a caret and changes nothing."""
    folder = installation.folder / "workspace"
    folder.mkdir()
    centre = Centre("", folder)
    env = dict.fromkeys(installation.env, "") | {
        "IVR_DATA_DIR": str(installation.folder / "data"),
        "IVR_PORT": str(installation.port),
        "IVR_WORKSPACE": str(folder),
    }
    demo = installation.start("demo", output="server.log", **env)
    eventually_now(lambda: "ring it" in installation.log, "the demo's welcome", within_s=30)
    (first,) = live_in_every_process(installation)
    centre.save("Good morning")
    eventually_now(lambda: "published v2: main changed" in installation.log, "the version told", within_s=10)
    eventually_now(lambda: first not in live_in_every_process(installation), "the version taken up")
    (second,) = live_in_every_process(installation)
    flow = folder / "flows" / "main.yaml"
    flow.write_text(flow.read_text(encoding="utf-8").replace("next:", "nxt:"), encoding="utf-8")
    eventually_now(lambda: "not published; callers hear" in installation.log, "the problems told", within_s=10)

    assert '; did you mean "next"?' in installation.log
    assert " ^\n" in installation.log
    assert live_in_every_process(installation) == {second}
    demo.send_signal(signal.SIGINT)
    assert demo.wait(20) == 0

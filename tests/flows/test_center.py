"""``center.yaml``: queues with their defaults, and what the handbook says of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.center import Announce, Callbacks, Center, JoinWhen, LeaveWhen, Queue, ServiceLevel, Told
from flows.center.center import OPTIONS
from flows.center.queues import OPTIONS as QUEUE_OPTIONS
from flows.events import CallStarted, EffectFailed, FellBack
from flows.problems import render
from flows.program import compile_program
from tests.flows.playing import AUDIO, CENTER, Player, compiled, steps

HANDBOOK = Path(__file__).parents[2] / "docs" / "flows.md"
IN_A_QUEUE = CENTER.replace(b"main/start", b"operator")
NOBODY_FREE = "We are sorry, nobody can take your call at the moment. Please try again later."
FLOW = b"flow: main\nstart: start\nsteps:\n  start: {hangup: Goodbye.}\n"


def center(more: str) -> Center:
    """A centre with some more settings; fails with its problems."""
    head = 'name: T\ntimezone: UTC\nlanguages: [en-US, es-US]\nnumbers: {"+12025550100": main}\nfallback: main/start\n'
    files = {"center.yaml": (head + more).encode(), "flows/main.yaml": FLOW}
    found = compile_program(files, AUDIO)

    assert found.program is not None, render(found.problems, files)
    return found.program.center


def test_an_empty_queue_has_a_default_for_everything() -> None:
    """``{}`` is a whole queue."""
    assert center("queues: {billing: {}}").queues == {"billing": Queue("billing")}


def test_what_is_written_is_what_a_queue_has() -> None:
    """Each option, as data that routing can go by."""
    queue = center("""
skills: [billing]
hours: {office: {mon: 09:00-17:00}}
queues:
  billing:
    group: east
    strategy: ring_all
    service_level: 90% in 30s
    wrap_up: 0s
    head_start: 2m
    offer: 15s
    misses_before_break: 2
    hours: office
    announce: {position: never, wait: every 45s, every: 30s, messages: Please wait., music: chime.wav}
    callbacks: {promises: later_today, attempts: 2, spacing: 1h, delay: 99s, machine: reached, slot: 1h}
    overflow: {after: 10m}
    closing: callback
    join_when: {agents: available, waiting: 50, wait: 30m}
    leave_when: {agents: none_available, wait: 45m}
""").queues["billing"]

    assert (queue.group, queue.strategy, queue.service_level) == ("east", "ring_all", ServiceLevel(0.9, 30))
    assert (queue.wrap_up_s, queue.head_start_s, queue.offer_s, queue.misses_before_break) == (0, 120, 15, 2)
    assert (queue.hours, queue.overflow_s, queue.closing) == ("office", 600, "callback")
    assert (queue.announce.position, queue.announce.wait, queue.announce.every_s) == (
        Told("never"),
        Told("every", 45),
        30,
    )
    assert len(queue.announce.messages) == 1
    assert [play.audio for play in queue.announce.music.ready["es-US"]] == ["c" * 64]  # type: ignore[union-attr] # recordings only
    assert queue.callbacks == Callbacks(("later_today",), 2, 3_600, 99, "reached", 3_600)
    assert queue.join_when == JoinWhen("available", 50, 1_800)
    assert queue.leave_when == LeaveWhen("none_available", 2_700)


@pytest.mark.parametrize(
    ("option", "default"),
    [
        ("service_level", f"{ServiceLevel().share:.0%} in {ServiceLevel().within_s}s"),
        ("wrap_up", f"{Queue('x').wrap_up_s}s"),
        ("head_start", f"{Queue('x').head_start_s}s"),
        ("offer", f"{Queue('x').offer_s}s"),
        ("misses_before_break", f"{Queue('x').misses_before_break}"),
        ("group", Queue("x").group),
        ("strategy", Queue("x").strategy),
        ("closing", Queue("x").closing),
        ("announce", f"{Announce().every_s}s"),
        ("callbacks", f"{Callbacks().spacing_s // 60}m"),
        ("join_when", JoinWhen().agents),
        ("leave_when", LeaveWhen().agents),
    ],
)
def test_the_handbook_tells_each_default(option: str, default: str) -> None:
    """The table of queues is the code's."""
    queues = HANDBOOK.read_text(encoding="utf-8").split("\n## Queues\n")[1].split("\n## ")[0]
    rows = [line for line in queues.splitlines() if line.startswith(f"| `{option}`")]

    assert [f"`{default}`" in row.rsplit("|", 2)[1] for row in rows] == [True]


def test_the_handbook_names_every_option_of_the_center() -> None:
    """Nobody has to read code to learn what may stand there."""
    text = HANDBOOK.read_text(encoding="utf-8")

    assert [
        option for option in (*OPTIONS, *QUEUE_OPTIONS) if f"{option}:" not in text and f"`{option}`" not in text
    ] == []


def test_every_requirement_is_known_before_a_call() -> None:
    """Those of queues and of steps, by language, by condition and relaxed: routing keeps a line for each."""
    flow = steps("""\
start: {queue: billing, failed: more}
more:
  queue: billing
  require: [{when: caller == null, then: {billing: 4}}, {else: {billing: 9}}]
  relax: [{after: 10s, require: {}}]
  failed: operator
operator: {callback: operator, require: {en-US: {}, es-US: {spanish: 4}}, failed: start}""")

    assert set(compiled(flow).requirements) == {
        ("billing", (("billing", 2),)),
        ("billing", (("billing", 1),)),
        ("billing", ()),
        ("billing", (("billing", 4),)),
        ("billing", (("billing", 9),)),
        ("operator", ()),
        ("operator", (("spanish", 4),)),
    }


def test_a_queue_as_fallback_is_a_step_of_its_own() -> None:
    """After a fault of ours the caller waits there, and hears so when nobody can take the call."""
    program = compiled(
        steps("start: {menu: Press 1., options: {1: start}, failed: end}\nend: {hangup: Goodbye.}"), center=IN_A_QUEUE
    )
    player = Player(program)

    assert player.plays(CallStarted(), FellBack())[1:] == ["(joins operator for anybody)"]
    assert player.plays(EffectFailed("unavailable"))[1:] == [NOBODY_FREE, "(hangs up)"]


def test_an_announcement_is_checked_like_any_text() -> None:
    """Names, functions and translations of the queues' messages are looked at before a caller hears them."""
    more = b"""
  sales:
    announce:
      messages: ["{{ positoin }}", "{{ foo(position) }}", {en-US: Hello.}]
"""
    files = {"center.yaml": CENTER.replace(b"queues:", b"queues:" + more.rstrip()), "flows/main.yaml": FLOW}

    codes = {problem.code for problem in compile_program(files, AUDIO).problems}

    assert codes == {"unknown-name", "unknown-function", "missing-translation"}

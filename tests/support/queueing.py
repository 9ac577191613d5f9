"""A centre with one queue, for tests of callers who wait."""

from __future__ import annotations

from tests.support.workspaces import CENTER

QUEUES = """
skills: [billing]
hours: {office: {mon-sun: "00:00-24:00"}}
queues:
  billing:
    hours: office
    require: {billing: 3}
    relax: [{after: 5m, require: {billing: 1}}]
    overflow: {after: 2m}
    announce: {messages: [Thank you for your patience.]}
    join_when: {waiting: 2}
"""
FLOW = """
flow: main
start: wait
steps:
  wait:
    queue: billing
    overflow: {next: message}
    ended: thanks
    nobody: nobody
    full: full
    closed: closed
    failed: failed
  message: {say: Nobody was free in time., next: ask}
  nobody: {say: Nobody is there., next: ask}
  full: {say: Too many are waiting., next: ask}
  closed: {say: We are closed., next: ask}
  failed: {say: That did not work., next: ask}
  thanks: {hangup: Thank you.}
  ask:
    menu: Press 1 to leave.
    options: {1: thanks}
    failed: thanks
"""
WAIT = "Please hold the line."


def queue_workspace(*, overflow: str = "2m") -> dict[str, str]:
    """A call begins by waiting for somebody with billing 3; each way out says a sentence and asks for a key."""
    queues = QUEUES.replace("{after: 2m}", f"{{after: {overflow}}}")
    center = CENTER.replace("fallback: main/operator", "fallback: main/ask") + queues
    return {"center.yaml": center, "flows/main.yaml": FLOW}

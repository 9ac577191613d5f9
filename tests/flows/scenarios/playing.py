"""Playing scenarios in tests: a small centre whose flow has a step of every kind that asks the world something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.problems import render
from flows.program import Program, compile_program
from flows.scenarios import Played, play, read_scenarios, stage
from tests.flows.playing import AUDIO, CENTER

if TYPE_CHECKING:
    from flows.problems import Problem

FLOW = b"""\
flow: main
start: start
steps:
  start:
    say:
      - {play: chime.wav}
      - Thanks for calling Acme.
      - {when: customer.known, text: "Welcome back, {{ customer.first_name }}."}
    next: ask
  ask:
    menu: For billing, press 1 or say billing. For an order, press 2.
    options:
      1: {phrases: [billing], next: wait}
      2: order
      3: pay
      4: branch_office
      5: message
      6: later
      7: find
      8: text
      9: rate
    failed: choose
  order:
    http: "https://shop.example.com/orders/{{ caller }}"
    within: 20s
    meanwhile: One moment, I am looking.
    save: {status: status}
    ok: told
    status: {404: not_there}
    failed: sorry
    timeout: slow
  told:
    say: "Your order is {{ vars.status }}."
    next: ask
  not_there: {hangup: There is no such order.}
  sorry: {hangup: I am sorry.}
  slow: {hangup: It took too long.}
  pay:
    collect: Please key in your card.
    into: card
    digits: 16
    check: luhn
    sensitive: true
    next: charge
    failed: sorry
  charge:
    http: https://pay.example.com/charges
    json: {card: "{{ sealed.card }}"}
    ok: paid
    failed: sorry
  paid: {hangup: Thank you. It is paid.}
  wait:
    queue: billing
    priority: {when: customer.tier == "gold", then: 2, else: 0}
    ended: rate
    overflow: {after: 5m, next: message}
    nobody: later
    failed: sorry
  branch_office:
    transfer: "+12025550170"
    ended: bye
    busy: busy
    failed: sorry
  busy: {hangup: They are talking.}
  message:
    voicemail: Please leave a message.
    next: bye
    no_input: sorry
    failed: sorry
  later:
    callback: operator
    next: promised
    declined: bye
    failed: sorry
  promised: {hangup: We will call you back.}
  find:
    lookup: vars.account
    by: external_id
    found: start
    not_found: sorry
    failed: bye
  text:
    sms: Acme, 1 Main Street.
    next: sent
    not_mobile: address
    failed: sorry
  sent: {hangup: It is on its way.}
  address: {hangup: One Main Street.}
  rate:
    survey: [{rating: "From 1 to 5?", name: satisfaction}]
    share: 30%
    next: noted
    not_asked: bye
  noted:
    note: Was asked.
    next: bye
  choose:
    set: {account: vars.account}
    next: bye
  bye: {hangup: Goodbye.}
"""


def program() -> Program:
    """The flow, compiled; it has no error."""
    files = {"center.yaml": CENTER, "flows/main.yaml": FLOW}
    found = compile_program(files, AUDIO)

    assert found.program is not None, render(found.problems, files)
    return found.program


PROGRAM = program()


def read(text: str) -> tuple[Problem, ...]:
    """The problems of a file of scenarios."""
    return read_scenarios({"scenarios/main.yaml": text.encode()}, AUDIO, PROGRAM)[1]


def played(text: str) -> Played:
    """What becomes of the one scenario in a file, which has no mistake."""
    files = {"scenarios/main.yaml": text.encode()}
    scenarios, problems = read_scenarios(files, AUDIO, PROGRAM)

    assert not problems, render(problems, files)
    return play(scenarios[0], stage(PROGRAM, AUDIO))

"""Hidden values: concealed before anybody sees them, and spelled so that they cannot leave their place."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.events import (
    EffectFailed,
    Event,
    FellBack,
    HungUp,
    KeysPressed,
    NothingHeard,
    SecretKeyed,
    WordsSpoken,
    decode,
    encode,
)
from flows.hidden import Hidden, conceal, from_data, joined, opened
from tests.flows.playing import STARTS, Player, compiled, steps

CARD = """\
start:
  collect: Card.
  into: card
  digits: 13-19
  check: luhn
  pattern: "4.*"
  sensitive: true
  next: pay
  failed: plain
pay: {http: "https://pay.example.com/", json: "{{ sealed.card }}", ok: plain, failed: plain}
plain: {collect: Order., into: order, digits: 4, next: end, failed: end}
end: {hangup: }
"""
GOOD = "4111111111111111"


def seal(value: str, name: str) -> str:
    """A sealed value that a test can recognise."""
    return f"{name} sealed, {len(value)} long"


@pytest.mark.parametrize(
    ("event", "concealed"),
    [
        (KeysPressed(GOOD), SecretKeyed(16, "", "card sealed, 16 long")),
        (KeysPressed("4111111111111112"), SecretKeyed(16, "check")),
        (KeysPressed("5105105105105100"), SecretKeyed(16, "pattern")),
        (KeysPressed("4111"), SecretKeyed(4, "length")),
        (KeysPressed("4111*1111#11"), SecretKeyed(12, "digits")),
        (KeysPressed(""), SecretKeyed(0, "digits")),
        (WordsSpoken("four one one one", 0.9), SecretKeyed(0, "words")),
        (NothingHeard(), NothingHeard()),
        (HungUp(), HungUp()),
    ],
)
def test_a_sensitive_step_lets_only_this_be_seen(event: Event, concealed: Event) -> None:
    """Length, what was wrong, ciphertext; what is wrong is not even sealed."""
    player = Player(compiled(steps(CARD)))
    player.plays(STARTS)

    assert conceal(player.program, player.session, event, seal) == concealed


@pytest.mark.parametrize(
    ("event", "swallows"),
    [(SecretKeyed(16, "", "?"), True), (SecretKeyed(4, "length"), False), (SecretKeyed(16, "unsealed"), True)],
)
def test_one_digit_too_many_reaches_no_other_step(event: Event, swallows: bool) -> None:
    """For a second after a sensitive step is left no key counts: the next step would write it down."""
    player = Player(compiled(steps(CARD)))

    assert ("(1 s)" in player.plays(STARTS, event)) is swallows


def test_other_steps_see_everything() -> None:
    """An order number is no secret."""
    player = Player(compiled(steps(CARD)))
    player.plays(STARTS, SecretKeyed(16, "", "?"), EffectFailed("failed"))

    assert conceal(player.program, player.session, KeysPressed("1234"), seal) == KeysPressed("1234")


def test_a_session_of_another_program_conceals_nothing_and_breaks_nothing() -> None:
    """The engine says what is wrong with it."""
    player = Player(compiled(steps("start: {hangup: }")))
    lost = [replace(player.session, step="gone"), replace(player.session, flow="gone")]

    assert [conceal(player.program, session, KeysPressed("1"), seal) for session in lost] == [KeysPressed("1")] * 2


def test_what_is_sealed_is_not_written_down() -> None:
    """An event's data have length and verdict; read back, the ciphertext is empty, and the turn goes the same way."""
    written = encode(SecretKeyed(16, "", "ciphertext"))

    assert written == {"event": "secret_keyed", "length": 16, "wrong": ""}
    assert decode(written) == SecretKeyed(16, "")
    assert "ciphertext" not in repr(SecretKeyed(16, "", "ciphertext"))


@pytest.mark.parametrize(
    "ends",
    [[HungUp()], [EffectFailed("failed"), KeysPressed("1234")], [FellBack()], [FellBack(), FellBack(), FellBack()]],
    ids=["hung up", "finished", "fell back", "given up"],
)
def test_it_is_forgotten_when_the_call_ends_or_falls_back(ends: list[Event]) -> None:
    """However it ends; the fallback begins anew, without what was keyed in before."""
    player = Player(compiled(steps(CARD)))
    player.plays(STARTS, SecretKeyed(16, "", "ciphertext"))
    assert player.session.sealed == {"card": "ciphertext"}
    player.plays(*ends)

    assert player.session.sealed == {}


SORTS = st.sampled_from(["text", "json", "form"])
VALUES = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30)


@given(VALUES, VALUES)
def test_no_value_can_leave_its_place(first: str, second: str) -> None:
    """Whatever a secret holds, the JSON around it is the author's, and so are a form's fields."""
    values = {"a": first, "b": second}
    in_json = ('{"x": "', Hidden("secret", "a", "json"), '", "y": "', Hidden("secret", "b", "json"), '"}')
    in_form = ("x=", Hidden("secret", "a", "form"), "&y=", Hidden("secret", "b", "form"))

    assert json.loads(opened(in_json, lambda hidden: values[hidden.name])) == {"x": first, "y": second}
    assert parse_qs(opened(in_form, lambda hidden: values[hidden.name]), keep_blank_values=True) == {
        "x": [first],
        "y": [second],
    }


@given(st.lists(st.text(max_size=5) | st.builds(Hidden, SORTS, st.text(max_size=5), SORTS), max_size=8))
def test_texts_between_gaps_are_one_and_survive_being_data(pieces: list[str | Hidden]) -> None:
    """Two texts never stand side by side, none is empty; as JSON and back they are the same."""
    made = joined(pieces)
    data = [
        piece if isinstance(piece, str) else {name: getattr(piece, name) for name in piece.__slots__} for piece in made
    ]

    assert not any(isinstance(one, str) and isinstance(two, str) for one, two in pairwise(made))
    assert "" not in made
    assert from_data(json.loads(json.dumps(data))) == made

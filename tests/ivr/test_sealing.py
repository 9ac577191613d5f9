"""Sealing: what was sealed opens under its name in its call, with a key that is still there, and nowhere else."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.hidden import Hidden
from ivr.sealing import CannotOpenError, Sealer, Vault

OLD, NEW, OTHER = "o" * 32, "n" * 32, "x" * 32
CARD = "4111111111111111"


@given(st.text(max_size=64), st.text(max_size=32))
def test_what_was_sealed_opens_again(value: str, place: str) -> None:
    """Any text, any place."""
    value, place = (text.encode("utf-8", "replace").decode() for text in (value, place))
    sealer = Sealer([NEW])

    assert sealer.open(sealer.seal(value, place), place) == value


def test_the_same_value_is_never_sealed_alike() -> None:
    """Two callers with one PIN cannot be told by their tokens."""
    sealer = Sealer([NEW])

    assert sealer.seal(CARD, "CA1/card") != sealer.seal(CARD, "CA1/card")


@pytest.mark.parametrize("place", ["CA2/card", "CA1/pin", ""])
def test_it_opens_in_its_own_place_only(place: str) -> None:
    """Another call's, or another name's: refused, without a word of what is in it."""
    token = Sealer([NEW]).seal(CARD, "CA1/card")

    with pytest.raises(CannotOpenError) as refused:
        Sealer([NEW]).open(token, place)
    assert CARD not in str(refused.value)


def test_a_key_is_rotated_without_losing_what_was_sealed() -> None:
    """Old alone, then new before old, then new alone: calls in progress open theirs until the old one has gone."""
    token = Sealer([OLD]).seal(CARD, "CA1/card")
    both = Sealer([NEW, OLD])

    assert both.open(token, "CA1/card") == CARD
    assert Sealer([NEW]).open(both.seal(CARD, "CA1/card"), "CA1/card") == CARD
    with pytest.raises(CannotOpenError, match="IVR_SECRET_KEY does not have"):
        Sealer([NEW]).open(token, "CA1/card")


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a_changed_token_opens_nothing(place: int, flip: int) -> None:
    """Whichever byte it is."""
    data = bytearray(urlsafe_b64decode(Sealer([NEW]).seal(CARD, "CA1/card")))
    data[place % len(data)] ^= flip

    with pytest.raises(CannotOpenError):
        Sealer([NEW]).open(urlsafe_b64encode(data).decode(), "CA1/card")


@given(st.text() | st.binary(max_size=64).map(lambda data: urlsafe_b64encode(data).decode()))
def test_garbage_is_refused_and_breaks_nothing(token: str) -> None:
    """Any text in a token's place."""
    with pytest.raises(CannotOpenError):
        Sealer([NEW]).open(token, "CA1/card")


def test_a_vault_reveals_what_it_has_and_names_what_it_lacks() -> None:
    """Secrets by name, sealed values of their call; a missing one is named as its setting is."""
    vault = Vault({"shop": "s"}, [NEW])
    reveal = vault.revealing("CA1", {"card": vault.sealing("CA1")(CARD, "card")})

    assert reveal(Hidden("secret", "shop")) == "s"
    assert reveal(Hidden("sealed", "card")) == CARD
    with pytest.raises(CannotOpenError, match="IVR_SECRET_CRM is not set"):
        reveal(Hidden("secret", "crm"))
    with pytest.raises(CannotOpenError):
        reveal(Hidden("sealed", "pin"))
    with pytest.raises(CannotOpenError, match="IVR_SECRET_KEY is not set"):
        Vault({}, ()).revealing("CA1", {"card": "?"})(Hidden("sealed", "card"))


def test_without_a_key_nothing_is_sealed() -> None:
    """An empty token, which the step takes for what it is."""
    assert Vault({}, ()).sealing("CA1")(CARD, "card") == ""
    assert Vault({}, (OTHER,)).can_seal

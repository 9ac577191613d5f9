"""Which option was meant by what was said."""

from __future__ import annotations

import pytest

from flows.phrases import DIGITS, SENTENCES, WEEKDAYS, base, sentence
from flows.words import MAX_HINTS, Phrases, choose, comparable, hints, normal

OPTIONS: dict[str, Phrases] = {
    "1": {"en-US": ("billing", "my bill"), "es-US": ("facturación",)},
    "2": {"en-US": ("technical help", "help"), "es-US": ("ayuda técnica",)},
    "3": {"en-US": ("no",), "es-US": ("no",)},
    "0": {},
}
COMPARABLE = {keys: comparable(phrases) for keys, phrases in OPTIONS.items()}


@pytest.mark.parametrize(
    ("said", "language", "meant"),
    [
        ("Billing.", "en-US", "1"),
        ("I have a question about MY BILL, please", "en-US", "1"),
        ("technical help", "en-US", "2"),
        ("help with my bill", "en-US", None),
        ("nobody", "en-US", None),
        ("no", "en-US", "3"),
        ("zero", "en-US", "0"),
        ("0", "en-US", "0"),
        ("Two!", "en-US", "2"),
        ("nine", "en-US", None),
        ("", "en-US", None),
        ("...", "en-US", None),
        ("FACTURACION", "es-US", "1"),
        ("ayuda tecnica por favor", "es-US", "2"),
        ("dos", "es-US", "2"),
        ("billing", "es-US", None),
        ("billing", "xx", None),
    ],
)
def test_what_was_said_means(said: str, language: str, meant: str | None) -> None:
    """Case, accents and punctuation do not count; whole words do; two meanings are none."""
    assert choose(said, COMPARABLE, language) == meant


def test_a_word_is_what_is_left_without_its_dress() -> None:
    """Letters and digits in any script, one blank between words."""
    assert normal("  ¿Dónde  está—Ñandú? ") == "donde esta nandu"
    assert normal("Straße 5") == "strasse 5"


def test_hints_are_each_once_and_within_the_providers_limit() -> None:
    """At most 500 phrases are sent."""
    many: dict[str, Phrases] = {
        str(number): {"en": (f"phrase {number}", "the same")} for number in range(MAX_HINTS + 5)
    }

    assert hints(OPTIONS, "en-US") == ("billing", "my bill", "technical help", "help", "no")
    assert len(hints(many, "en")) == MAX_HINTS


def test_every_language_has_every_sentence() -> None:
    """Nobody hears English where we have their language for another sentence."""
    assert [tag for tag, sentences in SENTENCES.items() if set(sentences) != set(SENTENCES["en"])] == []
    assert set(DIGITS) == set(WEEKDAYS) == set(SENTENCES)
    assert {len(digits) for digits in DIGITS.values()} == {10}


def test_a_language_we_do_not_have_is_answered_in_english() -> None:
    """By its first part if we have that."""
    assert sentence("goodbye", "es-MX") == "Hasta luego."
    assert sentence("goodbye", "pt-BR") == "Goodbye."
    assert (base("de"), base("")) == ("de", "en")

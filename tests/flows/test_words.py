"""Which option was meant by what was said."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.phrases.language import plain
from flows.words import MAX_HINTS, Meant, Phrases, asks_again, choose, comparable, hints, is_near

OPTIONS: dict[str, Phrases] = {
    "1": {"en-US": ("billing", "my bill", "e-mail"), "es-US": ("facturación",)},
    "2": {"en-US": ("technical help", "help"), "es-US": ("ayuda técnica",)},
    "3": {"en-US": ("no",), "es-US": ("no",)},
    "12": {},
    "0": {},
    "*": {},
    "#": {},
}
COMPARABLE = {keys: comparable(phrases) for keys, phrases in OPTIONS.items()}


@pytest.mark.parametrize(
    ("said", "language", "meant"),
    [
        ("Billing.", "en-US", "1"),
        ("I have a question about MY BILL, please", "en-US", "1"),
        ("it is about an email", "en-US", "1"),
        ("e mail", "en-US", "1"),
        ("technical help", "en-US", "2"),
        ("I need technical help, please help", "en-US", "2"),
        ("no", "en-US", "3"),
        ("zero", "en-US", "0"),
        ("0", "en-US", "0"),
        ("Two!", "en-US", "2"),
        ("number two please", "en-US", "2"),
        ("twelve", "en-US", "12"),
        ("one two", "en-US", "12"),
        ("star", "en-US", "*"),
        ("press the pound", "en-US", "#"),
        ("FACTURACION", "es-US", "1"),
        ("ayuda tecnica por favor", "es-US", "2"),
        ("dos", "es-US", "2"),
        ("asterisco", "es-US", "*"),
    ],
)
def test_what_was_said_means_one_option(said: str, language: str, meant: str) -> None:
    """Case, accents, punctuation and joined words do not count; a key may be said where no phrase was."""
    assert choose(said, COMPARABLE, language) == Meant((meant,), sure=True)


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("nobody", "en-US"),
        ("nine", "en-US"),
        ("", "en-US"),
        ("...", "en-US"),
        ("one or two people", "en-US"),
        ("billing", "es-US"),
        ("billing", "xx"),
        ("hello there how are you doing today my good old friend of many billins", "en-US"),
    ],
)
def test_what_was_said_means_nothing(said: str, language: str) -> None:
    """A part of a word is no word, another language's phrase no phrase, and a long speech is near nothing."""
    assert choose(said, COMPARABLE, language).keys == ()


@pytest.mark.parametrize(
    ("said", "keys"),
    [
        ("help with my bill", ("1", "2")),
        ("billin", ("1",)),
        ("tecnical halp", ("2",)),
        ("the belling", ("1",)),
    ],
)
def test_what_is_not_sure_is_only_proposed(said: str, keys: tuple[str, ...]) -> None:
    """Two options that were both said, and what a recogniser may have misheard, are to be asked about."""
    assert choose(said, COMPARABLE, "en-US") == Meant(keys, sure=False)


def test_a_word_is_what_is_left_without_its_dress() -> None:
    """Letters and digits in any script, one blank between words."""
    assert plain("  ¿Dónde  está—Ñandú? ") == "donde esta nandu"
    assert plain("Straße 5") == "strasse 5"


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("sales", "sails", True),
        ("billing", "building", False),
        ("voice mail", "voicemail", True),
        ("yes", "yet", False),
        ("claims", "claim", True),
        ("pears", "bears", True),
        ("sale", "sail", False),
        ("new account", "new amount", True),
    ],
)
def test_phrases_that_could_be_taken_for_each_other(one: str, other: str, near: bool) -> None:
    """One letter from five on, two from nine on; short words have to be right."""
    assert is_near(one, other) is near
    assert is_near(other, one) is near


@given(st.sampled_from(["en-US", "es-US", "de", "xx"]), st.text(max_size=2_500))
def test_anything_said_means_some_of_the_options(language: str, said: str) -> None:
    """No words raise, and none is sure of more than one option."""
    meant = choose(said, COMPARABLE, language)

    assert set(meant.keys) <= set(OPTIONS)
    assert len(meant.keys) == 1 or not meant.sure


@pytest.mark.parametrize("said", ["a " * 1_000, "please " * 12, "phrase number sixty " * 90, "x" * 2_000])
def test_a_long_speech_and_many_phrases_take_no_time(said: str) -> None:
    """A talkative caller does not hold up the others: the most that may be said against the most that may be hinted."""
    options = {str(key): {"en": tuple(f"{key} {word} number {word}" for word in range(50))} for key in range(10)}

    began = process_time()
    choose(said, options, "en")

    assert process_time() - began < 0.5


def test_a_caller_asks_to_hear_it_again() -> None:
    """In the language of the call."""
    assert asks_again("Sorry, could you repeat that?", "en-US")
    assert asks_again("otra vez", "es-US")
    assert not asks_again("billing", "en-US")


def test_hints_are_each_once_and_within_the_providers_limit() -> None:
    """At most 500 phrases are sent."""
    many: dict[str, Phrases] = {
        str(number): {"en": (f"phrase {number}", "the same")} for number in range(MAX_HINTS + 5)
    }

    assert hints(OPTIONS, "en-US") == ("billing", "my bill", "e-mail", "technical help", "help", "no")
    assert len(hints(many, "en")) == MAX_HINTS

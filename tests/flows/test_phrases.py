"""Every language we have: whole, and understood again as it is spoken."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import understanding
from flows.phrases import LANGUAGES, SENTENCES, base, filled, places, sentence
from flows.phrases.heard import tables
from flows.phrases.language import plain
from flows.program import compile_program
from tests.flows.playing import steps

TAGS = sorted(LANGUAGES)


@pytest.mark.parametrize("tag", TAGS)
def test_a_language_has_every_sentence_with_the_same_places(tag: str) -> None:
    """Nobody hears English, or a sentence without its value, where we have their language for another sentence."""
    assert set(SENTENCES[tag]) == set(SENTENCES["en"])
    assert all(said.strip() for said in SENTENCES[tag].values())
    assert {name: places(said) for name, said in SENTENCES[tag].items()} == {
        name: places(said) for name, said in SENTENCES["en"].items()
    }


@pytest.mark.parametrize("tag", TAGS)
def test_a_language_has_every_word_for_values(tag: str) -> None:
    """Days, months, units, money and ordinals: as many as there are."""
    language, english = LANGUAGES[tag], LANGUAGES["en"]

    assert (len(language.calendar.weekdays), len(language.calendar.months)) == (7, 12)
    assert (len(language.numbers.ordinals), len(language.ear.weekdays)) == (10, 7)
    assert set(language.units) == set(english.units)
    assert set(language.currencies) == set(english.currencies)
    assert all((language.ear.yes, language.ear.no, language.ear.again))
    assert set(language.ear.keys.values()) == {"*", "#"}
    assert {0, 1, 2, -1} <= set(language.ear.days.values())


@pytest.mark.parametrize("tag", TAGS)
def test_no_word_is_both_yes_and_no(tag: str) -> None:
    """Each of them alone is understood as what it is."""
    known = tables(tag)

    assert not known.yes & known.no
    assert [word for word in LANGUAGES[tag].ear.yes if understanding.yes_no(word, tag) is not True] == []
    assert [word for word in LANGUAGES[tag].ear.no if understanding.yes_no(word, tag) is not False] == []


@pytest.mark.parametrize("tag", TAGS)
def test_the_first_thousand_numbers_are_understood(tag: str) -> None:
    """Every number below a thousand, said in words, is that number, and no two are said alike."""
    cardinal = LANGUAGES[tag].numbers.cardinal

    assert [number for number in range(1000) if understanding.number(cardinal(number), tag) != number] == []
    assert len({plain(cardinal(number)) for number in range(1000)}) == 1000


@given(st.sampled_from(TAGS), st.integers(min_value=0, max_value=999_999_999))
def test_any_number_said_is_understood(tag: str, number: int) -> None:
    """Up to a thousand million, in every language."""
    assert understanding.number(LANGUAGES[tag].numbers.cardinal(number), tag) == number


def test_a_language_we_do_not_have_is_answered_in_english() -> None:
    """By its first part if we have that."""
    assert sentence("goodbye", "es-MX") == "Hasta luego."
    assert sentence("goodbye", "nl-NL") == "Goodbye."
    assert (base("de"), base("PT-br"), base("")) == ("de", "pt", "en")


def test_a_sentence_is_filled_once() -> None:
    """What is put in is not looked at again, and a name that has no value stays."""
    assert filled("Did you mean {choice}? {other}", {"choice": "{other}"}) == "Did you mean {other}? {other}"


OWN = b"""\
name: Own
timezone: UTC
languages: [en-US, es-US]
numbers: {"+12025550100": main}
fallback: main/start
sentences:
  no_input: Are you there?
  no_match: {es-US: "Perdon, no existe."}
"""


def test_a_centre_says_built_in_sentences_in_its_own_words() -> None:
    """In the languages given; the others stay as they are."""
    files = {"center.yaml": OWN, "flows/main.yaml": steps("start: {hangup: Bye.}").encode()}

    program = compile_program(files, {}).program

    assert program is not None
    assert program.sentences["en-US"]["no_input"].text == "Are you there?"
    assert program.sentences["es-US"]["no_input"].text == SENTENCES["es"]["no_input"]
    assert program.sentences["es-US"]["no_match"].text == "Perdon, no existe."


@pytest.mark.parametrize(
    ("given_sentence", "problem"),
    [
        ("no_imput: Hello?", 'no sentence named "no_imput"; did you mean "no_input"? [unknown-sentence]'),
        ("did_you_mean: Really?", '"did_you_mean" has to hold {choice} [bad-value]'),
        ("goodbye: Bye {name}.", '"goodbye" has to hold no names in braces [bad-value]'),
        ("goodbye: 'Bye {{ caller }}.'", "a sentence holds no expressions [bad-value]"),
        ("goodbye: [Bye.]", "a text, or a map of languages to texts, is needed here [bad-value]"),
        ("goodbye: {fr-FR: Salut.}", '"fr-FR" is not one of the languages of center.yaml: en-US, es-US'),
        ("goodbye: {en-US: [x]}", "a text is needed here [bad-value]"),
        ("goodbye: ''", "a text is needed here [bad-value]"),
    ],
)
def test_a_sentence_that_would_not_be_said_right_is_a_problem(given_sentence: str, problem: str) -> None:
    """Misspelt names, missing values and languages that nobody hears."""
    center = OWN[: OWN.index(b"  no_input")] + f"  {given_sentence}\n".encode()
    files = {"center.yaml": center, "flows/main.yaml": steps("start: {hangup: Bye.}").encode()}

    found = compile_program(files, {}).problems

    assert [problem in str(one) for one in found] == [True], [str(one) for one in found]


def test_the_handbook_names_every_sentence() -> None:
    """What may be said otherwise can be found without reading code."""
    handbook = (Path(__file__).parents[2] / "docs" / "flows.md").read_text(encoding="utf-8")

    assert [name for name in SENTENCES["en"] if f"`{name}`" not in handbook] == []

"""What callers say, as values: tables of a recogniser's texts, and what must not be guessed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import spoken, understanding
from flows.phrases import LANGUAGES
from flows.phrases.language import plain

TODAY = date(2026, 3, 2)  # a Monday
TAGS = sorted(LANGUAGES)
PIECES = ("hundert", "mil", "and", "et", "5", "07", "euro", "cent", "double", "oh", "march", "first")

DIGITS = [
    ("en-US", "one two three", "123"),
    ("en-US", "123", "123"),
    ("en-US", "1 2 3.", "123"),
    ("en-US", "double five", "55"),
    ("en-US", "double five oh triple one", "550111"),
    ("en-US", "twelve thirty four", "1234"),
    ("en-US", "My number is 555-0143.", "5550143"),
    ("en-US", "it's oh for two", "042"),
    ("en-US", "nineteen ninety nine", "1999"),
    ("en-US", "one hundred twenty three", "123"),
    ("en-US", "zero zero seven", "007"),
    ("en-US", "to", None),
    ("en-US", "I want to buy a car", None),
    ("en-US", "double trouble", None),
    ("en-US", "", None),
    ("es-US", "uno dos tres", "123"),
    ("es-US", "doble cinco cero", "550"),
    ("es-US", "doce treinta y cuatro", "1234"),
    ("es-US", "es el cuatro cinco", "45"),
    ("es-US", "un momento", None),
    ("fr-FR", "zéro six quatre-vingt-dix-sept", "0697"),
    ("de-DE", "null eins sieben zwo", "0172"),
    ("de-DE", "einundzwanzig drei", "213"),
    ("pt-BR", "um dois meia", "126"),
]
AMOUNTS = [
    ("en-US", "forty two euros fifty", "42.50"),
    ("en-US", "$42.50", "42.50"),
    ("en-US", "It's $1,234.50.", "1234.50"),
    ("en-US", "42 dollars and 50 cents", "42.50"),
    ("en-US", "forty two point five", "42.5"),
    ("en-US", "forty two fifty", "42.50"),
    ("en-US", "twelve hundred", "1200"),
    ("en-US", "1,234", "1234"),
    ("en-US", "1.234", None),
    ("en-US", "fifty cents", "0.50"),
    ("en-US", "five dollars and five cents", "5.05"),
    ("en-US", "a hundred dollars", "100"),
    ("en-US", "two thousand five hundred dollars", "2500"),
    ("en-US", "forty two five", None),
    ("en-US", "five or six dollars", None),
    ("en-US", "a lot", None),
    ("en-US", "12 34 56", None),
    ("es-US", "cuarenta y dos con cincuenta", "42.50"),
    ("es-US", "cien pesos", "100"),
    ("es-US", "un euro", "1"),
    ("es-ES", "1.234,50 euros", "1234.50"),
    ("es-ES", "42,50 €", "42.50"),
    ("es-US", "veintiún mil dólares", "21000"),
    ("fr-FR", "quatre-vingts euros", "80"),
    ("de-DE", "zweiundvierzig Euro fünfzig", "42.50"),
    ("pt-BR", "quarenta e dois reais e cinquenta centavos", "42.50"),
]
DATES = [
    ("en-US", "march 3rd 2027", "2027-03-03"),
    ("en-US", "the third of march", "2026-03-03"),
    ("en-US", "3 March", "2026-03-03"),
    ("en-US", "march 1", "2027-03-01"),
    ("en-US", "march third twenty twenty seven", "2027-03-03"),
    ("en-US", "July 4th, nineteen ninety", "1990-07-04"),
    ("en-US", "july fourth two thousand and one", "2001-07-04"),
    ("en-US", "next Friday", "2026-03-06"),
    ("en-US", "monday", "2026-03-09"),
    ("en-US", "this coming tuesday", "2026-03-03"),
    ("en-US", "today", "2026-03-02"),
    ("en-US", "the day after tomorrow", "2026-03-04"),
    ("en-US", "friday march sixth", "2026-03-06"),
    ("en-US", "thursday march sixth", None),
    ("en-US", "03/04/2027", "2027-03-04"),
    ("en-GB", "03/04/2027", "2027-04-03"),
    ("en-US", "25/12/26", "2026-12-25"),
    ("en-US", "2027-03-04", "2027-03-04"),
    ("en-US", "february 29", "2028-02-29"),
    ("en-US", "february 30", None),
    ("en-US", "march 999999999 thousand", None),
    ("en-US", "march", None),
    ("en-US", "the third", None),
    ("en-US", "march third fourth", None),
    ("en-US", "tomorrow at five", None),
    ("en-US", "", None),
    ("es-US", "el tres de marzo", "2026-03-03"),
    ("es-US", "3 de marzo de 2027", "2027-03-03"),
    ("es-US", "primero de mayo de dos mil veintisiete", "2027-05-01"),
    ("es-US", "el próximo viernes", "2026-03-06"),
    ("es-US", "pasado mañana", "2026-03-04"),
    ("es-US", "04/03/2027", "2027-03-04"),
    ("fr-FR", "le premier mai", "2026-05-01"),
    ("fr-FR", "le 14 juillet 2027", "2027-07-14"),
    ("de-DE", "am dritten März", "2026-03-03"),
    ("de-DE", "einundzwanzigster Dezember", "2026-12-21"),
    ("de-DE", "nächsten Freitag", "2026-03-06"),
    ("pt-BR", "três de março", "2026-03-03"),
    ("pt-BR", "próxima sexta-feira", "2026-03-06"),
]
YES_NO = [
    ("en-US", "Yes.", True),
    ("en-US", "that's right", True),
    ("en-US", "yeah sure", True),
    ("en-US", "No, thanks.", False),
    ("en-US", "that's not right", False),
    ("en-US", "of course not", False),
    ("en-US", "yes and no", None),
    ("en-US", "billing", None),
    ("es-US", "Sí, claro", True),
    ("es-US", "claro que no", False),
    ("es-US", "no es correcto", False),
    ("fr-FR", "bien sûr que non", False),
    ("fr-FR", "oui", True),
    ("de-DE", "das stimmt nicht", False),
    ("pt-BR", "isso mesmo", True),
]
RATINGS = [
    ("en-US", "four", 5, 4),
    ("en-US", "4 stars", 5, 4),
    ("en-US", "four out of five", 5, 4),
    ("en-US", "I'd say a four", 5, 4),
    ("en-US", "eight out of ten", 10, 8),
    ("en-US", "six", 5, None),
    ("en-US", "four or five", 5, None),
    ("en-US", "great", 5, None),
    ("es-US", "cuatro estrellas", 5, 4),
    ("es-US", "una estrella", 5, 1),
    ("es-US", "le doy un cinco", 5, 5),
    ("es-US", "ocho sobre diez", 10, 8),
    ("fr-FR", "quatre sur cinq", 5, 4),
    ("de-DE", "fünf Sterne", 5, 5),
    ("pt-BR", "nota quatro", 5, 4),
    ("pt-BR", "quatro", 5, 4),
]


@pytest.mark.parametrize(("language", "said", "meant"), DIGITS)
def test_digits(language: str, said: str, meant: str | None) -> None:
    """One by one, in groups, doubled; what is only near a digit counts among digits, never alone."""
    assert understanding.digits(said, language) == meant


@pytest.mark.parametrize(("language", "said", "meant"), AMOUNTS)
def test_amounts(language: str, said: str, meant: str | None) -> None:
    """In words, in figures with either decimal sign, with the hundredths named or not."""
    assert understanding.amount(said, language) == (None if meant is None else Decimal(meant))


@pytest.mark.parametrize(("language", "said", "meant"), DATES)
def test_dates(language: str, said: str, meant: str | None) -> None:
    """Days by name, by number, in either order; without a year the next one."""
    assert understanding.date(said, language, TODAY) == (None if meant is None else date.fromisoformat(meant))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("april 5th", "2025-04-05"),
        ("march second", "2026-03-02"),
        ("friday", "2026-02-27"),
        ("february 29", "2024-02-29"),
        ("december 25 thirty", "1930-12-25"),
        ("03/04/30", "1930-03-04"),
        ("january first 26", "2026-01-01"),
    ],
)
def test_dates_that_are_past(said: str, meant: str) -> None:
    """Asked for a day that has been, the last one is meant."""
    assert understanding.date(said, "en-US", TODAY, past=True) == date.fromisoformat(meant)


@pytest.mark.parametrize(("language", "said", "meant"), YES_NO)
def test_yes_or_no(language: str, said: str, meant: bool | None) -> None:
    """The longer phrase wins over one inside it; both are neither."""
    assert understanding.yes_no(said, language) is meant


@pytest.mark.parametrize(("language", "said", "most", "meant"), RATINGS)
def test_ratings(language: str, said: str, most: int, meant: int | None) -> None:
    """A number within the range, with or without what it is out of."""
    assert understanding.rating(said, language, most=most) == meant


@given(st.sampled_from(TAGS), st.text(max_size=600))
def test_anything_at_all_is_a_value_or_none(language: str, said: str) -> None:
    """A caller's words never raise, and what comes of them keeps its bounds."""
    digits = understanding.digits(said, language)
    amount = understanding.amount(said, language)

    assert digits is None or (digits.isascii() and digits.isdecimal() and len(digits) <= understanding.MAX_DIGITS)
    assert amount is None or 0 <= amount < understanding.MAX_AMOUNT
    assert understanding.yes_no(said, language) in {True, False, None}
    assert understanding.rating(said, language) in {1, 2, 3, 4, 5, None}
    understanding.date(said, language, TODAY)


@given(st.sampled_from(TAGS), st.lists(st.sampled_from(PIECES)))
def test_words_of_numbers_in_any_order_never_raise(language: str, words: list[str]) -> None:
    """Half a number is no crash either."""
    said = " ".join(words)
    values = (understanding.digits(said, language), understanding.number(said, language))

    assert all(value is None or int(value) >= 0 for value in values)
    understanding.amount(said, language)
    understanding.date(said, language, TODAY)


@given(st.sampled_from(TAGS), st.integers(min_value=0, max_value=10_000_000))
def test_the_money_we_speak_is_understood(language: str, hundredths: int) -> None:
    """``money`` and ``amount`` are each other's inverse."""
    value = Decimal(hundredths) / 100

    assert understanding.amount(spoken.money(value, "EUR", language), language) == value


@given(st.sampled_from(TAGS), st.dates(min_value=date(1930, 1, 1), max_value=date(2099, 12, 31)))
def test_the_days_we_speak_are_understood(language: str, day: date) -> None:
    """With their year when it is another than this one; so are the words *today* and *tomorrow*."""
    assert understanding.date(spoken.day(day, language, day - timedelta(days=400)), language, TODAY) == day
    assert understanding.date(LANGUAGES[language].calendar.tomorrow, language, TODAY) == TODAY + timedelta(days=1)


@given(st.sampled_from(TAGS), st.text(alphabet="0123456789", min_size=1, max_size=20))
def test_the_digits_we_spell_are_understood(language: str, digits: str) -> None:
    """Read out digit by digit, in figures or in words."""
    cardinal = LANGUAGES[language].numbers.cardinal

    assert understanding.digits(str(spoken.spell(digits)), language) == digits
    assert understanding.digits(plain(" ".join(cardinal(int(digit)) for digit in digits)), language) == digits

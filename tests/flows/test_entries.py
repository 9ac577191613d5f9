"""What callers enter: real days in every order, amounts, check digits; nothing they press or say breaks anything."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.entries import ORDERS, Amount, Asker, Bound, Day, Digits, Entry, Words, luhn, order_of

TODAY = date(2026, 3, 2)
ASKER = Asker("en-US", TODAY)
FORMATS = {"mdy": "%m%d{}", "dmy": "%d%m{}", "ymd": "{}%m%d"}
KEYS = st.text(alphabet="0123456789*#ABCD", max_size=40)
LANGUAGES = st.sampled_from(["en-US", "en-GB", "es-US", "de", "fr-FR", "pt-BR", "ja-JP", "xx"])
ENTRIES = st.sampled_from(
    [
        Digits(1, 32),
        Digits(4, 4, None, luhn=True),
        Day(),
        Day(Bound(), Bound(days=30)),
        Amount(Decimal(5), Decimal(500)),
        Words(),
    ]
)


@pytest.mark.parametrize(
    ("digits", "valid"),
    [
        ("4111111111111111", True),
        ("79927398713", True),
        ("79927398710", False),
        ("0", True),
        ("1", False),
        ("18", True),
        ("81", False),
    ],
)
def test_the_check_digit(digits: str, *, valid: bool) -> None:
    """The examples of ISO/IEC 7812-1 and others."""
    assert luhn(digits) is valid


@given(st.from_regex(r"[0-9]{1,30}", fullmatch=True), st.integers(0, 29), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(digits: str, place: int, by: int) -> None:
    """Exactly one last digit is right, and a change of any one digit is noticed."""
    right = [digits + last for last in "0123456789" if luhn(digits + last)]
    place %= len(digits)
    changed = right[0][:place] + str((int(right[0][place]) + by) % 10) + right[0][place + 1 :]

    assert len(right) == 1
    assert not luhn(changed)


@given(st.dates(min_value=date(1000, 1, 1)), st.sampled_from(sorted(ORDERS)))
def test_every_real_day_can_be_keyed_in(day: date, order: str) -> None:
    """In each order, as eight digits."""
    keys = day.strftime(FORMATS[order].format(f"{day.year:04}"))

    assert Day(order=order).keyed(keys, ASKER) == day.isoformat()


@pytest.mark.parametrize(
    ("keys", "language", "day"),
    [
        ("03042027", "en-US", "2027-03-04"),
        ("03042027", "en", "2027-03-04"),
        ("03042027", "en-GB", "2027-04-03"),
        ("03042027", "es-US", "2027-04-03"),
        ("20270304", "ja-JP", "2027-03-04"),
        ("02292027", "en-US", None),
        ("02292028", "en-US", "2028-02-29"),
        ("13012027", "en-US", None),
        ("00002027", "en-US", None),
        ("01010000", "en-US", None),
        ("0304202", "en-US", None),
        ("030420270", "en-US", None),
        ("03*42027", "en-US", None),
        ("", "en-US", None),
    ],
)
def test_the_order_is_the_languages(keys: str, language: str, day: str | None) -> None:
    """Americans begin with the month, most with the day, some with the year; a day must be real."""
    assert Day().keyed(keys, Asker(language, TODAY)) == day


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 1, 1)), st.integers(-400, 400), st.integers(-400, 400))
def test_bounds_are_kept_and_included(day: date, since: int, until: int) -> None:
    """A day is taken when it lies between them."""
    entry = Day(Bound(days=since), Bound(days=until), "ymd")
    inside = TODAY + timedelta(days=since) <= day <= TODAY + timedelta(days=until)

    assert (entry.keyed(day.strftime("%Y%m%d"), ASKER) is not None) is inside


def test_a_bound_beyond_the_calendar_is_its_end() -> None:
    """``today+99999d`` in the year 9990."""
    late = date(9990, 1, 1)

    assert Bound(days=99_999).on(late) == date.max
    assert Bound(days=-999_999).on(date(2, 1, 1)) == date.min


@pytest.mark.parametrize(
    ("keys", "amount"),
    [
        ("12*50", 12.5),
        ("12*5", 12.5),
        ("12", 12.0),
        ("12*", 12.0),
        ("*99", 0.99),
        ("0", 0.0),
        ("500", 500.0),
        ("500*01", None),
        ("12*505", None),
        ("1*2*3", None),
        ("*", None),
        ("", None),
        ("1234567890", None),
        ("1A", None),
    ],
)
def test_the_star_is_the_decimal_point(keys: str, amount: float | None) -> None:
    """At most two decimals, within the bounds."""
    assert Amount(Decimal(0), Decimal(500)).keyed(keys, ASKER) == amount


@given(ENTRIES, KEYS | st.text(max_size=40), LANGUAGES)
def test_no_keys_break_an_entry(entry: Entry, keys: str, language: str) -> None:
    """A value of its sort, or none."""
    value = entry.keyed(keys, Asker(language, TODAY))

    assert value is None or isinstance(value, (str, float))
    if isinstance(entry, Digits) and value is not None:
        assert re.fullmatch("[0-9]{1,32}", keys)


@given(ENTRIES, st.text(max_size=60), LANGUAGES)
def test_no_words_break_an_entry(entry: Entry, words: str, language: str) -> None:
    """A recogniser may write anything."""
    value = entry.said(words, Asker(language, TODAY))

    assert value is None or isinstance(value, (str, float))


@pytest.mark.parametrize(
    ("language", "order"), [("sv-SE", "ymd"), ("en-AU", "dmy"), ("fr-CA", "dmy"), ("en-CA", "mdy")]
)
def test_orders_by_language(language: str, order: str) -> None:
    """Where a language has several, the region decides."""
    assert order_of(language) == order

"""Values as they are said, by language."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import expressions, spoken
from flows.instructions.say import Spelled
from flows.phrases import LANGUAGES

NEW_YORK = timezone(timedelta(hours=-5))
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=ZoneInfo("America/New_York"))  # a Monday; summer time begins on the 8th

CASES: list[tuple[str, str, tuple[Any, ...], str]] = [
    ("money", "en", (42.5, "USD"), "42 dollars and 50 cents"),
    ("money", "en", (1, "USD"), "1 dollar"),
    ("money", "en", ("0.01", "USD"), "1 cent"),
    ("money", "en", (0, "EUR"), "0 euros"),
    ("money", "en", (1200, "JPY"), "1200 yen"),
    ("money", "en", ("42.50", "SEK"), "42.5 S E K"),
    ("money", "en", (-3, "USD"), "-3 dollars"),
    ("money", "es", (42.5, "USD"), "42 dólares y 50 centavos"),
    ("money", "es", (42.5, "EUR"), "42 euros y 50 céntimos"),
    ("money", "de", (1.01, "EUR"), "1 Euro und 1 Cent"),
    ("money", "fr", (2, "GBP"), "2 livres"),
    ("money", "pt", (2.5, "BRL"), "2 reais e 50 centavos"),
    ("date", "en", ("2026-12-28",), "December 28"),
    ("date", "en", ("2027-01-03T08:00:00+00:00",), "January 3, 2027"),
    ("date", "es", ("2026-12-28",), "28 de diciembre"),
    ("date", "fr", ("2026-05-01",), "1er mai"),
    ("moment", "fr", ("2026-12-28T09:00:00-05:00",), "le 28 décembre à 9 heures"),
    ("date", "de", ("2027-03-03",), "3. März 2027"),
    ("date", "pt", ("2026-03-03",), "3 de março"),
    ("time", "en", ("17:30",), "5:30 PM"),
    ("time", "en", ("00:00",), "midnight"),
    ("time", "en", ("12:00",), "noon"),
    ("time", "en", ("12:05",), "12:05 PM"),
    ("time", "es", ("17:30",), "5:30 de la tarde"),
    ("time", "fr", ("17:30",), "17 heures 30"),
    ("time", "de", ("09:00",), "9 Uhr"),
    ("time", "pt", ("01:15",), "1 hora e 15"),
    ("moment", "en", (NOW,), "today at 10 AM"),
    ("moment", "en", (NOW + timedelta(days=1),), "tomorrow at 10 AM"),
    ("moment", "en", (NOW + timedelta(days=6, minutes=30),), "Sunday at 10:30 AM"),
    ("moment", "en", (datetime(2026, 3, 9, 10, 0, tzinfo=NEW_YORK),), "March 9 at 11 AM"),
    ("moment", "en", (NOW - timedelta(days=1),), "March 1 at 10 AM"),
    ("moment", "en", (datetime(2026, 3, 3, 3, 0, tzinfo=UTC).astimezone(NEW_YORK),), "today at 10 PM"),
    ("moment", "en", ("2026-03-02T20:00:00Z",), "today at 3 PM"),
    ("moment", "en", ("2026-03-20T20:00:00Z",), "March 20 at 4 PM"),
    ("moment", "en", ("2026-03-02T17:00:00",), "today at 5 PM"),
    ("moment", "en", ("0001-01-01T00:00:00Z",), "January 1, 1 at midnight"),
    ("moment", "es", (NOW + timedelta(hours=3),), "hoy a la 1 de la tarde"),
    ("moment", "es", (NOW + timedelta(days=1),), "mañana a las 10 de la mañana"),
    ("moment", "es", (NOW + timedelta(days=2),), "el miércoles a las 10 de la mañana"),
    ("moment", "es", ("2026-12-28T09:00:00-05:00",), "el 28 de diciembre a las 9 de la mañana"),
    ("moment", "fr", (NOW + timedelta(days=1),), "demain à 10 heures"),
    ("moment", "de", (NOW + timedelta(days=4),), "Freitag um 10 Uhr"),
    ("moment", "pt", (NOW + timedelta(hours=2),), "hoje ao meio-dia"),
    ("how_long", "en", (0,), "0 seconds"),
    ("how_long", "en", (45,), "45 seconds"),
    ("how_long", "en", (95,), "1 minute and 35 seconds"),
    ("how_long", "en", (5_400,), "1 hour and 30 minutes"),
    ("how_long", "en", (3_599.6,), "1 hour"),
    ("how_long", "en", (90_061,), "1 day and 1 hour"),
    ("how_long", "en", (timedelta(minutes=3),), "3 minutes"),
    ("how_long", "es", (7_260,), "2 horas y 1 minuto"),
    ("ordinal", "en", (3,), "third"),
    ("ordinal", "en", (21,), "21st"),
    ("ordinal", "en", (112,), "112th"),
    ("ordinal", "es", (2,), "segundo"),
    ("ordinal", "es", (21,), "número 21"),
    ("ordinal", "fr", (11,), "11e"),
    ("list", "en", (["red", "green", "blue"],), "red, green and blue"),
    ("list", "en", (["red"],), "red"),
    ("list", "en", ([],), ""),
    ("list", "es", (["padre", "hijo"],), "padre e hijo"),
    ("list", "es", (["agua", "hielo"],), "agua y hielo"),
    ("phone", "en", ("+12025550143",), "2 0 2, 5 5 5, 0 1 4 3"),
    ("phone", "en", ("+34600123456",), "+ 3 4, 6 0 0, 1 2 3, 4 5 6"),
    ("phone", "en", ("+351912345678",), "+ 3 5 1, 9 1 2, 3 4 5, 6 7 8"),
    ("phone", "en", ("+4930123456789",), "+ 4 9, 3 0 1, 2 3 4, 5 6 7, 8 9"),
    ("spell", "en", ("ab 12",), "a b 1 2"),
    ("spell", "en", ("4111111111111111",), "4 1 1 1, 1 1 1 1, 1 1 1 1, 1 1 1 1"),
    ("spell", "en", ("1234567",), "1 2 3, 4 5 6 7"),
    ("spell", "en", (123,), "1 2 3"),
    ("spell", "en", ("+12025550143",), "2 0 2, 5 5 5, 0 1 4 3"),
]
UNTOLD: list[tuple[str, tuple[Any, ...]]] = [
    ("money", ("a lot", "USD")),
    ("money", (float("nan"), "USD")),
    ("money", (1e300, "USD")),
    ("money", (5,)),
    ("money", (True, "USD")),
    ("date", ("soon",)),
    ("date", (None,)),
    ("time", ("25:00",)),
    ("moment", (5,)),
    ("how_long", ("x",)),
    ("ordinal", (1.5,)),
    ("list", ("abc",)),
    ("phone", ("911",)),
    ("spell", ([],)),
]


@pytest.mark.parametrize(("name", "language", "given_values", "said"), CASES)
def test_a_value_is_said_as_people_say_it(name: str, language: str, given_values: tuple[Any, ...], said: str) -> None:
    """Money, days, times as seen from now, durations, places, lists, telephone numbers."""
    assert str(spoken.tell(name, given_values, language, NOW)) == said


@pytest.mark.parametrize(("name", "given_values"), UNTOLD)
def test_what_cannot_be_said_gives_a_reason(name: str, given_values: tuple[Any, ...]) -> None:
    """Never an exception, never a guess."""
    said = spoken.tell(name, given_values, "en", NOW)

    assert isinstance(said, spoken.Untold)
    assert said.reason


def test_inside_an_expression_a_time_keeps_its_own_offset() -> None:
    """CEL knows offsets only; what opens after summer time has begun is not an hour early."""
    opens = datetime(2026, 3, 9, 8, 0, tzinfo=timezone(timedelta(hours=-4)))

    assert spoken.moment(opens, "en", NOW.astimezone(NEW_YORK)) == "March 9 at 8 AM"
    assert spoken.moment(opens, "en", NOW) == "March 9 at 8 AM"


def test_every_function_has_a_case_of_each_sort() -> None:
    """A new one cannot be forgotten above; the language knows them all."""
    assert {name for name, *_ in CASES} == {name for name, _ in UNTOLD} == set(spoken.FUNCTIONS)
    assert set(spoken.FUNCTIONS) <= expressions.FUNCTIONS


anything = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), st.lists(st.text(max_size=5)),
    st.datetimes(), st.timedeltas(), st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)  # fmt: skip


@given(st.sampled_from(sorted(spoken.FUNCTIONS)), st.sampled_from(sorted(LANGUAGES)), st.lists(anything, max_size=3))
def test_any_value_is_said_or_untold(name: str, language: str, values: list[Any]) -> None:
    """Whatever another system answers, a text is made of it or a reason given."""
    assert isinstance(spoken.tell(name, values, language, NOW), (str, Spelled, spoken.Untold))


def test_the_handbook_shows_every_function() -> None:
    """A function nobody can find is not there."""
    handbook = (Path(__file__).parents[2] / "docs" / "flows.md").read_text(encoding="utf-8")

    assert [name for name in spoken.FUNCTIONS if f"| `{name}(" not in handbook] == []

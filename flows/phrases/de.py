"""German. Numbers are one word (``zweihundertfünf``); they are understood in one word or several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.phrases.language import Calendar, Currency, Ear, Language, Numbers

if TYPE_CHECKING:
    from datetime import date

SMALL = (
    "null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf",
    "dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn",
)  # fmt: skip
TENS = ("", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig")
ORDINALS = (
    "erste", "zweite", "dritte", "vierte", "fünfte", "sechste", "siebte", "achte", "neunte", "zehnte", "elfte",
    "zwölfte", "dreizehnte", "vierzehnte", "fünfzehnte", "sechzehnte", "siebzehnte", "achtzehnte", "neunzehnte",
)  # fmt: skip
WEEKDAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
MONTHS = (
    "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
    "Dezember",
)  # fmt: skip


def cardinal(number: int) -> str:
    """``4205`` is ``viertausend zweihundert fünf``: the recogniser's words, with a blank after each size."""
    if number < 20:
        return SMALL[number]
    if number < 100:
        unit = "ein" if number % 10 == 1 else SMALL[number % 10]
        return (f"{unit}und" if number % 10 else "") + TENS[number // 10]
    if number >= 1_000_000:
        many = number // 1_000_000
        millions = "eine Million" if many == 1 else f"{cardinal(many)} Millionen"
        return millions + _rest(number % 1_000_000)
    size, name = (1_000, "tausend") if number >= 1_000 else (100, "hundert")
    many = number // size
    return ("ein" if many == 1 else cardinal(many)) + name + _rest(number % size)


def _rest(number: int) -> str:
    return f" {cardinal(number)}" if number else ""


def _month_days() -> dict[str, int]:
    """``dritte``, ``dritten``, ``dritter``, ``einundzwanzigste``: the days of a month in every case."""
    stems = [*ORDINALS, *(f"{cardinal(number)}ste" for number in range(20, 32))]
    return {stem + ending: index for index, stem in enumerate(stems, 1) for ending in ("", "n", "r")}


def nth(number: int) -> str:
    """``21`` is ``21.``, which a German voice reads as an ordinal."""
    return f"{number}."


def day(value: date, with_year: bool) -> str:
    """``28. Dezember`` or ``28. Dezember 2026``."""
    return f"{value.day}. {MONTHS[value.month - 1]}" + (f" {value.year}" if with_year else "")


def clock(hour: int, minute: int) -> str:
    """``9 Uhr``, ``17 Uhr 30``."""
    return f"{hour} Uhr" + (f" {minute}" if minute else "")


LANGUAGE = Language(
    sentences={
        "apology": "Es tut uns leid, bei uns ist ein Fehler aufgetreten.",
        "one_moment": "Einen Moment, bitte.",
        "no_input": "Ich habe leider nichts gehört.",
        "no_match": "Das gehört leider nicht zur Auswahl.",
        "not_valid": "Das scheint leider nicht zu stimmen.",
        "did_you_mean": "Meinten Sie {choice}? Für Ja drücken Sie 1. Für Nein drücken Sie 2.",
        "which_one": "Meinten Sie {choices}?",
        "for_choice": "Für {choice} drücken Sie {key}.",
        "star": "Stern",
        "pound": "Raute",
        "goodbye": "Auf Wiederhören.",
        "please_wait": "Bitte bleiben Sie am Apparat. Wir sind so bald wie möglich für Sie da.",
        "nobody_free": (
            "Es tut uns leid, im Moment kann niemand Ihren Anruf annehmen. "
            "Bitte versuchen Sie es später noch einmal."
        ),
        "offer_queue": "Ein Anruf für {queue}.",
        "offer_caller": "Von {number}.",
        "offer_accept": "Zum Annehmen drücken Sie die 1.",
        "offer_over": "Dieser Anruf wartet nicht mehr auf Sie. Auf Wiederhören.",
        "callback_number": (
            "Wir rufen Sie unter {number} zurück. Wenn das stimmt, drücken Sie 1. "
            "Für eine andere Nummer drücken Sie 2."
        ),
        "callback_ask": "Bitte geben Sie die Nummer mit Vorwahl ein und drücken Sie dann die Raute.",
    },
    both="und",
    either="oder",
    units={
        "day": ("Tag", "Tage"),
        "hour": ("Stunde", "Stunden"),
        "minute": ("Minute", "Minuten"),
        "second": ("Sekunde", "Sekunden"),
    },
    currencies={
        "USD": Currency(("Dollar", "Dollar"), ("Cent", "Cent")),
        "EUR": Currency(("Euro", "Euro"), ("Cent", "Cent")),
        "GBP": Currency(("Pfund", "Pfund"), ("Penny", "Pence")),
        "CAD": Currency(("kanadischer Dollar", "kanadische Dollar"), ("Cent", "Cent")),
        "AUD": Currency(("australischer Dollar", "australische Dollar"), ("Cent", "Cent")),
        "MXN": Currency(("Peso", "Pesos"), ("Centavo", "Centavos")),
        "BRL": Currency(("Real", "Reais"), ("Centavo", "Centavos")),
        "CHF": Currency(("Franken", "Franken"), ("Rappen", "Rappen")),
        "JPY": Currency(("Yen", "Yen"), ("", "")),
        "INR": Currency(("Rupie", "Rupien"), ("Paisa", "Paise")),
    },
    calendar=Calendar(
        weekdays=WEEKDAYS,
        months=MONTHS,
        today="heute",
        tomorrow="morgen",
        day=day,
        clock=clock,
        at=lambda day, _hour, clock: f"{day} um {clock}",
    ),
    numbers=Numbers(cardinal, ORDINALS[:10], nth, decimal_comma=True),
    ear=Ear(
        yes=(
            "ja", "jawohl", "genau", "richtig", "stimmt", "korrekt", "in Ordnung", "okay", "ok", "klar", "natürlich",
            "das stimmt", "das ist richtig", "gerne", "jo",
        ),
        no=(
            "nein", "nee", "nicht", "falsch", "nicht richtig", "stimmt nicht", "das stimmt nicht", "nicht korrekt",
            "keineswegs", "natürlich nicht", "auf keinen Fall",
        ),
        again=("wiederholen", "noch einmal", "nochmal", "noch mal", "wiederhole"),
        numbers={"zwo": 2},
        articles=("ein", "eine", "einen"),
        one_word=True,
        hundred=("hundert",),
        hundreds={},
        thousand=("tausend",),
        million=("Million", "Millionen"),
        joints=("und",),
        points=("Komma", "Punkt"),
        fillers=(
            "das", "ist", "die", "der", "den", "am", "meine", "Nummer", "bitte", "Strich", "Bindestrich", "und", "dann",
            "äh", "ich", "nehme", "gebe", "Sterne", "Stern", "Punkte", "Note", "Taste", "drücke", "würde", "sagen",
            "also", "es", "eine",
            "ein", "im", "Jahr", "Uhr",
        ),
        times={"doppel": 2, "doppelt": 2},
        homophones={},
        keys={"Stern": "*", "Sternchen": "*", "Raute": "#", "Rautetaste": "#"},
        days={"heute": 0, "morgen": 1, "übermorgen": 2, "gestern": -1, "in einer Woche": 7, "in zwei Wochen": 14},
        weekdays=(
            ("Montag",), ("Dienstag",), ("Mittwoch",), ("Donnerstag",), ("Freitag",), ("Samstag", "Sonnabend"),
            ("Sonntag",),
        ),
        next=("nächsten", "nächster", "nächste", "kommenden", "diesen"),
        ordinals=_month_days(),
        out_of=("von",),
        month_first=False,
    ),
)  # fmt: skip

"""English, as it is spoken in the United States; ``en-GB`` and others write days in digits in another order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.phrases.language import Calendar, Currency, Ear, Language, Numbers

if TYPE_CHECKING:
    from datetime import date

SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
    "twentieth", "twenty first", "twenty second", "twenty third", "twenty fourth", "twenty fifth", "twenty sixth",
    "twenty seventh", "twenty eighth", "twenty ninth", "thirtieth", "thirty first",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def cardinal(number: int) -> str:
    """``4205`` is ``four thousand two hundred five``."""
    if number < 20:
        return SMALL[number]
    if number < 100:
        return TENS[number // 10] + (f" {SMALL[number % 10]}" if number % 10 else "")
    for size, name in ((1_000_000, "million"), (1_000, "thousand"), (100, "hundred")):
        if number >= size:
            rest = f" {cardinal(number % size)}" if number % size else ""
            return f"{cardinal(number // size)} {name}{rest}"
    raise AssertionError(number)


def nth(number: int) -> str:
    """``21`` is ``21st``."""
    ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def day(value: date, with_year: bool) -> str:
    """``December 28`` or ``December 28, 2026``."""
    return f"{MONTHS[value.month - 1]} {value.day}" + (f", {value.year}" if with_year else "")


def clock(hour: int, minute: int) -> str:
    """``9 AM``, ``5:30 PM``, ``noon``, ``midnight``."""
    if minute == 0 and hour in {0, 12}:
        return "noon" if hour else "midnight"
    minutes = f":{minute:02}" if minute else ""
    return f"{hour % 12 or 12}{minutes} {'AM' if hour < 12 else 'PM'}"


LANGUAGE = Language(
    sentences={
        "apology": "We are sorry, something went wrong on our side.",
        "one_moment": "One moment, please.",
        "no_input": "Sorry, I did not hear anything.",
        "no_match": "Sorry, that is not one of the choices.",
        "not_valid": "Sorry, that does not look right.",
        "did_you_mean": "Did you mean {choice}? For yes, press 1. For no, press 2.",
        "which_one": "Did you mean {choices}?",
        "for_choice": "For {choice}, press {key}.",
        "star": "star",
        "pound": "pound",
        "goodbye": "Goodbye.",
        "please_wait": "Please hold the line. Somebody will be with you as soon as possible.",
        "nobody_free": "We are sorry, nobody can take your call at the moment. Please try again later.",
        "offer_queue": "A call for {queue}.",
        "offer_caller": "From {number}.",
        "offer_accept": "To accept, press 1.",
        "offer_over": "That call is no longer waiting for you. Goodbye.",
        "callback_number": (
            "We will call you back at {number}. If that is right, press 1. "
            "To give another number, press 2."
        ),
        "callback_ask": "Please key in the number with its area code, then press pound.",
    },
    both="and",
    either="or",
    units={
        "day": ("day", "days"),
        "hour": ("hour", "hours"),
        "minute": ("minute", "minutes"),
        "second": ("second", "seconds"),
    },
    currencies={
        "USD": Currency(("dollar", "dollars"), ("cent", "cents")),
        "EUR": Currency(("euro", "euros"), ("cent", "cents")),
        "GBP": Currency(("pound", "pounds"), ("penny", "pence")),
        "CAD": Currency(("Canadian dollar", "Canadian dollars"), ("cent", "cents")),
        "AUD": Currency(("Australian dollar", "Australian dollars"), ("cent", "cents")),
        "MXN": Currency(("peso", "pesos"), ("centavo", "centavos")),
        "BRL": Currency(("real", "reais"), ("centavo", "centavos")),
        "CHF": Currency(("Swiss franc", "Swiss francs"), ("centime", "centimes")),
        "JPY": Currency(("yen", "yen"), ("", "")),
        "INR": Currency(("rupee", "rupees"), ("paisa", "paise")),
    },
    calendar=Calendar(
        weekdays=WEEKDAYS,
        months=MONTHS,
        today="today",
        tomorrow="tomorrow",
        day=day,
        clock=clock,
        at=lambda day, _hour, clock: f"{day} at {clock}",
    ),
    numbers=Numbers(cardinal, ORDINALS[:10], nth, decimal_comma=False),
    ear=Ear(
        yes=(
            "yes", "yeah", "yep", "yup", "sure", "correct", "right", "okay", "ok", "of course", "absolutely",
            "affirmative", "that is it", "that's it", "thats it", "exactly", "please do", "definitely",
        ),
        no=(
            "no", "nope", "nah", "not", "not correct", "not right", "isn't", "isn't right", "isnt", "isnt right",
            "not really", "wrong", "incorrect",
            "negative", "don't", "dont", "do not", "of course not", "absolutely not",
        ),
        again=(
            "repeat", "again", "repeat that", "say that again", "say again", "hear that again", "repeat the options",
        ),
        numbers={"nought": 0},
        articles=("a", "an"),
        one_word=False,
        hundred=("hundred",),
        hundreds={},
        thousand=("thousand",),
        million=("million", "millions"),
        joints=("and",),
        points=("point", "dot"),
        fillers=(
            "its", "it's", "it is", "it", "is", "s", "um", "uh", "er", "my", "the", "number", "please", "dash",
            "hyphen", "space",
            "and", "then", "thats", "that's", "that is", "a", "an", "on", "i", "would", "say", "id", "i'd",
            "would like", "about",
            "around", "maybe", "press", "option", "choose", "of", "in", "give", "you", "rating", "star", "stars",
            "points", "this", "coming", "number is", "key", "well", "so", "okay",
        ),
        times={"double": 2, "triple": 3, "treble": 3},
        homophones={"oh": 0, "o": 0, "won": 1, "to": 2, "too": 2, "for": 4, "fore": 4, "ate": 8},
        keys={"star": "*", "asterisk": "*", "pound": "#", "hash": "#", "number sign": "#", "hashtag": "#"},
        days={
            "today": 0, "tomorrow": 1, "day after tomorrow": 2, "yesterday": -1, "a week from today": 7,
            "in a week": 7, "in two weeks": 14,
        },
        weekdays=(
            ("monday", "mon"), ("tuesday", "tue"), ("wednesday", "wed"), ("thursday", "thu"), ("friday", "fri"),
            ("saturday", "sat"), ("sunday", "sun"),
        ),
        next=("next", "this", "coming", "this coming"),
        ordinals={name: index for index, name in enumerate(ORDINALS, 1)},
        out_of=("out of", "of"),
        month_first=True,
    ),
)  # fmt: skip

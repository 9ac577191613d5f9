"""Built-in sentences, by language: what is said when the author gave no words for it.

Chosen by language tag (``es-US``), then by its first part (``es``), then English.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

SENTENCES: dict[str, dict[str, str]] = {
    "en": {
        "apology": "We are sorry, something went wrong on our side.",
        "one_moment": "One moment, please.",
        "no_input": "Sorry, I did not hear anything.",
        "no_match": "Sorry, that is not one of the choices.",
        "not_valid": "Sorry, that does not look right.",
        "goodbye": "Goodbye.",
    },
    "es": {
        "apology": "Lo sentimos, se ha producido un error por nuestra parte.",
        "one_moment": "Un momento, por favor.",
        "no_input": "Lo siento, no he oído nada.",
        "no_match": "Lo siento, esa no es una de las opciones.",
        "not_valid": "Lo siento, eso no parece correcto.",
        "goodbye": "Hasta luego.",
    },
    "de": {
        "apology": "Es tut uns leid, bei uns ist ein Fehler aufgetreten.",
        "one_moment": "Einen Moment, bitte.",
        "no_input": "Ich habe leider nichts gehört.",
        "no_match": "Das gehört leider nicht zur Auswahl.",
        "not_valid": "Das scheint leider nicht zu stimmen.",
        "goodbye": "Auf Wiederhören.",
    },
    "fr": {
        "apology": "Nous sommes désolés, une erreur s'est produite de notre côté.",
        "one_moment": "Un instant, s'il vous plaît.",
        "no_input": "Désolé, je n'ai rien entendu.",
        "no_match": "Désolé, ce choix n'existe pas.",
        "not_valid": "Désolé, cela ne semble pas correct.",
        "goodbye": "Au revoir.",
    },
}

# What a recogniser writes when a caller says a key instead of pressing it.
DIGITS: dict[str, tuple[str, ...]] = {
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "es": ("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"),
    "de": ("null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"),
    "fr": ("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"),
}

WEEKDAYS: dict[str, tuple[str, ...]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("el lunes", "el martes", "el miércoles", "el jueves", "el viernes", "el sábado", "el domingo"),
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
}


def base(language: str) -> str:
    """The first part of a language tag if we have sentences in it, else ``en``."""
    first = language.split("-", maxsplit=1)[0].lower()
    return first if first in SENTENCES else "en"


def sentence(name: str, language: str) -> str:
    """A built-in sentence in the nearest language we have; KeyError when there is none of that name."""
    return SENTENCES[base(language)][name]


def digit(words: str, language: str) -> str | None:
    """The key a caller has named (``two`` is ``2``); None when it is not one digit's name."""
    names = DIGITS[base(language)]
    return str(names.index(words)) if words in names else None


def moment(value: datetime, language: str) -> str:
    """A time as it is spoken: ``Monday at 9:00 AM``, ``el lunes a las 9:00``."""
    day = WEEKDAYS[base(language)][value.weekday()]
    clock = f"{value.hour}:{value.minute:02}"
    if base(language) == "en":
        half = "AM" if value.hour < 12 else "PM"
        return f"{day} at {value.hour % 12 or 12}:{value.minute:02} {half}"
    joint = {"es": " a la " if value.hour == 1 else " a las ", "de": " um ", "fr": " à "}[base(language)]
    return f"{day}{joint}{clock}"

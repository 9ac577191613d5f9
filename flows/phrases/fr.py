"""French; Belgian and Swiss numbers are understood, those of France are spoken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.phrases.language import Calendar, Currency, Ear, Language, Numbers

if TYPE_CHECKING:
    from datetime import date

SMALL = (
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize",
    "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf",
)  # fmt: skip
TENS = ("", "", "vingt", "trente", "quarante", "cinquante", "soixante", "soixante", "quatre-vingt", "quatre-vingt")
ORDINALS = (
    "premier", "deuxième", "troisième", "quatrième", "cinquième", "sixième", "septième", "huitième", "neuvième",
    "dixième",
)  # fmt: skip
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip


def cardinal(number: int) -> str:
    """``4205`` is ``quatre mille deux cent cinq``."""
    if number < 20:
        return SMALL[number]
    if number < 100:
        return _below_hundred(number)
    for size, name in ((1_000_000, "million"), (1_000, "mille"), (100, "cent")):
        if number >= size:
            rest = f" {cardinal(number % size)}" if number % size else ""
            many = "" if number < 2 * size and size < 1_000_000 else f"{cardinal(number // size)} "
            return f"{many}{name}{rest}"
    raise AssertionError(number)


def _below_hundred(number: int) -> str:
    ten, unit = divmod(number, 10)
    if ten in {7, 9}:
        unit += 10
    if number == 80:
        return "quatre-vingts"
    if unit == 0:
        return TENS[ten]
    joint = " et " if unit in {1, 11} and ten < 8 else "-"
    return f"{TENS[ten]}{joint}{SMALL[unit]}"


def nth(number: int) -> str:
    """``21`` is ``21e``."""
    return f"{number}e"


def day(value: date, with_year: bool) -> str:
    """``28 décembre`` or ``28 décembre 2026``; the first is ``1er``."""
    number = "1er" if value.day == 1 else str(value.day)
    return f"{number} {MONTHS[value.month - 1]}" + (f" {value.year}" if with_year else "")


def clock(hour: int, minute: int) -> str:
    """``9 heures``, ``17 heures 30``, ``midi``, ``minuit``."""
    if minute == 0 and hour in {0, 12}:
        return "midi" if hour else "minuit"
    return f"{hour} heure{'' if hour < 2 else 's'}" + (f" {minute}" if minute else "")


LANGUAGE = Language(
    sentences={
        "apology": "Nous sommes désolés, une erreur s'est produite de notre côté.",
        "one_moment": "Un instant, s'il vous plaît.",
        "no_input": "Désolé, je n'ai rien entendu.",
        "no_match": "Désolé, ce choix n'existe pas.",
        "not_valid": "Désolé, cela ne semble pas correct.",
        "did_you_mean": "Avez-vous dit {choice} ? Pour oui, appuyez sur 1. Pour non, appuyez sur 2.",
        "which_one": "Avez-vous dit {choices} ?",
        "for_choice": "Pour {choice}, appuyez sur {key}.",
        "star": "étoile",
        "pound": "dièse",
        "goodbye": "Au revoir.",
        "please_wait": "Veuillez rester en ligne. Nous vous répondrons dès que possible.",
        "nobody_free": "Désolé, personne ne peut prendre votre appel pour le moment. Veuillez rappeler plus tard.",
        "offer_queue": "Un appel pour {queue}.",
        "offer_caller": "De {number}.",
        "offer_accept": "Pour le prendre, tapez 1.",
        "offer_over": "Cet appel ne vous attend plus. Au revoir.",
        "callback_number": (
            "Nous vous rappellerons au {number}. Si c'est correct, appuyez sur 1. "
            "Pour donner un autre numéro, appuyez sur 2."
        ),
        "callback_ask": "Composez le numéro avec son indicatif, puis appuyez sur dièse.",
    },
    both="et",
    either="ou",
    units={
        "day": ("jour", "jours"),
        "hour": ("heure", "heures"),
        "minute": ("minute", "minutes"),
        "second": ("seconde", "secondes"),
    },
    currencies={
        "USD": Currency(("dollar", "dollars"), ("cent", "cents")),
        "EUR": Currency(("euro", "euros"), ("centime", "centimes")),
        "GBP": Currency(("livre", "livres"), ("penny", "pence")),
        "CAD": Currency(("dollar canadien", "dollars canadiens"), ("cent", "cents")),
        "AUD": Currency(("dollar australien", "dollars australiens"), ("cent", "cents")),
        "MXN": Currency(("peso", "pesos"), ("centavo", "centavos")),
        "BRL": Currency(("réal", "réals"), ("centavo", "centavos")),
        "CHF": Currency(("franc suisse", "francs suisses"), ("centime", "centimes")),
        "JPY": Currency(("yen", "yens"), ("", "")),
        "INR": Currency(("roupie", "roupies"), ("paisa", "paisas")),
    },
    calendar=Calendar(
        weekdays=WEEKDAYS,
        months=MONTHS,
        today="aujourd'hui",
        tomorrow="demain",
        day=day,
        clock=clock,
        at=lambda day, _hour, clock: f"{day} à {clock}",
        on="le ",
    ),
    numbers=Numbers(cardinal, ORDINALS, nth, decimal_comma=True),
    ear=Ear(
        yes=(
            "oui", "ouais", "d'accord", "exact", "exactement", "c'est ça", "c'est exact", "bien sûr", "correct", "ok",
            "okay", "tout à fait", "voilà", "absolument",
        ),
        no=(
            "non", "pas", "pas du tout", "c'est faux", "faux", "incorrect", "ce n'est pas ça", "pas exact",
            "pas correct", "bien sûr que non", "absolument pas", "négatif",
        ),
        again=("répéter", "répétez", "encore", "encore une fois", "à nouveau"),
        numbers={
            "une": 1, "quatre vingt": 80, "septante": 70, "huitante": 80, "octante": 80, "nonante": 90,
            "vingt et une": 21,
        },
        articles=(),
        one_word=False,
        hundred=("cent", "cents"),
        hundreds={},
        thousand=("mille",),
        million=("million", "millions"),
        joints=("et",),
        points=("virgule", "point"),
        fillers=(
            "c'est", "le", "la", "mon", "numéro", "s'il vous plaît", "tiret", "et", "puis", "euh", "les", "de", "du",
            "option", "appuyer", "je", "dirais", "donne", "un", "une", "étoiles", "étoile", "points", "note", "alors",
            "ben", "l", "au",
            "c",
        ),
        times={"double": 2, "triple": 3},
        homophones={},
        keys={"étoile": "*", "astérisque": "*", "dièse": "#"},
        days={
            "aujourd'hui": 0, "demain": 1, "après demain": 2, "hier": -1, "dans une semaine": 7,
            "dans deux semaines": 14,
        },
        weekdays=tuple((name,) for name in WEEKDAYS),
        next=("prochain", "ce", "qui vient"),
        ordinals={"premier": 1},
        out_of=("sur",),
        month_first=False,
    ),
)  # fmt: skip

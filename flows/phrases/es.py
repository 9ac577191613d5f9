"""Spanish; times of day as they are said in most countries (``las 5 de la tarde``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.phrases.language import Calendar, Currency, Ear, Language, Numbers

if TYPE_CHECKING:
    from datetime import date

SMALL = (
    "cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce",
    "trece", "catorce", "quince", "dieciséis", "diecisiete", "dieciocho", "diecinueve", "veinte", "veintiuno",
    "veintidós", "veintitrés", "veinticuatro", "veinticinco", "veintiséis", "veintisiete", "veintiocho", "veintinueve",
)  # fmt: skip
TENS = ("", "", "", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa")
HUNDREDS = (
    "", "ciento", "doscientos", "trescientos", "cuatrocientos", "quinientos", "seiscientos", "setecientos",
    "ochocientos", "novecientos",
)  # fmt: skip
ORDINALS = ("primero", "segundo", "tercero", "cuarto", "quinto", "sexto", "séptimo", "octavo", "noveno", "décimo")
WEEKDAYS = ("el lunes", "el martes", "el miércoles", "el jueves", "el viernes", "el sábado", "el domingo")
MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
    "diciembre",
)  # fmt: skip


def cardinal(number: int) -> str:
    """``4205`` is ``cuatro mil doscientos cinco``."""
    if number < 30:
        return SMALL[number]
    if number < 100:
        return TENS[number // 10] + (f" y {SMALL[number % 10]}" if number % 10 else "")
    if number == 100:
        return "cien"
    if number < 1_000:
        return HUNDREDS[number // 100] + _rest(number % 100)
    if number < 1_000_000:
        thousands = "" if number < 2_000 else f"{_before_noun(number // 1_000)} "
        return f"{thousands}mil{_rest(number % 1_000)}"
    millions = "un millón" if number < 2_000_000 else f"{_before_noun(number // 1_000_000)} millones"
    return millions + _rest(number % 1_000_000)


def _rest(number: int) -> str:
    return f" {cardinal(number)}" if number else ""


def _before_noun(number: int) -> str:
    """``veintiún`` mil, not ``veintiuno`` mil."""
    said = cardinal(number)
    if said.endswith("veintiuno"):
        return said.removesuffix("veintiuno") + "veintiún"
    return said.removesuffix("o") if said.endswith("uno") else said


def nth(number: int) -> str:
    """``21`` is ``número 21``: nobody says ``vigésimo primero`` on the telephone."""
    return f"número {number}"


def day(value: date, with_year: bool) -> str:
    """``28 de diciembre`` or ``28 de diciembre de 2026``; the first is ``1 de``."""
    return f"{value.day} de {MONTHS[value.month - 1]}" + (f" de {value.year}" if with_year else "")


def clock(hour: int, minute: int) -> str:
    """``9 de la mañana``, ``5:30 de la tarde``, ``9 de la noche``; the article is said before it."""
    minutes = f":{minute:02}" if minute else ""
    part = "la mañana" if hour < 12 else "la tarde" if hour < 20 else "la noche"
    return f"{hour % 12 or 12}{minutes} de {'la noche' if hour == 0 else part}"


def at(day: str, hour: int, clock: str) -> str:
    """``el lunes a las 9 de la mañana``, ``hoy a la 1 de la tarde``."""
    return f"{day} a {'la' if hour % 12 == 1 else 'las'} {clock}"


LANGUAGE = Language(
    sentences={
        "apology": "Lo sentimos, se ha producido un error por nuestra parte.",
        "one_moment": "Un momento, por favor.",
        "no_input": "Lo siento, no he oído nada.",
        "no_match": "Lo siento, esa no es una de las opciones.",
        "not_valid": "Lo siento, eso no parece correcto.",
        "did_you_mean": "¿Ha dicho {choice}? Si es correcto, oprima 1. Si no, oprima 2.",
        "which_one": "¿Ha dicho {choices}?",
        "for_choice": "Para {choice}, oprima {key}.",
        "star": "asterisco",
        "pound": "numeral",
        "goodbye": "Hasta luego.",
        "please_wait": "Permanezca en línea, por favor. Le atenderemos lo antes posible.",
        "nobody_free": "Lo sentimos, nadie puede atender su llamada en este momento. Vuelva a intentarlo más tarde.",
        "offer_queue": "Una llamada para {queue}.",
        "offer_caller": "De {number}.",
        "offer_accept": "Para aceptarla, pulse 1.",
        "offer_over": "Esa llamada ya no le espera. Adiós.",
        "callback_number": (
            "Le devolveremos la llamada al {number}. Si es correcto, oprima 1. "
            "Para dar otro número, oprima 2."
        ),
        "callback_ask": "Marque el número con su código de área y después oprima numeral.",
    },
    both="y",
    either="o",
    units={
        "day": ("día", "días"),
        "hour": ("hora", "horas"),
        "minute": ("minuto", "minutos"),
        "second": ("segundo", "segundos"),
    },
    currencies={
        "USD": Currency(("dólar", "dólares"), ("centavo", "centavos")),
        "EUR": Currency(("euro", "euros"), ("céntimo", "céntimos")),
        "GBP": Currency(("libra", "libras"), ("penique", "peniques")),
        "CAD": Currency(("dólar canadiense", "dólares canadienses"), ("centavo", "centavos")),
        "AUD": Currency(("dólar australiano", "dólares australianos"), ("centavo", "centavos")),
        "MXN": Currency(("peso", "pesos"), ("centavo", "centavos")),
        "BRL": Currency(("real", "reales"), ("centavo", "centavos")),
        "CHF": Currency(("franco suizo", "francos suizos"), ("céntimo", "céntimos")),
        "JPY": Currency(("yen", "yenes"), ("", "")),
        "INR": Currency(("rupia", "rupias"), ("paisa", "paisas")),
    },
    calendar=Calendar(WEEKDAYS, MONTHS, today="hoy", tomorrow="mañana", day=day, clock=clock, at=at, on="el "),
    numbers=Numbers(cardinal, ORDINALS, nth, decimal_comma=True),
    ear=Ear(
        yes=(
            "sí", "claro", "correcto", "exacto", "eso es", "está bien", "de acuerdo", "vale", "por supuesto", "cierto",
            "afirmativo", "así es", "ok", "okay", "bueno",
        ),
        no=(
            "no", "incorrecto", "nada de eso", "negativo", "no es correcto", "no está bien", "no es cierto", "falso",
            "claro que no", "por supuesto que no", "no es eso", "para nada",
        ),
        again=("repetir", "repita", "otra vez", "de nuevo", "repítalo", "repetir las opciones"),
        numbers={"veintiún": 21, "veintiuna": 21}
        | {f"{ten} y {one}": (index + 3) * 10 + 1 for index, ten in enumerate(TENS[3:]) for one in ("un", "una")},
        articles=("un", "una"),
        one_word=False,
        hundred=(),
        hundreds={"cien": 100, "ciento": 100}
        | {name: index * 100 for index, name in enumerate(HUNDREDS) if index > 1}
        | {name.removesuffix("os") + "as": index * 100 for index, name in enumerate(HUNDREDS) if index > 1},
        thousand=("mil",),
        million=("millón", "millones"),
        joints=("y",),
        points=("coma", "punto", "con"),
        fillers=(
            "es", "el", "la", "mi", "número", "por favor", "guion", "y", "luego", "de", "del", "eh", "son", "un", "una",
            "opción", "oprimir", "pulsar", "marcar", "quiero", "le", "doy", "estrellas", "estrella", "puntos",
            "punto", "nota", "día", "a",
            "los", "las", "año", "este", "pues", "bueno", "diría", "me", "quería",
        ),
        times={"doble": 2, "triple": 3},
        homophones={},
        keys={
            "asterisco": "*", "estrella": "*", "numeral": "#", "almohadilla": "#", "gato": "#", "michi": "#",
        },
        days={"hoy": 0, "mañana": 1, "pasado mañana": 2, "ayer": -1, "en una semana": 7, "en dos semanas": 14},
        weekdays=(
            ("lunes",), ("martes",), ("miércoles",), ("jueves",), ("viernes",), ("sábado",), ("domingo",),
        ),
        next=("próximo", "este", "que viene"),
        ordinals={"primero": 1, "primer": 1},
        out_of=("de", "sobre", "de un total de"),
        month_first=False,
    ),
)  # fmt: skip

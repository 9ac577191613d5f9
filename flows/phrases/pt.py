"""Portuguese, as it is spoken in Brazil; that of Portugal is understood where it differs in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.phrases.language import Calendar, Currency, Ear, Language, Numbers

if TYPE_CHECKING:
    from datetime import date

SMALL = (
    "zero", "um", "dois", "três", "quatro", "cinco", "seis", "sete", "oito", "nove", "dez", "onze", "doze", "treze",
    "catorze", "quinze", "dezesseis", "dezessete", "dezoito", "dezenove",
)  # fmt: skip
TENS = ("", "", "vinte", "trinta", "quarenta", "cinquenta", "sessenta", "setenta", "oitenta", "noventa")
HUNDREDS = (
    "", "cento", "duzentos", "trezentos", "quatrocentos", "quinhentos", "seiscentos", "setecentos", "oitocentos",
    "novecentos",
)  # fmt: skip
ORDINALS = ("primeiro", "segundo", "terceiro", "quarto", "quinto", "sexto", "sétimo", "oitavo", "nono", "décimo")
WEEKDAYS = ("segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado", "domingo")
MONTHS = (
    "janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro",
    "dezembro",
)  # fmt: skip


def cardinal(number: int) -> str:
    """``4205`` is ``quatro mil duzentos e cinco``."""
    if number < 20:
        return SMALL[number]
    if number < 100:
        return TENS[number // 10] + (f" e {SMALL[number % 10]}" if number % 10 else "")
    if number == 100:
        return "cem"
    if number < 1_000:
        return HUNDREDS[number // 100] + (f" e {cardinal(number % 100)}" if number % 100 else "")
    if number < 1_000_000:
        thousands = "" if number < 2_000 else f"{cardinal(number // 1_000)} "
        return f"{thousands}mil{_rest(number % 1_000)}"
    millions = "um milhão" if number < 2_000_000 else f"{cardinal(number // 1_000_000)} milhões"
    return millions + _rest(number % 1_000_000)


def _rest(number: int) -> str:
    if not number:
        return ""
    return (" e " if number < 100 or (number < 1_000 and number % 100 == 0) else " ") + cardinal(number)


def nth(number: int) -> str:
    """``21`` is ``número 21``."""
    return f"número {number}"


def day(value: date, with_year: bool) -> str:
    """``28 de dezembro`` or ``28 de dezembro de 2026``."""
    return f"{value.day} de {MONTHS[value.month - 1]}" + (f" de {value.year}" if with_year else "")


def clock(hour: int, minute: int) -> str:
    """``9 horas``, ``17 horas e 30``, ``meio-dia``, ``meia-noite``."""
    if minute == 0 and hour in {0, 12}:
        return "meio-dia" if hour else "meia-noite"
    return f"{hour} hora{'' if hour < 2 else 's'}" + (f" e {minute}" if minute else "")


def at(day: str, hour: int, clock: str) -> str:
    """``amanhã às 9 horas``, ``hoje à 1 hora``, ``hoje ao meio-dia``."""
    joint = {"meio-dia": "ao", "meia-noite": "à"}.get(clock) or ("à" if hour < 2 else "às")
    return f"{day} {joint} {clock}"


LANGUAGE = Language(
    sentences={
        "apology": "Desculpe, ocorreu um erro do nosso lado.",
        "one_moment": "Um momento, por favor.",
        "no_input": "Desculpe, não ouvi nada.",
        "no_match": "Desculpe, essa não é uma das opções.",
        "not_valid": "Desculpe, isso não parece correto.",
        "did_you_mean": "Você disse {choice}? Para sim, digite 1. Para não, digite 2.",
        "which_one": "Você disse {choices}?",
        "for_choice": "Para {choice}, digite {key}.",
        "star": "asterisco",
        "pound": "jogo da velha",
        "goodbye": "Até logo.",
        "please_wait": "Permaneça na linha, por favor. Atenderemos assim que possível.",
        "nobody_free": "Desculpe, ninguém pode atender a sua ligação no momento. Tente novamente mais tarde.",
        "offer_queue": "Uma chamada para {queue}.",
        "offer_caller": "De {number}.",
        "offer_accept": "Para atender, pressione 1.",
        "offer_over": "Essa chamada já não espera por você. Até logo.",
        "callback_number": (
            "Ligaremos de volta para {number}. Se estiver correto, digite 1. "
            "Para informar outro número, digite 2."
        ),
        "callback_ask": "Digite o número com o código de área e depois pressione jogo da velha.",
    },
    both="e",
    either="ou",
    units={
        "day": ("dia", "dias"),
        "hour": ("hora", "horas"),
        "minute": ("minuto", "minutos"),
        "second": ("segundo", "segundos"),
    },
    currencies={
        "USD": Currency(("dólar", "dólares"), ("centavo", "centavos")),
        "EUR": Currency(("euro", "euros"), ("cêntimo", "cêntimos")),
        "GBP": Currency(("libra", "libras"), ("penny", "pence")),
        "CAD": Currency(("dólar canadense", "dólares canadenses"), ("centavo", "centavos")),
        "AUD": Currency(("dólar australiano", "dólares australianos"), ("centavo", "centavos")),
        "MXN": Currency(("peso", "pesos"), ("centavo", "centavos")),
        "BRL": Currency(("real", "reais"), ("centavo", "centavos")),
        "CHF": Currency(("franco suíço", "francos suíços"), ("cêntimo", "cêntimos")),
        "JPY": Currency(("iene", "ienes"), ("", "")),
        "INR": Currency(("rupia", "rupias"), ("paisa", "paisas")),
    },
    calendar=Calendar(WEEKDAYS, MONTHS, today="hoje", tomorrow="amanhã", day=day, clock=clock, at=at),
    numbers=Numbers(cardinal, ORDINALS, nth, decimal_comma=True),
    ear=Ear(
        yes=(
            "sim", "claro", "correto", "certo", "isso", "isso mesmo", "exato", "exatamente", "com certeza", "está bem",
            "ok", "okay", "tá bom", "é isso", "pode ser",
        ),
        no=(
            "não", "errado", "incorreto", "não é isso", "não está certo", "não é", "claro que não", "negativo",
            "de jeito nenhum",
        ),
        again=("repetir", "repita", "de novo", "outra vez", "mais uma vez"),
        numbers={
            "uma": 1, "duas": 2, "meia": 6, "quatorze": 14, "dezasseis": 16, "dezassete": 17, "dezanove": 19,
        },
        articles=(),
        one_word=False,
        hundred=(),
        hundreds={"cem": 100, "cento": 100}
        | {name: index * 100 for index, name in enumerate(HUNDREDS) if index > 1}
        | {name.removesuffix("os") + "as": index * 100 for index, name in enumerate(HUNDREDS) if index > 1},
        thousand=("mil",),
        million=("milhão", "milhões"),
        joints=("e",),
        points=("vírgula", "ponto"),
        fillers=(
            "é", "o", "a", "meu", "número", "por favor", "traço", "hífen", "e", "depois", "de", "do", "no", "na", "dia",
            "opção", "digitar", "eu", "dou", "diria", "um", "uma", "estrelas", "estrela", "pontos", "nota", "então",
            "bem", "com", "ano",
            "minha", "feira",
        ),
        times={"dobro": 2, "duplo": 2, "triplo": 3},
        homophones={},
        keys={"asterisco": "*", "estrela": "*", "jogo da velha": "#", "cerquilha": "#", "cardinal": "#"},
        days={
            "hoje": 0, "amanhã": 1, "depois de amanhã": 2, "ontem": -1, "em uma semana": 7, "em duas semanas": 14,
        },
        weekdays=(
            ("segunda-feira", "segunda"), ("terça-feira", "terça"), ("quarta-feira", "quarta"),
            ("quinta-feira", "quinta"), ("sexta-feira", "sexta"), ("sábado",), ("domingo",),
        ),
        next=("próxima", "próximo", "esta", "este", "que vem"),
        ordinals={"primeiro": 1},
        out_of=("de", "em"),
        month_first=False,
    ),
)  # fmt: skip

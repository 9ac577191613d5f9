"""Which voices the provider speaks with: names as they stand in ``center.yaml``, with the languages they know.

Lists of voices grow, so a name that is not here is worth a look and no more. Sources: docs.aws.amazon.com/polly,
"Available voices" (2026-03); twilio.com/docs/voice/twiml/say for how they are named there (error 13511 for any other).
"""

from __future__ import annotations

import re

BASIC = frozenset({"man", "woman", "alice"})  # every language; alice is an old name of one of Polly's
# By language each voice's engines: s standard (Polly.Joanna), n neural (Polly.Joanna-Neural), g generative.
POLLY: dict[str, dict[str, str]] = {
    "ar-AE": {"Hala": "n", "Zayd": "n"},
    "arb": {"Zeina": "s"},
    "ca-ES": {"Arlet": "n"},
    "cmn-CN": {"Zhiyu": "sn"},
    "cs-CZ": {"Jitka": "n"},
    "cy-GB": {"Gwyneth": "s"},
    "da-DK": {"Naja": "s", "Mads": "s", "Sofie": "n"},
    "de-AT": {"Hannah": "ng"},
    "de-CH": {"Sabrina": "ng"},
    "de-DE": {"Marlene": "s", "Hans": "s", "Vicki": "sng", "Daniel": "ng", "Lennart": "g"},
    "en-AU": {"Nicole": "s", "Russell": "s", "Olivia": "ng"},
    "en-GB": {"Amy": "sng", "Emma": "sn", "Brian": "sng", "Arthur": "n"},
    "en-GB-WLS": {"Geraint": "s"},
    "en-IE": {"Niamh": "ng"},
    "en-IN": {"Aditi": "s", "Raveena": "s", "Kajal": "ng"},
    "en-NZ": {"Aria": "ng"},
    "en-SG": {"Jasmine": "ng"},
    "en-US": {
        "Danielle": "ng", "Gregory": "n", "Ivy": "sn", "Joanna": "sng", "Joey": "sn", "Justin": "sn", "Kendra": "sn",
        "Kevin": "sn", "Kimberly": "sn", "Matthew": "sng", "Ruth": "ng", "Salli": "sng", "Stephen": "ng",
        "Tiffany": "g",
    },
    "en-ZA": {"Ayanda": "ng"},
    "es-ES": {"Conchita": "s", "Enrique": "s", "Lucia": "sng", "Sergio": "ng"},
    "es-MX": {"Mia": "sng", "Andres": "ng"},
    "es-US": {"Lupe": "sng", "Miguel": "s", "Penelope": "s", "Pedro": "ng"},
    "fi-FI": {"Suvi": "n"},
    "fr-BE": {"Isabelle": "ng"},
    "fr-CA": {"Chantal": "s", "Gabrielle": "ng", "Liam": "ng"},
    "fr-FR": {"Celine": "s", "Mathieu": "s", "Lea": "sng", "Remi": "ng", "Ambre": "g", "Florian": "g"},
    "hi-IN": {"Aditi": "s", "Kajal": "n"},
    "is-IS": {"Dora": "s", "Karl": "s"},
    "it-IT": {"Carla": "s", "Giorgio": "s", "Bianca": "sng", "Adriano": "n", "Beatrice": "g", "Lorenzo": "g"},
    "ja-JP": {"Mizuki": "s", "Takumi": "sn", "Kazuha": "n", "Tomoko": "n"},
    "ko-KR": {"Seoyeon": "sng", "Jihye": "n"},
    "nb-NO": {"Liv": "s", "Ida": "n"},
    "nl-BE": {"Lisa": "ng"},
    "nl-NL": {"Lotte": "s", "Ruben": "s", "Laura": "ng"},
    "pl-PL": {"Ewa": "s", "Jacek": "s", "Jan": "s", "Maja": "s", "Ola": "ng"},
    "pt-BR": {"Ricardo": "s", "Camila": "sng", "Vitoria": "sn", "Thiago": "n"},
    "pt-PT": {"Cristiano": "s", "Ines": "sn"},
    "ro-RO": {"Carmen": "s"},
    "ru-RU": {"Maxim": "s", "Tatyana": "s"},
    "sv-SE": {"Astrid": "s", "Elin": "n"},
    "tr-TR": {"Filiz": "s", "Burcu": "n"},
    "yue-CN": {"Hiujin": "n"},
}  # fmt: skip
ENGINES = {"s": "", "n": "-Neural", "g": "-Generative"}
GOOGLE = re.compile(r"Google\.([a-z]{2,3}-[A-Z]{2})-(?:Standard|Wavenet|Neural2|Chirp3-HD|Chirp-HD)-[A-Za-z]+")


def known() -> dict[str, str]:
    """Each of Polly's voices by its whole name, with a language that it speaks."""
    return {
        f"Polly.{name}{ENGINES[engine]}": language
        for language, voices in POLLY.items()
        for name, engines in voices.items()
        for engine in engines
    }


def is_known(voice: str) -> bool:
    """Is it a name that the provider is known to have; of Google's only the form is looked at."""
    return voice in BASIC or GOOGLE.fullmatch(voice) is not None or voice in known()


def language_of(voice: str) -> str | None:
    """The language that a voice was made for; None for one that speaks any, or that nobody knows."""
    google = GOOGLE.fullmatch(voice)
    return google[1] if google else known().get(voice)

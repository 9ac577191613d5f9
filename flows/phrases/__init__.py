"""What we say when the author gave no words for it, and how each language says and hears numbers, days and money.

One file a language; each makes one ``Language``. Chosen by language tag (``es-US``) and then its first part (``es``);
a language we do not have is answered in English.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from flows.phrases import de, en, es, fr, pt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flows.phrases.language import Language

LANGUAGES: dict[str, Language] = {
    "en": en.LANGUAGE,
    "es": es.LANGUAGE,
    "fr": fr.LANGUAGE,
    "de": de.LANGUAGE,
    "pt": pt.LANGUAGE,
}
PLACE = re.compile(r"\{(\w+)\}")
SENTENCES = {tag: language.sentences for tag, language in LANGUAGES.items()}


@lru_cache(maxsize=256)
def base(language: str) -> str:
    """The first part of a language tag if we have that language, else ``en``."""
    first = language.split("-", maxsplit=1)[0].lower()
    return first if first in LANGUAGES else "en"


def language(tag: str) -> Language:
    """The nearest language we have."""
    return LANGUAGES[base(tag)]


def sentence(name: str, tag: str) -> str:
    """A built-in sentence in the nearest language we have; KeyError when there is none of that name."""
    return SENTENCES[base(tag)][name]


def filled(said: str, values: Mapping[str, str]) -> str:
    """A sentence with its ``{name}`` replaced; what is replaced is not looked at again."""
    return PLACE.sub(lambda match: values.get(match[1], match[0]), said)


def places(said: str) -> set[str]:
    """The names in braces."""
    return set(PLACE.findall(said))

"""TwiML: the bytes of an answer into checked verbs, or a DocumentError with the vendor's code.

The whole document is checked before its first verb runs.
Source: twilio.com/docs/voice/twiml.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from ivr.simulator.elements import Element
from ivr.simulator.problems import DocumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ivr.simulator.delivery import Answer
    from ivr.simulator.steps import Verb

CONTENT_TYPES = frozenset({"text/xml", "application/xml", "text/html"})


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The verbs that may stand in a document, and the code for one that may not."""

    verbs: Mapping[str, Callable[[Element], Verb]]
    code: int = 12200


@dataclass(frozen=True, slots=True)
class Document:
    """``url`` is where it came from, empty for inline TwiML."""

    url: str
    verbs: tuple[Verb, ...]


def read_answer(answer: Answer, url: str, vocabulary: Vocabulary) -> Document:
    """The document in ``answer`` to a request to ``url``.

    Raises DocumentError: 12300 content type, 11770 empty, 12100 not XML, 12102 root, 12200 and each verb's own codes.
    Stricter than the vendor, who reads text/plain aloud and plays audio.
    """
    if not answer.content_type:
        raise DocumentError(11200, url, "the answer has no Content-Type")
    if answer.content_type not in CONTENT_TYPES:
        raise DocumentError(12300, url, f"the answer's Content-Type is {answer.content_type}")
    if not answer.body.strip():
        raise DocumentError(11770, url, "the answer is empty")
    return read_document(answer.body, url, vocabulary)


def read_document(body: bytes | str, url: str, vocabulary: Vocabulary) -> Document:
    """The document in ``body``; ``url`` is empty for inline TwiML."""
    root = _parsed(body, url)
    if root.tag != "Response":
        raise DocumentError(12102, url, f"the root is <{root.tag}>, not <Response>")
    response = Element(root, url)
    for child in response.children:
        if child.name not in vocabulary.verbs:
            raise response.error(vocabulary.code, f"must not hold <{child.name}>")
    response.only(children=vocabulary.verbs)
    children = enumerate(response.children)
    return Document(url, tuple(_read_verb(element, vocabulary, is_first=not i) for i, element in children))


def _parsed(body: bytes | str, url: str) -> ElementTree.Element:
    data = body.encode() if isinstance(body, str) else body
    if b"<!DOCTYPE" in data:
        raise DocumentError(12100, url, "a document type is not allowed")
    try:
        return ElementTree.fromstring(data)  # noqa: S314 - entities need a document type, refused above
    except (ElementTree.ParseError, LookupError, ValueError) as error:  # the latter two: an encoding nobody knows
        raise DocumentError(12100, url, f"not XML: {error}") from error


def _read_verb(element: Element, vocabulary: Vocabulary, *, is_first: bool) -> Verb:
    if element.name == "Reject" and not is_first:
        raise element.error(12200, "must be the first verb")
    return vocabulary.verbs[element.name](element)

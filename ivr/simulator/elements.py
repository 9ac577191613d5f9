"""One element of a TwiML document, read strictly: what Twilio would warn about is an error here.

A verb's ``read`` asks its element for each attribute it knows, with default and range, and closes with ``only``, which
complains of everything nobody asked for.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING
from xml.etree.ElementTree import tostring

from ivr.simulator.addresses import resolve
from ivr.simulator.codes import SCHEMA, code_of
from ivr.simulator.problems import DocumentError

if TYPE_CHECKING:
    from collections.abc import Collection
    from xml.etree.ElementTree import Element as Node

METHODS = ("GET", "POST")
SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")


class Element:
    """``base`` is the address of the document, against which relative URLs resolve; empty for inline TwiML."""

    def __init__(self, node: Node, base: str, *, parent: str = "") -> None:
        self.name = str(node.tag)
        self.base = base
        self.parent = parent
        self._node = node
        self._asked: set[str] = set()

    @cached_property
    def text(self) -> str:
        """All words inside, blanks as one."""
        return " ".join("".join(self._node.itertext()).split())

    @property
    def source(self) -> str:
        """What is inside as it was written, tags and blanks included."""
        node = self._node
        return (node.text or "") + "".join(tostring(child, encoding="unicode") for child in node)

    @cached_property
    def children(self) -> list[Element]:
        """The elements inside, in order."""
        return [Element(node, self.base, parent=self.name) for node in self._node]

    def error(self, code: int, message: str) -> DocumentError:
        return DocumentError(code, self.base, f"<{self.name}> {message}")

    def has(self, name: str) -> bool:
        return name in self._node.attrib

    def matches(self, pattern: str, value: str) -> bool:
        """Whether the whole ``value`` fits ``pattern``."""
        return re.fullmatch(pattern, value, re.DOTALL) is not None

    def string(self, name: str, default: str = "", *, fits: str = ".*", code: int = 0) -> str:
        """The attribute's text, which the whole pattern ``fits`` must match; ``code`` of the vendor's if it has one."""
        self._asked.add(name)
        value = self._node.attrib.get(name)
        if value is not None and not self.matches(fits, value):
            raise self.error(code or code_of(self.name, name), f"{name}={value!r} is not allowed")
        return default if value is None else value

    def integer(self, name: str, default: int, *, least: int = 0, most: int = 10**9) -> int:
        text = self.string(name, str(default), fits=r"[0-9]{1,9}")
        if not least <= int(text) <= most:
            raise self.error(code_of(self.name, name), f"{name}={text!r} is not from {least} to {most}")
        return int(text)

    def choice(self, name: str, default: str, allowed: Collection[str]) -> str:
        value = self.string(name, default)
        if value not in allowed:
            raise self.error(code_of(self.name, name), f"{name}={value!r} is not one of {', '.join(allowed)}")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        return self.choice(name, "true" if default else "false", ("true", "false")) == "true"

    def method(self, name: str = "method") -> str:
        return self.choice(name, "POST", METHODS)

    def url(self, name: str) -> str:
        """The attribute as an absolute URL; empty if it is not given.

        Raises DocumentError 15004 for a relative one in inline TwiML.
        """
        value = self.string(name)
        return self.absolute(value) if value else ""

    def absolute(self, url: str) -> str:
        """``url`` (relative allowed) as it will be requested; empty is the current document."""
        if not self.base and not SCHEME.match(url):
            raise self.error(15004, f"stands in inline TwiML, where {url!r} must be absolute")
        resolved = resolve(self.base, url)
        if not resolved:
            raise self.error(11100, f"holds {url!r}, which is no URL that can be requested")
        return resolved

    def only(self, *, children: Collection[str] = (), text: bool = False) -> None:
        """Complain of attributes nobody asked for, of children not named, and of text where none is wanted."""
        unknown = sorted(self._node.attrib.keys() - self._asked)
        if unknown:
            raise self.error(SCHEMA, f"has no attribute {unknown[0]!r}")
        for child in self.children:
            if child.name not in children:
                raise self.error(SCHEMA, f"must not hold <{child.name}>")
        if not text and self._loose_text():
            raise self.error(SCHEMA, f"holds the text {self._loose_text()!r}")

    def _loose_text(self) -> str:
        return " ".join(((self._node.text or "") + "".join(node.tail or "" for node in self._node)).split())

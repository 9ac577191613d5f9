"""``http``: ask another system, and keep what it answers.

Example::

    http: "https://shop.example.com/orders/{{ vars.order }}"
    method: GET
    headers: {Accept: application/json}
    within: 3s
    save: {status: status, first_item: items.0.name}
    ok: tell_status
    failed: operator
    timeout: operator

The host is written out; values in the address are percent-encoded. ``json`` is the body: a text, list or map whose
texts may hold expressions, and one that is only ``{{ … }}`` keeps its type; with it ``method`` is POST unless it is
given. ``save`` maps variables to places in the answer's JSON. An answer from 200 to 299 goes on at ``ok``; without
``timeout`` a late one is ``failed``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flows.events import Answered, EffectFailed
from flows.expressions import plain
from flows.instructions import Fetch
from flows.source import Mapping, Scalar, Sequence
from flows.text import Template, as_text, fill, read_template, value_of
from flows.walk import Leave, Outcome, Step, Wait, Walk

if TYPE_CHECKING:
    from flows.events import Event
    from flows.form import Form, Reading
    from flows.source import Node

KEY = "http"
OPTIONS = ("method", "headers", "json", "within", "save", "ok", "failed", "timeout")
WAITS = False
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WITHIN_S, MAX_WITHIN_S = 2, 8  # a caller bears two seconds of silence; 8 is the budget of a turn
MAX_URL = 2_000  # characters; what proxies and servers commonly take
HOST = re.compile(r"https?://[A-Za-z0-9.\-]+(:\d{1,5})?(/|\?|$)")
HEADER = re.compile(r"[A-Za-z][A-Za-z0-9\-]{0,63}")


@dataclass(frozen=True, slots=True)
class Http(Step):
    """The request's templates, and where in the answer each variable is found."""

    url: Template
    method: str
    headers: tuple[tuple[str, Template], ...]
    json: Any
    within_s: int
    save: tuple[tuple[str, tuple[str, ...]], ...]

    def enter(self, walk: Walk) -> Outcome:
        headers = tuple((name, " ".join(fill(value, walk).split())) for name, value in self.headers)
        body = None if self.json is None else plain(_body(self.json, walk))
        return Wait(Fetch(self.method, _address(self.url, walk), self.within_s, headers, body))

    def resume(self, walk: Walk, event: Event) -> Outcome:
        if isinstance(event, Answered):
            return self._answered(walk, event.value)
        if isinstance(event, EffectFailed):
            walk.notice("http-failed", f"no answer: {event.reason}")
            return Leave("timeout" if event.reason == "timeout" else "failed")
        return walk.hold(event)

    def _answered(self, walk: Walk, value: Any) -> Outcome:
        status = value.get("status") if isinstance(value, dict) else None
        body = value.get("body") if isinstance(value, dict) else None
        for name, place in self.save:
            walk.set(name, _found(body, place))
        if isinstance(status, int) and 200 <= status <= 299:
            return Leave("ok")
        walk.notice("http-failed", f"the answer was {status}")
        return Leave("failed")


def _address(url: Template, walk: Walk) -> str:
    pieces = (
        piece if isinstance(piece, str) else quote(as_text(value_of(piece, walk), walk.language), safe="")
        for piece in url.pieces
    )
    return "".join(pieces)[:MAX_URL]


def _body(json: Any, walk: Walk) -> Any:
    if isinstance(json, dict):
        return {name: _body(value, walk) for name, value in json.items()}
    if isinstance(json, tuple):
        return [_body(value, walk) for value in json]
    if len(json.pieces) == 1 and not isinstance(json.pieces[0], str):
        return value_of(json.pieces[0], walk)
    return fill(json, walk)


def _found(body: Any, place: tuple[str, ...]) -> Any:
    """What stands at a place in the answer; null when nothing does."""
    for name in place:
        if isinstance(body, dict):
            body = body.get(name)
        elif isinstance(body, list) and name.isdecimal() and int(name) < len(body):
            body = body[int(name)]
        else:
            return None
    return body


def read(form: Form, thing: Node) -> Http:
    """An ``http`` step."""
    form.exit("ok", needed=True)
    form.exit("failed", needed=True)
    form.exit("timeout")
    if form.value("timeout") is None and form.value("failed") is not None:
        form.reading.exit_to("timeout", form.value("failed"))
    json = form.value("json")
    return Http(
        url=_url(form.reading, thing),
        method=form.choice("method", METHODS if json is None else tuple(dict.fromkeys(("POST", *METHODS)))),
        headers=_headers(form),
        json=None if json is None else _json(form.reading, json),
        within_s=form.duration("within", default_s=WITHIN_S, least_s=1, most_s=MAX_WITHIN_S),
        save=_save(form),
    )


def _url(reading: Reading, node: Node) -> Template:
    written = reading.word(node, "an address")
    if not isinstance(node, Scalar) or not written:
        return Template(())
    if not HOST.match(written) or any(blank in written.split("{{")[0] for blank in " \t\n"):
        reading.problem(node, "an address begins with https:// and a host that is written out", "bad-url")
    return read_template(reading, node)


def _headers(form: Form) -> tuple[tuple[str, Template], ...]:
    mapping = form.reading.mapping(form.value("headers"), "a map of headers")
    found: list[tuple[str, Template]] = []
    for key, value in mapping.pairs if mapping is not None else ():
        if not HEADER.fullmatch(key.text):
            form.reading.problem(key, f'"{key.text[:60]}" is not the name of a header', "bad-value")
        if isinstance(value, Scalar):
            found.append((key.text, read_template(form.reading, value)))
        else:
            form.reading.problem(value, "a text is needed here", "bad-value")
    return tuple(found)


def _json(reading: Reading, node: Node) -> Any:
    """Maps as dictionaries, lists as tuples, texts as templates."""
    if isinstance(node, Mapping):
        return {key.text: _json(reading, value) for key, value in node.pairs}
    if isinstance(node, Sequence):
        return tuple(_json(reading, value) for value in node.items)
    return read_template(reading, node)


def _save(form: Form) -> tuple[tuple[str, tuple[str, ...]], ...]:
    mapping = form.reading.mapping(form.value("save"), "a map of variables to places in the answer")
    found: list[tuple[str, tuple[str, ...]]] = []
    for key, value in mapping.pairs if mapping is not None else ():
        form.reading.sets(key, key.text, is_text=False)
        place = form.reading.word(value, "a place in the answer such as items.0.name")
        if place:
            found.append((key.text, tuple(place.split("."))))
    return tuple(found)

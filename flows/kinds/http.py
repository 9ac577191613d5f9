"""``http``: ask another system, and keep what it answers.

Example::

    http: "https://shop.example.com/orders/{{ vars.order }}"
    method: GET
    headers: {Accept: application/json, Authorization: "Bearer {{ secret.shop }}"}
    within: 20s
    retries: 1
    meanwhile: I am looking for your order.
    save: {status: status, first_item: items.0.name}
    ok: tell_status
    status: {404: no_such_order, 5xx: operator}
    failed: operator
    timeout: operator

The host is written out; values in the address are percent-encoded, and without one that stands in its path nothing is
sent. ``json`` is the body: a text, list or map whose
texts may hold expressions, and one that is only ``{{ … }}`` keeps its type; ``form`` is a body of a web form's fields.
With a body ``method`` is POST unless it is given. ``save`` maps variables to places in the answer's JSON; nothing else
of the answer is kept.

An answer from 200 to 299 goes on at ``ok``, any other at ``failed``, unless ``status`` has its number or its hundred
(``4xx``); a late one at ``timeout``, which is ``failed`` when it is left out. A redirect is an answer, not followed.

``within`` is how long it may take in all: up to 8s, 2s unless given. With ``meanwhile`` it is up to 60s, and a caller
who has waited for two seconds hears that, and then waits on. ``retries`` is how often it is sent again when the system
cannot be reached or says that it is overloaded: once for GET and HEAD; for PUT and DELETE only when you say so, since
only you know that twice is as good as once; never for POST and PATCH, which are sent once whatever happens.

``{{ secret.shop }}`` is ``IVR_SECRET_SHOP`` of the settings, ``{{ sealed.card }}`` what a ``collect`` that is
``sensitive`` has taken. They may stand in headers, ``json`` and ``form``, by themselves, and are opened when the
request leaves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flows import bodies
from flows.events import Answered, EffectFailed
from flows.instructions import Fetch, SendRequest
from flows.instructions.fetch import SAFE
from flows.shapes import Choice, Duration, Shape, Table, Way, Whole, Word, prompt
from flows.source import Mapping, Scalar
from flows.text import Prompt, Template, read_template
from flows.walk import Leave, Outcome, Step, Wait, Walk

if TYPE_CHECKING:
    from flows.bodies import Laden, Place
    from flows.events import Event
    from flows.form import Form, Reading
    from flows.hidden import Pieces
    from flows.source import Node

KEY = "http"
WAITS = False
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
IDEMPOTENT = SAFE | {"PUT", "DELETE"}  # RFC 9110 9.2.2
WITHIN_S, MAX_WITHIN_S = 2, 8  # a caller bears two seconds of silence; 8 is the budget of a turn
MAX_MEANWHILE_S = 60  # a minute of silence after a sentence is as long as anybody stays
MAX_RETRIES = 3
MAX_BODY = 256 * 1024  # characters; RapidPro's cap for requests (goflow, flows/engine/engine.go)
MAX_DEPTH = 16  # names of a place; an answer may be deeper
HOST = re.compile(r"https?://[A-Za-z0-9.\-]+(:\d{1,5})?(/|\?|$)")
HEADER = re.compile(r"[A-Za-z][A-Za-z0-9\-]{0,63}")
OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "te", "upgrade"})  # the client's own
STATUS = re.compile(r"[1-5](\d\d|xx)")
VALUE = Word("The address, its host written out; values in `{{ }}` are percent-encoded.")
OPTIONS = {
    "method": Choice("GET, or POST with a body, unless it is given.", words=METHODS),
    "headers": Table("Each header with its value.", each=Word()),
    "json": Shape("The body as JSON: a text, list or map whose texts may hold expressions."),
    "form": Table("The body as a web form: each field with its value.", each=Word()),
    "within": Duration(
        f"How long it may take in all: up to {MAX_WITHIN_S}s, with `meanwhile` up to {MAX_MEANWHILE_S}s.",
        default_s=WITHIN_S, least_s=1, most_s=MAX_MEANWHILE_S,
    ),
    "retries": Whole(
        "How often it is sent again when the system cannot be reached; 1 for GET and HEAD.", least=0, most=MAX_RETRIES
    ),
    "meanwhile": prompt("What a caller hears who has waited for two seconds."),
    "save": Table("Each variable with its place in the answer, such as `items.0.name`.", each=Word()),
    "ok": Way("The step to go on at after an answer from 200 to 299.", needed=True),
    "status": Table("Each status, such as 404 or 5xx, with a step of its own.", each=Way(), key="^[1-5]([0-9]{2}|xx)$"),
    "failed": Way("The step to go on at after any other answer, or none.", needed=True),
    "timeout": Way("The step to go on at when the answer came too late; else `failed`."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Http(Step):
    """The request's templates, and where in the answer each variable is found.

    ``json`` is what ``bodies.read_json`` read, None for none; so is ``form``. ``statuses`` have exits of their own.
    """

    url: Template
    method: str
    headers: tuple[tuple[str, Laden], ...]
    json: Any
    form: dict[str, Laden] | None
    within_s: int
    attempts: int
    meanwhile: Prompt | None
    save: tuple[tuple[str, Place], ...]
    statuses: frozenset[str]

    def enter(self, walk: Walk) -> Outcome:
        headers = tuple((name, bodies.header(value, walk)) for name, value in self.headers)
        fetch = Fetch(
            method=self.method,
            url=bodies.address(self.url, walk),
            timeout_s=self.within_s,
            headers=headers,
            body=self._body(walk),
            attempts=self.attempts,
            keep=tuple(place for _, place in self.save),
        )
        why = _refusal(walk, fetch)
        if why:
            walk.notice("http-failed", why)
            return Leave("failed")
        if self.meanwhile is None and self.method in SAFE:
            return Wait(fetch)
        return Wait(SendRequest(fetch, walk.hear(self.meanwhile)))

    def _body(self, walk: Walk) -> Pieces | None:
        if self.json is not None:
            return bodies.json_body(self.json, walk)
        return None if self.form is None else bodies.form_body(self.form, walk)

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
            walk.set(name, bodies.found(body, place))
        exit_name = self._exit(status)
        if exit_name == "failed":
            walk.notice("http-failed", f"the answer was {status}")
        return Leave(exit_name)

    def _exit(self, status: Any) -> str:
        """The exit of a status: its own, its hundred's, else ``ok`` or ``failed``."""
        if not isinstance(status, int):
            return "failed"
        for name in (f"{status}", f"{status // 100}xx"):
            if name in self.statuses:
                return name
        return "ok" if 200 <= status <= 299 else "failed"


def _refusal(walk: Walk, fetch: Fetch) -> str:
    """Why the request cannot be sent; empty when it can."""
    if not fetch.url:
        return "a value in the address is unknown, or the address is too long"
    lacking = fetch.sealed_names - walk.sealed.keys()
    if lacking:
        return f"sealed.{min(lacking)} has not been collected in this call"
    if sum(len(piece) for piece in fetch.body or () if isinstance(piece, str)) > MAX_BODY:
        return f"the body is longer than {MAX_BODY:,} characters"
    return ""


# --- when a flow is read ---------------------------------------------------------------------------------------------


def read(form: Form, thing: Node) -> Http:
    """An ``http`` step."""
    form.exit("ok")
    form.exit("failed")
    form.exit("timeout")
    if form.value("timeout") is None and form.value("failed") is not None:
        form.reading.exit_to("timeout", form.value("failed"))
    json, fields = form.value("json"), form.value("form")
    if json is not None and fields is not None:
        form.reading.problem(fields, "a request has one body: json or form, not both", "bad-value")
    method = _method(form, has_body=json is not None or fields is not None)
    meanwhile = form.prompt("meanwhile")
    return Http(
        url=_url(form.reading, thing),
        method=method,
        headers=_headers(form, "application/json" if json else "application/x-www-form-urlencoded" if fields else ""),
        json=None if json is None else bodies.read_json(form.reading, json),
        form=None if fields is None else dict(_texts(form, "form", "a map of a form's fields", "form")),
        within_s=_within(form, is_heard=meanwhile is not None),
        attempts=_attempts(form, method),
        meanwhile=meanwhile,
        save=_save(form),
        statuses=_statuses(form),
    )


def _method(form: Form, *, has_body: bool) -> str:
    """GET, or POST with a body, unless it is given."""
    return form.choice("method") if form.value("method") is not None or not has_body else "POST"


def _url(reading: Reading, node: Node) -> Template:
    written = reading.word(node, "an address")
    if not isinstance(node, Scalar) or not written:
        return Template(())
    if not HOST.match(written) or any(blank in written.split("{{")[0] for blank in " \t\n"):
        reading.problem(node, "an address begins with https:// and a host that is written out", "bad-url")
    return read_template(reading, node)


def _headers(form: Form, content_type: str) -> tuple[tuple[str, Laden], ...]:
    """The author's headers, and the body's type unless they name one."""
    headers = _texts(form, "headers", "a map of headers", "text")
    for key, _ in _pairs(form, "headers"):
        if not HEADER.fullmatch(key.text):
            form.reading.problem(key, f'"{key.text[:60]}" is not the name of a header', "bad-value")
        elif key.text.lower() in OURS:
            form.reading.problem(key, f'"{key.text}" is set by the server itself; leave it out', "bad-value")
    if content_type and not any(name.lower() == "content-type" for name, _ in headers):
        headers = (*headers, ("Content-Type", bodies.Laden((content_type,))))
    return headers


def _texts(form: Form, name: str, what: str, written: str) -> tuple[tuple[str, Laden], ...]:
    """An option that maps names to texts in which hidden values may stand."""
    form.reading.mapping(form.value(name), what)
    found: list[tuple[str, Laden]] = []
    for key, value in _pairs(form, name):
        if isinstance(value, Scalar):
            found.append((key.text, bodies.read_laden(form.reading, value, written)))
        else:
            form.reading.problem(value, "a text is needed here", "bad-value")
    return tuple(found)


def _pairs(form: Form, name: str) -> tuple[tuple[Scalar, Node], ...]:
    node = form.value(name)
    return node.pairs if isinstance(node, Mapping) else ()


def _within(form: Form, *, is_heard: bool) -> int:
    within_s = form.duration("within")
    node = form.value("within")
    if node is not None and within_s > MAX_WITHIN_S and not is_heard:
        message = f'more than {MAX_WITHIN_S}s of silence; say what the caller hears with "meanwhile:"'
        form.reading.problem(node, message, "bad-value")
    return within_s


def _attempts(form: Form, method: str) -> int:
    node = form.value("retries")
    retries = form.whole("retries", default=1 if method in SAFE else 0)
    if node is not None and retries and method not in IDEMPOTENT:
        message = f"{method} is never sent twice: nobody knows what a second one would do; leave retries out"
        form.reading.problem(node, message, "bad-value")
    return retries + 1


def _save(form: Form) -> tuple[tuple[str, Place], ...]:
    mapping = form.reading.mapping(form.value("save"), "a map of variables to places in the answer")
    found: list[tuple[str, Place]] = []
    for key, value in mapping.pairs if mapping is not None else ():
        form.reading.sets(key, key.text, is_text=False)
        place = form.reading.word(value, "a place in the answer such as items.0.name")
        if place.count(".") >= MAX_DEPTH:
            form.reading.problem(value, f"a place has at most {MAX_DEPTH} names", "bad-value")
        elif place:
            found.append((key.text, tuple(place.split("."))))
    return tuple(found)


def _statuses(form: Form) -> frozenset[str]:
    """The statuses that have exits of their own."""
    form.reading.mapping(form.value("status"), "a map of statuses, such as 404 or 5xx, to steps")
    found = set[str]()
    for key, value in _pairs(form, "status"):
        if STATUS.fullmatch(key.text):
            form.reading.exit_to(key.text, value)
            found.add(key.text)
        else:
            form.reading.problem(key, f'"{key.text[:60]}" is not a status such as 404 or 5xx', "bad-value")
    return frozenset(found)

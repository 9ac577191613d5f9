"""X-Twilio-Signature: every documented vector, every way to be wrong, and the same answers as the vendor's own library.

Vectors: twilio-python ``tests/unit/test_request_validator.py``, twilio.com/docs/usage/security, and computed ones.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from ivr.twilio.forms import NotAFormError, read_form
from ivr.twilio.signature import Prover, url_spellings

DATA: dict[str, Any] = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))
VECTORS = {vector["name"]: vector for vector in DATA["signature_vectors"]}
BODIES: dict[str, dict[str, Any]] = DATA["webhook_bodies"]


def split(url: str) -> tuple[str, str]:
    """Our public address and the path as a request line brings it; a fragment never travels."""
    parts = urlsplit(url)
    origin = f"{'http' + parts.scheme.removeprefix('ws') if parts.scheme.startswith('ws') else parts.scheme}"
    return f"{origin}://{parts.netloc}", parts.path + (f"?{parts.query}" if parts.query else "")


def proves(vector: dict[str, Any], *, token: str | None = None) -> bool:
    origin, path = split(vector["url"])
    prover = Prover([token or vector["auth_token"]], origin)
    if "body" in vector:
        return prover.proves_body(path, vector["body"].encode(), vector["signature"])
    if vector["url"].startswith("ws"):
        return prover.proves_socket(path, vector["signature"])
    if vector["method"] == "GET":
        return prover.proves_url(path, vector["signature"])
    return prover.proves_form(path, {(name, value) for name, value in vector["params"]}, vector["signature"])


@pytest.mark.parametrize("name", VECTORS)
def test_each_documented_signature_is_proved(name: str) -> None:
    """Forms, GET, JSON and websockets, with and without ports, exactly as the vendor signs them."""
    assert proves(VECTORS[name])


@pytest.mark.parametrize("name", VECTORS)
def test_another_token_proves_nothing(name: str) -> None:
    """A signature made with a token that is not ours is refused."""
    assert not proves(VECTORS[name], token="54321")


def wrong(case: dict[str, Any]) -> dict[str, Any]:
    vector = dict(VECTORS[case["base"]]) | {key: case[key] for key in ("url", "auth_token", "body") if key in case}
    params = [tuple(pair) for pair in vector.get("params", [])]
    if change := case.get("change"):
        params = [(name, change[1] if name == change[0] else value) for name, value in params]
    params = [(name, value) for name, value in params if name != case.get("drop")]
    return vector | {"params": params + ([tuple(case["add"])] if "add" in case else [])}


@pytest.mark.parametrize("case", DATA["negative_cases"], ids=lambda case: str(case["name"]))
def test_whatever_was_changed_is_not_proved(case: dict[str, Any]) -> None:
    """A changed value, field, scheme or body makes the signature worthless."""
    assert not proves(wrong(case))


@pytest.mark.parametrize("name", BODIES)
def test_each_kind_of_webhook_is_proved_from_its_raw_body(name: str) -> None:
    """Reading the form by hand keeps every value, blank ones too, as they were signed."""
    body = BODIES[name]
    signed = body["computed_signature"]
    origin, path = split(signed["url"])
    pairs = read_form(body["raw"].encode())

    assert pairs == [tuple(pair) for pair in body["params"]]
    assert Prover([signed["auth_token"]], origin).proves_form(path, pairs, signed["signature"])


def test_while_a_token_is_rotated_both_are_good() -> None:
    """The second of two tokens proves as the first does; a third does not."""
    vector = VECTORS["form_post"]
    origin, path = split(vector["url"])
    pairs = [(name, value) for name, value in vector["params"]]

    assert Prover(["other", vector["auth_token"]], origin).proves_form(path, pairs, vector["signature"])
    assert not Prover(["other", "third"], origin).proves_form(path, pairs, vector["signature"])


def test_a_websocket_signed_with_a_stray_slash_is_proved() -> None:
    """The vendor documents that it sometimes signs the handshake's address with a slash appended."""
    validator = RequestValidator("12345")
    signature = validator.compute_signature("wss://mycompany.com/media/", {})

    assert Prover(["12345"], "https://mycompany.com").proves_socket("/media", signature)


@pytest.mark.parametrize("signature", ["", "x", "RSOYDt4T1cUTdK1PDd93/VVr8B8", "ä", "\udcff", "=" * 10_000])
def test_a_signature_that_is_none_proves_nothing(signature: str) -> None:
    """Missing, cut short, not ASCII, not decodable, endless: false, never an exception."""
    vector = VECTORS["form_post"]
    origin, path = split(vector["url"])

    assert not Prover(["12345"], origin).proves_form(path, [("A", "b")], signature)
    assert not Prover(["12345"], origin).proves_url(path, signature)
    assert not Prover(["12345"], origin).proves_body(path, b"{}", signature)


@pytest.mark.parametrize(
    ("base_url", "spellings"),
    [
        ("https://a.example", ("https://a.example", "https://a.example:443")),
        ("https://a.example:8443/x", ("https://a.example:8443/x", "https://a.example/x")),
        ("http://[::1]:8080", ("http://[::1]:8080", "http://[::1]")),
    ],
)
def test_an_address_is_tried_as_the_vendor_may_have_spelled_it(base_url: str, spellings: tuple[str, ...]) -> None:
    """With its port, without it, and with the scheme's own."""
    assert url_spellings(base_url)[: len(spellings)] == spellings


names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
values = st.text(st.characters(codec="utf-8"), max_size=12)


@given(st.dictionaries(names, values, max_size=8), st.sampled_from(["/voice", "/v?a=1&b=%20", "/"]))
def test_it_agrees_with_the_vendors_library(form: dict[str, str], path: str) -> None:
    """Whatever the form holds, what twilio-python signs is proved here."""
    signature = RequestValidator("12345").compute_signature("https://a.example" + path, form)

    assert Prover(["12345"], "https://a.example").proves_form(path, list(form.items()), signature)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_form_or_are_named_not_one(body: bytes) -> None:
    """A body of any bytes is read or refused by name."""
    try:
        pairs = read_form(body)
    except NotAFormError:
        pairs = []

    assert all(isinstance(part, str) for pair in pairs for part in pair)

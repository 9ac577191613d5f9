"""Forms as Twilio posts them: bytes in, decoded pairs out; nothing is guessed.

Split by hand: a third of the price of the standard library's ``parse_qsl``, on every turn, and blank values stay, since
the signature is over them too.
"""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

# A voice webhook has about 30 fields; a speech result or a transcription may be long, 10 MB never is.
MOST_FIELDS = 500


class NotAFormError(ValueError):
    """The body is not a form in UTF-8: nobody can have signed it."""


def read_form(body: bytes) -> list[tuple[str, str]]:
    """The form's decoded pairs in their order; raises NotAFormError for anything else."""
    if not body:
        return []
    if body.count(b"&") >= MOST_FIELDS:
        raise NotAFormError(f"more than {MOST_FIELDS} fields")
    try:
        if b"%26" in body or b"%3D" in body or b"%3d" in body:
            # A value holds a separator of its own: field by field. The other way is one pass over all of them.
            pairs = [part.partition(b"=") for part in body.split(b"&")]
            return [(_decoded(name), _decoded(value)) for name, _, value in pairs]
        return [(name, value) for name, _, value in [part.partition("=") for part in _decoded(body).split("&")]]
    except UnicodeDecodeError as error:
        raise NotAFormError("not UTF-8") from error


def _decoded(text: bytes) -> str:
    return unquote_to_bytes(text.replace(b"+", b" ")).decode()

"""Forms as Twilio posts them: bytes in, decoded pairs out; nothing is guessed.

Split by hand: a third of the price of the standard library's ``parse_qsl``, on every turn, and blank values stay, since
the signature is over them too.
"""

from __future__ import annotations

from urllib.parse import unquote_plus

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
        text = body.decode()
        if "%" in text or "+" in text:
            # Decoded in one go where no value holds a separator of its own, else field by field.
            if "%26" in text or "%3D" in text or "%3d" in text:
                return [(_decoded(name), _decoded(value)) for name, value in _split(text)]
            text = _decoded(text)
        return _split(text)
    except UnicodeDecodeError as error:
        raise NotAFormError("not UTF-8") from error


def _split(text: str) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in [part.partition("=") for part in text.split("&")]]


def _decoded(text: str) -> str:
    return unquote_plus(text, errors="strict") if "%" in text or "+" in text else text

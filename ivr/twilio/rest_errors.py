"""How a REST request may fail, in the three ways that matter to whoever must decide what to do next."""

from __future__ import annotations


class RestError(Exception):
    """Twilio's REST API did not do what it was asked."""


class RestRefusedError(RestError):
    """It understood and said no; ``code`` is Twilio's error code (None when it gave none)."""

    def __init__(self, status: int, code: int | None, message: str) -> None:
        super().__init__(f"{status}, code {code}: {message}")
        self.status = status
        self.code = code


class RestNotDoneError(RestError):
    """It could not be reached, or asked us to slow down until we gave up; nothing was done."""


class RestUnclearError(RestError):
    """It gave no clear answer: what was to be created may or may not exist."""

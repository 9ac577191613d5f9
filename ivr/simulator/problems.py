"""What can go wrong with an application's answers; both kinds lead to its fallback URL."""

from __future__ import annotations

from dataclasses import dataclass


class Problem(Exception):  # noqa: N818 - it is a thing that is found, like the vendor's own debugger entries
    """A failure with the vendor's error code, the URL it belongs to and a sentence."""

    def __init__(self, code: int, url: str, message: str) -> None:
        super().__init__(f"{code}: {message} ({url})")
        self.code = code
        self.url = url
        self.message = message


class DeliveryFailed(Problem):
    """No usable answer came; ``kind`` is ``ct``, ``rt``, ``4xx``, ``5xx`` where a retry could cure it, else empty."""

    def __init__(self, code: int, url: str, message: str, *, kind: str = "") -> None:
        super().__init__(code, url, message)
        self.kind = kind


class DocumentError(Problem):
    """The answer is not a TwiML document that can be executed."""


@dataclass(frozen=True, slots=True)
class Reported:
    """A problem as the simulator keeps it; ``simulator.errors`` of a faultless application is empty."""

    call_sid: str
    code: int
    url: str
    message: str

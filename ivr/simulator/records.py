"""What the simulator remembers: every request it made, and every message it was given to send."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Exchange:
    """One attempt at one request to the application.

    ``kind`` is ``twiml``, ``callback``, ``media`` or ``stream``; ``attempt`` counts from 1 within one delivery, whose
    attempts share ``token``. ``status`` is 0 and ``error`` says why when no answer came. ``befallen`` says which
    ordered misfortunes it met on its way.
    """

    kind: str
    call_sid: str
    method: str
    url: str
    parameters: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    token: str
    attempt: int
    at_ms: int
    took_ms: int
    status: int = 0
    body: str = ""
    error: str = ""
    befallen: tuple[str, ...] = ()

    @property
    def form(self) -> dict[str, str]:
        """The parameters by name."""
        return dict(self.parameters)


@dataclass(slots=True)
class Message:
    """A text message the application sent; ``status`` goes from queued to sent and delivered."""

    sid: str
    to: str
    from_: str
    body: str
    created_ms: int
    status_callback: str = ""
    status: str = "queued"
    sent_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Callback:
    """Where the network tells of ``events``: of a call ``initiated``, ``ringing``, ``answered``, ``completed``."""

    url: str = ""
    method: str = "POST"
    events: frozenset[str] = frozenset({"completed"})


@dataclass(frozen=True, slots=True)
class Number:
    """A telephone number (or a TwiML application) of the account, and what the network asks when it is called."""

    voice_url: str
    voice_method: str = "POST"
    fallback_url: str = ""
    fallback_method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"

    @property
    def callback(self) -> Callback:
        """Only of the end: a number tells of nothing else."""
        return Callback(self.status_callback, self.status_callback_method)

"""Connection overrides: what an application asks for in the fragment of a URL it hands out.

``#rc=2&rp=ct,rt,5xx&rt=9000`` means two retries after connect failure, read timeout or a 5xx answer, with nine seconds
to read. The fragment is never sent and never signed.
Source: twilio.com/docs/usage/webhooks/webhooks-connection-overrides.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ivr.simulator.problems import DeliveryFailed

CEILING_MS = 15_000
"""No request about a call takes longer than this in all, whatever a fragment says."""

RANGES = {"ct": (100, 10_000), "rt": (100, CEILING_MS), "tt": (100, CEILING_MS), "rc": (0, 5)}
POLICIES = frozenset({"4xx", "5xx", "ct", "rt", "all"})
OTHER_KEYS = frozenset({"sni", "e"})


@dataclass(frozen=True, slots=True)
class Overrides:
    """How one delivery is to be made; the defaults are the vendor's: one retry, and only if no connection was made."""

    connect_ms: int = 5_000
    read_ms: int = CEILING_MS
    total_ms: int = CEILING_MS
    retries: int = 1
    retry_on: frozenset[str] = frozenset({"ct"})

    def retries_after(self, failure: str) -> bool:
        """Whether ``failure`` (``ct``, ``rt``, ``4xx``, ``5xx``; empty is none of them) is one to retry."""
        return bool(failure) and (failure in self.retry_on or "all" in self.retry_on)


def read_overrides(url: str) -> tuple[str, Overrides]:
    """The URL without its fragment, and what the fragment asks for.

    Raises DeliveryFailed 11243 for a retry policy, 11100 for any other part, that the vendor does not know.
    """
    bare, _, fragment = url.partition("#")
    try:
        return bare, _read_fragment(fragment)
    except DeliveryFailed as failure:
        raise DeliveryFailed(failure.code, url, failure.message) from None


@lru_cache(maxsize=256)
def _read_fragment(fragment: str) -> Overrides:
    """An application uses one fragment or two, with each of its URLs."""
    given = dict(part.partition("=")[::2] for part in fragment.split("&") if part)
    for key in given.keys() - RANGES.keys() - OTHER_KEYS - {"rp"}:
        raise DeliveryFailed(11100, fragment, f"{key!r} in the URL's fragment is no connection override")
    defaults = Overrides()
    return Overrides(
        connect_ms=_number(fragment, given, "ct", defaults.connect_ms),
        read_ms=_number(fragment, given, "rt", defaults.read_ms),
        total_ms=_number(fragment, given, "tt", defaults.total_ms),
        retries=_number(fragment, given, "rc", defaults.retries),
        retry_on=_policy(fragment, given["rp"]) if "rp" in given else defaults.retry_on,
    )


def _number(fragment: str, given: dict[str, str], key: str, default: int) -> int:
    least, most = RANGES[key]
    text = given.get(key, str(default))
    if not text.isdecimal() or not least <= int(text) <= most:
        raise DeliveryFailed(11100, fragment, f"{key}={text!r} in the URL's fragment is not from {least} to {most}")
    return int(text)


def _policy(fragment: str, text: str) -> frozenset[str]:
    policy = frozenset(text.split(","))
    if not policy <= POLICIES:
        raise DeliveryFailed(11243, fragment, f"rp={text!r} names {', '.join(sorted(policy - POLICIES))}")
    return policy

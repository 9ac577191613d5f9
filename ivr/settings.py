"""Settings: one frozen value, read once from ``IVR_*`` variables and a ``.env`` beside the command, then passed on.

Every setting's description says what it is, its unit and its default; ``README.md`` repeats them and a test holds the
two together. Nothing else in the project reads the environment.

A plain dataclass with a reader a field: a validation library would be a tenth of a server's start, in each of its
processes, to check two dozen texts.
"""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dotenv import dotenv_values

from ivr.clock import parse_clock
from ivr.timeline.address import POSTGRESQL
from ivr.timeline.tokens import ApiToken, read_tokens
from routing.address import masked, parse_url

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SAMPLE_WORKSPACE = Path(__file__).parent.parent / "flows" / "examples" / "support"
TWILIO_API_URL = "https://api.twilio.com"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
LEAST_KEY = 32  # characters; 128 bits in hex
SECRET_PREFIX = "IVR_SECRET_"  # noqa: S105 - the name of a family of variables, not a secret


class SettingsError(Exception):
    """Settings that cannot be used; the text has a line for each, naming the variable and what it should be."""


# ---------------------------------------------------------------------- readers: a text in; its value, or ValueError


def whole(least: int, most: int) -> Callable[[str], int]:
    """A whole number in a range."""

    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(text)

    return read


def positive(text: str) -> float:
    """A number above zero."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise ValueError("must be a number above zero")
    return value


def one_of(*words: str) -> Callable[[str], str]:
    """One of a few words."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return text

    return read


def listed(text: str) -> tuple[str, ...]:
    """Texts with commas between them."""
    return tuple(part for part in (part.strip() for part in text.split(",")) if part)


def rotating(text: str) -> tuple[str, ...]:
    """A secret, or two while it is rotated."""
    found = listed(text)
    if len(found) > 2:
        raise ValueError("must be one value, or two with a comma between them while it is rotated")
    return found


def sealing_keys(text: str) -> tuple[str, ...]:
    """One or two texts that nobody can guess."""
    found = rotating(text)
    if any(len(key) < LEAST_KEY for key in found):
        raise ValueError(f"must have at least {LEAST_KEY} characters; make one with: openssl rand -hex 32")
    return found


def http_address(text: str) -> str:
    """An http address without its trailing slash."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be http:// or https:// with a host and no query or fragment")
    if parts.username or parts.password:
        raise ValueError("must not hold a user or a password")
    if parts.port == 0:  # read here, so that one that is no number is refused here
        raise ValueError("must not name port 0")
    return text.rstrip("/")


def redis_address(text: str) -> str:
    """An address that the Redis client understands."""
    parse_url(text)
    return text


def database_address(text: str) -> str:
    """An address that SQLAlchemy and asyncpg understand."""
    if not text.startswith(POSTGRESQL) or not urlsplit(text).path.strip("/"):
        raise ValueError("must be postgresql://user:password@host:port/database")
    return text


def clock_form(text: str) -> str:
    """A time that ``parse_clock`` understands."""
    parse_clock(text)
    return text


# ---------------------------------------------------------------------- the value


def setting(read: Callable[[str], object], default: object, description: str, *, secret: bool = False) -> Any:
    """A field: how its text is read, its default, what it is. A secret is kept out of ``repr`` and of error texts."""
    return field(
        default=default, repr=not secret, metadata={"read": read, "description": description, "secret": secret}
    )


@dataclass(frozen=True)
class Settings:
    """All that an operator decides. Frozen; secrets are kept out of its ``repr``."""

    workspace: Path = setting(Path, SAMPLE_WORKSPACE, "folder of center.yaml and flows/; the shipped sample if empty")
    host: str = setting(str, "127.0.0.1", "address to listen on")
    port: int = setting(whole(0, 65535), 8080, "TCP port to listen on; 0 takes a free one")
    public_url: str = setting(http_address, "", "how Twilio reaches us, https://…; signatures are made over it")
    redis_url: str = setting(
        redis_address,
        "",
        "unix://, redis://, redis+cluster:// or redis+sentinel://; empty is the embedded Valkey",
        secret=True,
    )
    redis_fsync: str = setting(
        one_of("always", "everysec", "no"),
        "always",
        "when the embedded Valkey writes to disk; only `always` loses nothing acknowledged",
    )
    database_url: str = setting(
        database_address, "", "postgresql://…, the timeline's database; empty is SQLite in the data folder", secret=True
    )
    recordings_url: str = setting(str, "", "S3 store; empty is a folder in the data folder", secret=True)
    twilio_account_sid: str = setting(str, "", "the account's SID, AC…")
    twilio_auth_token: tuple[str, ...] = setting(
        rotating, (), "the account's auth token; two, comma-separated, while it is rotated", secret=True
    )
    twilio_api_url: str = setting(
        http_address, TWILIO_API_URL, "where REST requests go; a simulator's address in tests"
    )
    twilio_api_key: str = setting(str, "", "API key SID for browser telephones, SK…")
    twilio_api_secret: str = setting(str, "", "that key's secret", secret=True)
    twilio_app_sid: str = setting(str, "", "TwiML App for browser telephones, AP…")
    twilio_calls_per_second: float = setting(positive, 1.0, "new outgoing calls a second the account may make")
    secret_key: tuple[str, ...] = setting(
        sealing_keys,
        (),
        f"seals sensitive values, at least {LEAST_KEY} characters; two, comma-separated and the new one first, "
        "while it is rotated",
        secret=True,
    )
    valkey_bin: str = setting(str, "", "the embedded engine's program; empty finds one")
    clock: str = setting(clock_form, "", "empty is the system's; `epoch+factor` is simulated time")
    log_format: str = setting(
        one_of("auto", "console", "json"), "auto", "console or json lines; auto is console on a terminal"
    )
    workers: int = setting(whole(1, 64), 1, "server processes")
    data_dir: Path = setting(Path, Path("data"), "what the server keeps on disk")
    http_private_hosts: tuple[str, ...] = setting(
        listed, (), "hosts inside our own network that flows may ask, comma-separated; all others are refused"
    )
    api_tokens: tuple[ApiToken, ...] = setting(
        read_tokens,
        (),
        "who may post events: `name=token:source` for each, comma-separated; a source such as `/mail`, or `*`",
        secret=True,
    )
    secrets: Mapping[str, str] = field(
        default_factory=dict,
        repr=False,
        metadata={"description": "IVR_SECRET_<NAME>: values flows may use by name, lower case", "secret": True},
    )

    @property
    def base_url(self) -> str:
        """Where the provider reaches us, without a trailing slash."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or f"http://{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether the server listens where only this machine can reach it."""
        return self.host in LOOPBACK

    @property
    def is_real_twilio(self) -> bool:
        """Whether REST requests go to Twilio itself, where they cost money and ring real telephones."""
        return self.twilio_api_url == TWILIO_API_URL


def read_settings(environ: Mapping[str, str] | None = None, *, env_file: Path = Path(".env")) -> Settings:
    """Read the settings from ``environ`` (the process's own if None), completed by ``env_file`` where it exists.

    Raises SettingsError naming every variable that cannot be used.
    """
    given = _from_file(env_file) | dict(os.environ if environ is None else environ)
    values: dict[str, Any] = {"secrets": _secrets(given)}
    wrong: list[str] = []
    for each in dataclasses.fields(Settings):
        variable = f"IVR_{each.name.upper()}"
        text = given.get(variable, "")
        if text == "" or "read" not in each.metadata:
            continue
        try:
            values[each.name] = each.metadata["read"](text)
        except ValueError as error:
            # Any text may be an address with a password in it, if only by mistake.
            shown = "" if each.metadata["secret"] and "url" not in each.name else f" (now {masked(text)!r})"
            wrong.append(f"{variable}: {error}{shown}")
    if wrong:
        raise SettingsError("\n".join(wrong))
    return Settings(**values)


def _secrets(given: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix(SECRET_PREFIX).lower(): value
        for name, value in given.items()
        if name.startswith(SECRET_PREFIX) and name != "IVR_SECRET_KEY" and value
    }


def _from_file(env_file: Path) -> dict[str, str]:
    try:
        return {name: value or "" for name, value in dotenv_values(env_file).items()} if env_file.is_file() else {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{env_file} cannot be read: {error}") from None

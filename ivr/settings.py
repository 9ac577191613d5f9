"""Settings: one frozen value, read once from ``IVR_*`` variables and a ``.env`` beside the command, then passed on.

Every field's description says what it is, its unit and its default; ``README.md`` repeats them and a test holds the
two together. Nothing else in the project reads the environment.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ivr.clock import parse_clock
from routing.address import masked, parse_url

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

SAMPLE_WORKSPACE = Path(__file__).parent.parent / "flows" / "examples" / "support"
TWILIO_API_URL = "https://api.twilio.com"
SECRETS = frozenset({"twilio_auth_token", "twilio_api_secret", "secret_key", "secrets"})
SECRET_PREFIX = "IVR_SECRET_"  # noqa: S105 - the name of a family of variables, not a secret


class SettingsError(Exception):
    """Settings that cannot be used; the text has a line for each, naming the variable and what it should be."""


def comma_separated(value: object) -> object:
    return tuple(part for part in (p.strip() for p in value.split(",")) if part) if isinstance(value, str) else value


class Settings(BaseModel):
    """All that an operator decides. Frozen; secrets are kept out of its ``repr``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    workspace: Path = Field(
        SAMPLE_WORKSPACE, description="folder of center.yaml and flows/; the shipped sample if empty"
    )
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8080, ge=0, le=65535, description="TCP port to listen on; 0 takes a free one")
    public_url: str = Field("", description="how Twilio reaches us, https://…; signatures are made over it")
    redis_url: str = Field("", repr=False, description="unix://, redis:// or rediss://; empty is the embedded Valkey")
    redis_fsync: Literal["always", "everysec", "no"] = Field(
        "always",
        description="when the embedded Valkey writes to disk; only `always` loses nothing acknowledged",
    )
    database_url: str = Field("", repr=False, description="PostgreSQL; empty is SQLite in the data folder")
    recordings_url: str = Field("", repr=False, description="S3 store; empty is a folder in the data folder")
    twilio_account_sid: str = Field("", description="the account's SID, AC…")
    twilio_auth_token: tuple[str, ...] = Field(
        (),
        repr=False,
        max_length=2,
        description="the account's auth token; two, comma-separated, while it is rotated",
    )
    twilio_api_url: str = Field(TWILIO_API_URL, description="where REST requests go; a simulator's address in tests")
    twilio_api_key: str = Field("", description="API key SID for browser telephones, SK…")
    twilio_api_secret: str = Field("", repr=False, description="that key's secret")
    twilio_app_sid: str = Field("", description="TwiML App for browser telephones, AP…")
    twilio_calls_per_second: float = Field(1.0, gt=0, description="new outgoing calls a second the account may make")
    secret_key: tuple[str, ...] = Field(
        (),
        repr=False,
        max_length=2,
        description="seals sensitive values; two, comma-separated, while it is rotated",
    )
    valkey_bin: str = Field("", description="the embedded engine's program; empty finds one")
    clock: str = Field("", description="empty is the system's; `epoch+factor` is simulated time")
    log_format: Literal["auto", "console", "json"] = Field(
        "auto", description="console or json lines; auto is console on a terminal"
    )
    workers: int = Field(1, ge=1, le=64, description="server processes")
    data_dir: Path = Field(Path("data"), description="what the server keeps on disk")
    http_private_hosts: tuple[str, ...] = Field(
        (), description="hosts inside our own network that flows may ask, comma-separated; all others are refused"
    )
    secrets: dict[str, str] = Field(
        {}, repr=False, description="IVR_SECRET_<NAME>: values flows may use by name, lower case"
    )

    _split = field_validator("twilio_auth_token", "secret_key", "http_private_hosts", mode="before")(comma_separated)

    @field_validator("public_url", "twilio_api_url")
    @classmethod
    def _is_base_url(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment):
            raise ValueError("must be http:// or https:// with a host and no query or fragment")
        if parts.username or parts.password:
            raise ValueError("must not hold a user or a password")
        if parts.port == 0:  # read here, so that one that is no number is refused here
            raise ValueError("must not name port 0")
        return value.rstrip("/")

    @field_validator("redis_url")
    @classmethod
    def _is_redis_url(cls, value: str) -> str:
        if value and not re.match(r"(redis|rediss|unix)://", value):
            raise ValueError("must begin with redis://, rediss:// or unix://")
        if value:
            parse_url(value)
        return value

    @field_validator("clock")
    @classmethod
    def _is_clock(cls, value: str) -> str:
        parse_clock(value)
        return value

    @property
    def base_url(self) -> str:
        """Where the provider reaches us, without a trailing slash."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or f"http://{host}:{self.port}"

    @property
    def is_real_twilio(self) -> bool:
        """Whether REST requests go to Twilio itself, where they cost money and ring real telephones."""
        return self.twilio_api_url == TWILIO_API_URL


def read_settings(environ: dict[str, str] | None = None, *, env_file: Path = Path(".env")) -> Settings:
    """Read the settings from ``environ`` (the process's own if None), completed by ``env_file`` where it exists.

    Raises SettingsError naming every variable that cannot be used.
    """
    given = _from_file(env_file)
    given |= dict(os.environ) if environ is None else environ
    fields = {
        name: given[variable]
        for name in Settings.model_fields
        if name != "secrets" and given.get(variable := f"IVR_{name.upper()}", "")
    }
    secrets = {
        name.removeprefix(SECRET_PREFIX).lower(): value
        for name, value in given.items()
        if name.startswith(SECRET_PREFIX) and name != "IVR_SECRET_KEY"
    }
    try:
        return Settings.model_validate(fields | {"secrets": secrets})
    except ValidationError as error:
        raise SettingsError("\n".join(_line(problem) for problem in error.errors(include_url=False))) from None


def _from_file(env_file: Path) -> dict[str, str]:
    try:
        return {name: value or "" for name, value in dotenv_values(env_file).items()} if env_file.is_file() else {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{env_file} cannot be read: {error}") from None


def _line(problem: ErrorDetails) -> str:
    name = str(problem["loc"][0])
    message = str(problem["msg"]).removeprefix("Value error, ")
    # Any of them may be a URL with a password in it, if only by mistake.
    shown = "" if name in SECRETS else f" (now {masked(str(problem['input']))!r})"
    return f"IVR_{name.upper()}: {message}{shown}"

"""Settings: read from variables and ``.env``, refused by name, and never shown with a secret in them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from ivr.settings import SAMPLE_WORKSPACE, Settings, SettingsError, read_settings
from ivr.timeline.tokens import ApiToken, digest_of

NOWHERE = Path("/nonexistent/.env")

GIVEN = {
    "workspace": ("/w", Path("/w")),
    "host": ("0.0.0.0", "0.0.0.0"),  # noqa: S104 - read, not bound
    "port": ("8081", 8081),
    "public_url": ("https://ivr.example.com/", "https://ivr.example.com"),
    "redis_url": ("rediss://u:p@h:1/2", "rediss://u:p@h:1/2"),
    "redis_fsync": ("everysec", "everysec"),
    "database_url": ("postgresql://u:p@h/d", "postgresql://u:p@h/d"),
    "recordings_url": ("s3://k:s@h/b", "s3://k:s@h/b"),
    "twilio_account_sid": ("AC1", "AC1"),
    "twilio_auth_token": ("new, old", ("new", "old")),
    "twilio_api_url": ("http://127.0.0.1:8090", "http://127.0.0.1:8090"),
    "twilio_api_key": ("SK1", "SK1"),
    "twilio_api_secret": ("hush", "hush"),
    "twilio_app_sid": ("AP1", "AP1"),
    "twilio_calls_per_second": ("2.5", 2.5),
    "secret_key": (f"{'n' * 32}, {'o' * 32}", ("n" * 32, "o" * 32)),
    "valkey_bin": ("/bin/valkey", "/bin/valkey"),
    "clock": ("1772445600+10", "1772445600+10"),
    "log_format": ("json", "json"),
    "workers": ("4", 4),
    "data_dir": ("/d", Path("/d")),
    "api_tokens": (f"mail={'t' * 32}:/mail", (ApiToken("mail", digest_of("t" * 32), "/mail"),)),
    "http_private_hosts": ("crm.internal, 10.0.0.7", ("crm.internal", "10.0.0.7")),
}


def test_every_setting_has_its_variable() -> None:
    """``IVR_`` and the field's name in capitals, read as what the field is; none is forgotten here."""
    settings = read_settings({f"IVR_{name.upper()}": text for name, (text, _value) in GIVEN.items()}, env_file=NOWHERE)

    assert {name: getattr(settings, name) for name in GIVEN} == {name: value for name, (_, value) in GIVEN.items()}
    assert set(GIVEN) == {field.name for field in dataclasses.fields(Settings)} - {"secrets"}


def test_nothing_given_is_a_laptop() -> None:
    """The shipped workspace on loopback; an empty variable is one that was not given."""
    settings = read_settings({"IVR_PORT": "", "PATH": "/bin"}, env_file=NOWHERE)

    assert (settings.workspace, settings.base_url) == (SAMPLE_WORKSPACE, "http://127.0.0.1:8080")
    assert settings.is_real_twilio


def test_an_address_of_ipv6_stands_in_brackets() -> None:
    """As every URL has it."""
    assert read_settings({"IVR_HOST": "::1"}, env_file=NOWHERE).base_url == "http://[::1]:8080"


def test_a_file_completes_the_environment(tmp_path: Path) -> None:
    """``.env`` gives what the environment does not; where both do, the environment counts, empty or not."""
    file = tmp_path / ".env"
    file.write_text('IVR_HOST="10.0.0.1"\nIVR_PORT=1\nIVR_WORKERS=2\nIVR_SECRET_CRM=x\n', encoding="utf-8")
    settings = read_settings({"IVR_PORT": "2", "IVR_WORKERS": ""}, env_file=file)

    assert (settings.host, settings.port, settings.workers) == ("10.0.0.1", 2, 1)
    assert settings.secrets == {"crm": "x"}


def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    """Not UTF-8: a sentence, not a stack trace."""
    file = tmp_path / ".env"
    file.write_bytes(b"IVR_HOST=\xff\xfe\n")

    with pytest.raises(SettingsError, match=r"\.env cannot be read"):
        read_settings({}, env_file=file)


def test_secrets_for_flows_are_a_family_of_variables() -> None:
    """``IVR_SECRET_<NAME>``, by name in lower case; the key that seals sensitive values is none of them."""
    given = {"IVR_SECRET_CRM_TOKEN": "a", "IVR_SECRET_KEY": "b" * 32, "IVR_SECRET_KEYRING": "c", "IVR_SECRET_EMPTY": ""}
    settings = read_settings(given, env_file=NOWHERE)

    assert settings.secrets == {"crm_token": "a", "keyring": "c"}
    assert settings.secret_key == ("b" * 32,)


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("IVR_PORT", "seventy", "a whole number from 0 to 65535"),
        ("IVR_PORT", "65536", "a whole number from 0 to 65535"),
        ("IVR_WORKERS", "0", "a whole number from 1 to 64"),
        ("IVR_TWILIO_CALLS_PER_SECOND", "0", "a number above zero"),
        ("IVR_LOG_FORMAT", "xml", "one of auto, console, json"),
        ("IVR_REDIS_FSYNC", "sometimes", "one of always, everysec, no"),
        ("IVR_CLOCK", "yesterday", "<epoch>+<factor>"),
        ("IVR_PUBLIC_URL", "example.com", "must be http:// or https://"),
        ("IVR_PUBLIC_URL", "https://h/?q=1", "no query"),
        ("IVR_PUBLIC_URL", "https://h:port", "port"),
        ("IVR_PUBLIC_URL", "https://[::1", "IPv6"),
        ("IVR_PUBLIC_URL", "https://ana:hush@h", "must not hold a user or a password"),
        ("IVR_TWILIO_API_URL", "ftp://h", "must be http:// or https://"),
        ("IVR_REDIS_URL", "http://ana:hush@h", "http://ana:***@h must begin with unix://, redis://"),
        ("IVR_REDIS_URL", "redis://ana:hush@", "names no host"),
        ("IVR_REDIS_URL", "redis://ana:hush@h:port", "host and port cannot be read"),
        ("IVR_TWILIO_AUTH_TOKEN", "hush,hush2,hush3", "one value, or two"),
        ("IVR_SECRET_KEY", "hush,hush2,hush3", "one value, or two"),
        ("IVR_SECRET_KEY", "hush", "at least 32 characters"),
        ("IVR_SECRET_KEY", f"{'n' * 32},hush", "at least 32 characters"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(variable: str, value: str, says: str) -> None:
    """The variable and what it should be, without any password or token that stands in it."""
    with pytest.raises(SettingsError) as refused:
        read_settings({variable: value}, env_file=NOWHERE)

    assert str(refused.value).startswith(f"{variable}: ")
    assert says in str(refused.value)
    assert "hush" not in str(refused.value)


def test_all_mistakes_are_named_at_once() -> None:
    """A line for each variable that cannot be used."""
    with pytest.raises(SettingsError) as refused:
        read_settings({"IVR_PORT": "x", "IVR_WORKERS": "y"}, env_file=NOWHERE)

    assert [line.partition(":")[0] for line in str(refused.value).splitlines()] == ["IVR_PORT", "IVR_WORKERS"]


def test_a_settings_value_shows_no_secret() -> None:
    """Whatever prints it: no token, key, password or credential in a URL."""
    hush = {
        "IVR_REDIS_URL": "redis://ana:hush@h",
        "IVR_DATABASE_URL": "postgresql://ana:hush@h/d",
        "IVR_RECORDINGS_URL": "s3://ana:hush@h/b",
        "IVR_TWILIO_AUTH_TOKEN": "hush1,hush2",
        "IVR_TWILIO_API_SECRET": "hush",
        "IVR_SECRET_KEY": f"{'hush1' * 7},{'hush2' * 7}",
        "IVR_SECRET_CRM": "hush",
    }
    settings = read_settings(hush, env_file=NOWHERE)

    assert "hush" not in repr(settings)
    assert "hush" not in str(settings)

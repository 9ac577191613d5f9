"""URLs of a Redis: what they name, and that nobody ever sees the password in one."""

from __future__ import annotations

import pytest

from routing.address import Address, masked, parse_url


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("unix:///run/redis.sock", Address(path="/run/redis.sock")),
        ("unix:///a%20folder/s?db=2", Address(path="/a folder/s", database=2)),
        ("unix://ana:pw@/s", Address(path="/s", user="ana", password="pw")),
        ("redis://host", Address(host="host")),
        ("redis://host:7000/3", Address(host="host", port=7000, database=3)),
        ("redis://:pw@host/", Address(host="host", password="pw")),
        ("redis://ana:p%40ss%2F@host?db=1", Address(host="host", user="ana", password="p@ss/", database=1)),
        ("rediss://[::1]:6380", Address(host="::1", port=6380, tls=True)),
    ],
)
def test_a_url_names_an_address(url: str, address: Address) -> None:
    """The three forms with all that may be left out."""
    assert parse_url(url) == address


@pytest.mark.parametrize(
    ("url", "objection"),
    [
        ("http://host", "must begin with unix://, redis:// or rediss://"),
        ("host:6379", "must begin with"),
        ("redis://", "names no host"),
        ("redis://host:port", "the port is not a number"),
        ("redis://host/queue", "the database must be a number"),
        ("redis://host?ssl=no", "unknown parameter; the only one is db"),
        ("unix://run/redis.sock", "three slashes in a row"),
        ("unix://", "three slashes in a row"),
    ],
)
def test_a_bad_url_is_refused_with_the_reason(url: str, objection: str) -> None:
    """The message shows the URL and what is wrong with it."""
    with pytest.raises(ValueError, match=objection):
        parse_url(url)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://host:6379/1", "redis://host:6379/1"),
        ("redis://ana:secret@host", "redis://ana:***@host"),
        ("redis://:secret@host", "redis://***@host"),
        ("redis://secret@host", "redis://***@host"),
        ("redis://ana:se/cr@et@host", "redis://ana:***@host"),
        ("unix:///s?db=1&password=secret", "unix:///s?***"),
        ("redis://ana:sec\nret@host", "redis://ana:***@host"),
    ],
)
def test_a_shown_url_has_no_password(url: str, shown: str) -> None:
    """Wherever it stands, and even if it should have been percent-encoded."""
    assert masked(url) == shown


@pytest.mark.parametrize(
    "url", ["redis://ana:secret/@host:1", "redis://:secret:1:x@host/q", "redis://u:secret@h?x=secret"]
)
def test_a_refusal_has_no_password(url: str) -> None:
    """Also where the password is why the URL can't be read."""
    with pytest.raises(ValueError, match=r"^redis://") as raised:
        parse_url(url)

    assert "secret" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_an_address_that_is_printed_has_no_password() -> None:
    """A frozen value ends up in a traceback some day."""
    assert "secret" not in repr(parse_url("redis://ana:secret@host"))

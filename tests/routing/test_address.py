"""URLs of a Redis: what they name, and that nobody ever sees the password in one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing.address import Address, ClusterAddress, SentinelAddress, masked, parse_url


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
def test_a_url_names_a_server(url: str, address: Address) -> None:
    """By socket or by host, with all that may be left out."""
    assert parse_url(url) == address


@pytest.mark.parametrize(
    ("url", "nodes"),
    [
        ("redis+cluster://host", [Address(host="host")]),
        ("redis+cluster://a:7000,b/", [Address(host="a", port=7000), Address(host="b")]),
        ("redis+cluster://a,[::1]:1/0?db=0", [Address(host="a"), Address(host="::1", port=1)]),
        ("rediss+cluster://ana:p%40@a:1,b:2", [Address("", h, p, True, "ana", "p@") for h, p in (("a", 1), ("b", 2))]),
    ],
)
def test_a_url_names_the_nodes_of_a_cluster(url: str, nodes: list[Address]) -> None:
    """One is enough; user and password are for all of them."""
    assert parse_url(url) == ClusterAddress(tuple(nodes))


@pytest.mark.parametrize(
    ("url", "sentinels", "server"),
    [
        ("redis+sentinel://a/main", [Address(host="a", port=26379)], Address()),
        (
            "redis+sentinel://:pw@a:1,b:2/main/3",
            [Address(host="a", port=1), Address(host="b", port=2)],
            Address(password="pw", database=3),
        ),
        (
            "rediss+sentinel://ana:pw@a/main?sentinel_user=watch&sentinel_password=p%26w&db=4",
            [Address(host="a", port=26379, tls=True, user="watch", password="p&w")],
            Address(tls=True, user="ana", password="pw", database=4),
        ),
    ],
)
def test_a_url_names_sentinels_and_their_service(url: str, sentinels: list[Address], server: Address) -> None:
    """User and password are the servers'; the sentinels have their own or none."""
    place = parse_url(url)

    assert isinstance(place, SentinelAddress)
    assert (place.sentinels, place.service) == (tuple(sentinels), "main")
    assert place.server.at("", server.port) == replace(server, port=place.server.port).at("", server.port)


@pytest.mark.parametrize(
    ("url", "objection"),
    [
        ("http://host", r"must begin with unix://, redis://, redis\+cluster:// or redis\+sentinel://"),
        ("host:6379", "must begin with"),
        ("redis://", "names no host"),
        ("redis+cluster://a,[b", "host and port cannot be read"),
        ("redis://host:port", "host and port cannot be read"),
        ("redis://host/queue", "the database must be a number"),
        ("redis://host?ssl=no", "unknown parameter; there is db"),
        ("redis://a,b", "names several hosts: is it a redis"),
        ("redis+cluster://a/1", "a cluster has no database but 0"),
        ("redis+cluster://a,,b", "names no host"),
        ("redis+sentinel://a", "names no service"),
        ("redis+sentinel://a/main/x", "the database must be a number"),
        (
            "redis+sentinel://a/main?password=x",
            "unknown parameter; there is db and sentinel_user and sentinel_password",
        ),
        ("redis+memory://a", "must begin with"),
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
        ("redis+sentinel://a:secret@h,i/main/1?sentinel_password=secret", "redis+sentinel://a:***@h,i/main/1?***"),
        ("redis://ana:sec\nret@host", "redis://ana:***@host"),
    ],
)
def test_a_shown_url_has_no_password(url: str, shown: str) -> None:
    """Wherever it stands, and even if it should have been percent-encoded."""
    assert masked(url) == shown


@pytest.mark.parametrize(
    "url",
    ["redis://ana:secret/@host:1", "redis://:secret:1:x@host/q", "redis://u:secret@h?x=secret", "redis://u:secret@[h"],
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

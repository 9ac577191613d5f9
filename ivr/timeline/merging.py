"""Merging customers, so that it can always be undone: nothing of either is moved.

A merge is an edge between two customers that says which one is kept. Customers joined by edges that hold are one
person, and the *root* of them is the one whose name counts first: the kept side of the latest edge, followed to its
own root. Undoing takes the edge away; events and identities never left their customers, so each goes back to what it
was, with what came since by its own identities.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Edge(NamedTuple):
    """``absorbed`` was merged into ``kept``; edges are ordered by when that was."""

    kept: str
    absorbed: str


def roots(customers: Iterable[str], edges: Iterable[Edge]) -> Mapping[str, str]:
    """By customer the root of the person they are, by the edges that hold, earliest first.

    An edge inside one person changes nothing, except that it holds them together when another is undone.
    """
    parent = {customer: customer for customer in customers}

    def root_of(customer: str) -> str:
        while parent[customer] != customer:
            customer = parent[customer]
        return customer

    for edge in edges:
        parent[root_of(edge.absorbed)] = root_of(edge.kept)
    return {customer: root_of(customer) for customer in parent}

"""A checked, compiled set of flows, named by the hash of what it was made from."""

from __future__ import annotations

"""Fixtures of routing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.routing.floor import Floor

if TYPE_CHECKING:
    from routing.redis import Redis


@pytest.fixture
async def floor(redis: Redis) -> Floor:
    """An empty floor with its usual queues."""
    return await Floor(redis).open()

"""A real browser without a window, for tests of pages: Chromium as the machine has it, driven by playwright."""

from __future__ import annotations

import os
import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import async_playwright

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str:
    """Where Chromium is on this machine; empty if there is none."""
    return next(filter(None, map(shutil.which, NAMES)), "")


needs_browser = pytest.mark.skipif(not find_chromium(), reason=f"no browser here: none of {', '.join(NAMES)}")


@asynccontextmanager
async def a_browser() -> AsyncIterator[Browser]:
    """Chromium, closed at the end; as root, as in a container, it cannot have a sandbox of its own."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=find_chromium(), args=arguments)
        try:
            yield browser
        finally:
            await browser.close()

"""Chromium, driven by Playwright. Tests that use it are `async def`."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest

_FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]


async def arrive(page: Any, path: str) -> None:
    """Wait for a page by its path alone: `?next=` in the address of another may end in the same words."""
    await page.wait_for_url(lambda url: urlsplit(url).path == path)


def find_chromium() -> str | None:
    """Path of the system's Chromium, or None."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Any]:
    """A headless Chromium for the whole run."""
    path = find_chromium()
    if path is None:
        pytest.skip("Chromium is not installed. As root: apt-get install chromium")
    from playwright.async_api import async_playwright

    flags = [*_FLAGS, "--no-sandbox"] if os.geteuid() == 0 else _FLAGS
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=path, headless=True, args=flags)
        yield opened
        await opened.close()


@pytest.fixture
async def page(browser: Any, live_server: str) -> AsyncIterator[Any]:
    """A page in a fresh context, desktop size, French; paths are relative to the live server."""
    context = await browser.new_context(
        base_url=live_server, locale="fr-BE", viewport={"width": 1280, "height": 900}
    )
    yield await context.new_page()
    await context.close()

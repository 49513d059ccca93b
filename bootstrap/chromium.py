"""Chromium, for the browser tests."""

from __future__ import annotations

import shutil

from bootstrap import apt
from bootstrap.shell import as_root, say, timed


def install() -> None:
    """Install it as root; else say how, since the other tests run without."""
    if any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        return
    if as_root() is not None and apt.is_debian():
        with timed("Chromium"):
            apt.install("chromium")
        return
    say(f"Chromium is not installed: the browser tests will be skipped. {apt.line_to_type('chromium')}")

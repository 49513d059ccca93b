"""Waiting for what happens by itself: a condition, never a length of time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable


async def eventually(condition: Callable[[], bool | Awaitable[bool]], patience_s: float = 60) -> None:
    """Wait until a condition holds; fail when it does not come true."""
    deadline = time.monotonic() + patience_s
    while True:
        told = condition()
        if told if isinstance(told, bool) else await told:
            return
        assert time.monotonic() < deadline, "what was waited for never came true"
        await asyncio.sleep(0.01)

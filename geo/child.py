"""A process of our own for work that takes long: it can be killed at any time, and shares nothing."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

#: Lower than the server's, which shares the machine: for `os.nice` in the child.
NICE = 10

#: A child answers in lines; the longest tells a number for each of some thousand zones.
_LINE_BYTES = 2**22


@asynccontextmanager
async def child_process(module: str, *arguments: str) -> AsyncIterator[Process]:
    """Yield the process of `python -m module`, with pipes in and out; it is killed when the block ends."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        limit=_LINE_BYTES,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()

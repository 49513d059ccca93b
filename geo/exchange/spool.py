"""A file in the making: written as fast as the database tells it, read as fast as somebody takes it.

So a slow reader holds a file of the disk, and nothing of the database.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final

from geo.errors import TooSlow

CHUNK_BYTES: Final = 2**18
#: How often it is looked whether a file has grown.
_LOOK_S = 0.02


class Spool:
    """A temporary file that a task writes.

    Parameters
    ----------
    write : callable
        Writes the file whose path it is given.
    grows : bool
        Whether the beginning is right before the end is written.
    name : str
        Of the file, in a folder of its own.
    """

    def __init__(self, write: Callable[[Path], Awaitable[object]], *, grows: bool, name: str) -> None:
        self._room = tempfile.TemporaryDirectory(prefix="quartier-file-", ignore_cleanup_errors=True)
        self._file = Path(self._room.name) / name
        self._grows = grows
        self.writing = asyncio.ensure_future(write(self._file))

    async def begin(self) -> int | None:
        """Wait for the first bytes that can be read; return how many there are in all, if it is known.

        Raises
        ------
        Exception
            What went wrong in writing.
        """
        while not self.writing.done():
            if self._grows and self._size() >= CHUNK_BYTES:
                return None
            await asyncio.wait({self.writing}, timeout=_LOOK_S)
        self.writing.result()
        return self._size()

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the file to its end, behind whoever writes it.

        Raises
        ------
        TooSlow
            The writing was stopped before its end.
        """
        with self._file.open("rb", buffering=0) as opened:
            while True:
                is_whole = self.writing.done()
                chunk = await asyncio.to_thread(opened.read, CHUNK_BYTES)
                if chunk:
                    yield chunk
                elif not is_whole:
                    await asyncio.wait({self.writing}, timeout=_LOOK_S)
                elif self.writing.cancelled():
                    raise TooSlow()
                else:
                    self.writing.result()
                    return

    async def close(self) -> None:
        """Stop writing, and with it the query; delete the file."""
        self.writing.cancel()
        await asyncio.gather(self.writing, return_exceptions=True)
        await asyncio.to_thread(self._room.cleanup)

    def _size(self) -> int:
        return self._file.stat().st_size if self._file.exists() else 0

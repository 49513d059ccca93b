"""File locks by which processes share one data directory; the kernel frees those of a killed one."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FileLock:
    """A ``flock`` on a small file that says, for the others, which process holds it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None

    def acquire(self, *, shared: bool = False, wait: bool = True) -> bool:
        """Take the lock, or change the one held to another mode; False where others hold it."""
        mode = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
        fd = (
            os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600) if self._fd is None else self._fd
        )
        try:
            fcntl.flock(fd, mode)
        except BlockingIOError:
            if self._fd is None:
                os.close(fd)
            return False
        self._fd = fd
        if not shared:
            os.ftruncate(fd, 0)
            os.pwrite(fd, str(os.getpid()).encode(), 0)
        return True

    def release(self) -> None:
        """Let the others have it."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def holder_pid(self) -> int | None:
        """Read which process took it exclusively last."""
        text = self.path.read_text().strip() if self.path.exists() else ""
        return int(text) if text.isdecimal() else None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold it for a block, waiting for the others."""
        self.acquire()
        try:
            yield
        finally:
            self.release()

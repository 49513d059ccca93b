"""The worker that `quartier serve` keeps beside the server: a process of its own, begun anew when it ends."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import typer

_FIRST_WAIT_S = 1.0
_LONGEST_WAIT_S = 60.0
#: A worker that lived so long is not one that cannot start.
_SOUND_S = 30.0
_PATIENCE_S = 15.0


@contextmanager
def keep_worker() -> Iterator[None]:
    """Keep one worker running during the block, and leave none behind.

    It reads the environment of this process. One that ends is started again, after longer and longer waits
    when it ends at once.
    """
    done = threading.Event()
    keeper = threading.Thread(target=_keep, args=(done,), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()


def _keep(done: threading.Event) -> None:
    wait_s = _FIRST_WAIT_S
    while not done.is_set():
        lived_s = _run(done)
        if done.is_set():
            return
        wait_s = _FIRST_WAIT_S if lived_s > _SOUND_S else min(wait_s * 2, _LONGEST_WAIT_S)
        typer.echo(f"The worker ended; it is started again in {wait_s:.0f} s.", err=True)
        done.wait(wait_s)


def _run(done: threading.Event) -> float:
    """Run one worker until it ends or is no longer wanted; return how long it lived, in seconds."""
    # A session of its own: Ctrl-C in a terminal reaches the server, which then stops its worker. Its input
    # stays open as long as this process lives, and so tells it when we are gone without a word.
    worker = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "worker", "--as-child"],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    lived_s = 0.0
    while worker.poll() is None and not done.wait(0.5):
        lived_s += 0.5
    _end(worker)
    return lived_s


def _end(worker: subprocess.Popen[bytes]) -> None:
    worker.terminate()
    try:
        worker.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
    if worker.stdin:
        worker.stdin.close()

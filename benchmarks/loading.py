"""Asking a server by wrk and a database by pgbench, in the same way for all."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from geo.errors import EnvironmentLacking

CONNECTIONS = 8

#: Asks for each line of a file once, or as often as told, and then stops: wrk itself knows seconds only.
_LUA = """
asked, last, requests = 0, 0, {}
init = function(args)
  for path in io.lines(args[1]) do requests[#requests + 1] = wrk.format("GET", path) end
  last = #requests * tonumber(args[2])
end
request = function()
  asked = asked + 1
  if asked == last then
    wrk.thread:stop()
    io.stderr:write("asked all\\n")
  end
  return requests[(asked - 1) % #requests + 1]
end
done = function(summary, latency)
  io.write(string.format("measured %d %d %d %d %d %d\\n", summary.requests, summary.duration,
    summary.errors.status + summary.errors.timeout + summary.errors.read, summary.bytes,
    latency:percentile(50.0), latency:percentile(95.0)))
end
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a loader found."""

    per_s: float
    p50_ms: float
    p95_ms: float
    answers: int
    kb: float
    """Size of an answer at the mean, head included."""


def ensure_tools() -> None:
    """Refuse where a program is missing.

    Raises
    ------
    EnvironmentLacking
        Names what and how.
    """
    for tool in ("wrk", "pgbench"):
        if shutil.which(tool) is None:
            raise EnvironmentLacking(f"{tool} is missing: apt-get install wrk postgresql-contrib")


def ask(
    url: str, paths: Sequence[str], *, times: int = 1, most_s: int = 120, connections: int = CONNECTIONS
) -> Measured:
    """Ask a server for each of the paths so many times, from several connections that never rest.

    Parameters
    ----------
    url
        Of the server.
    paths
        Each with its query.
    times
        How often the list is gone through.
    most_s
        After so many seconds it is enough, however many were answered.
    connections
        How many ask at once.

    Raises
    ------
    RuntimeError
        If an answer was none: a status from 400 on, or a broken connection.
    """
    with tempfile.TemporaryDirectory() as directory:
        lua, listed = Path(directory, "ask.lua"), Path(directory, "paths.txt")
        lua.write_text(_LUA)
        listed.write_text("\n".join(paths))
        command = ["wrk", f"-c{connections}", "-t1", f"-d{most_s}s", "--timeout", "30s", "-s", str(lua), url]
        command += ["--", str(listed), str(times)]
        told = _run(command)
    found = re.search(r"measured (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)", told)
    if not found or found[3] != "0":
        raise RuntimeError(f"{url}{paths[0]}: {told}")
    answers, duration_us, _, size, p50_us, p95_us = map(int, found.groups())
    return Measured(
        answers / (duration_us / 1e6), p50_us / 1e3, p95_us / 1e3, answers, size / max(1, answers) / 1e3
    )


def _run(command: Sequence[str]) -> str:
    """Return what wrk says; it is interrupted when it has asked all, else it would sit out its seconds."""
    loader = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert loader.stderr is not None
    said = loader.stderr.readline()
    while loader.poll() is None:
        loader.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            loader.wait(0.02)
    return said + loader.communicate()[0]


def ask_database(url: str, scripts: Sequence[str], seconds: int) -> float:
    """Return how many scripts of pgbench, drawn from some, a database gets through in a second, prepared."""
    command = ["pgbench", "-n", "-M", "prepared", f"-c{CONNECTIONS}", "-j1", f"-T{seconds}"]
    with tempfile.TemporaryDirectory() as directory:
        for number, script in enumerate(scripts):
            file = Path(directory, f"{number}.sql")
            file.write_text(script)
            command += ["-f", str(file)]
        told = subprocess.run([*command, url], check=True, capture_output=True, text=True)
    found = re.search(r"tps = ([\d.]+)", told.stdout)
    if not found:
        raise RuntimeError(told.stdout + told.stderr)
    return float(found[1])

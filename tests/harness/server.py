"""The application: in this process for API tests, and as a real server for browsers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import pytest

from geo.settings import Settings


@pytest.fixture(scope="session")
async def application(loaded_database: str) -> AsyncIterator[object]:
    """The ASGI application on all that ships, started."""
    async with started(Settings(database_url=loaded_database)) as app:
        yield app


@pytest.fixture(scope="session")
async def client(application: object) -> AsyncIterator[httpx.AsyncClient]:
    """A client that talks to the application without a network; an exception in it becomes its 500."""
    async with client_of(application) as opened:
        yield opened


@pytest.fixture(scope="session")
async def toy_streets_client(toy_streets_database: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application on the toy city with its streets."""
    async with started(Settings(database_url=toy_streets_database)) as app, client_of(app) as opened:
        yield opened


@pytest.fixture(scope="session")
async def streets_client(brussels_streets: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application on all that ships with the streets of the region."""
    async with started(Settings(database_url=brussels_streets)) as app, client_of(app) as opened:
        yield opened


@asynccontextmanager
async def started(settings: Settings) -> AsyncIterator[object]:
    """The application of these settings, started."""
    from api.app import create_app

    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


@asynccontextmanager
async def client_of(application: object) -> AsyncIterator[httpx.AsyncClient]:
    """A client that talks to an application of this process."""
    transport = httpx.ASGITransport(app=application, raise_app_exceptions=False)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as opened:
        yield opened


@pytest.fixture(scope="session")
def live_server(loaded_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a real server on a free port of this machine, with all that ships."""
    with served(loaded_database, tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture(scope="session")
def streets_server(brussels_streets: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a real server with all that ships and the streets of the region."""
    with served(brussels_streets, tmp_path_factory.mktemp("streets-server")) as address:
        yield address


@pytest.fixture(scope="session")
def named_server(loaded_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of another, by name: passkeys belong to no IP address."""
    with served(loaded_database, tmp_path_factory.mktemp("named-server"), "localhost") as address:
        yield address


@contextmanager
def served(database: str, directory: Path, host: str = "127.0.0.1", **settings: str) -> Iterator[str]:
    """Run a server on a free port, whose public address names `host`; further settings by their variables."""
    port, log = free_port(), directory / "log"
    address = f"http://{host}:{port}"
    own = {"QUARTIER_DATABASE_URL": database, "QUARTIER_PUBLIC_URL": address}
    own["QUARTIER_WORKER_BESIDE"] = "false"  # it would take the jobs that tests in this process look for
    environment = os.environ | own | settings
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "serve", "--port", str(port)],
            env=environment,
            stdout=output,
            stderr=output,
        )
    try:
        wait_until_served(f"http://127.0.0.1:{port}", process, log)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def free_port() -> int:
    """Find a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_served(
    address: str, process: subprocess.Popen[bytes], log: Path, patience_s: float = 180
) -> None:
    """Wait for the first answer; fail with the server's own words when it ends instead."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            httpx.get(f"{address}/health/live", timeout=5)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"the server does not answer at {address}:\n{log.read_text(errors='replace')}")

"""`quartier serve`: the server and, where none is given, its private database."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Annotated

import psycopg
import typer

from api import metrics
from api.background import keep_worker
from api.logs import describe_log
from geo.db.embedded import EmbeddedCluster
from geo.directory.views import prepare_database
from geo.errors import EnvironmentLacking, QuartierError
from geo.settings import read_settings

_WATCH_S = 1.0


def app(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", min=1, max=65535)] = None,
    workers: Annotated[int | None, typer.Option(help="Server processes.", min=1)] = None,
    with_data: Annotated[
        bool, typer.Option("--with-data", help="Load shipped data and examples into an empty database first.")
    ] = False,
) -> None:
    """Serve the platform until Ctrl-C."""
    settings = read_settings()
    listening = _listen(host or settings.host, port or settings.port)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        with _database() as address:
            os.environ["QUARTIER_DATABASE_URL"] = address
            os.environ["QUARTIER_PORT"] = str(listening.getsockname()[1])  # links in mail name it
            read_settings.cache_clear()
            if with_data and not _holds_data(address):
                _load_all()
            with keep_worker() if read_settings().worker_beside else nullcontext():
                processes = workers or settings.workers
                with metrics.shared(processes) if settings.metrics else nullcontext():
                    _serve(listening, processes)
    except KeyboardInterrupt:
        typer.echo("Stopped.", err=True)
    finally:
        listening.close()


def _leave(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _listen(host: str, port: int) -> socket.socket:
    """Take the port before anything else is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        # Listening now means that a second server on this port is refused at once.
        listening.listen(2048)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise EnvironmentLacking(
                f"Port {port} of {host} is taken. Choose another: quartier serve --port {port % 65535 + 1}"
            ) from error
        raise EnvironmentLacking(f"Cannot listen on {host}, port {port}: {error.strerror}") from error
    listening.set_inheritable(True)
    return listening


@contextmanager
def _database() -> Iterator[str]:
    """Yield a migrated database; a private one is watched, and started again when it dies."""
    settings = read_settings()
    if settings.database_url:
        prepare_database(settings.direct_url or settings.database_url)
        yield settings.database_url
        return
    cluster = EmbeddedCluster(settings.data_dir)
    cluster.claim()
    try:
        address = cluster.start()
        prepare_database(address)
        with _watched(cluster):
            yield address
    finally:
        cluster.stop()
        cluster.release()


@contextmanager
def _watched(cluster: EmbeddedCluster) -> Iterator[None]:
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_WATCH_S):
            if not cluster.status().running:
                try:
                    cluster.start()
                except QuartierError as error:
                    typer.echo(str(error), err=True)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _holds_data(address: str) -> bool:
    with psycopg.connect(address) as connection:
        return connection.execute("SELECT 1 FROM zone LIMIT 1").fetchone() is not None


def _load_all() -> None:
    """Load in a process of its own: what importing costs in memory is given back before serving."""
    for what in ("base", "example"):
        done = subprocess.run([sys.executable, "-m", "api.cli", "load", what], check=False)
        if done.returncode:
            raise typer.Exit(done.returncode)


def _serve(listening: socket.socket, workers: int) -> None:
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    config = uvicorn.Config(
        "api.app:create_app",
        factory=True,
        http="api.protocol:JoiningProtocol",
        workers=workers,
        log_config=describe_log(read_settings()),
        access_log=False,  # it would write addresses and query strings: neither may be kept
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=5,
        limit_concurrency=read_settings().most_connections,
    )
    host, port = listening.getsockname()[:2]
    typer.echo(f"Quartier: http://{f'[{host}]' if ':' in host else host}:{port}", err=True)
    if read_settings().smtp_url is None:
        typer.echo(f"Mail is laid into {read_settings().mail_dir}", err=True)
    if workers > 1:
        Multiprocess(config, sockets=[listening]).run()
        return
    server = uvicorn.Server(config)
    server.run(sockets=[listening])
    if not server.started:
        raise EnvironmentLacking("The server did not start; the lines above say why.")

"""How answers leave the server: head and body at once, and the head alone where the body takes its time."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar, cast

import pytest
import uvicorn

from api.protocol import JoiningProtocol

BODY = b"x" * 5_000


class Watched(JoiningProtocol):
    """The protocol on a transport that remembers what was written to it at once."""

    written: ClassVar[list[bytes]] = []

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(cast("asyncio.Transport", _Watching(transport)))


class _Watching:
    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        Watched.written.append(data)
        self._transport.write(data)


async def at_once(_scope: Any, _receive: Any, send: Any) -> None:
    await send(start(len(BODY)))
    await send({"type": "http.response.body", "body": BODY})


async def in_pieces(_scope: Any, _receive: Any, send: Any) -> None:
    await send(start(2 * len(BODY)))
    await asyncio.sleep(0.3)
    for is_last in (False, True):
        await send({"type": "http.response.body", "body": BODY, "more_body": not is_last})


async def nothing(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 304, "headers": []})
    await send({"type": "http.response.body"})


def start(length: int) -> dict[str, Any]:
    headers = [(b"content-length", str(length).encode())]
    return {"type": "http.response.start", "status": 200, "headers": headers}


@asynccontextmanager
async def asking(app: Any) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Yield a connection to a server of an application, which has just been asked."""
    Watched.written.clear()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(app, http=Watched, lifespan="off", log_config=None)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        try:
            writer.write(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
            yield reader, writer
        finally:
            writer.close()
            server.should_exit = True
            await serving


async def test_head_and_body_leave_together() -> None:
    async with asking(at_once) as (reader, _):
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 OK")
        assert await reader.readexactly(len(BODY)) == BODY
    assert Watched.written == [head + BODY]


async def test_a_head_does_not_wait_for_a_slow_body() -> None:
    async with asking(in_pieces) as (reader, _):
        told = await asyncio.wait_for(reader.read(100_000), 0.25)
        assert told.endswith(b"\r\n\r\n")
        assert await reader.readexactly(2 * len(BODY)) == 2 * BODY
    assert Watched.written == [told, BODY, BODY]


@pytest.mark.parametrize("asked", [1, 3])
async def test_answers_without_a_body_end(asked: int) -> None:
    async with asking(nothing) as (reader, writer):
        for number in range(asked):
            if number:
                writer.write(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
            told = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
            assert told.startswith(b"HTTP/1.1 304")

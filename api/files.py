"""Features as files: written by the database into a spool, sent as fast as the asker takes them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.negotiation import Offered, negotiated
from api.seats import Seats
from geo.exchange.export import write_file
from geo.exchange.spool import Spool
from geo.features.asked import Asked
from geo.features.formats import FORMATS
from geo.features.formats.base import Format
from geo.features.streaming import Part
from geo.vocabulary import Text, Viewer

#: Files that are written or sent at once by this process. They lie on its disk for so long.
OPEN_FILES: Final = Seats(8, 15)
#: Who takes not even a chunk (256 kB) in so long is let go: files of people who read them are waiting.
PATIENCE_S: Final = 30

#: A page of GeoJSON is what `f=geojson` means here; the whole of it as one file has a name of its own.
_NAMES = {"geojson": "geojson-file"}
_TITLES = {"geojson-file": Text("GeoJSON (fichier)", "GeoJSON (bestand)", "GeoJSON (file)")}
_FORMATS: Mapping[str, Format] = {_NAMES.get(id, id): format for id, format in FORMATS.items()}
FILES: Final = tuple(
    Offered(id, each.media_type, _TITLES.get(id, each.title), each.also) for id, each in _FORMATS.items()
)
ALL: Final = Part()


class FileAnswer(Response):
    """A spool as an answer. However it ends, the writing stops, the file and the seat are freed."""

    def __init__(self, spool: Spool, seat: ExitStack, headers: Mapping[str, str], media_type: str) -> None:
        self.status_code, self.media_type, self.background = 200, media_type, None
        self.init_headers(headers)  # no body: its length, where it is known, is among the headers
        self._spool, self._seat = spool, seat

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file.

        Raises
        ------
        TimeoutError
            Whoever asked takes it too slowly.
        """
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            async for chunk in self._spool.chunks():
                message = {"type": "http.response.body", "body": chunk, "more_body": True}
                await asyncio.wait_for(send(message), PATIENCE_S)
            await send({"type": "http.response.body", "body": b""})
        finally:
            await _give_up(self._spool, self._seat)


async def file_answer(
    request: Request,
    asked: Asked,
    viewer: Viewer,
    chosen: Offered,
    *,
    part: Part = ALL,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return what is asked of a layer as a file.

    Parameters
    ----------
    chosen : Offered
        One of `FILES`.
    part : Part
        Which of the features that match; all of them where nothing else is said.

    Raises
    ------
    TooMany
        As many files are open as there are seats.
    UnknownValue, InvalidParameter
        A filter names nothing; the format has no room for so much, or for that reference system.
    """
    format = _FORMATS[chosen.id]
    name = f"{asked.layer.id}.{format.extension}"
    seat = ExitStack()
    seat.enter_context(OPEN_FILES.take())
    write = partial(_write, request, asked, viewer, format, part)
    spool = Spool(write, grows=format.grows, name=name)
    try:
        size = await spool.begin()
    except BaseException:
        await _give_up(spool, seat)
        raise
    told = {"Content-Disposition": f'attachment; filename="{name}"', **(headers or {})}
    if size is not None:
        told["Content-Length"] = str(size)
    return negotiated(FileAnswer(spool, seat, told, format.media_type))


async def _write(
    request: Request, asked: Asked, viewer: Viewer, format: Format, part: Part, file: Path
) -> None:
    await write_file(request.app.state.export_pool, asked, viewer, format, file, part)


async def _give_up(spool: Spool, seat: ExitStack) -> None:
    try:
        await asyncio.shield(spool.close())
    finally:
        seat.close()

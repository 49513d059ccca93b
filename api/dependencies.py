"""What routes ask for: a reader of the database, a write session, the viewer, the language.

All are coroutines, also where nothing is awaited: FastAPI would run a plain function in a thread.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, cast

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from api.language import language_of
from geo.db.reads import Reader
from geo.db.sessions import write_session
from geo.vocabulary import ANONYMOUS, Lang, Viewer


async def reader_of(request: Request) -> Reader:
    """Return the pool for reads; a connection is taken for the query alone."""
    return cast(Reader, request.app.state.pool)


async def write_session_of(request: Request) -> AsyncIterator[AsyncSession]:
    """Yield a session that is committed after the route has ended well, before the answer is sent."""
    async with write_session(request.app.state.engine) as session:
        yield session


async def viewer_of(request: Request) -> Viewer:
    """Return who is looking; without accounts, everybody is anonymous."""
    return ANONYMOUS


async def lang_of(request: Request) -> Lang:
    """Return the language in which this reader is answered."""
    return language_of(request)


ReaderDep = Annotated[Reader, Depends(reader_of)]
ViewerDep = Annotated[Viewer, Depends(viewer_of)]
LangDep = Annotated[Lang, Depends(lang_of)]
WriteSession = Annotated[AsyncSession, Depends(write_session_of, scope="function")]

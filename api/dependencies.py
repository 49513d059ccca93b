"""What routes ask for: a reader of the database, a write session, the viewer, the language.

All are coroutines, also where nothing is awaited: FastAPI would run a plain function in a thread.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, cast

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from api.cookies import session_key
from api.csrf import check_csrf
from api.language import language_of
from geo.access.destinations import Destinations
from geo.access.network.loaded import Streets
from geo.accounts.actors import PUBLIC, Actor
from geo.accounts.audit import record_writes
from geo.accounts.rights import Right
from geo.accounts.sessions import find_session, find_token, note_use
from geo.db.reads import Reader
from geo.db.sessions import write_session
from geo.errors import NotSignedIn
from geo.vocabulary import Lang, Viewer


async def reader_of(request: Request) -> Reader:
    """Return the pool for reads; a connection is taken for the query alone.

    Whoever may have written something, a moment ago or on another page, reads where writes go. All others
    read the replica, where there is one.
    """
    state = request.app.state
    if state.read_pool is state.pool or _may_write(request):
        return cast(Reader, state.pool)
    return cast(Reader, state.read_pool)


def _may_write(request: Request) -> bool:
    headers = request.headers
    return request.method not in ("GET", "HEAD") or "cookie" in headers or "authorization" in headers


ReaderDep = Annotated[Reader, Depends(reader_of)]


async def streets_of(request: Request) -> Streets:
    """Return the streets that this process walks on."""
    return cast(Streets, request.app.state.streets)


StreetsDep = Annotated[Streets, Depends(streets_of)]


async def destinations_of(request: Request) -> Destinations:
    """Return the places that can be walked to, as this process holds them."""
    return cast(Destinations, request.app.state.destinations)


DestinationsDep = Annotated[Destinations, Depends(destinations_of)]


async def actor_of(request: Request, reader: ReaderDep) -> Actor:
    """Return who acts: the account of the session or the token, else the public.

    Raises
    ------
    NotSignedIn
        A token was sent that is unknown, ended or revoked.
    CrossSite
        A session is used to change something, and not by one of our own pages.
    """
    known = known_actor(request)
    if known is None:
        if "authorization" in request.headers or "cookie" in request.headers:
            known = await _by_token(request, reader) or await _by_session(request, reader)
        request.state.actor = known = known or PUBLIC
    return known


def known_actor(request: Request) -> Actor | None:
    """Return who acts, if somebody asked already."""
    return getattr(request.state, "actor", None)


async def _by_token(request: Request, reader: Reader) -> Actor | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    found = await find_token(reader, token.strip())
    if found is None:
        raise NotSignedIn()
    if found.is_stale:
        await _note_use(request, found.actor)
    return found.actor


async def _by_session(request: Request, reader: Reader) -> Actor | None:
    key = session_key(request)
    found = await find_session(reader, key) if key else None
    if key is None or found is None:
        return None
    await check_csrf(request, key)
    if found.is_stale:
        await _note_use(request, found.actor)
    return found.actor


async def _note_use(request: Request, actor: Actor) -> None:
    async with write_session(request.app.state.engine) as session:
        await note_use(session, actor)


ActorDep = Annotated[Actor, Depends(actor_of)]


class Requires:
    """The dependency of a route that not everybody may use; `right` is what the tests walk."""

    def __init__(self, right: Right) -> None:
        self.right = right

    async def __call__(self, actor: ActorDep) -> Actor:
        """Return who acts, if they have the right anywhere at all; the verb asks for which team."""
        actor.require(self.right)
        return actor


def requires(right: Right) -> Any:
    """Return the default of a route's parameter: `actor: Actor = requires(Right.MODERATE)`."""
    return Depends(Requires(right))


@asynccontextmanager
async def write_as(request: Request, actor: Actor) -> AsyncIterator[AsyncSession]:
    """Yield a session that commits at the end of its block, with what it writes told to the audit."""
    async with write_session(request.app.state.engine) as session:
        record_writes(session, actor)
        yield session


async def write_session_of(request: Request, actor: ActorDep) -> AsyncIterator[AsyncSession]:
    """Yield a session that is committed after the route has ended well, before the answer is sent."""
    async with write_as(request, actor) as session:
        yield session


async def viewer_of(actor: ActorDep) -> Viewer:
    """Return who is looking: the session or token decides, nothing else."""
    return actor.viewer


async def lang_of(request: Request) -> Lang:
    """Return the language in which this reader is answered."""
    return language_of(request)


ViewerDep = Annotated[Viewer, Depends(viewer_of)]
LangDep = Annotated[Lang, Depends(lang_of)]
WriteSession = Annotated[AsyncSession, Depends(write_session_of, scope="function")]

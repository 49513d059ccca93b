"""The application: routers found, handlers and headers installed, pools opened and closed."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette_compress import CompressMiddleware, add_compress_type

from api import dispatch, errors, metrics
from api.collections import MVT
from api.gate import Gate
from api.kept import Kept
from api.logs import log_request
from api.measured import Measured
from api.methods import Methods
from api.openapi import describe_api
from api.posted_questions import PostedQuestions
from api.presence import Presence
from api.routers import find_routers
from api.routers.pages import error_page
from api.security import SecurityHeaders
from api.tracing import open_tracing, telemetry_of
from api.validators import release
from geo.access.destinations import Destinations
from geo.access.network.loaded import Streets
from geo.db.engine import create_engine_async
from geo.db.pools import open_pools
from geo.db.versions import following
from geo.directory.upkeep import keep_open_periods
from geo.errors import EnvironmentLacking
from geo.features.recounting import keep_counts
from geo.settings import Settings, read_settings


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the pool for reads and the engine for writes, make room for streets; close all at the end."""
    settings: Settings = app.state.settings
    url = settings.database_url
    if url is None:
        raise EnvironmentLacking(
            "QUARTIER_DATABASE_URL is not set; `quartier serve` starts a database itself"
        )
    async with open_pools(url, settings) as pools, following(settings, url) as app.state.versions:
        app.state.pool, app.state.read_pool, app.state.export_pool = pools.own, pools.public, pools.export
        app.state.engine = create_engine_async(url, settings)
        app.state.streets = Streets(settings.data_dir)
        app.state.destinations = Destinations(app.state.streets)
        beside = [
            asyncio.create_task(keep_open_periods(settings.direct_url or url)),
            asyncio.create_task(keep_counts(settings.direct_url or url, app.state.versions)),
            asyncio.create_task(_warm(app)),
            asyncio.create_task(metrics.sample(pools)),
        ]
        gc.collect()
        gc.freeze()  # what is loaded by now stays: else large answers have the collector look through it
        try:
            yield
        finally:
            for task in beside:
                task.cancel()
            await app.state.engine.dispose()
            if app.state.tracing:
                await asyncio.to_thread(app.state.tracing.shutdown)  # sends what it still holds


async def _warm(app: FastAPI) -> None:
    # What fails here fails again for whoever asks first, and is told there.
    with suppress(Exception):
        await asyncio.to_thread(release)
        await app.state.destinations.warm(app.state.read_pool)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the application. Every module of `api.routers` that exposes `router` is part of it.

    Parameters
    ----------
    settings
        The process's own where not given.
    """
    settings = settings or read_settings()
    tracing = open_tracing(settings)
    app = FastAPI(
        title="Quartier",
        version="1",
        summary="Health and social services of Brussels, near home",
        lifespan=lifespan,
        openapi_url=None,  # served by api.routers.docs, from our own address and with our own files
        docs_url=None,
        redoc_url=None,
        telemetry=telemetry_of(tracing),
    )
    app.state.settings, app.state.tracing = settings, tracing
    app.add_middleware(PostedQuestions)  # within what answers for failures: a body may be too large
    errors.install(app, error_page)
    dispatch.include(app, find_routers())
    describe_api(app)
    tiles = urlsplit(settings.background_tile_url) if settings.background_tile_url else None
    for media_type in (MVT, "application/geo+json-seq", "application/vnd.google-earth.kml+xml"):
        add_compress_type(media_type)
    app.add_middleware(CompressMiddleware, minimum_size=1000, zstd_level=3, brotli_quality=4, gzip_level=4)
    app.add_middleware(Gate, page=error_page)
    app.add_middleware(Methods)
    app.add_middleware(SecurityHeaders, tile_origin=tiles and f"{tiles.scheme}://{tiles.netloc}")
    app.add_middleware(Presence)
    app.add_middleware(Kept, most_mb=settings.kept_mb)
    if observers := [metrics.count] * settings.metrics + [log_request] * settings.log_requests:
        app.add_middleware(Measured, observers=observers)
    return app

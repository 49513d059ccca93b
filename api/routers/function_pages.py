"""The pages of functions: the matrix, and each function."""

from __future__ import annotations

import uuid

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import ReaderDep, ViewerDep
from api.pages.frame import show
from api.pages.matrix import matrix_page
from api.pages.route import PageRoute
from geo.community.functions import read_function
from geo.vocabulary import Lang

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/{lang}/functions")
async def matrix(request: Request, reader: ReaderDep, viewer: ViewerDep, lang: Lang) -> Response:
    """Return the matrix of functions and zones."""
    context = await matrix_page(request, reader, viewer, lang)
    return await show(request, reader, "functions/matrix.html", lang, section="functions", **context)


@router.get("/{lang}/functions/{function_id}")
async def one(
    request: Request, reader: ReaderDep, viewer: ViewerDep, lang: Lang, function_id: uuid.UUID
) -> Response:
    """Return the page of a function."""
    function = await read_function(reader, function_id, viewer)
    return await show(
        request, reader, "functions/function.html", lang, section="functions", function=function
    )

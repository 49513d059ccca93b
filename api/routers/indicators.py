"""Indicators: the catalogue, and figures of one of them, as JSON or CSV."""

from __future__ import annotations

import csv
import io
import json
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from api.answers import listing
from api.dependencies import ReaderDep
from api.parameters import Parameters, PathId, document, read
from api.schemas.common import PROBLEMS
from api.schemas.indicators import FigureList, IndicatorList
from geo.queries.services import Edition
from geo.territory.figures.indicators import figures_json, indicators_json
from geo.vocabulary import ZoneKind

router = APIRouter(prefix="/api/v1/indicators", tags=["indicators"], responses=PROBLEMS)

Id = Annotated[PathId, Path(description="Id of an indicator", examples=["population"])]
Period = Annotated[str, StringConstraints(pattern=r"^([0-9]{4}|all)$")]

CSV = "text/csv"
COLUMNS = (
    "indicator", "zone_kind", "zone_code", "edition", "name_fr", "name_nl",
    "period", "value", "status", "source", "attribution", "licence",
)  # fmt: skip


class Reach(Parameters):
    """Which indicators."""

    kind: ZoneKind | None = Field(None, description="Only those with figures for zones of this kind")


class FigureQuestion(Parameters):
    """Which figures."""

    kind: ZoneKind = Field(ZoneKind.QUARTIER, description="Kind of the zones")
    period: Period | None = Field(None, description="A year, or `all`; without it, the newest of each zone")
    edition: Edition | None = Field(None, description="Edition of the zones; without it, the one valid today")
    limit: int = Field(1000, ge=1, le=10_000, description="How many figures at most")
    offset: int = Field(0, ge=0, le=1_000_000, description="How many figures to pass over")


@router.get("", response_model=IndicatorList, openapi_extra=document(Reach, example={"kind": "quartier"}))
async def indicators(request: Request, reader: ReaderDep) -> Response:
    """List what is measured, in which unit, from which source, and for which zones and periods."""
    (asked,) = read(request, Reach)
    found = await indicators_json(reader, kind=asked.kind)
    return listing(request, found.items, matched=found.number, returned=found.number)


@router.get(
    "/{indicator_id}.csv",
    openapi_extra=document(FigureQuestion),
    response_class=Response,
    responses={200: {"content": {CSV: {}}}},
)
async def figures_csv(indicator_id: Id, request: Request, reader: ReaderDep) -> Response:
    """Return figures of one indicator as CSV, with source and licence in each row."""
    return await _figures(request, reader, indicator_id, as_csv=True)


@router.get(
    "/{indicator_id}",
    response_model=FigureList,
    openapi_extra=document(FigureQuestion),
    responses={200: {"content": {CSV: {}}}},
)
async def figures(indicator_id: Id, request: Request, reader: ReaderDep) -> Response:
    """Return figures of one indicator, zone by zone; as CSV where `Accept: text/csv` asks for it."""
    return await _figures(request, reader, indicator_id, as_csv=_prefers_csv(request))


async def _figures(request: Request, reader: Any, indicator_id: str, *, as_csv: bool) -> Response:
    (asked,) = read(request, FigureQuestion)
    page = await figures_json(
        reader,
        indicator_id,
        asked.kind,
        period=asked.period,
        edition=asked.edition,
        limit=asked.limit,
        offset=asked.offset,
    )
    if as_csv:
        name = f'attachment; filename="{indicator_id}-{asked.kind.value}.csv"'
        text = _write_csv(indicator_id, json.loads(page.items))
        headers = {"Content-Disposition": name, "Vary": "Accept"}
        return Response(text, headers=headers, media_type=f"{CSV}; charset=utf-8")
    answer = listing(
        request,
        page.items,
        matched=page.matched,
        returned=page.returned,
        limit=asked.limit,
        offset=asked.offset,
    )
    answer.headers["Vary"] = "Accept"
    return answer


def _prefers_csv(request: Request) -> bool:
    accepted = [part.partition(";")[0].strip() for part in request.headers.get("accept", "").split(",")]
    return CSV in accepted and "application/json" not in accepted


def _write_csv(indicator_id: str, items: list[dict[str, Any]]) -> str:
    file = io.StringIO(newline="")
    file.write("\ufeff")  # so that spreadsheets read UTF-8
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for told in items:
        zone, value = told["zone"], told["value"]
        names = (_guarded(zone["name"]["fr"]), _guarded(zone["name"]["nl"]))
        place = (zone["kind"], _guarded(zone["code"]), zone["edition"], *names)
        origin = (told["source"], told["attribution"], told["licence"])
        writer.writerow(
            (indicator_id, *place, told["period"], "" if value is None else value, told["status"], *origin)
        )
    return file.getvalue()


def _guarded(text: str | None) -> str:
    """Keep spreadsheets from calculating what begins like a formula."""
    return f"'{text}" if text and text[0] in "=+-@\t\r" else text or ""

"""Crosswalks: how two divisions lie over each other, and figures estimated by that."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path
from pydantic import Field, StringConstraints, create_model
from starlette.requests import Request
from starlette.responses import Response

from api.answers import listing, raw_json
from api.dependencies import ReaderDep
from api.parameters import Parameters, PathId, document, read
from api.schemas.common import NOT_ADDED_UP, PROBLEMS
from api.schemas.editions import CrosswalkList, EstimateList
from geo.territory.editions.crosswalks import crosswalk_json, crosswalks_json
from geo.territory.editions.estimates import Estimates, estimate_indicator, read_level
from geo.territory.editions.listing import Division, find_division
from geo.vocabulary import Text

router = APIRouter(prefix="/api/v1", tags=["zones"], responses=PROBLEMS)

Divided = Annotated[str, StringConstraints(pattern=r"^[a-z]{3,10}(:[0-9A-Za-z_.-]{1,40})?$")]
_WORDS = "kind:edition, or kind for the edition valid today"

if TYPE_CHECKING:

    class Between(Parameters):  # noqa: D101
        to: str | None

    class EstimateAsked(Parameters):  # noqa: D101
        to: str
        period: str | None

else:  # "from" is the word that readers know, and no name that Python takes
    Between = create_model(
        "Between",
        __base__=Parameters,
        **{
            "from": (Divided | None, Field(None, description=f"Division that is told of: {_WORDS}")),
            "to": (Divided | None, Field(None, description=f"Division that it lies over: {_WORDS}")),
        },
    )
    EstimateAsked = create_model(
        "EstimateAsked",
        __base__=Parameters,
        **{
            "from": (Divided | None, Field(None, description="Division of the figures; else its own level")),
            "to": (Divided, Field(description=f"Division to estimate for: {_WORDS}")),
            "period": (
                Annotated[str, StringConstraints(max_length=20)] | None,
                Field(None, description="A year; else the newest"),
            ),
        },
    )


@router.get(
    "/crosswalks",
    response_model=CrosswalkList,
    openapi_extra=document(Between, example={"from": "quartier", "to": "commune"}),
)
async def crosswalks(request: Request, reader: ReaderDep) -> Response:
    """Return how the zones of one division lie over those of another; without both, list what is stored."""
    (asked,) = read(request, Between)
    start = dict(asked)["from"]
    if not (start and asked.to):
        items, number = await crosswalks_json(reader)
        return listing(request, items, matched=number, returned=number)
    divisions = [await find_division(reader, start, "from"), await find_division(reader, asked.to, "to")]
    found = await crosswalk_json(reader, divisions[0], divisions[1])
    return listing(request, b"[" + found + b"]", matched=1, returned=1)


@router.get(
    "/indicators/{indicator_id}/estimate",
    response_model=EstimateList,
    responses=NOT_ADDED_UP,
    openapi_extra=document(EstimateAsked, example={"from": "quartier", "to": "bassin"}),
)
async def estimate(
    request: Request,
    reader: ReaderDep,
    indicator_id: Annotated[PathId, Path(description="Id of an indicator", examples=["population"])],
) -> Response:
    """Estimate an indicator of one division on another. Counts by shares, rates by their denominators."""
    (asked,) = read(request, EstimateAsked)
    start = dict(asked)["from"] or await read_level(reader, indicator_id)
    divisions = [await find_division(reader, each, "to") for each in (start, asked.to)]
    found = await estimate_indicator(reader, indicator_id, divisions[0], divisions[1], asked.period)
    return raw_json(json.dumps(_told(found), ensure_ascii=False, default=_plain).encode())


def _told(found: Estimates) -> dict[str, Any]:
    return {
        "indicator": found.indicator.id,
        "name": found.indicator.name,
        "unit": found.indicator.unit,
        "period": found.period,
        "from": _division(found.start),
        "to": _division(found.end),
        "rule": found.rule,
        "weights": dict(zip(("indicator", "period"), found.weights, strict=True)) if found.weights else None,
        "by": found.by,
        "method": found.method,
        "source": found.indicator.source,
        "items": [dataclasses.asdict(each) for each in found.items],
    }


def _division(division: Division) -> dict[str, str]:
    return {"kind": division.kind, "edition": division.edition}


def _plain(text: Text) -> dict[str, str | None]:
    return dataclasses.asdict(text)

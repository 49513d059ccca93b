"""A comparison as JSON: the same numbers as the page, the exports and the maps show."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pydantic_core import to_json

from geo.territory.comparison.classes import Classes
from geo.territory.comparison.compared import Cell, ComparedRow, ComparedZone, ZoneComparison
from geo.territory.figures.indicators import IndicatorFacts


def comparison_json(comparison: ZoneComparison, on: ComparedRow | None, classes: Classes | None) -> bytes:
    """Return a comparison as a JSON object.

    Parameters
    ----------
    comparison : ZoneComparison
        What is told.
    on : ComparedRow, optional
        The row that is put into classes: one of `comparison`.
    classes : Classes, optional
        Its classes, of all zones of the kind.
    """
    told = {
        "kind": comparison.kind.value,
        "edition": comparison.edition,
        "per": comparison.per,
        "zones": [_zone(each) for each in comparison.zones],
        "rows": [_row(each) for each in comparison.rows],
        "classes": _classes(on, classes, comparison) if on and classes else None,
    }
    return to_json(told)


def _zone(zone: ComparedZone) -> dict[str, Any]:
    return {
        "letter": zone.letter or None,
        "kind": zone.ref.kind.value,
        "code": zone.ref.code,
        "name": asdict(zone.name),
        "edition": zone.ref.edition,
        "generalised": zone.generalised,
        "residential": zone.residential,
        "population": zone.population,
    }


def _row(row: ComparedRow) -> dict[str, Any]:
    return {
        "indicator": _indicator(row.indicator),
        "unit": row.unit,
        "decimals": row.decimals,
        "period": row.period,
        "periods": row.periods,
        "note": asdict(row.note) if row.note else None,
        "spread": asdict(row.spine) if row.spine else None,
        "region": _figure(row.region) if row.region else None,
        "cells": [_cell(each) for each in row.cells],
    }


def _indicator(facts: IndicatorFacts) -> dict[str, Any]:
    return {
        "id": facts.id,
        "name": asdict(facts.name),
        "definition": asdict(facts.definition),
        "unit": facts.unit,
        "direction": facts.direction.value,
        "topic": facts.topic.value,
        "source": facts.source,
        "licence": facts.licence,
        "attribution": facts.attribution,
        "is_derived": facts.is_derived,
    }


def _figure(cell: Cell) -> dict[str, Any]:
    return {"value": cell.value, "status": cell.status, "period": cell.period}


def _cell(cell: Cell) -> dict[str, Any]:
    rank, trend = cell.rank, cell.trend
    return {
        "value": cell.value,
        "status": cell.status,
        "period": cell.period,
        "position": rank.position if rank else None,
        "among": rank.number if rank else None,
        "percentile": rank.percentile if rank else None,
        "trend": {"direction": trend.direction, "better": trend.better, "per_year": trend.per_year}
        if trend
        else None,
        "worse_and_worsening": cell.worse_and_worsening,
    }


def _classes(row: ComparedRow, classes: Classes, comparison: ZoneComparison) -> dict[str, Any]:
    return {
        "indicator": row.indicator.id,
        "method": classes.method,
        "bounds": classes.bounds,
        "counts": classes.counts,
        "places": [classes.place(each) for each in row.numbers(comparison.per)],
    }

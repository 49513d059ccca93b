"""The profile of a zone as a table: one row an indicator, plain numbers, empty where nothing is published."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from geo.territory.figures.profile import Comparator, LargerZone, ProfileFigure, ZoneProfile
from geo.territory.figures.spread import Trend
from geo.vocabulary import Lang, LevelRole, Text

OF_FIGURE = ("topic", "unit", "direction", "period", "value", "status")
OF_LARGER = ("period", "value", "status")
OF_SPINE = ("minimum", "lower_quartile", "median", "upper_quartile", "maximum")
COLUMNS = (
    *("zone", "edition", "zone_name", "indicator", "name", *OF_FIGURE, "source"),
    *(f"{role}_{name}" for role in (LevelRole.MESO, LevelRole.REGION) for name in ("zone", *OF_LARGER)),
    *("zones_with_value", *OF_SPINE, "position", "percentile"),
    *("trend", "trend_per_year", "trend_from", "trend_to"),
)


def write_csv(profile: ZoneProfile, lang: Lang, sources: Mapping[str, str]) -> str:
    """Return the profile as CSV, names in the reader's language.

    Parameters
    ----------
    profile : ZoneProfile
        See `read_profile`.
    lang : {"fr", "nl", "en"}
        Language of the names of zones, indicators and sources.
    sources : mapping
        Name of each source by its id.
    """
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, COLUMNS, restval="")
    writer.writeheader()
    for figure in profile.figures:
        row = _row(profile, figure, lang, sources)
        writer.writerow({name: _harmless(value) for name, value in row.items() if value is not None})
    return file.getvalue()


def _row(
    profile: ZoneProfile, each: ProfileFigure, lang: Lang, sources: Mapping[str, str]
) -> dict[str, object]:
    zone, figure = profile.zone, each.figure
    row: dict[str, object] = {
        "zone": f"{zone.kind}:{zone.code}",
        "edition": zone.edition,
        "zone_name": _plain(zone.name, lang),
        "indicator": figure.id,
        "name": _plain(figure.name, lang),
        "source": sources.get(figure.source, figure.source),
        **{name: getattr(figure, name) for name in OF_FIGURE},
    }
    for larger in profile.larger:
        row |= _beside(larger, each.beside(larger.role))
    return row | _spread(each) | _trend(each.trend)


def _beside(larger: LargerZone, other: Comparator | None) -> dict[str, object]:
    told = {f"{larger.role}_{name}": getattr(other, name) for name in OF_LARGER} if other else {}
    return {f"{larger.role}_zone": f"{larger.zone.kind}:{larger.zone.code}", **told}


def _spread(each: ProfileFigure) -> dict[str, object]:
    told: dict[str, object] = {}
    if each.spine:
        told |= {"zones_with_value": each.spine.number}
        told |= {name: getattr(each.spine, name) for name in OF_SPINE}
    if each.rank:
        told |= {"position": each.rank.position, "percentile": round(each.rank.percentile, 1)}
    return told


def _trend(trend: Trend | None) -> dict[str, object]:
    if trend is None:
        return {}
    return {
        "trend": trend.direction,
        "trend_per_year": round(trend.per_year, 6),
        "trend_from": trend.periods[0],
        "trend_to": trend.periods[-1],
    }


def _plain(text: Text, lang: Lang) -> str:
    found = text.in_language(lang)
    return found[0] if found else ""


def _harmless(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t")) else value

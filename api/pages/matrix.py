"""The matrix of functions and zones: what its page shows, its words in the reader's language."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from api.errors import N_
from api.pages.choices import zone_choices
from api.parameters import read
from geo.community.matrix import STATES, MatrixFilters, read_matrix
from geo.db.reads import Reader
from geo.vocabulary import Lang, Viewer, ZoneKind
from maps.web.i18n import translate

_WORDS = {
    "code": N_("Code"),
    "zone": N_("Zone"),
    "part": N_("for a part"),
    "unknown": N_("carrier not named"),
    "unplaced": N_("Zone not known"),
}


def words_of(lang: Lang) -> dict[str, str]:
    """Return the titles of the table as CSV."""
    return {name: translate(lang, words) for name, words in _WORDS.items()}


async def matrix_page(request: Request, reader: Reader, viewer: Viewer, lang: Lang) -> dict[str, Any]:
    """Return the context of the matrix page: care areas first, then the smaller zones within one."""
    (filters,) = read(request, MatrixFilters)
    matrix = await read_matrix(reader, filters, viewer)
    larger = [
        (kind.value, [zone for _, zones in await zone_choices(request, reader, lang, kind, ZoneKind.REGION)
                      for zone in zones])
        for kind in (ZoneKind.BASSIN, ZoneKind.MESO)
    ]  # fmt: skip
    asked = {"zones": filters.zones.value} | ({"zone": filters.zone} if filters.zone else {})
    return {
        "matrix": matrix,
        "filters": filters,
        "larger": [(kind, zones) for kind, zones in larger if zones],
        "states": STATES,
        "csv": f"/api/v1/functions/matrix.csv?{urlencode(asked | {'lang': lang})}",
    }

"""The reader's language: `?lang=`, then the page's own path, then Accept-Language."""

from __future__ import annotations

from starlette.requests import Request

from geo.vocabulary import LANGS, Lang
from maps.web.i18n import best_language


def language_of(request: Request) -> Lang:
    """Return the language in which this reader is answered."""
    for wanted in (request.query_params.get("lang"), request.url.path.split("/")[1:2]):
        word = wanted[0] if isinstance(wanted, list) and wanted else wanted
        if word in LANGS:
            return word
    return best_language(request.headers.get("accept-language"))

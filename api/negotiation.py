"""In which format an answer is given: by the parameter `f`, else by what is accepted (RFC 9110, 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Literal, TypeVar

from pydantic import Field, create_model
from starlette.requests import Request
from starlette.responses import Response

from api.errors import BadParameters, NotAcceptable
from api.parameters import Parameters
from geo.vocabulary import Text

R = TypeVar("R", bound=Response)


@dataclass(frozen=True, slots=True)
class Offered:
    """A format that an address can answer in.

    `id` is what `f` takes. `also` are further names under which it is asked for, in `f` (`json` for GeoJSON)
    or in Accept (`application/json`): many clients ask for the plain type and mean the special one.
    """

    id: str
    media_type: str
    title: Text
    also: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Return all that `f` takes for it."""
        return (self.id, *(each for each in self.also if "/" not in each))


JSON = Offered("json", "application/json", Text("JSON", "JSON", "JSON"))
HTML = Offered("html", "text/html", Text("Page web", "Webpagina", "Web page"))
#: What a document of the standards is offered in, beside features and tiles.
DOCUMENT = (JSON, HTML)


def chosen_format(request: Request, offered: Sequence[Offered]) -> Offered:
    """Return the format that a request is to be answered in: by `f`, else by Accept, else the first.

    Raises
    ------
    BadParameters
        If `f` names none of them.
    NotAcceptable
        If nothing that the request accepts is offered.
    """
    formats = tuple(offered)
    if wanted := request.query_params.get("f"):
        found = next((each for each in formats if wanted in each.names), None)
        if found is None:
            known = ", ".join(each.id for each in formats)
            raise BadParameters([{"loc": ("f",), "type": "literal_error", "ctx": {"expected": known}}])
        return found
    best = _accepted(request.headers.get("accept", ""), formats)
    if best is None:
        raise NotAcceptable(offered=tuple(each.media_type for each in formats))
    return best


def negotiated(answer: R) -> R:
    """Return an answer that says that another Accept or language would have got another."""
    answer.headers["Vary"] = "Accept, Accept-Language"
    return answer


@cache
def format_parameter(*offered: Offered) -> type[Parameters]:
    """Return the parameter `f`, for `read` and `document`: one of the names of what is offered."""
    names = tuple(dict.fromkeys(name for each in offered for name in each.names))
    description = "Format of the answer; without it, what Accept asks for. One of: " + ", ".join(names)
    wanted: Any = Literal[names] | None
    return create_model("Format", __base__=Parameters, f=(wanted, Field(None, description=description)))


@lru_cache(maxsize=512)
def _accepted(accept: str, offered: tuple[Offered, ...]) -> Offered | None:
    """Return what suits an Accept header best; among equals the first."""
    ranges = tuple(_ranges(accept[:2000])) or (("*/*", 1.0),)
    weighed = [(_weight_of(each, ranges), -place, each) for place, each in enumerate(offered)]
    weight, _, best = max(weighed, key=lambda found: found[:2])
    return best if weight > 0 else None


def _ranges(accept: str) -> list[tuple[str, float]]:
    found = []
    for part in accept.split(","):
        name, *parameters = (each.strip().lower() for each in part.split(";"))
        weights = [each[2:] for each in parameters if each.startswith("q=")]
        if name:
            found.append((name, _weight(weights[0]) if weights else 1.0))
    return found


def _weight(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        return 0.0
    return weight if 0 < weight <= 1 else 0.0


def _weight_of(offered: Offered, ranges: Sequence[tuple[str, float]]) -> float:
    """Return the weight of the most special range that an offered type falls into."""
    kind, _, _ = offered.media_type.partition("/")
    names = {each.partition(";")[0].strip().lower() for each in (offered.media_type, *offered.also)}
    for matching in (names, {f"{kind}/*"}, {"*/*"}):
        weights = [weight for name, weight in ranges if name in matching]
        if weights:
            return max(weights)
    return 0.0

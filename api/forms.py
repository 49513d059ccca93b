"""HTML forms: flat names on the page, one typed model behind them, and what to say where they differ.

A field of the model stands on the page under its own name; the parts of an inner model under the outer
name, an underscore and the inner one (`title` in three languages: `title_fr`, `title_nl`, `title_en`; rows
of links: `links_0_url`, `links_0_title`, `links_1_url` …). Lists of plain values repeat their name, an
empty field is one that was not filled in, and what was typed is shown again as it was typed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Generic, Literal, Self, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from api.errors import N_, fault_of
from geo.errors import ContentRefused, Fault, InputRefused
from geo.vocabulary import Lang
from maps.web.i18n import translate

M = TypeVar("M", bound=BaseModel)
Kind = Literal["model", "models", "many", "json", "flag", "one"]
Values = Mapping[str, tuple[str, ...]]

#: What a form says in other words than the API does.
FORM_FAULTS = {
    "missing": N_("Please answer this question."),
    "date_parsing": N_("A date is expected: day, month, year."),
    "date_from_datetime_parsing": N_("A date is expected: day, month, year."),
    "time_parsing": N_("A time is expected, for example 14:30."),
    "enum": N_("Please choose one of the answers."),
    "literal_error": N_("Please choose one of the answers."),
    "string_pattern_mismatch": N_("This is not written as expected."),
    "ends_before_start": N_("The end comes before the start."),
    "json_invalid": N_("The drawing could not be read. Please draw it again."),
}
#: Most forms have fewer than a hundred fields; one that picks quartiers or rows of a sheet has more.
MAX_FIELDS = 2000


@dataclass(frozen=True)
class Form(Generic[M]):
    """A form as it stands on the page.

    Attributes
    ----------
    values
        What was typed or is known, by flat name.
    model
        The answer, typed; None while there are faults.
    faults
        A sentence per field, in the reader's language. The name "" stands for the form as a whole.
    labels
        Filled by the template: what each field is called, for the summary of faults.
    """

    values: Values = field(default_factory=dict)
    model: M | None = None
    faults: Mapping[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    def first(self, name: str) -> str:
        """Return the value of a field; an empty string where there is none."""
        return next(iter(self.values.get(name, ())), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Return all values of a field."""
        return self.values.get(name, ())

    def rows(self, name: str) -> int:
        """Return how many rows a list of inner models has."""
        return 1 + max((row for row in _rows(self.values, f"{name}_")), default=-1)

    def refuse(self, faults: Mapping[str, str]) -> Self:
        """Return the form with faults that were found after reading it."""
        return replace(self, model=None, faults={**self.faults, **faults})

    def refuse_for(self, error: InputRefused, lang: Lang) -> Self:
        """Return the form with what a verb refused, beside the fields that it names."""
        if isinstance(error, ContentRefused):
            return self.refuse({_flat_name(each.field): _told(each, lang) for each in error.faults})
        return self.refuse({_flat_name(each.column or ""): each.message for each in error.problems})


async def read_form(request: Request, model: type[M], lang: Lang) -> Form[M]:
    """Return what was sent, typed by `model`, or the faults in the reader's words.

    Raises
    ------
    TooLarge
        If more than the limit of a body was sent.
    """
    return parse_form(await read_values(request), model, lang)


async def read_values(request: Request) -> Values:
    """Return what was sent, as it was typed. Nobody types NUL, and PostgreSQL takes it in no text."""
    sent = await request.form(max_files=0, max_fields=MAX_FIELDS)
    return MappingProxyType(
        {
            name: tuple(each.replace("\0", "") for each in sent.getlist(name) if isinstance(each, str))
            for name in sent
        }
    )


def parse_form(values: Values, model: type[M], lang: Lang) -> Form[M]:
    """Return values typed by `model`, or the faults in the reader's words."""
    values = _without_empty_rows(values, model)
    try:
        return Form(values, model.model_validate(_given(values, model, "")))
    except ValidationError as error:
        names = {*values, *_names(model, "")}
        faults: dict[str, str] = {}
        for fault in error.errors(include_url=False):
            faults.setdefault(_name(fault["loc"], names), _sentence(fault, lang))
        return Form(values, None, faults)


def form_of(content: M) -> Form[M]:
    """Return the form that shows what is known already."""
    return Form(dict(_flat(content.model_dump(mode="json"), type(content), "")), content)


def _sentence(fault: Mapping[str, Any], lang: Lang) -> str:
    told = FORM_FAULTS.get(fault["type"])
    return translate(lang, told) if told else fault_of(fault, lang)["detail"]


def _told(fault: Fault, lang: Lang) -> str:
    return _sentence({"type": fault.kind, "loc": (fault.field,), "ctx": dict(fault.params)}, lang)


def _flat_name(path: str) -> str:
    return path.replace(".", "_")


def _given(values: Values, model: type[BaseModel], prefix: str) -> dict[str, Any]:
    """Return what `model` is validated from; a field that is empty on the page is left out."""
    found = {name: _one(values, info.annotation, prefix + name) for name, info in model.model_fields.items()}
    return {name: given for name, given in found.items() if given is not None}


def _one(values: Values, annotation: Any, flat: str) -> Any:
    kind, inner = _kind(annotation)
    filled = [each for each in values.get(flat, ()) if each.strip()]
    if kind == "model":
        return _given(values, inner, f"{flat}_") or None
    if kind == "models":
        return [_given(values, inner, f"{flat}_{row}_") for row in _rows(values, f"{flat}_")] or None
    if kind == "many":
        return filled or None
    if kind == "flag":
        return bool(filled)
    if kind == "json" and filled:
        return _json(filled[0])
    return filled[0] if filled else None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text  # the model says what it expects


def _kind(annotation: Any) -> tuple[Kind, Any]:
    """Return how a field stands on the page, and the inner model where it has one."""
    choices = [each for each in get_args(annotation) if each is not type(None)]
    if annotation == bool | None:
        return "one", None  # a third answer: not known
    origin = get_origin(annotation)
    if origin in (tuple, list, frozenset):
        return ("models", choices[0]) if _is_model(choices[0]) else ("many", None)
    if origin is dict or annotation is dict or annotation is Any:
        return "json", None
    if _is_model(annotation):
        return "model", annotation
    if annotation is bool:
        return "flag", None
    if choices and origin is not Literal:
        return _kind(choices[0])  # optional, or annotated
    return "one", None


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _rows(values: Values, prefix: str) -> list[int]:
    """Return the numbers of the rows in which something was typed."""
    pattern = re.compile(re.escape(prefix) + r"(\d{1,3})_")
    found = ((pattern.match(name), texts) for name, texts in values.items())
    return sorted({int(match[1]) for match, texts in found if match and any(map(str.strip, texts))})


def _without_empty_rows(values: Values, model: type[BaseModel]) -> Values:
    """Return the values with rows numbered without gaps, so that faults and fields keep the same number."""
    kept = dict(values)
    for name, info in model.model_fields.items():
        if _kind(info.annotation)[0] == "models":
            prefix = f"{name}_"
            numbers = {old: new for new, old in enumerate(_rows(values, prefix))}
            rows = {each: kept.pop(each) for each in values if re.match(re.escape(prefix) + r"\d+_", each)}
            for flat, texts in rows.items():
                row, _, rest = flat.removeprefix(prefix).partition("_")
                if int(row) in numbers:
                    kept[f"{prefix}{numbers[int(row)]}_{rest}"] = texts
    return kept


def _names(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, info in model.model_fields.items():
        kind, inner = _kind(info.annotation)
        yield prefix + name
        if kind == "model":
            yield from _names(inner, f"{prefix}{name}_")


def _name(loc: tuple[int | str, ...], names: set[str]) -> str:
    """Return the field of the page that a fault belongs to: the deepest one that stands there."""
    parts = [str(part) for part in loc]
    whole = ("_".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((name for name in whole if name in names), "")


def _flat(
    told: Mapping[str, Any], model: type[BaseModel], prefix: str
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, info in model.model_fields.items():
        kind, inner = _kind(info.annotation)
        known, flat = told.get(name), prefix + name
        if known is None or known is False:
            continue
        if kind == "model":
            yield from _flat(known, inner, f"{flat}_")
        elif kind == "models":
            for row, each in enumerate(known):
                yield from _flat(each, inner, f"{flat}_{row}_")
        elif kind == "many":
            yield flat, tuple(map(str, known))
        else:
            yield flat, (_text(known),)


def _text(known: Any) -> str:
    if isinstance(known, dict | list):
        return json.dumps(known, ensure_ascii=False)
    return "true" if known is True else str(known)

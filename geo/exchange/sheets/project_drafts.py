"""From a row of a sheet to the draft of a project, and back again."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from geo.community.project_draft import TEXTS, ProjectDraft
from geo.errors import ContentRefused
from geo.exchange.sheets.cells import RowFault
from geo.exchange.sheets.columns import BY_NAME, fold
from geo.exchange.sheets.known import Known
from geo.exchange.sheets.project_rows import ProjectRow
from geo.vocabulary import LANGS

#: Columns whose field of the draft has another name.
_FIELDS = {"lead_organization": "lead_organization_id"}
_COLUMNS = {
    "lead_organization_id": "lead_organization",
    "partner_ids": "partners",
    "other_partners": "partners",
}
_PLACES = frozenset({"zones", "lon", "lat", "address"})


class DraftRefused(Exception):
    """A row that makes no draft; `faults` say why."""

    def __init__(self, faults: tuple[RowFault, ...]) -> None:
        super().__init__(str(faults))
        self.faults = faults


def make_draft(row: ProjectRow, known: Known, present: ProjectDraft | None) -> ProjectDraft:
    """Return the draft that a row describes; what has no column in the sheet stays as it is.

    Parameters
    ----------
    present : ProjectDraft or None
        The project as it stands, where the row changes one.

    Raises
    ------
    DraftRefused
        Naming each column.
    """
    content = present.model_dump(mode="json") if present else {}
    for name, cell in row.content.items():
        lang = name.rpartition("_")[2]
        text = name.removesuffix(f"_{lang}")
        if lang in LANGS and text in TEXTS:
            content.setdefault(text, {})[lang] = cell
        elif name == "partners":
            content |= _partners(cell or [], known)
        elif name == "links":
            content["links"] = _links(cell or [], content.get("links", []))
        elif name not in _PLACES:
            content[_FIELDS.get(name, name)] = cell if cell is not None else _empty(name)
    content["where"] = _where(row.content, content.get("where"))
    try:
        return ProjectDraft.model_validate(content)
    except ValidationError as error:
        raise DraftRefused(
            tuple(
                RowFault(row.number, column_of(fault["loc"]), fault["type"], fault.get("ctx", {}))
                for fault in error.errors(include_url=False)
            )
        ) from None


def faults_of(row: int, refused: ContentRefused) -> tuple[RowFault, ...]:
    """Return what a verb refused, as faults of a row."""
    return tuple(
        RowFault(row, column_of(tuple(each.field.split("."))), each.kind, each.params)
        for each in refused.faults
    )


def column_of(location: tuple[int | str, ...]) -> str | None:
    """Return the column in which a field of the draft stands."""
    first, *rest = map(str, location)
    if first == "where":
        return "lon" if "geometry" in rest else "address" if "address" in rest else "zones"
    flat = f"{first}_{rest[0]}" if rest and rest[0] in LANGS else _COLUMNS.get(first, first)
    return flat if flat in BY_NAME else None


def row_of(draft: ProjectDraft, names: Mapping[uuid.UUID, str]) -> dict[str, Any]:
    """Return the cells of a project by column; `names` are those of organizations."""
    cells: dict[str, Any] = {
        f"{name}_{lang}": getattr(getattr(draft, name), lang) for name in TEXTS for lang in LANGS
    }
    partners = [names.get(each, str(each)) for each in draft.partner_ids]
    where = draft.where
    point = (
        where.geometry["coordinates"] if where and where.kind == "point" and where.geometry else (None, None)
    )
    return cells | {
        "themes": list(draft.themes),
        "audiences": [each.value for each in draft.audiences],
        "lead_organization": draft.lead_organization_id and names.get(draft.lead_organization_id),
        "partners": [*partners, *([draft.other_partners] if draft.other_partners else [])],
        "links": [each.url for each in draft.links],
        "address": where and where.address,
        "zones": list(where.zones) if where else [],
        "lon": point[0],
        "lat": point[1],
        **{name: getattr(draft, name) for name in _SAME},
    }


_SAME = ("progress", "starts_on", "ends_on", "funding", "contact_email", "contact_phone", "website")


def _empty(name: str) -> Any:
    return [] if name in ("themes", "audiences") else None


def _links(given: list[dict[str, str]], present: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the links of a cell; those that were there before keep their titles."""
    known = {each["url"]: each for each in present}
    return [known.get(each["url"], each) for each in given]


def _partners(given: list[str], known: Known) -> dict[str, Any]:
    """Return partners that the directory knows by id, the others by their words."""
    words = known.words["organization"]
    found = {name: words.get(fold(name), ()) for name in given}
    others = [name for name, meanings in found.items() if len(meanings) != 1]
    return {
        "partner_ids": [meanings[0] for meanings in found.values() if len(meanings) == 1],
        "other_partners": "; ".join(others) or None,
    }


def _where(cells: Mapping[str, Any], present: Any) -> Any:
    """Return where a row says that it is; where it says nothing, what was known stays."""
    address = cells.get("address")
    if cells.get("lon") is not None and cells.get("lat") is not None:
        point = {"type": "Point", "coordinates": [cells["lon"], cells["lat"]]}
        return {"kind": "point", "geometry": point, "address": address}
    if cells.get("zones"):
        return {"kind": "zones", "zones": cells["zones"], "address": address}
    if present and "address" in cells:
        return {**present, "address": address}
    return present

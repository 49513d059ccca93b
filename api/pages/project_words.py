"""The fields of a project in words: what they are called, what stands in them, what changed in them."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.errors import N_
from api.pages.frame import Shelf
from geo.community.revisions import Difference
from geo.directory.organizations import OrganizationName
from geo.vocabulary import LANGS, Lang
from geo.words import AUDIENCES, PROGRESS
from maps.web.i18n import format_date, format_list, language_name, read_text, translate

LABELS: Mapping[str, str] = {
    "title": N_("Title"),
    "summary": N_("Summary"),
    "description": N_("Description"),
    "needs": N_("Need"),
    "offer": N_("What is offered"),
    "results": N_("Results"),
    "lessons": N_("Lessons"),
    "function_in_charge": N_("Who answers for it"),
    "themes": N_("Themes"),
    "audiences": N_("For whom"),
    "lead_organization_id": N_("Lead organisation"),
    "partner_ids": N_("Partners"),
    "other_partners": N_("Other partners"),
    "starts_on": N_("Begins on"),
    "ends_on": N_("Ends on"),
    "progress": N_("Progress"),
    "funding": N_("Funding"),
    "links": N_("Links"),
    "contact_email": N_("Mail"),
    "contact_phone": N_("Telephone"),
    "website": N_("Website"),
    "where": N_("Where"),
}
WHERE = {
    "point": N_("In one place"),
    "area": N_("In an area that I draw"),
    "streets": N_("In certain streets"),
    "zones": N_("In whole neighbourhoods"),
}

Part = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """A field that changed: its name, and its words as ("same" | "added" | "removed", words)."""

    label: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Namer:
    """Calls codes and ids by their names in the reader's language."""

    lang: Lang
    shelf: Shelf
    organizations: Sequence[OrganizationName]

    def label(self, field: str) -> str:
        """Return what a field is called: `title.nl` and `title_nl` alike."""
        field = field.replace(".", "_")
        name, _, of = field.rpartition("_")
        if of in LANGS and name in LABELS:
            return f"{translate(self.lang, LABELS[name])} ({language_name(of, self.lang)})"
        return translate(self.lang, LABELS.get(field, LABELS["where"]))

    def say(self, field: str, value: Any) -> str:
        """Return what stands in a field, in words; an empty string for nothing."""
        if value in (None, "", [], {}):
            return ""
        name = field.partition(".")[0]
        if name == "where":
            return self._where(value)
        if isinstance(value, list):
            return format_list([self._item(name, each) for each in value], self.lang)
        return self._item(name, value)

    def _item(self, name: str, value: Any) -> str:
        if name == "themes":
            term = self.shelf.themes.get(value)
            return read_text(term.name, self.lang) if term else str(value)
        if name == "audiences":
            return read_text(AUDIENCES[value], self.lang)
        if name == "progress":
            return read_text(PROGRESS[value], self.lang)
        if name in ("lead_organization_id", "partner_ids"):
            return next((read_text(o.name, self.lang) for o in self.organizations if str(o.id) == value), "?")
        if name in ("starts_on", "ends_on"):
            return format_date(dt.date.fromisoformat(value), self.lang)
        if name == "links":
            return " — ".join(filter(None, (value.get("title"), value.get("url"))))
        return str(value)

    def _where(self, value: Mapping[str, Any]) -> str:
        zones = {f"{zone.kind}:{zone.code}": read_text(zone.name, self.lang) for zone in self.shelf.quartiers}
        kind = WHERE.get(value.get("kind") or "")
        parts = [translate(self.lang, kind)] if kind else []
        parts += [value.get("address") or "", self._drawn(value.get("geometry"))]
        parts += [format_list([zones.get(ref, ref) for ref in value.get("zones") or ()], self.lang)]
        if streets := value.get("streets"):
            parts.append(translate(self.lang, "%(count)s streets", count=len(streets)))
        return " · ".join(filter(None, parts))

    def _drawn(self, geometry: Mapping[str, Any] | None) -> str:
        if not geometry:
            return ""
        if geometry["type"] == "Point":
            lon, lat = geometry["coordinates"]
            return f"{lat:.5f}, {lon:.5f}"
        areas = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        corners = sum(len(ring) - 1 for area in areas for ring in area)
        return translate(self.lang, "drawn, %(count)s corners", count=corners)

    def tell(self, content: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Return everything that a project says, as labels and words; what is empty is left out."""
        fields = [
            f"{name}.{lang}" if isinstance(content.get(name), Mapping) and name != "where" else name
            for name in LABELS
            for lang in (LANGS if isinstance(content.get(name), Mapping) and name != "where" else LANGS[:1])
        ]
        told = ((self.label(each), self._told(content, each)) for each in fields)
        return [(label, words) for label, words in told if words]

    def changes(self, differences: Sequence[Difference], before: Any, after: Any) -> list[Change]:
        """Return what changed between two contents, word by word; a place is told as a whole."""
        fields = dict.fromkeys(
            "where" if each.field.startswith("where") else each.field for each in differences
        )
        return [
            Change(self.label(each), tuple(compare_words(self._told(before, each), self._told(after, each))))
            for each in fields
        ]

    def _told(self, content: Mapping[str, Any], field: str) -> str:
        return self.say(field, value_of(content, field))


def value_of(content: Mapping[str, Any], field: str) -> Any:
    """Return the value of a field, such as `title.nl`, in a content as revisions keep it."""
    found: Any = content
    for part in field.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def compare_words(before: str, after: str) -> list[Part]:
    """Return the words of two texts in order, each run marked as same, added or removed."""
    old, new = re.split(r"\s+", before.strip()), re.split(r"\s+", after.strip())
    parts: list[Part] = []
    for kind, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(("same", " ".join(old[i:j])))
            continue
        parts += [("removed", " ".join(old[i:j]))] if j > i else []
        parts += [("added", " ".join(new[k:m]))] if m > k else []
    return [part for part in parts if part[1]]

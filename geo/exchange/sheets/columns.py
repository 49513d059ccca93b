"""The columns of a sheet of projects: the same in the template, in what teams hand in and take home."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from geo.vocabulary import LANGS, Lang, Text

Kind = Literal[
    "text",
    "themes",
    "audiences",
    "progress",
    "date",
    "number",
    "zones",
    "organization",
    "partners",
    "links",
    "id",
    "told",
]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name for programs, its title for people, what its cells hold, and how to fill them.

    Kind `told` is what an export tells and an import passes over.
    """

    name: str
    kind: Kind
    title: Text
    hint: Text | None = None
    limit: int = 2000


_IN = {
    "fr": Text("français", "Frans", "French"),
    "nl": Text("néerlandais", "Nederlands", "Dutch"),
    "en": Text("anglais", "Engels", "English"),
}
_SEPARATED = Text(
    "Plusieurs réponses : séparées par ;",
    "Meerdere antwoorden: met ; ertussen",
    "Several answers: with ; between",
)


def _in_languages(name: str, title: Text, limit: int = 2000) -> Iterator[Column]:
    for lang in LANGS:
        told = _IN[lang]
        words = Text(f"{title.fr} ({told.fr})", f"{title.nl} ({told.nl})", f"{title.en} ({told.en})")
        yield Column(f"{name}_{lang}", "text", words, limit=limit)


PROJECT_COLUMNS: tuple[Column, ...] = (
    Column(
        "id",
        "id",
        Text("Identifiant", "Identificatie", "Identifier"),
        Text(
            "Vide pour un nouveau projet",
            "Leeg voor een nieuw project",
            "Empty for a new project",
        ),
    ),
    *_in_languages("title", Text("Titre", "Titel", "Title"), 160),
    *_in_languages("summary", Text("En bref", "In het kort", "In short"), 400),
    *_in_languages("description", Text("Description", "Beschrijving", "Description"), 8000),
    *_in_languages("needs", Text("Besoins", "Noden", "Needs")),
    *_in_languages("offer", Text("Ce qui est proposé", "Aanbod", "What is offered")),
    Column("themes", "themes", Text("Thèmes", "Thema’s", "Themes"), _SEPARATED),
    Column("audiences", "audiences", Text("Publics", "Doelgroepen", "For whom"), _SEPARATED),
    Column("progress", "progress", Text("Avancement", "Vordering", "Progress")),
    Column(
        "starts_on",
        "date",
        Text("Début", "Begin", "Start"),
        Text("31/12/2026 ou 2026-12-31", "31/12/2026 of 2026-12-31", "31/12/2026 or 2026-12-31"),
    ),
    Column("ends_on", "date", Text("Fin", "Einde", "End")),
    Column(
        "lead_organization",
        "organization",
        Text("Organisation porteuse", "Trekkende organisatie", "Lead organisation"),
        Text("Nom dans l’annuaire", "Naam in de gids", "Name in the directory"),
    ),
    Column("partners", "partners", Text("Partenaires", "Partners", "Partners"), _SEPARATED),
    *_in_languages(
        "function_in_charge",
        Text("Fonction responsable", "Verantwoordelijke functie", "Function in charge"),
        160,
    ),
    Column("funding", "text", Text("Financement", "Financiering", "Funding")),
    *_in_languages("results", Text("Résultats", "Resultaten", "Results")),
    *_in_languages("lessons", Text("Leçons", "Lessen", "Lessons")),
    Column("links", "links", Text("Liens", "Links", "Links"), _SEPARATED),
    Column(
        "contact_email",
        "text",
        Text("Adresse e-mail de l’organisation", "Mailadres van de organisatie", "Mail of the organisation"),
    ),
    Column(
        "contact_phone",
        "text",
        Text("Téléphone de l’organisation", "Telefoon van de organisatie", "Phone of the organisation"),
    ),
    Column("website", "text", Text("Site web", "Website", "Website")),
    Column("address", "text", Text("Adresse", "Adres", "Address")),
    Column(
        "zones",
        "zones",
        Text("Quartiers", "Wijken", "Neighbourhoods"),
        Text("Nom ou code ; séparés par ;", "Naam of code; met ; ertussen", "Name or code; with ; between"),
    ),
    Column(
        "lon",
        "number",
        Text("Longitude", "Lengtegraad", "Longitude"),
        Text("Au lieu de quartiers", "In plaats van wijken", "Instead of neighbourhoods"),
    ),
    Column("lat", "number", Text("Latitude", "Breedtegraad", "Latitude")),
    Column("status", "told", Text("État", "Status", "Status")),
    Column("changed_on", "told", Text("Modifié le", "Gewijzigd op", "Changed on")),
)

BY_NAME: Mapping[str, Column] = MappingProxyType({each.name: each for each in PROJECT_COLUMNS})


def fold(text: str) -> str:
    """Return words as they are compared: without capitals, accents, or anything but letters and digits."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("’", "'"))
    return re.sub(
        r"[^0-9a-z]+", " ", "".join(each for each in plain if not unicodedata.combining(each))
    ).strip()


def _known_titles() -> Iterator[tuple[str, Column]]:
    for column in PROJECT_COLUMNS:
        yield fold(column.name), column
        for lang in LANGS:
            yield fold(getattr(column.title, lang) or ""), column


_TITLES: Mapping[str, Column] = MappingProxyType(dict(_known_titles()))


def find_columns(titles: Iterable[str]) -> tuple[list[Column | None], list[str], list[str]]:
    """Return the column of each title (None: not ours), titles that are not ours, and those there twice."""
    found: list[Column | None] = []
    strange: list[str] = []
    twice: list[str] = []
    for title in titles:
        column = _TITLES.get(fold(title))
        if column is None and title:
            strange.append(title)
        elif column is not None and column in found:
            twice.append(title)
        found.append(column)
    return found, strange, twice


def title_of(column: Column, lang: Lang) -> str:
    """Return the title of a column in a language."""
    words = column.title.in_language(lang)
    return words[0] if words else column.name

"""The projects layer: what local teams do, as they were last published."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import number
from geo.layers.base import Attribution, Layer, Property, Style
from geo.layers.properties import EXAMPLE, IDENTIFIER, NAMES, THEME
from geo.layers.services import GROUPS
from geo.models.projects import Project, ProjectCard
from geo.queries.projects import ProjectFilters, select_cards, unknown
from geo.vocabulary import Text, Viewer


class Projects(Layer[ProjectFilters]):
    """Projects as points, streets or areas, coloured by the group of their main theme."""

    id = "projects"
    title = Text("Projets de quartier", "Wijkprojecten", "Neighbourhood projects")
    description = Text(
        "Ce que les équipes locales font dans les quartiers : un point, une zone, des rues ou des quartiers.",
        "Wat lokale teams in de wijken doen: een punt, een gebied, straten of wijken.",
        "What local teams do in the neighbourhoods: a point, an area, streets or neighbourhoods.",
    )
    geometry = "mixed"
    filters = ProjectFilters
    page = "projects/{id}"
    times = ("starts_on", "ends_on")
    properties = (
        IDENTIFIER,
        *NAMES,
        THEME,
        Property("theme_group", "string", Text("Groupe de thèmes", "Themagroep", "Group of themes")),
        Property("progress", "string", Text("Avancement", "Voortgang", "Progress")),
        Property("status", "string", Text("Statut", "Status", "Status")),
        Property("team_fr", "string", Text("Équipe (français)", "Team (Frans)", "Team (French)")),
        Property("team_nl", "string", Text("Équipe (néerlandais)", "Team (Nederlands)", "Team (Dutch)")),
        Property("starts_on", "date", Text("Début", "Begin", "Start")),
        Property("ends_on", "date", Text("Fin", "Einde", "End")),
        Property("where_kind", "string", Text("Type de lieu", "Soort plaats", "Kind of place")),
        Property("verified_on", "date", Text("Vérifié le", "Nagekeken op", "Verified on")),
        EXAMPLE,
    )
    style = Style(colour="#55607a", line_width_px=2, fill_opacity=0.18, radius_px=7, by="theme_group",
                  legend=GROUPS)  # fmt: skip
    attribution = (Attribution("Quartier, équipes locales / lokale teams"),)

    def unknown(self, shape: frozenset[str]) -> ColumnElement[list[str]]:
        """Return which of zone and theme name nothing."""
        return unknown(shape)

    def version(self, fid: ColumnElement[Any]) -> ColumnElement[int]:
        """Return the version of the working copy: what a change has to be made on."""
        return select(Project.version).where(Project.id == fid).scalar_subquery()

    def select(self, shape: frozenset[str], viewer: Viewer) -> Select[Any]:
        """Return the published projects that have a place on the map, one row each."""
        card = ProjectCard
        named: dict[str, Any] = {**card.__table__.c, "theme": card.themes[number(1)]}
        named |= {f"name_{lang}": getattr(card, f"title_{lang}") for lang in ("fr", "nl", "en")}
        columns = [named[each.name].label(each.name) for each in self.properties]
        return select_cards(shape, viewer, card.id.label("fid"), card.geom, *columns).where(
            card.geom.is_not(None)
        )


layer = Projects()

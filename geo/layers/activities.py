"""The activities layer: what people do together, where it takes place next."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import number, quoted
from geo.layers.base import Attribution, Layer, Property, Style
from geo.layers.properties import EXAMPLE, IDENTIFIER, IS_FREE, NAMES, THEME, WHEELCHAIR
from geo.models.activities import Activity
from geo.queries.activities import ActivityFilters, next_at, select_activities, unknown
from geo.vocabulary import Text, Viewer


class Activities(Layer[ActivityFilters]):
    """Published activities that still take place and have a point."""

    id = "activities"
    title = Text("Activités", "Activiteiten", "Activities")
    description = Text(
        "Activités collectives de santé près de chez soi, avec leur prochaine date.",
        "Gezondheidsactiviteiten in groep dicht bij huis, met hun volgende datum.",
        "Group health activities near home, with their next date.",
    )
    geometry = "point"
    filters = ActivityFilters
    page = "activities/{id}"
    times = ("next_at", "next_at")
    properties = (
        IDENTIFIER,
        *NAMES,
        THEME,
        Property(
            "next_at",
            "string",
            Text(
                "Prochaine date (heure de Bruxelles)",
                "Volgende datum (Brusselse tijd)",
                "Next date (Brussels time)",
            ),
        ),
        Property("address", "string", Text("Adresse", "Adres", "Address")),
        IS_FREE,
        WHEELCHAIR,
        EXAMPLE,
    )
    style = Style(colour="#3c7d2c", radius_px=7)
    attribution = (Attribution("Quartier, équipes locales / lokale teams"),)

    def unknown(self, shape: frozenset[str]) -> ColumnElement[list[str]]:
        """Return which of zone and theme name nothing."""
        return unknown(shape)

    def steady_s(self, shape: frozenset[str]) -> int:
        """Return a minute where the clock decides what is shown."""
        return 60

    def select(self, shape: frozenset[str], viewer: Viewer) -> Select[Any]:
        """Return the activities that take place between the days asked for, one row each."""
        clock = func.timezone(quoted("Europe/Brussels"), next_at(shape))
        named: dict[str, Any] = {
            **Activity.__table__.c,
            "name_fr": Activity.title_fr,
            "name_nl": Activity.title_nl,
            "name_en": Activity.title_en,
            "theme": func.coalesce(Activity.themes[number(1)], quoted("")),
            "next_at": func.to_char(clock, quoted('YYYY-MM-DD"T"HH24:MI')),
        }
        columns = [named[each.name].label(each.name) for each in self.properties]
        rows = select_activities(shape, viewer, Activity.id.label("fid"), Activity.geom, *columns)
        return rows.where(Activity.geom.is_not(None))


layer = Activities()

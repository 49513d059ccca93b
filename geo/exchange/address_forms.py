"""The forms in which files of addresses come: which column says what, in which reference system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from geo.crs import LAMBERT_72, WGS84

#: What a row may say. A street without a language is "Rue X - X-straat", or a name in either.
FIELDS = ("street", "street_fr", "street_nl", "number", "box", "postal_code", "status")


@dataclass(frozen=True)
class AddressForm:
    """How to read a file of addresses.

    Attributes
    ----------
    columns : mapping of str to str
        Field (`FIELDS`) to name of the column.
    positions : sequence of (int, str, str)
        EPSG code, column of x or longitude, column of y or latitude; the first that a row fills counts.
    source : mapping of str to Any
        Row of the table `source` that the addresses name.
    key : sequence of str
        Columns that together are the source's own id of an address; without them its words are.
    current : str or None
        The status of addresses in force, where the file has a column for it.
    adds_streets : bool
        The file is a register: a street that nobody knew is a new street, not a slip of the pen.
    """

    columns: Mapping[str, str]
    positions: Sequence[tuple[int, str, str]]
    source: Mapping[str, Any]
    key: Sequence[str] = ()
    current: str | None = None
    adds_streets: bool = False

    @property
    def street_column(self) -> str:
        """Return the column that names the street, for reports."""
        names = ("street", "street_fr", "street_nl")
        return next(self.columns[name] for name in names if name in self.columns)

    def positions_in(self, header: Sequence[str]) -> list[tuple[int, str, str]]:
        """Return the positions for which a file with this header has both columns."""
        return [each for each in self.positions if {*each[1:]} <= set(header)]

    def missing(self, header: Sequence[str]) -> list[str]:
        """Return the columns without which a file with this header is not of this form."""
        needed = [*self.columns.values(), *self.key]
        if not self.positions_in(header):
            needed += self.positions[0][1:]
        return [name for name in dict.fromkeys(needed) if name not in header]


BEST = AddressForm(
    columns={
        "street_fr": "streetname_fr",
        "street_nl": "streetname_nl",
        "number": "house_number",
        "box": "box_number",
        "postal_code": "postcode",
        "status": "status",
    },
    positions=((WGS84, "EPSG:4326_lon", "EPSG:4326_lat"), (LAMBERT_72, "EPSG:31370_x", "EPSG:31370_y")),
    key=("address_id",),
    current="current",
    adds_streets=True,
    source={
        "id": "best-addresses",
        "name_fr": "BeSt Address, adresses de la Région de Bruxelles-Capitale",
        "name_nl": "BeSt Address, adressen van het Brussels Hoofdstedelijk Gewest",
        "name_en": "BeSt Address, addresses of the Brussels-Capital Region",
        "publisher": "BOSA, Paradigm.brussels",
        "url": "https://opendata.bosa.be/",
        "licence": "as stated by the publisher of the file",
        "attribution": "BeSt Address – BOSA, Paradigm.brussels",
        "share_alike": False,
    },
)

OSM = AddressForm(
    columns={
        "street": "street",
        "street_fr": "street_fr",
        "street_nl": "street_nl",
        "number": "housenumber",
        "postal_code": "postcode",
    },
    positions=((WGS84, "lon", "lat"),),
    key=("osm_type", "osm_id"),
    source={
        "id": "osm-addresses",
        "name_fr": "OpenStreetMap, adresses",
        "name_nl": "OpenStreetMap, adressen",
        "name_en": "OpenStreetMap, addresses",
        "publisher": "OpenStreetMap",
        "url": "https://www.openstreetmap.org/copyright",
        "licence": "ODbL-1.0",
        "attribution": "© OpenStreetMap contributors",
        "share_alike": True,
    },
)

KNOWN = (BEST, OSM)


def recognise(header: Sequence[str]) -> AddressForm | None:
    """Return the known form that a header has, if any."""
    return next((form for form in KNOWN if not form.missing(header)), None)


@dataclass(frozen=True)
class PlainSource:
    """Who a plain file of addresses comes from: it can't say so itself."""

    id: str
    name: str
    licence: str
    attribution: str = ""


def plain_form(columns: Mapping[str, str], epsg: int, source: PlainSource) -> AddressForm:
    """Return the form of a plain file whose columns were declared.

    Parameters
    ----------
    columns : mapping of str to str
        Field to name of the column: `FIELDS`, ``x`` and ``y``, and ``key`` where addresses have ids.
    epsg : int
        Reference system of x and y; in 4326 x is the longitude.
    source : PlainSource
        Whose addresses they are.

    Raises
    ------
    ValueError
        If a field is unknown, or one that no address can do without is missing.
    """
    said = {name: column for name, column in columns.items() if name not in {"key", "x", "y"}}
    unknown = set(said) - set(FIELDS)
    if unknown:
        raise ValueError(f"unknown fields: {', '.join(sorted(unknown))}")
    streets = {"street", "street_fr", "street_nl"} & set(columns)
    missing = {"number", "x", "y"} - set(columns) | (set() if streets else {"street"})
    if missing:
        raise ValueError(f"no column declared for: {', '.join(sorted(missing))}")
    names = dict.fromkeys(("name_fr", "name_nl", "name_en"), source.name)
    credit = {"publisher": source.name, "attribution": source.attribution or source.name}
    return AddressForm(
        columns=said,
        positions=((epsg, columns["x"], columns["y"]),),
        key=(columns["key"],) if "key" in columns else (),
        source={"id": source.id, **names, "licence": source.licence, **credit, "share_alike": False},
    )

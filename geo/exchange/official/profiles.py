"""How publishers of Brussels name the columns of their files, and where those files are fetched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from geo.vocabulary import ZoneKind

FIELDS = (
    "code",
    "name_fr",
    "name_nl",
    "names",
    "languages",
    "commune",
    "commune_fr",
    "commune_nl",
    "area_m2",
    "population",
)
"""What a column can tell: code and names of the zone, and claims that are compared, never trusted.

`names` and `languages` are lists side by side, as INSPIRE gives them.
"""


@dataclass(frozen=True)
class Form:
    """One form in which a publisher gives one kind of zone."""

    kind: ZoneKind
    columns: Mapping[str, str]


@dataclass(frozen=True)
class Profile:
    """A publisher: forms of its files, what it calls its data sets, and how it wants to be named."""

    id: str
    publisher: str
    address: str
    licence: str
    licence_url: str
    attribution: str
    forms: tuple[Form, ...]
    datasets: Mapping[ZoneKind, str] = field(default_factory=dict)


_BY = "https://creativecommons.org/licenses/by/4.0/"
_FRE_DUT = {"code": "NAT_CODE", "name_fr": "NAME_FRE", "name_nl": "NAME_DUT", "area_m2": "AREA"}

OPENDATA = Profile(
    "opendata.brussels",
    "IBSA/BISA",
    "https://opendata.brussels.be",
    "CC0-1.0",
    "https://creativecommons.org/publicdomain/zero/1.0/",
    "IBSA/BISA, Monitoring des Quartiers / Wijkmonitoring",
    (
        Form(
            ZoneKind.QUARTIER,
            {
                "code": "mdzone",
                "name_fr": "namefre",
                "name_nl": "namedut",
                "area_m2": "area",
                "commune_fr": "nom_commune",
                "commune_nl": "gemeentenaam",
            },
        ),
        Form(ZoneKind.COMMUNE, {"code": "national_code", "name_fr": "name_fr", "name_nl": "name_nl"}),
    ),
    {
        ZoneKind.QUARTIER: "quartiers-du-monitoring-des-quartiers-ibsa-perspective-rbc",
        ZoneKind.COMMUNE: "limites-administratives-des-communes-en-region-de-bruxelles-capitale",
    },
)
URBIS = Profile(
    "urbis",
    "Paradigm.brussels",
    "https://datastore.brussels",
    "CC-BY-4.0",
    _BY,
    "UrbIS, Paradigm.brussels",
    (
        Form(
            ZoneKind.QUARTIER,
            {
                "code": "territory_code",
                "name_fr": "territory_name_urbis_fr",
                "name_nl": "territory_name_urbis_nl",
            },
        ),
        Form(
            ZoneKind.QUARTIER,
            {
                "code": "thematicId|ThematicIdentifier|identifier",
                "names": "text",
                "languages": "language",
                "area_m2": "areaValue",
            },
        ),
        Form(ZoneKind.QUARTIER, {"code": "MDZONE", "name_fr": "NAMEFRE", "name_nl": "NAMEDUT"}),
        Form(ZoneKind.COMMUNE, {"code": "NISCODE", "name_fr": "NAMEFRE", "name_nl": "NAMEDUT"}),
        Form(ZoneKind.SECTEUR, {"code": "NISCODE", "commune": "MUNNISCODE"}),
        Form(ZoneKind.COMMUNE, _FRE_DUT),
        Form(ZoneKind.REGION, _FRE_DUT),
    ),
    {
        ZoneKind.QUARTIER: "MonitoringDistricts",
        ZoneKind.COMMUNE: "Municipalities",
        ZoneKind.SECTEUR: "StatisticalSectors",
    },
)
STATBEL = Profile(
    "statbel",
    "Statbel",
    "https://statbel.fgov.be",
    "CC-BY-4.0",
    _BY,
    "Statbel",
    (
        Form(ZoneKind.SECTEUR, {"code": "SECTOR", "commune": "MUNICIP", "population": "POP"}),
        Form(
            ZoneKind.SECTEUR,
            {
                "code": "cd_sector",
                "name_fr": "tx_sector_descr_fr",
                "name_nl": "tx_sector_descr_nl",
                "commune": "cd_munty_refnis",
            },
        ),
        Form(
            ZoneKind.COMMUNE,
            {
                "code": "cd_munty_refnis",
                "name_fr": "tx_munty_descr_fr",
                "name_nl": "tx_munty_descr_nl",
            },
        ),
    ),
)
PROFILES = {"opendata": OPENDATA, "urbis": URBIS, "statbel": STATBEL}


def find_form(
    kind: ZoneKind, columns: Iterable[str], profiles: Iterable[Profile] = tuple(PROFILES.values())
) -> tuple[Profile, dict[str, str]] | None:
    """Return the profile whose form of a kind fits the columns of a file, with the columns as spelt there.

    A form fits if all its columns are there, in whatever case; of several that fit, the longest is meant.
    """
    spelt = {column.lower(): column for column in columns}
    fitting = [
        (profile, {name: spelt[column.lower()] for name, column in form.columns.items()})
        for profile in profiles
        for form in profile.forms
        if form.kind == kind and all(column.lower() in spelt for column in form.columns.values())
    ]
    return max(fitting, key=lambda found: len(found[1]), default=None)

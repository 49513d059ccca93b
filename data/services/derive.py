"""Derive the tables of this folder from the published files that sources.csv names.

    python derive.py FOLDER

FOLDER holds, under these names: pharmacies_osm_2026-07.geojson, osm_pois_2013.geojson,
osm_points_2015.geojson, hospitals_eurostat_2020.geojson and communes_19.geojson. Writes the CSV tables beside
this script and their row counts into datapackage.json. organizations.csv, organisations_named.csv and
hospital_names.csv are written by hand.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from pathlib import Path
from typing import Any

from shapely import STRtree
from shapely.geometry import Point, shape

HERE = Path(__file__).parent
FETCHED_ON = "2026-11-22"
NAMELESS = {
    "pharmacy": ("Pharmacie", "Apotheek", "Pharmacy"),
    "library": ("Bibliothèque", "Bibliotheek", "Library"),
    "sport": ("Centre sportif", "Sportcentrum", "Sports centre"),
    "toilets": ("Toilettes publiques", "Openbaar toilet", "Public toilet"),
    "drinking-water": ("Point d’eau potable", "Drinkwaterpunt", "Drinking water point"),
}
NAMELESS_SUMMARY = ("La source ne donne pas de nom", "De bron vermeldt geen naam", "The source gives no name")
THEMES_OF_2013 = {
    "amenity=library": "library",
    "leisure=sports_centre": "sport",
    "amenity=toilets": "toilets",
    "amenity=drinking_water": "drinking-water",
}
#: Other objects of 2013 worth showing, by their id.
THEMES_OF_OBJECTS = {
    "node/488330256": "welfare",
    "way/195979358": "welfare",
    "way/116636840": "mental-health",
    "node/1510312332": "general-practice",
}
TABLES_OF_2013 = {
    "library": "libraries",
    "sport": "sports_centres",
    "toilets": "toilets",
    "drinking-water": "drinking_water",
    "welfare": "public_services",
    "mental-health": "public_services",
    "general-practice": "public_services",
}
DUTCH = re.compile(
    r"apotheek|bibliothee[kc]|muntpunt|sportcentrum|sportcomplex|sporthal|sportplein|stadion|plein\b|straat\b|laan\b|"
    r"steenweg|\bde lindeboom|drie linden|baan\b|\bvzw\b|ocmw",
    re.IGNORECASE,
)
#: Spelling of the source put right, by its id.
CORRECTED_NAMES = {
    "node/356772070": "Bibliothèque Jeunesse",
    "node/356055635": "Ludothèque",
    "node/1078589908": "Bibliothèque publique de Haren",
    "node/1410230483": "Bibliothèque communale francophone de Koekelberg",
    "node/1504407912": "Rue de l’Épée",
    "node/1504407913": "Rue des Renards",
    "node/2792159984": "Bibliothèque publique communale francophone d’Ixelles",
    "node/1866332002": "Health Center",
    "node/1641664839": "Sai Yoga asbl",
    "node/1365559415": "Pavillon 58",
    "way/195979358": "CPAS de Saint-Gilles",
    "way/116636840": "Service de santé mentale Ulysse",
    "node/1510312332": "Maison médicale du Maelbeek",
    "node/2514192461": "Bibliothèque royale de Belgique - Koninklijke Bibliotheek van België",
    "way/72538077": "Halle des sports Richard Beauthier - Sporthal Richard Beauthier",
}
CORRECTED_STREETS = {
    "node/878590453": "Boulevard De Smet de Naeyer - De Smet de Naeyerlaan",
    "way/195979358": "Rue Fernand Bernier - Fernand Bernierstraat",
    "way/28243649": "Rue du Chant d’Oiseaux - Vogelenzangstraat",
    "node/356772070": "Avenue de l’Armée - Legerlaan",
    "node/1641664839": "Avenue du Cerf-Volant",
}
Row = dict[str, Any]


class Communes:
    """Which of the 19 communes a point lies in."""

    def __init__(self, path: Path) -> None:
        features = json.loads(path.read_text())["features"]
        self.names = [(f["properties"]["name_fr"], f["properties"]["name_nl"]) for f in features]
        self.tree = STRtree([shape(f["geometry"]) for f in features])

    def find(self, lon: float, lat: float) -> tuple[str, str] | None:
        """Return the French and Dutch name, or nothing outside the region."""
        found = self.tree.query(Point(lon, lat), predicate="within")
        return self.names[int(found[0])] if len(found) else None


def read_features(path: Path) -> list[Row]:
    """Read points as flat rows; coordinates rounded to 6 decimals (0.1 m)."""
    rows = []
    for feature in json.loads(path.read_text())["features"]:
        lon, lat = feature["geometry"]["coordinates"]
        properties = {"lon": lon, "lat": lat} | feature["properties"]
        rows.append(properties | {axis: round(properties[axis], 6) for axis in ("lon", "lat")})
    return rows


def split_languages(text: str | None) -> tuple[str | None, str | None]:
    """Split "Rue X - X-straat" into French and Dutch; a text in one language stays in that one."""
    if not text:
        return None, None
    parts = re.split(r"\s+[-–]\s*|\s*[-–]\s+", text.strip())
    if len(parts) == 2 and DUTCH.search(parts[1]) and not DUTCH.search(parts[0]):
        return parts[0].strip(), parts[1].strip()
    return (None, text.strip()) if DUTCH.search(text) else (text.strip(), None)


def name_in_languages(row: Row, theme: str, key: str) -> Row:
    """Name as the source gives it, else the theme's, which the summary then says."""
    fr, nl = split_languages(CORRECTED_NAMES.get(key, row.get("name")))
    if key not in CORRECTED_NAMES and row.get("name_fr") not in (None, *NAMELESS.get(theme, ())):
        fr, nl = row["name_fr"], row.get("name_nl") or nl
    if fr or nl:
        return {"name_fr": fr and fr[0].upper() + fr[1:], "name_nl": nl}
    names = zip(("fr", "nl", "en"), NAMELESS[theme], NAMELESS_SUMMARY, strict=True)
    return {
        column: text
        for lang, name, note in names
        for column, text in ((f"name_{lang}", name), (f"summary_{lang}", note))
    }


def address(row: Row) -> Row:
    """Street and number in both languages where the source has them."""
    fr, nl = split_languages(CORRECTED_STREETS.get(row.get("key", ""), row.get("street")))
    number = row.get("housenumber") or ""
    streets = [s and (s if s.endswith(number) else f"{s} {number}") for s in (fr, nl)]
    return {
        "street_fr": streets[0] and streets[0][0].upper() + streets[0][1:],
        "street_nl": streets[1],
        "postal_code": row.get("postcode"),
    }


def place(row: Row, communes: Communes) -> Row | None:
    """Point and commune, or nothing where the point lies outside the region."""
    names = communes.find(row["lon"], row["lat"])
    if names is None:
        return None
    return {"lon": row["lon"], "lat": row["lat"], "city_fr": names[0], "city_nl": names[1]}


def distance_m(a: Row, b: Row) -> float:
    """Straight line in metres between two points near 50.84° N."""
    return float(((a["lon"] - b["lon"]) * 70_400) ** 2 + ((a["lat"] - b["lat"]) * 111_250) ** 2) ** 0.5


def fold(name: str | None) -> str:
    """Keep only the letters and digits of a name, to compare it."""
    return re.sub(r"[^a-z0-9]", "", (name or "").lower())


def derive_pharmacies(folder: Path, communes: Communes) -> list[Row]:
    """Pharmacies of July 2026; a street only from the same map object's neighbour of 2013 within 25 m."""
    older = [
        row
        for row in read_features(folder / "osm_pois_2013.geojson")
        if row["category"] == "amenity=pharmacy" and row["street"]
    ]
    rows = []
    for row in read_features(folder / "pharmacies_osm_2026-07.geojson"):
        where = place(row, communes)
        if where is None:
            continue
        key = f"pharmacy/{row['lon']:.6f},{row['lat']:.6f}"
        near = [other for other in older if distance_m(row, other) < 25]
        rows.append(
            {"source": "osm-2026-07", "key": key, "themes": "pharmacy"}
            | name_in_languages(row, "pharmacy", key)
            | where
            | address(row if row.get("street") else near[0] if len(near) == 1 else {})
            | {"phone": row["phone"], "website": row["website"], "opening_hours": row["opening_hours"]}
            | {"observed_on": "2026-07-01", "fetched_on": FETCHED_ON}
        )
    return rows


def derive_places(folder: Path, communes: Communes) -> dict[str, list[Row]]:
    """Libraries, sports centres, toilets and drinking water: the 2015 record where both years have one."""
    older = [
        row | {"key": key, "theme": theme, "year": 2013}
        for row in read_features(folder / "osm_pois_2013.geojson")
        if (key := f"{row['osm_type']}/{row['osm_id']}")
        and (theme := THEMES_OF_2013.get(row["category"]) or THEMES_OF_OBJECTS.get(key))
    ]
    kinds = {category.split("=")[1]: theme for category, theme in THEMES_OF_2013.items()}
    newer = [
        row | {"key": f"node/{row['osm_id']}", "theme": kinds[row["type"]], "year": 2015}
        for row in read_features(folder / "osm_points_2015.geojson")
        if row["type"] in kinds
    ]
    by_key = {row["key"]: row for row in older}
    kept: list[Row] = []
    for row in newer + older:
        if any(is_same(row, other) for other in kept):
            continue
        before = by_key.get(row["key"], {})
        kept.append(before | {column: value for column, value in row.items() if value is not None})
    tables: dict[str, list[Row]] = {name: [] for name in TABLES_OF_2013.values()}
    for row in kept:
        if (where := place(row, communes)) is None:
            continue
        observed_on = "2013-01-01" if row["year"] == 2013 else "2015-11-02"
        tables[TABLES_OF_2013[row["theme"]]].append(
            {"source": f"osm-{row['year']}", "key": row["key"], "themes": row["theme"]}
            | name_in_languages(row, row["theme"], row["key"])
            | where
            | address(row)
            | {column: row.get(column) for column in ("website", "wheelchair", "opening_hours")}
            | {"observed_on": observed_on, "fetched_on": FETCHED_ON}
        )
    return tables


def is_same(row: Row, other: Row) -> bool:
    """Tell the same object by id; else the same theme at the same spot, or the same name close by."""
    if row["key"] == other["key"]:
        return True
    if row["theme"] != other["theme"]:
        return False
    apart = distance_m(row, other)
    names = [fold(each.get("name")) for each in (row, other)]
    if all(names):
        return apart < 200 and (names[0].startswith(names[1]) or names[1].startswith(names[0]))
    return apart < 25


def derive_hospitals(folder: Path, communes: Communes) -> list[Row]:
    """Hospital sites of February 2020, named by hospital_names.csv; a point outside is left empty."""
    with (HERE / "hospital_names.csv").open(encoding="utf-8", newline="") as file:
        names = {row["key"]: row for row in csv.DictReader(file)}
    rows = []
    for row in read_features(folder / "hospitals_eurostat_2020.geojson"):
        given = names[row["id"]]
        emergency = row["emergency"] == "yes"
        kind = (row["facility_type"] or "").upper()
        summary: tuple[str, ...] = ("Hôpital", "Ziekenhuis", "Hospital")
        if "PSYCH" in kind:
            summary = ("Hôpital psychiatrique", "Psychiatrisch ziekenhuis", "Psychiatric hospital")
        if emergency:
            notes = ("avec service d’urgence", "met spoeddienst", "with an emergency department")
            summary = tuple(f"{text} {note}" for text, note in zip(summary, notes, strict=True))
        digits = re.sub(r"\D", "", row["tel"] or "")
        nowhere = {"lon": None, "lat": None, "city_fr": given["city_fr"], "city_nl": given["city_nl"]}
        where = place(row, communes) or nowhere
        website = (row["url"] or "").split(";")[0].strip()
        rows.append(
            {"source": "eurostat-2020", "key": row["id"], "organization": given["organization"]}
            | {"themes": "hospital;mental-health" if "PSYCH" in kind else "hospital"}
            | {"name_fr": given["name_fr"], "name_nl": given["name_nl"]}
            | {f"summary_{lang}": text for lang, text in zip(("fr", "nl", "en"), summary, strict=True)}
            | where
            | {
                "street_fr": given["street_fr"],
                "street_nl": given["street_nl"],
                "postal_code": row["postcode"],
            }
            | {"phone": f"+32 2 {digits[2:5]} {digits[5:7]} {digits[7:9]}" if digits else None}
            | {"website": f"https://{website}" if website else None}
            | {"observed_on": "2020-02-01", "fetched_on": FETCHED_ON}
        )
    return rows


def write_table(name: str, rows: list[Row], resources: dict[str, Row]) -> None:
    """Write one table in the column order of its description, sorted by key, and count its rows there."""
    resource = resources[name]
    columns = [field["name"] for field in resource["schema"]["fields"]]
    with (HERE / resource["path"]).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n", extrasaction="raise")
        writer.writeheader()
        for row in sorted(rows, key=lambda row: row["key"]):
            writer.writerow({column: value for column, value in row.items() if value is not None})
    resource["rows"] = len(rows)


def main(folder: Path) -> None:
    """Derive and write every table."""
    communes = Communes(folder / "communes_19.geojson")
    descriptor = json.loads((HERE / "datapackage.json").read_text(encoding="utf-8"))
    resources = {resource["name"]: resource for resource in descriptor["resources"]}
    tables = derive_places(folder, communes) | {
        "pharmacies": derive_pharmacies(folder, communes),
        "hospitals": derive_hospitals(folder, communes),
    }
    for name, rows in tables.items():
        write_table(name, rows, resources)
        sys.stdout.write(f"{name}: {len(rows)} rows\n")
    text = json.dumps(descriptor, ensure_ascii=False, indent=2)
    (HERE / "datapackage.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

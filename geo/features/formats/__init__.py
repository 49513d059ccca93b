"""The formats that features of any layer can be written in, in the order in which they are offered."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from geo.features.formats.base import Format
from geo.features.formats.binary import FlatGeobuf, GeoPackage, GeoParquet
from geo.features.formats.geojson import GeoJson, GeoJsonSequence
from geo.features.formats.kml import Kml
from geo.features.formats.spreadsheets import Csv, Xlsx

FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        each.id: each
        for each in (
            GeoJson(),
            GeoJsonSequence(),
            Csv(),
            Xlsx(),
            GeoPackage(),
            FlatGeobuf(),
            GeoParquet(),
            Kml(),
        )
    }
)

"""`quartier export`: a layer as a file for other programs, or as a map in one HTML file."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from geo.db import run
from geo.errors import NotFound
from geo.layers import layers_for
from geo.layers.base import Layer
from geo.queries.filters import Filters
from geo.settings import read_settings
from geo.vocabulary import ANONYMOUS, Lang


class Format(StrEnum):
    """What can be written."""

    GEOJSON = "geojson"
    GEOJSONSEQ = "geojsonseq"
    CSV = "csv"
    XLSX = "xlsx"
    GPKG = "gpkg"
    FGB = "fgb"
    PARQUET = "parquet"
    KML = "kml"
    PMTILES = "pmtiles"
    HTML = "html"


class Crs(StrEnum):
    """Reference systems of coordinates."""

    WGS84 = "4326"
    WEB_MERCATOR = "3857"
    LAMBERT_72 = "31370"
    LAMBERT_2008 = "3812"


class MapLang(StrEnum):
    """Languages of the map's words."""

    FR = "fr"
    NL = "nl"
    EN = "en"


def app(
    layer: Annotated[str, typer.Argument(help="Id of a layer, for example services or quartiers.")],
    format: Annotated[Format, typer.Option("--format", "-f", help="Kind of file.")] = Format.GEOJSON,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File to write; else LAYER.FORMAT here.", dir_okay=False),
    ] = None,
    zone: Annotated[
        str | None, typer.Option(help="Only what lies in a zone, as kind:code, for example quartier:36.")
    ] = None,
    where: Annotated[
        list[str] | None, typer.Option(help="A filter of the layer, as NAME=VALUE; may be given again.")
    ] = None,
    with_examples: Annotated[
        bool, typer.Option("--with-examples", help="Fictional services too, marked as such.")
    ] = False,
    crs: Annotated[
        Crs, typer.Option(help="EPSG code of the coordinates; KML, tiles and html are always 4326.")
    ] = Crs.WGS84,
    lang: Annotated[MapLang, typer.Option(help="Language of the map (html).")] = MapLang.FR,
) -> None:
    """Write a layer to a file, its credits and licences along with it.

    The columns are the layer's properties; what the public may not see is not in it.
    """
    from geo.exchange.export import parse_filters

    chosen = _layer(layer)
    filters = parse_filters(chosen, _given(zone, where or []))
    file = output or Path(f"{chosen.id}.{_extension(format)}")
    if not file.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {file.parent}", param_hint="--output")
    _WRITERS[format](
        chosen,
        filters,
        file,
        format=format.value,
        with_examples=with_examples,
        crs=int(crs.value),
        lang=lang.value,
    )


def _extension(format: Format) -> str:
    return "geojsonl" if format is Format.GEOJSONSEQ else format.value


def _layer(id: str) -> Layer[Any]:
    if id not in layers_for():
        raise NotFound("There is no such layer", layer=id, known=", ".join(layers_for()))
    return layers_for()[id]


def _given(zone: str | None, where: list[str]) -> dict[str, list[str]]:
    given: dict[str, list[str]] = {"zone": [zone]} if zone else {}
    for each in where:
        name, sign, words = each.partition("=")
        if not sign:
            raise typer.BadParameter(f"{each}: expected NAME=VALUE", param_hint="--where")
        given.setdefault(name, []).append(words)
    return given


def _write_table(
    layer: Layer[Any],
    filters: Filters,
    file: Path,
    *,
    format: str,
    with_examples: bool,
    crs: int,
    **_: Any,
) -> None:
    from geo.exchange.export import write_export
    from geo.features.asked import Asked
    from geo.features.formats import FORMATS
    from geo.features.streaming import Part

    asked, part = Asked(layer, filters, crs=crs), Part(with_examples=with_examples)
    told, written = run(write_export, asked, ANONYMOUS, FORMATS[format], file, part)
    _tell(told.number, written)


def _write_tiles(
    layer: Layer[Any], filters: Filters, file: Path, *, with_examples: bool, crs: int, **_: Any
) -> None:
    from geo.exchange.tiles import write_tiles
    from geo.features.asked import Asked

    asked = Asked(layer, filters, crs=crs)
    told, written = run(write_tiles, asked, ANONYMOUS, file, with_examples=with_examples)
    _tell(told.number, written)


def _write_map(
    layer: Layer[Any], filters: Filters, file: Path, *, with_examples: bool, lang: Lang, **_: Any
) -> None:
    from geo.directory.map_data import read_map
    from maps.folium_page import draw_page

    data = run(read_map, layer, filters, ANONYMOUS, ground_zoom=24, with_examples=with_examples)
    html = draw_page(data, lang, base_url=read_settings().public_url, standalone=True)
    file.write_text(html, encoding="utf-8")
    _tell(data.count, [file])


def _tell(count: int, written: list[Path]) -> None:
    typer.echo(f"{count} rows → {', '.join(map(str, written))}")


#: What writes each kind of file: most are tables.
_WRITERS: dict[Format, Callable[..., None]] = {
    **dict.fromkeys(Format, _write_table),
    Format.PMTILES: _write_tiles,
    Format.HTML: _write_map,
}

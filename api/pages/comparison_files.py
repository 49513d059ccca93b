"""The files of a comparison: the same zones and figures as its page, whose address they share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

import anyio
from starlette.requests import Request
from starlette.responses import Response

from api.answers import here
from api.errors import N_
from api.pages.comparison_figures import Figures, choose_figures
from api.pages.comparison_query import ComparisonQuery
from api.pages.frame import credit_limits, keep, read_shelf
from api.parameters import read
from geo.db.reads import Reader
from geo.directory.catalogue import SourceRecord
from geo.errors import UnknownIndicator
from geo.territory.comparison.bivariate import cross
from geo.territory.comparison.classes import classify
from geo.territory.comparison.comparing import Cell, ComparedRow, ZoneComparison, compare_zones
from geo.territory.figures.indicators import list_indicators
from geo.territory.outlines import Outline, read_outlines
from geo.territory.zones import parse_reference
from geo.vocabulary import Lang, Text, ZoneKind
from maps import comparison_print
from maps.choropleth import draw_bivariate, draw_choropleth
from maps.choropleth_words import BY_KIND, METHODS, PLACE, crossed_legend, legend_words, tell_number
from maps.comparison_print import Sheet
from maps.web.i18n import format_date, read_text, translate
from maps.web.render import tell_unit, today

Ending = Literal["csv", "xlsx", "svg", "png", "pdf"]
NAMES: Final = Text("comparaison", "vergelijking", "comparison")
MEDIA_TYPES: Final[Mapping[Ending, str]] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": "application/pdf",
}
#: A ranking on paper has room for this many figures beside the names.
RANKED_COLUMNS: Final = 4


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a file is made of: the zones shown, all zones of the kind, and what is drawn."""

    query: ComparisonQuery
    figures: Figures
    shown: ZoneComparison
    whole: ZoneComparison
    sources: Mapping[str, SourceRecord]
    limits: str


async def comparison_file(request: Request, reader: Reader, lang: Lang, ending: Ending) -> Response:
    """Return a comparison as a file.

    Raises
    ------
    BadParameters, MixedZones, TooManyZones, UnknownZone, UnknownIndicator
        Whatever the address asks for that there is not; a file can't tell it and go on, as the page does.
    """
    asked = await _read(request, reader)
    write: Callable[[], bytes]
    if ending in ("csv", "xlsx"):
        from geo.exchange import comparison_sheets as sheets

        written = sheets.write_comparison_csv if ending == "csv" else sheets.write_comparison_xlsx
        write = partial(written, asked.shown, asked.sources, lang)
    else:
        outlines = await read_outlines(reader, asked.whole.kind, asked.query.edition)
        address = asked.query.address(here(request).removesuffix(f".{ending}"))
        write = partial(_print, asked, outlines, address, ending, lang)
    content = await anyio.to_thread.run_sync(write)
    name = f"{read_text(NAMES, lang)}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Language": lang}
    return Response(content, headers=headers, media_type=MEDIA_TYPES[ending])


async def _read(request: Request, reader: Reader) -> _Asked:
    (query,) = read(request, ComparisonQuery)
    zones = [parse_reference(each, query.edition) for each in query.zone]
    kind = zones[0].kind if zones else ZoneKind(query.kind or ZoneKind.QUARTIER)
    every = await keep(request, "indicators", lambda: list_indicators(reader))
    figures = choose_figures(query, [each for each in every if kind in each.kinds])
    for unknown in figures.unknown:
        raise UnknownIndicator(name="indicator", value=unknown)
    compare = partial(compare_zones, reader, kind=kind, edition=query.edition, per=query.per)
    beside = zones if len(zones) > 1 else []  # one zone alone: the page still ranks all
    shown = await compare(beside, indicators=figures.rows if beside else _first(figures.on, figures.rows))
    drawn = (figures.need, figures.offer) if query.view == "bivariate" else (figures.on,)
    whole = await compare(indicators=tuple(each for each in drawn if each))
    sources = {each.id: each for each in (await read_shelf(request, reader)).sources}
    limits = await credit_limits(request, reader, whole.kind, query.edition)
    return _Asked(query, figures, shown, whole, sources, limits)


def _first(on: str | None, rows: tuple[str, ...]) -> tuple[str, ...]:
    """Return the rows of a ranking: it goes by the figure of the map."""
    return tuple(dict.fromkeys((on, *rows))) if on else rows


def _print(asked: _Asked, outlines: tuple[Outline, ...], address: str, ending: Ending, lang: Lang) -> bytes:
    sheet = _sheet(asked, outlines, address, lang)
    made = {
        "svg": comparison_print.print_svg,
        "png": comparison_print.print_png,
        "pdf": comparison_print.print_pdf,
    }
    return made[ending](sheet)


def _sheet(asked: _Asked, outlines: tuple[Outline, ...], address: str, lang: Lang) -> Sheet:
    query, whole, shown = asked.query, asked.whole, asked.shown
    letters = {zone.ref.code: zone.letter for zone in shown.zones if zone.letter}
    rows = whole.rows
    of_kind = read_text(BY_KIND[whole.kind], lang)
    if query.view == "bivariate" and len(rows) == 2:
        crossed = cross(*rows, query.per)
        drawing = draw_bivariate(outlines, whole, crossed, lang=lang, letters=letters)
        legend, note = crossed_legend(crossed, lang), ""
        names = [read_text(row.indicator.name, lang) for row in rows]
        title = translate(lang, "%(need)s against %(offer)s", need=names[0], offer=names[1])
    else:
        (row,) = rows[:1]
        classes = classify(row.numbers(query.per), query.classes, query.k)
        drawing = draw_choropleth(outlines, whole, row, classes, lang=lang, letters=letters)
        legend, note = legend_words(classes, row, query.per, lang), read_text(METHODS[query.classes], lang)
        title = read_text(row.indicator.name, lang)
    years = ", ".join(sorted({row.period for row in rows if row.period}))
    zones = [f"{zone.letter} {read_text(zone.name, lang)}" for zone in shown.zones if zone.letter]
    units = dict.fromkeys(_unit(row, query, lang) for row in rows)
    titles, table = _ranking(shown, query, lang) if shown.is_ranking else _beside(shown, query, lang)
    return Sheet(
        lang=lang,
        title=f"{title} {of_kind}, {years}",
        subtitle=" · ".join([*units, *zones]),
        drawing=drawing,
        legend=legend,
        legend_note=" ".join([note, translate(lang, N_("In brackets: the number of zones."))]).strip(),
        titles=titles,
        rows=table,
        notes=_notes(asked, lang),
        sources=_sources(asked, lang),
        made=translate(lang, "Quartier, %(day)s", day=format_date(today(), lang)),
        address=address,
        page_word=translate(lang, "Page"),
    )


def _unit(row: ComparedRow, query: ComparisonQuery, lang: Lang) -> str:
    return read_text(PLACE, lang) if query.per == "percentile" else tell_unit(row.unit, lang)


def _beside(shown: ZoneComparison, query: ComparisonQuery, lang: Lang) -> tuple[list[str], list[list[str]]]:
    titles = [translate(lang, "Figure"), *(zone.letter for zone in shown.zones), translate(lang, "Region")]
    rows = [
        [
            f"{_named(row, query, lang)}, {row.period or ''}".strip(", "),
            *(_number(cell, row, query, lang) for cell in row.cells),
            _number(row.region, row, query, lang) if row.region else "–",
        ]
        for row in shown.rows
    ]
    return titles, rows


def _ranking(shown: ZoneComparison, query: ComparisonQuery, lang: Lang) -> tuple[list[str], list[list[str]]]:
    columns = shown.rows[:RANKED_COLUMNS]
    titles = [translate(lang, "Zone"), *(f"{_named(row, query, lang)}, {row.period}" for row in columns)]
    rows = []
    for place, zone in enumerate(shown.zones):
        rank = columns[0].cells[place].rank if columns else None
        name = read_text(zone.name, lang)
        told = [_number(row.cells[place], row, query, lang) for row in columns]
        rows.append([f"{rank.position}. {name}" if rank else name, *told])
    return titles, rows


def _named(row: ComparedRow, query: ComparisonQuery, lang: Lang) -> str:
    return f"{read_text(row.indicator.name, lang)} ({_unit(row, query, lang)})"


def _number(cell: Cell, row: ComparedRow, query: ComparisonQuery, lang: Lang) -> str:
    """Return a figure with its year where that is not the one of its row."""
    told = tell_number(cell, row, query.per, lang)
    is_known = cell.value is not None and cell.period != row.period
    return f"{told} ({cell.period})" if is_known else told


def _notes(asked: _Asked, lang: Lang) -> list[str]:
    """Return what a reader must know to read the figures right."""
    rows = (*asked.whole.rows, *asked.shown.rows)
    told = [read_text(row.note, lang) for row in rows if row.note]
    told.append(translate(lang, "–: not published."))
    if any(zone.generalised for zone in asked.whole.zones):
        told.append(translate(lang, "Limits are generalised: they may be off by some 150 m."))
    if any(source.example for source in _used(asked)):
        told.append(translate(lang, "Some figures are examples: they are fictional."))
    return list(dict.fromkeys(told))


def _sources(asked: _Asked, lang: Lang) -> str:
    rows = (*asked.whole.rows, *asked.shown.rows)
    owed = [f"{row.indicator.attribution} ({row.indicator.licence})" for row in rows]
    figures = "; ".join(dict.fromkeys(owed))
    return translate(lang, "Figures: %(figures)s. Limits: %(limits)s.", figures=figures, limits=asked.limits)


def _used(asked: _Asked) -> list[SourceRecord]:
    ids = {row.indicator.source for row in (*asked.whole.rows, *asked.shown.rows)}
    return [asked.sources[each] for each in ids if each in asked.sources]

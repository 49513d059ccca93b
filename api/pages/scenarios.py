"""What the pages of scenarios show, and the file that they give."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from api.errors import N_
from api.impossible import impossible_words
from api.pages.frame import credit_limits, keep, show
from geo.db.reads import Reader
from geo.territory.editions.credits import read_limit_credits
from geo.territory.figures.indicators import IndicatorFacts, list_indicators
from geo.territory.figures.spread import spread_of
from geo.territory.scenarios.cards import weigh_scenario
from geo.territory.scenarios.kept import MOST_ZONES
from geo.territory.scenarios.runs import RunTold, read_last_rank
from geo.territory.scenarios.told import AtomTold, ScenarioTold, zone_features
from geo.vocabulary import Lang, LonLat, ZoneKind
from maps.charts import Mark, spine
from maps.palettes import WEAVES, look_of_zone, weave_of_zone
from maps.still import Shape, StillMap, box_around, draw, positions
from maps.web.i18n import read_text, translate

if TYPE_CHECKING:
    from geo.territory.divisions.card import ScenarioCard

STILL_PX = (640, 600)
SMALL_PX = (400, 375)

ORIGINS = {
    "drawn": N_("Drawn by hand"),
    "proposed": N_("Proposed by computing"),
    "copied": N_("Copied from another"),
}
#: What cards are compared by; how each is written: share, ratio, count.
MEASURE_WORDS: Mapping[str, tuple[str, str, str]] = {
    "population_imbalance": (
        N_("Difference in inhabitants"),
        N_("How far zones lie from the mean zone. Zero would be zones of the same size."),
        "share",
    ),
    "offer_unevenness": (
        N_("Difference in services per inhabitant"),
        N_("Zero would be as many services per inhabitant in each zone."),
        "share",
    ),
    "compactness_mean": (
        N_("Compactness, on average"),
        N_("1 would be a circle, 0.79 a square (Polsby–Popper). Small: long or ragged zones."),
        "ratio",
    ),
    "compactness_minimum": (N_("Compactness of the least compact zone"), "", "ratio"),
    "zones_in_parts": (N_("Zones in several pieces"), "", "count"),
    "communes_cut": (N_("Communes cut"), N_("Communes with inhabitants in more than one zone."), "count"),
    "clss_cut": (N_("Local contracts (CLSS) cut"), "", "count"),
    "cpas_per_zone": (
        N_("CPAS per zone, on average"),
        N_("With how many communes, so with how many CPAS, a zone has to deal."),
        "mean",
    ),
    "moved": (N_("Inhabitants who change zone"), N_("Against the present care areas."), "count"),
}
FAILURES = {
    "too-slow": N_("No division was found in time. Ask for less, or give it more time."),
    "interrupted": N_("The computation was interrupted. Please ask again."),
}
DONE = {
    "made": N_("The scenario is made. Nobody sees it but you, until you share it."),
    "proposed": N_("This division was proposed by computing. It is yours now: change it as you like."),
    "copied": N_("This copy is yours: change it as you like."),
    "saved": N_("Saved."),
    "moved": N_("Moved."),
    "nothing": N_("Nothing was ticked, so nothing was moved."),
    "stale": N_(
        "The scenario was changed meanwhile, perhaps by you in another window. Nothing was moved; below it"
        " stands as it is now."
    ),
    "zone": N_("The zone is added."),
    "too-long": N_("A name has at most 160 characters."),
    "named": N_("The name is kept."),
    "removed": N_("The zone is removed; what was in it is in no zone now."),
    "shared": N_("Whoever has the link can read it now."),
    "unshared": N_("The link works no more."),
    "deleted": N_("The scenario is thrown away."),
    "unsure": N_("Please confirm it: the whole site changes."),
    "cancelled": N_("The computation is cancelled."),
}  # fmt: skip


@dataclass(frozen=True)
class NeedRow:
    """How one indicator is spread over the zones of a scenario."""

    indicator: IndicatorFacts
    minimum: float | None
    overall: float | None
    maximum: float | None
    unevenness: float | None
    period: str
    estimated: bool
    chart: Markup | None


async def show_planner(
    request: Request, reader: Reader, template: str, lang: Lang, **context: Any
) -> Response:
    """Return a page of the planner's, which nobody keeps."""
    return await show(
        request, reader, f"planner/{template}.html", lang, section="planner", private=True, **context
    )


@dataclass(frozen=True)
class RankRow:
    """How a scenario stands among random divisions by one measure."""

    name: str
    kind: str
    value: float
    lower: float
    upper: float
    better: int


async def feature_collection(reader: Reader, scenario: ScenarioTold) -> bytes:
    """Return the zones of a scenario as a GeoJSON FeatureCollection, with whom its limits are owed to."""
    limits = await read_limit_credits(reader, scenario.atom_edition)
    head = {
        "type": "FeatureCollection",
        "name": scenario.name,
        "example": scenario.example,
        "generalised": scenario.generalised,
        "attribution": [each.text for each in limits[scenario.atom_kind]],
    }
    features = await zone_features(reader, scenario.id)
    return json.dumps(head, ensure_ascii=False).encode()[:-1] + b', "features": ' + features + b"}"


async def card_context(
    request: Request, reader: Reader, lang: Lang, scenario: ScenarioTold
) -> dict[str, Any]:
    """Return what the page of a scenario shows: its measures in words and charts, its map, its rank."""
    card, catalogue, still, rank = await asyncio.gather(
        weigh_scenario(reader, scenario),
        catalogue_of(request, reader, scenario.atom_kind),
        still_of_scenario(reader, scenario, lang),
        read_last_rank(reader, scenario.id),
    )
    return {
        "scenario": scenario,
        "card": card,
        "zone_names": zone_names(scenario, lang),
        "needs": _need_rows(card, catalogue, scenario, lang),
        "still": still,
        "rank": rank,
        "ranks": _rank_rows(rank, catalogue, lang) if rank else [],
        "measures": MEASURE_WORDS,
        "origins": ORIGINS,
        "look_of": look_of_zone,
        "attribution": await credit_limits(request, reader, scenario.atom_kind, scenario.atom_edition),
    }


async def comparison_context(
    request: Request, reader: Reader, lang: Lang, scenarios: Sequence[ScenarioTold]
) -> dict[str, Any]:
    """Return what the comparison of scenarios shows; nothing to compare where fewer than two have zones."""
    from geo.territory.divisions.card import compare_cards

    cards = [await weigh_scenario(reader, each) for each in scenarios]
    stills = [await still_of_scenario(reader, each, lang, SMALL_PX) for each in scenarios]
    catalogue = await catalogue_of(request, reader, ZoneKind.QUARTIER)
    return {
        "found": list(zip(scenarios, cards, stills, strict=True)),
        "compared": compare_cards(cards) if len(cards) > 1 else (),
        "measures": MEASURE_WORDS,
        "indicators": {each.id: each for each in catalogue},
        "origins": ORIGINS,
    }


async def catalogue_of(request: Request, reader: Reader, kind: ZoneKind) -> tuple[IndicatorFacts, ...]:
    """Return the indicators; sectors are weighed by those of their quartiers too."""
    return await keep(
        request, "indicators-of-quartiers", lambda: list_indicators(reader, kind=ZoneKind.QUARTIER)
    )


def zone_names(scenario: ScenarioTold, lang: Lang) -> dict[int, str]:
    """Return what each zone is called: its name, or "Zone 3"."""
    return {
        zone.number: read_text(zone.name, lang) or translate(lang, "Zone %(number)s", number=zone.number)
        for zone in scenario.zones
    }


async def still_of_scenario(
    reader: Reader, scenario: ScenarioTold, lang: Lang, size_px: tuple[int, int] = STILL_PX
) -> Markup | None:
    """Return a drawing of the zones, each with its number; None while nothing is in a zone."""
    features = json.loads(await zone_features(reader, scenario.id, simplified=True))
    if not features:
        return None
    told = [(each["properties"], each["geometry"]) for each in features]
    names = zone_names(scenario, lang)
    description = "; ".join(f"{each['number']}: {names[each['number']]}" for each, _ in told)
    return draw(
        StillMap(
            box_around((p for _, geometry in told for p in positions(geometry)), margin=0.02),
            translate(lang, "Map of the scenario “%(name)s”", name=scenario.name),
            description,
            shapes=[
                Shape(f"zone {look_of_zone(each['number'])}", geometry, weave_of_zone(each["number"]))
                for each, geometry in told
            ],
            names=[(str(each["number"]), LonLat(each["lon"], each["lat"])) for each, _ in told],
            size_px=size_px,
            ident=f"scenario-{scenario.id.hex[-8:]}",
        )
    )


def group_atoms(atoms: Sequence[AtomTold], lang: Lang) -> list[tuple[str, list[AtomTold]]]:
    """Return atoms under the names of their communes."""
    groups: dict[str, list[AtomTold]] = {}
    for atom in atoms:
        groups.setdefault(read_text(atom.commune_name, lang) or translate(lang, "Elsewhere"), []).append(atom)
    return sorted(groups.items(), key=lambda group: group[0].casefold())


def done_words(done: str, lang: Lang) -> str:
    """Return what is said after something was done; nothing for anything else in the address."""
    return translate(lang, DONE[done]) if done in DONE else ""


def _rank_rows(rank: RunTold, catalogue: Sequence[IndicatorFacts], lang: Lang) -> list[RankRow]:
    """Return how a scenario stands by each measure that has words here."""
    indicators = {each.id: read_text(each.name, lang) for each in catalogue}
    rows = []
    for line in (rank.outcome or {}).get("measures", ()):
        name, kind = line["measure"], "share"
        if line["is_indicator"]:
            words = f"{translate(lang, N_('Difference in need:'))} {indicators.get(name, name)}"
        elif name in MEASURE_WORDS:
            words, kind = translate(lang, MEASURE_WORDS[name][0]), MEASURE_WORDS[name][2]
        else:
            continue
        kind = "mean" if kind == "count" else kind
        rows.append(
            RankRow(
                words, kind, line["value"], line["lower_quartile"], line["upper_quartile"], line["better"]
            )
        )
    return rows


def _need_rows(
    card: ScenarioCard, catalogue: Sequence[IndicatorFacts], scenario: ScenarioTold, lang: Lang
) -> list[NeedRow]:
    names = zone_names(scenario, lang)
    rows = []
    for indicator in catalogue:
        if (balance := card.needs.get(indicator.id)) is None:
            continue
        rates = {zone.number: zone.needs[indicator.id].rate for zone in card.zones}
        marks = [
            Mark(str(number), rate, names.get(number, str(number)))
            for number, rate in rates.items()
            if rate is not None
        ]
        spread = spread_of(rates.values())
        title = read_text(indicator.name, lang)
        chart = spine(spread, marks, lang=lang, title=title, decimals=1) if spread and marks else None
        rows.append(
            NeedRow(
                indicator,
                balance.minimum,
                balance.overall,
                balance.maximum,
                balance.unevenness,
                balance.period,
                balance.estimated,
                chart,
            )
        )
    return rows


def editor_context(
    scenario: ScenarioTold, atoms: Sequence[AtomTold], lang: Lang, attribution: str
) -> dict[str, Any]:
    """Return what the map and the table of the editor show."""
    names = zone_names(scenario, lang)
    people: dict[int, float] = {}
    for atom in atoms:
        number = scenario.parts.get(atom.code, 0)
        people[number] = people.get(number, 0) + (atom.people or 0)
    facts = {
        "version": scenario.version,
        "weaves": WEAVES,
        "atoms": [
            {
                "code": atom.code,
                "name": read_text(atom.name, lang) or atom.code,
                "people": atom.people or 0,
                "zone": scenario.parts.get(atom.code, 0),
                "point": atom.point,
            }
            for atom in atoms
        ],
    }
    return {
        "scenario": scenario,
        "groups": group_atoms(atoms, lang),
        "people": people,
        "zone_names": names,
        "facts": facts,
        "look_of": look_of_zone,
        "most_zones": MOST_ZONES,
        "attribution": attribution,
    }


def failure_words(run: RunTold, lang: Lang) -> str:
    """Return why a computation failed, in the reader's words."""
    outcome = run.outcome or {}
    if "constraint" in outcome:
        return impossible_words(outcome.get("why", {}), lang)
    return translate(lang, FAILURES.get(outcome.get("error", ""), FAILURES["interrupted"]))

"""The files of figures about Brussels that are known, and what stands where in them."""

from __future__ import annotations

from collections.abc import Mapping

from geo.exchange.figures.profiles import Measure, Profile
from geo.vocabulary import ZoneKind

#: Indicators of the IBSA export in 39 series: title in the workbook, key in the JSON, indicator of ours.
_EXPORT = """
Aandeel begunstigden van een OCMW-inkomen (leefloon of equivalent) in de bevolking|ocmw_aandeel|share-cpas
Aandeel ondoordringbare oppervlakken|ondoordringbaar|share-sealed
Aandeel sociale woningen (aantal sociale woningen per 100 huishoudens)|sociale_woningen|social-homes
Aandeel van de bevolking in de nabijheid van een groene ruimte die toegankelijk is voor het publiek|groene_nabijheid|share-near-green
Aandeel van de rechthebbenden op de verhoogde tegemoetkoming in de totale bevolking|tegemoetkoming|share-bim
Aantal mannen|aantal_mannen|men
Aantal verkopen van appartementen|aantal_verkopen_app|flat-sales
Aantal vrouwen|aantal_vrouwen|women
Bedekkingsgraad door hoge vegetatie|bedekkingsgraad_veg|share-tall-plants
Bevolkingsdichtheid|bevolkdicht|population-density
Geslachtsverhouding|geslachtsverhouding|men-per-100-women
Jaarlijkse gemiddelde concentraties fijnstof met een diameter kleiner dan 2,5 µm (PM2,5)|pm25|fine-particles
Jaarlijkse gemiddelde concentraties van stikstofdioxide (NO2)|no2|nitrogen-dioxide
Mediaan belastbaar inkomen der aangiften|mediaan_inkomen|median-taxable-income
Mediaan prijs van de verkopen van appartementen|mediaan_app_prijs|median-flat-price
Oppervlakte|oppervlakte|area
Totale bevolking|totale_bevolking|population
Vegetatiegraad|vegetatiegraad|share-plants
Werkloosheidsgraad|werkloosheidsgraad|share-unemployed
Verkeersgeluid (multi-blootstelling): indicator Ln (23 u - 7 u)|geluid_ln|traffic-noise-night
Verkeersgeluid (multi-blootstelling): Lden indicator (24 u)|geluid_lden|traffic-noise
Aandeel alleenwonenden van 65 jaar en meer in het totaal aantal private huishoudens|alleenwonenden_65plus|share-alone-65-plus
Aandeel Fransen|aandeel_fransen|share-french
Aandeel van de nieuwe lidstaten van de EU in 2004-2007-2013 toegetreden|aandeel_nieuwe_eu|share-new-eu
Aandeel van de Turken|aandeel_turken|share-turkish
Aandeel van Europa van 14 (zonder België)|aandeel_eu14|share-eu-14
Aandeel van Latijns-Amerika|aandeel_latijns_amerika|share-latin-american
Aandeel van Noord-Afrika|aandeel_noord_afrika|share-north-african
Aandeel van Sub-Saharisch Afrika|aandeel_sub_sahara|share-sub-saharan
Totaal aantal vreemdelingen|totaal_vreemdelingen|foreigners
Vertegenwoordiging van gemeentelijke verkozenen per wijk|gemeentelijke_verkozenen|councillors
Aandeel van de 65-79 jarigen in de totale bevolking|aandeel_65_79|share-65-79
Aandeel van de 80 jaar en ouder in de totale bevolking|aandeel_80plus|share-80-plus
Senioriteitscoëfficiënt (80+/60+)|senioriteitscoeff|share-80-plus-of-60-plus
Kwetsbaarheidsindex (totaal)|kwetsbaarheid_totaal|heat-index
Kwetsbaarheidsindex: Sociaal-economisch|kwetsbaarheid_sociaal_eco|heat-index-social
Kwetsbaarheidsindex: Demografisch|kwetsbaarheid_demografisch|heat-index-age
Kwetsbaarheidsindex: Milieu-blootstelling|kwetsbaarheid_milieu|heat-index-exposure
Kwetsbaarheidsindex: Woonsituatie|kwetsbaarheid_wonen|heat-index-housing
"""  # noqa: E501
_SERIES = [line.split("|") for line in _EXPORT.split("\n") if line]

#: Both copies of the export mix up quartiers: in the workbook 37 and 109 have two rows each, one of them
#: partly of 23 and of 99; the JSON kept only the second. Population, foreigners and unemployment tell.
_MIXED = {"37": "23", "109": "99"}


def _measures(**columns: str) -> dict[str, Measure]:
    return {title: Measure(indicator) for title, indicator in columns.items()}


_QUARTIERS = (
    Profile(
        "ibsa-median-income",
        ZoneKind.QUARTIER,
        "ibsa-2498",
        _measures(valeur="median-income"),
        zone_column="MD_ID",
        period="2023",
        ignored=frozenset({"nom_fr", "nom_nl"}),
    ),
    Profile(
        "ibsa-taxable-income",
        ZoneKind.QUARTIER,
        "ibsa-2336-copy",
        {"Revenu imposable médian des déclarations (€) 2023": Measure("median-taxable-income-copy", "2023")},
        zone_column="Code",
        ignored=frozenset({"Territoire"}),
    ),
    Profile(
        "ibsa-households",
        ZoneKind.QUARTIER,
        "ibsa-2025-households",
        {
            "Part des 65 ans et plus dans la population totale (%) 2025": Measure("share-65-plus", "2025"),
            "Part des isolés de 30 ans et plus dans le total des ménages privés (%) 2025": Measure(
                "share-alone-30-plus", "2025"
            ),
            "Part des isolés de moins de 30 ans dans le total des ménages privés (%) 2025": Measure(
                "share-alone-under-30", "2025"
            ),
        },
        zone_column="Code",
        ignored=frozenset({"Territoire"}),
    ),
    Profile(
        "ibsa-vulnerability",
        ZoneKind.QUARTIER,
        "ibsa-vulnerability-copy",
        {
            "unemployment_rate": Measure("share-unemployed", period_column="unemployment_year"),
            "cpas_rate": Measure("share-cpas", period_column="cpas_year"),
            "bim_rate": Measure("share-bim", period_column="bim_year"),
        },
        zone_column="territory_code",
        ignored=frozenset({"territory", "territory_level"}),
    ),
    Profile(
        "ibsa-population-origin",
        ZoneKind.QUARTIER,
        "ibsa-population-origin",
        _measures(
            andere_landen="share-other-countries",
            fransen="share-french",
            oeso="share-oecd",
            eu_nieuw="share-new-eu",
            rest_europa="share-rest-of-europe",
            turken="share-turkish",
            europa14="share-eu-14",
            latijns_amerika="share-latin-american",
            noord_afrika="share-north-african",
            sub_sahara="share-sub-saharan",
            totaal_vreemdelingen="foreigners",
            totale_bevolking="population",
        ),
        zone_column="code",
        period_column="year",
    ),
    Profile(
        "ibsa-export-json",
        ZoneKind.QUARTIER,
        "ibsa-export",
        {key: Measure(indicator) for _, key, indicator in _SERIES},
        shape="series",
        mixed=_MIXED,
    ),
    Profile(
        "ibsa-export-workbook",
        ZoneKind.QUARTIER,
        "ibsa-export",
        {title: Measure(indicator) for title, _, indicator in _SERIES},
        shape="wide",
        ignored=frozenset({"Gebied"}),
        mixed=_MIXED,
    ),
)

_OTHERS = (
    Profile(
        "statbel-commune-population",
        ZoneKind.COMMUNE,
        "statbel-population-2020",
        _measures(Mannen="men", Vrouwen="women", Totaal="population"),
        zone_column="NIS code",
        period="2020",
        ignored=frozenset({"Woonplaats"}),
        other_kinds={"04000": ZoneKind.REGION, "21000": None},
    ),
    Profile(
        "statbel-income-tax",
        ZoneKind.COMMUNE,
        "statbel-income-tax",
        _measures(
            MS_NBR_NON_ZERO_INC="tax-returns",
            MS_NBR_ZERO_INC="tax-returns-without-income",
            MS_TOT_NET_TAXABLE_INC="taxable-income",
            MS_TOT_NET_INC="net-income",
            MS_TOT_NET_PROF_INC="professional-income",
            MS_REAL_ESTATE_NET_INC="property-income",
            MS_TOT_STATE_TAXES="state-tax",
            MS_TOT_MUNICIP_TAXES="commune-tax",
            MS_TOT_TAXES="income-tax",
            MS_TOT_RESIDENTS="tax-residents",
        ),
        zone_column="CD_MUNTY_REFNIS",
        period_column="CD_YEAR",
        ignored=frozenset(
            f"{part}_{lang}"
            for part in ("TX_MUNTY_DESCR", "TX_ADM_DSTR_DESCR", "TX_PROV_DESCR", "TX_RGN_DESCR")
            for lang in ("NL", "FR")
        )
        | {"CD_DSTR_REFNIS", "CD_PROV_REFNIS", "CD_RGN_REFNIS"},
    ),
    Profile(
        "bimd-2011",
        ZoneKind.SECTEUR,
        "bimd-2011",
        _measures(score="deprivation-score", rank="deprivation-rank", deciles="deprivation-decile"),
        zone_column="CD_RES_SECTOR",
        period="2011",
    ),
)

PROFILES: Mapping[str, Profile] = {each.name: each for each in (*_QUARTIERS, *_OTHERS)}

"""Why a service does not serve a need, in words that a tired person understands on first reading."""

from __future__ import annotations

from geo.directory.items import ServiceItem
from geo.vocabulary import LANGS, Text

CLOSED = Text("fermé à ce moment", "op dat moment gesloten", "closed at that time")
HOURS_UNKNOWN = Text("horaire non connu", "openingsuren niet bekend", "opening hours not known")
NOT_FREE = Text("payant", "niet gratis", "not free")
FREE_UNKNOWN = Text(
    "on ne sait pas si c'est gratuit", "niet bekend of het gratis is", "not known whether it is free"
)
NOT_LOW = Text(
    "demande des papiers, de l'argent ou un rendez-vous",
    "vraagt papieren, geld of een afspraak",
    "asks for papers, money or an appointment",
)
LOW_UNKNOWN = Text(
    "on ne sait pas si l'accueil est sans conditions",
    "niet bekend of iedereen er zonder voorwaarden terechtkan",
    "not known whether everyone is welcome without conditions",
)
PAPERS = Text("demande des papiers", "vraagt papieren", "asks for papers")
PAPERS_UNKNOWN = Text(
    "on ne sait pas si des papiers sont demandés",
    "niet bekend of er papieren nodig zijn",
    "not known whether papers are asked",
)
NO_WHEELCHAIR = Text(
    "pas accessible en fauteuil", "niet toegankelijk met een rolstoel", "no wheelchair access"
)
LIMITED_WHEELCHAIR = Text(
    "accès limité en fauteuil", "beperkt toegankelijk met een rolstoel", "limited wheelchair access"
)
WHEELCHAIR_UNKNOWN = Text(
    "accès en fauteuil non connu", "rolstoeltoegang niet bekend", "wheelchair access not known"
)
LANGUAGE = Text("ne parle pas cette langue", "spreekt deze taal niet", "does not speak this language")
LANGUAGES_UNKNOWN = Text(
    "langues parlées non connues", "gesproken talen niet bekend", "languages spoken not known"
)


def explain(constraint: str, item: ServiceItem) -> Text:
    """Return why `item` fails a constraint; what is not known is said to be unknown, never "no"."""
    match constraint:
        case "open_at":
            return HOURS_UNKNOWN if item.open.is_open is None else CLOSED
        case "free":
            return FREE_UNKNOWN if item.is_free is None else NOT_FREE
        case "low_threshold":
            return LOW_UNKNOWN if item.is_low_threshold is None else NOT_LOW
        case "no_papers":
            return PAPERS_UNKNOWN if item.papers_required is None else PAPERS
        case "wheelchair":
            unclear = {None: WHEELCHAIR_UNKNOWN, "limited": LIMITED_WHEELCHAIR}
            return unclear.get(item.wheelchair, NO_WHEELCHAIR)
        case "language":
            return LANGUAGE if item.languages else LANGUAGES_UNKNOWN
    raise ValueError(f"no such constraint: {constraint}")


def summarise(count: int, zone: Text) -> Text:
    """Return how many services a level offers, in words."""
    names = {lang: (zone.in_language(lang) or ("", lang))[0] for lang in LANGS}
    if count == 0:
        return Text(
            fr=f"{names['fr']} : aucun service ne convient",
            nl=f"{names['nl']}: geen enkele dienst past",
            en=f"{names['en']}: no service fits",
        )
    return Text(
        fr=f"{names['fr']} : {count} service{'s' if count > 1 else ''}",
        nl=f"{names['nl']}: {count} {'diensten' if count > 1 else 'dienst'}",
        en=f"{names['en']}: {count} service{'s' if count > 1 else ''}",
    )

"""What codes are called, in three languages: for pages, spreadsheets and exports alike."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from geo.vocabulary import Audience, Status, Text, Topic, ValueStatus, Walker

AUDIENCES: Mapping[str, Text] = MappingProxyType(
    {
        Audience.EVERYBODY.value: Text("Tout le monde", "Iedereen", "Everybody"),
        Audience.CHILDREN.value: Text("Enfants", "Kinderen", "Children"),
        Audience.YOUNG.value: Text("Jeunes", "Jongeren", "Young people"),
        Audience.ADULTS.value: Text("Adultes", "Volwassenen", "Adults"),
        Audience.OLDER.value: Text("Personnes âgées", "Ouderen", "Older people"),
        Audience.PARENTS.value: Text("Parents", "Ouders", "Parents"),
        Audience.WOMEN.value: Text("Femmes", "Vrouwen", "Women"),
        Audience.CARERS.value: Text("Aidants proches", "Mantelzorgers", "Family carers"),
        Audience.ILL.value: Text("Personnes malades", "Mensen die ziek zijn", "People who are ill"),
        Audience.DISABLED.value: Text(
            "Personnes en situation de handicap", "Mensen met een handicap", "Disabled people"
        ),
        Audience.HOMELESS.value: Text("Personnes sans chez-soi", "Dak- en thuislozen", "Homeless people"),
        Audience.NO_PAPERS.value: Text(
            "Personnes sans papiers", "Mensen zonder papieren", "People without papers"
        ),
        Audience.NEWCOMERS.value: Text("Primo-arrivants", "Nieuwkomers", "Newcomers"),
        Audience.PROFESSIONALS.value: Text("Professionnels", "Professionals", "Professionals"),
    }
)

PROGRESS: Mapping[str, Text] = MappingProxyType(
    {
        "idea": Text("Idée", "Idee", "Idea"),
        "preparing": Text("En préparation", "In voorbereiding", "In preparation"),
        "running": Text("En cours", "Loopt", "Running"),
        "paused": Text("En pause", "Gepauzeerd", "Paused"),
        "finished": Text("Terminé", "Afgerond", "Finished"),
    }
)

STATUSES: Mapping[str, Text] = MappingProxyType(
    {
        Status.DRAFT.value: Text("Brouillon", "Ontwerp", "Draft"),
        Status.SUBMITTED.value: Text("Soumis", "Ingediend", "Submitted"),
        Status.PUBLISHED.value: Text("Publié", "Gepubliceerd", "Published"),
        Status.CLOSED.value: Text("Clôturé", "Afgesloten", "Closed"),
        Status.ARCHIVED.value: Text("Archivé", "Gearchiveerd", "Archived"),
    }
)

REGISTRATION: Mapping[str, Text] = MappingProxyType(
    {
        "none": Text("Sans inscription", "Zonder inschrijving", "No registration"),
        "recommended": Text("Inscription conseillée", "Inschrijven aangeraden", "Registration advised"),
        "required": Text("Inscription nécessaire", "Inschrijven verplicht", "Registration needed"),
    }
)

TOPICS: Mapping[str, Text] = MappingProxyType(
    {
        Topic.POPULATION.value: Text("Population", "Bevolking", "Population"),
        Topic.AGE.value: Text("Âge", "Leeftijd", "Age"),
        Topic.ORIGIN.value: Text("Origine", "Herkomst", "Origin"),
        Topic.HOUSEHOLDS.value: Text("Ménages", "Huishoudens", "Households"),
        Topic.INCOME.value: Text("Revenus", "Inkomen", "Income"),
        Topic.WORK.value: Text("Travail", "Werk", "Work"),
        Topic.HEALTH.value: Text("Santé", "Gezondheid", "Health"),
        Topic.HOUSING.value: Text("Logement", "Wonen", "Housing"),
        Topic.ENVIRONMENT.value: Text("Cadre de vie", "Leefomgeving", "Surroundings"),
        Topic.OFFER.value: Text("Offre", "Aanbod", "Offer"),
        Topic.ACCESS.value: Text("Accès à pied", "Bereikbaarheid te voet", "Access on foot"),
        Topic.RECORDS.value: Text("Qualité des fiches", "Kwaliteit van de fiches", "Quality of records"),
        Topic.OTHER.value: Text("Autres", "Andere", "Other"),
    }
)

VALUE_STATUSES: Mapping[str, Text] = MappingProxyType(
    {
        ValueStatus.OK.value: Text("Publié", "Gepubliceerd", "Published"),
        ValueStatus.ESTIMATED.value: Text("Estimé", "Geschat", "Estimated"),
        ValueStatus.MISSING.value: Text("Pas disponible", "Niet beschikbaar", "Not available"),
        ValueStatus.SUPPRESSED.value: Text(
            "Trop peu de personnes, non publié",
            "Te weinig mensen, niet gepubliceerd",
            "Too few people, not published",
        ),
    }
)

#: What a number of an indicator counts, as it is written after the number.
UNITS: Mapping[str, Text] = MappingProxyType(
    {
        "people": Text("habitants", "inwoners", "inhabitants"),
        "percent": Text("%", "%", "%"),
        "eur": Text("€ par an", "€ per jaar", "€ a year"),
        "minutes": Text("minutes", "minuten", "minutes"),
        "services": Text("services", "diensten", "services"),
        "sales": Text("ventes", "verkopen", "sales"),
        "returns": Text("déclarations", "aangiften", "returns"),
        "per-100-women": Text("pour 100 femmes", "per 100 vrouwen", "per 100 women"),
        "km2": Text("km²", "km²", "km²"),
        "people-per-km2": Text("habitants par km²", "inwoners per km²", "inhabitants per km²"),
        "homes-per-100-households": Text("pour 100 ménages", "per 100 huishoudens", "per 100 households"),
        "eur-price": Text("€", "€", "€"),
        "eur-total": Text("€", "€", "€"),
        "ug-per-m3": Text("µg/m³", "µg/m³", "µg/m³"),
        "decibel": Text("dB(A)", "dB(A)", "dB(A)"),
        "index": Text("points", "punten", "points"),
        "rank": Text("rang", "rang", "rank"),
        "per-1000-older": Text(
            "pour 1\u202f000 de 65 ans et plus", "per 1\u202f000 65-plussers", "per 1,000 aged 65 and over"
        ),
        "languages": Text("langues", "talen", "languages"),
        "per-1000": Text("pour 1\u202f000 habitants", "per 1\u202f000 inwoners", "per 1,000 inhabitants"),
    }
)

#: Who walks.
WALKERS: Mapping[str, Text] = MappingProxyType(
    {
        Walker.ADULT.value: Text("Adulte", "Volwassene", "Adult"),
        Walker.OLDER.value: Text("Personne âgée", "Oudere", "Older person"),
        Walker.PRAM.value: Text("Avec une poussette", "Met een kinderwagen", "With a pram"),
        Walker.WHEELCHAIR.value: Text("En fauteuil roulant", "In een rolstoel", "In a wheelchair"),
    }
)

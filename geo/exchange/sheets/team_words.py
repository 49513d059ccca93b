"""Titles of the sheets and columns of a team's export that a sheet of projects doesn't have."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from geo.vocabulary import Text

SHEETS: Mapping[str, Text] = MappingProxyType(
    {
        "projects": Text("Projets", "Projecten", "Projects"),
        "activities": Text("Activités", "Activiteiten", "Activities"),
        "functions": Text("Fonctions", "Functies", "Functions"),
        "concertation": Text("Concertation", "Overleg", "Meeting spaces"),
        "notices": Text("Avis", "Mededelingen", "Notices"),
    }
)

#: By name of the column; what ends in an underscore is told in languages.
TITLES: Mapping[str, Text] = MappingProxyType(
    {
        "example": Text("Exemple fictif", "Fictief voorbeeld", "Fictional example"),
        "organization": Text("Organisation", "Organisatie", "Organisation"),
        "languages": Text("Langues", "Talen", "Languages"),
        "starts_at": Text("Première fois", "Eerste keer", "First time"),
        "duration_minutes": Text("Durée (minutes)", "Duur (minuten)", "Duration (minutes)"),
        "rrule": Text("Répétition (RRULE)", "Herhaling (RRULE)", "Recurrence (RRULE)"),
        "exdates": Text("Dates exclues", "Uitgezonderde data", "Dates left out"),
        "rdates": Text("Dates ajoutées", "Toegevoegde data", "Dates added"),
        "cancelled": Text("Dates annulées", "Afgelaste data", "Dates cancelled"),
        "skips_holidays": Text("Sans les jours fériés", "Niet op feestdagen", "Not on holidays"),
        "is_free": Text("Gratuit", "Gratis", "Free"),
        "price_eur": Text("Prix (€)", "Prijs (€)", "Price (€)"),
        "registration": Text("Inscription", "Inschrijving", "Registration"),
        "wheelchair": Text("Accès fauteuil", "Rolstoeltoegang", "Wheelchair access"),
        "place_name_": Text("Lieu", "Plaats", "Place"),
        "kind": Text("Fonction", "Functie", "Function"),
        "method": Text("Méthode", "Methode", "Method"),
        "note_": Text("Remarque", "Opmerking", "Note"),
        "name_": Text("Nom", "Naam", "Name"),
        "body_": Text("Texte", "Tekst", "Text"),
        "since": Text("Depuis", "Sinds", "Since"),
        "until": Text("Jusqu’à", "Tot", "Until"),
        "holders": Text("Nombre de personnes", "Aantal personen", "How many people"),
        "members": Text("Membres", "Leden", "Members"),
        "dates": Text("Dates", "Data", "Dates"),
        "participants": Text("Participants", "Deelnemers", "Participants"),
        "meetings_a_year": Text("Rencontres par an", "Ontmoetingen per jaar", "Meetings a year"),
        "facts_of": Text("Données de", "Gegevens van", "Facts of"),
        "observed_on": Text("Observé le", "Gezien op", "Observed on"),
        "verified_on": Text("Vérifié le", "Nagekeken op", "Verified on"),
        "changed_at": Text("Modifié le", "Gewijzigd op", "Changed on"),
        "published_at": Text("Publié le", "Gepubliceerd op", "Published on"),
        "url": Text("Lien", "Link", "Link"),
    }
)

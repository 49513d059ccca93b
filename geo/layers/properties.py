"""Properties that several layers have, declared once."""

from __future__ import annotations

from geo.layers.base import Property
from geo.vocabulary import Text

IDENTIFIER = Property("id", "string", Text("Identifiant", "Identificatie", "Identifier"))
NAMES = (
    Property("name_fr", "string", Text("Nom en français", "Naam in het Frans", "Name in French")),
    Property("name_nl", "string", Text("Nom en néerlandais", "Naam in het Nederlands", "Name in Dutch")),
    Property("name_en", "string", Text("Nom en anglais", "Naam in het Engels", "Name in English")),
)
THEME = Property("theme", "string", Text("Thème", "Thema", "Theme"))
IS_FREE = Property("is_free", "boolean", Text("Gratuit", "Gratis", "Free"))
WHEELCHAIR = Property("wheelchair", "string", Text("Accès fauteuil", "Rolstoeltoegang", "Wheelchair access"))
#: Where a record comes from, when its source saw it, when somebody confirmed it.
ORIGIN = (
    Property("source", "string", Text("Source", "Bron", "Source")),
    Property("observed_on", "date", Text("Observé le", "Gezien op", "Observed on")),
    Property("verified_on", "date", Text("Vérifié le", "Nagekeken op", "Verified on")),
)
EXAMPLE = Property("example", "boolean", Text("Exemple fictif", "Fictief voorbeeld", "Fictional example"))

"""api serves the city: it parses, authorises, calls one verb of geo, renders. It knows no PostGIS."""

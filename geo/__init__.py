"""geo knows the city: zones, services, places, distances. It knows no HTTP."""

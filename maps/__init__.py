"""maps draws the city: pages, folium maps, still maps, prints. It knows no SQL."""

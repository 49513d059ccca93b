"""Gathering what a page shows: geo's verbs are asked here, `maps.web` turns the answers into pages."""
